// The same random operations on the in-memory and the SQLite store must have the same outcomes and
// leave the same state. COFFER_SEED=<n> repeats a run; COFFER_LONG=1 makes it longer.
#include "store/conformance.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/temporary_store.h"

#include <cstdlib>
#include <random>
#include <sstream>

namespace coffer::store {
namespace {

// Small alphabets, so that keys, entries, revisions and prefixes collide often.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  Bytes text(std::size_t shortest) {
    constexpr std::uint8_t kOctets[] = {0x00, 'a', 0xfe, 0xff};
    Bytes out(shortest + below(4));
    for (auto& octet : out) octet = kOctets[below(4)];
    return out;
  }

  Key key() {
    return {TableId(static_cast<std::uint16_t>(1 + below(2))),
            RealmId(static_cast<std::uint32_t>(below(2))),
            text(1)};
  }

  Unit unit() {
    Unit unit;
    for (auto n = below(3); n > 0; --n) unit.checks.push_back({key(), revision()});
    for (auto n = below(4); n > 0; --n) unit.puts.push_back(put());
    for (auto n = below(3); n > 0; --n) unit.erases.push_back(key());
    return unit;
  }

 private:
  std::optional<std::uint64_t> revision() {
    if (below(2) == 0) return std::nullopt;
    return below(3);
  }

  Put put() {
    Put put{key(), below(3), Bytes(below(6) == 0 ? 9000 : below(40), 1), {}};
    for (auto n = below(4); n > 0; --n) {
      put.index.push_back({IndexId(static_cast<std::uint16_t>(below(2))), text(1)});
    }
    return put;
  }

  std::mt19937_64 random_;
};

std::string describe(const Error& error) {
  return std::string(to_text(error.code)) + ": " + error.message;
}

std::string digest(const Store& store) {
  std::ostringstream out;
  const auto text = [](ByteView bytes) { return std::string(as_text(bytes)); };
  const auto visited = store.visit({[&](LogId log, const LogRecord& record) -> Result<> {
                                      out << log.value() << '#' << record.sequence << '='
                                          << text(record.record) << '\n';
                                      return {};
                                    },
                                    [&](const Put& row) -> Result<> {
                                      out << row.key.table.value() << '/' << row.key.realm.value()
                                          << '/' << text(row.key.key) << '=' << row.revision << ':'
                                          << text(row.blob);
                                      for (const IndexEntry& entry : row.index) {
                                        out << ' ' << entry.index.value() << '>' << text(entry.key);
                                      }
                                      out << '\n';
                                      return {};
                                    }});
  if (!visited) return describe(visited.error());
  return out.str();
}

std::string random_query(const Store& store, Dice dice) {
  const Key at = dice.key();
  const Bytes prefix = dice.text(0);
  const Bytes after = dice.text(0);
  const std::size_t limit = dice.below(6);
  const IndexId index(static_cast<std::uint16_t>(dice.below(2)));
  std::ostringstream out;
  for (const auto& row : store.scan(at.table, at.realm, prefix, after, limit).value()) {
    out << as_text(row.key.key) << '=' << row.revision << ':' << row.blob.size() << '\n';
  }
  for (const auto& each : store.scan_keys(at.table, at.realm, prefix, after, limit).value()) {
    out << as_text(each) << '\n';
  }
  for (const auto& hit : store.query(index, at.table, at.realm, prefix, after, limit).value()) {
    out << as_text(hit.entry) << '>' << as_text(hit.row_key) << '\n';
  }
  const auto row = store.get(at).value();
  out << (row ? row->revision : 999) << '\n';
  for (const auto& record : store.read_log(kLog, dice.below(30), limit).value()) {
    out << record.sequence << '=' << as_text(record.record) << '\n';
  }
  return out.str();
}

// One batch of random units and records, committed or dropped; says what came of each call.
std::string random_batch(Store& store, Dice dice) {
  std::ostringstream out;
  const auto batch = store.begin().value();
  for (auto n = dice.below(5); n > 0; --n) {
    const auto applied = batch->apply(dice.unit());
    out << (applied ? std::to_string(static_cast<int>(*applied)) : describe(applied.error()))
        << '\n';
  }
  for (auto n = dice.below(3); n > 0; --n) {
    const LogId log(static_cast<std::uint16_t>(1 + dice.below(2)));
    const auto last = store.last_record(log).value();
    const std::uint64_t sequence = (last ? last->sequence : 0) + dice.below(3);
    const auto appended = batch->append(log, sequence, dice.text(0));
    out << (appended ? "appended" : describe(appended.error())) << '\n';
  }
  if (dice.below(4) == 0) return out.str() + "dropped";
  const auto committed = batch->commit();
  return out.str() + (committed ? "committed" : describe(committed.error()));
}

std::string random_drop(Store& store, Dice dice) {
  const auto dropped = store.drop_log(kLog, dice.below(40));
  return dropped ? "dropped" : describe(dropped.error());
}

TEST(StoreDifferential, MemoryAndSqliteAgree) {
  const char* given = std::getenv("COFFER_SEED");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  SCOPED_TRACE("COFFER_SEED=" + std::to_string(seed));
  RecordProperty("seed", std::to_string(seed));
  const int rounds = std::getenv("COFFER_LONG") != nullptr ? 20'000 : 500;

  const sqlite::TemporaryStore file;
  const auto memory = make_memory_store();
  auto sqlite = file.open();
  Dice dice(seed);
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t sub_seed = dice.below(~0ULL);
    ASSERT_EQ(random_batch(*memory, Dice(sub_seed)), random_batch(*sqlite, Dice(sub_seed)));
    ASSERT_EQ(random_query(*memory, Dice(sub_seed)), random_query(*sqlite, Dice(sub_seed)));
    if (dice.below(20) == 0) {
      ASSERT_EQ(random_drop(*memory, Dice(sub_seed)), random_drop(*sqlite, Dice(sub_seed)));
    }
    if (dice.below(50) == 0) {
      sqlite.reset();
      sqlite = file.open();
    }
    if (dice.below(20) == 0) {
      ASSERT_EQ(digest(*memory), digest(*sqlite));
    }
  }
  EXPECT_EQ(digest(*memory), digest(*sqlite));
}

}  // namespace
}  // namespace coffer::store
