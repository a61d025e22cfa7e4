#include "store/sqlite/ledger.h"

#include "store/sqlite/temporary_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>

namespace coffer::store::sqlite {
namespace {

constexpr RealmId kRealm{1};
constexpr TableId kRows{1};
constexpr TableId kHeads{2};
constexpr IndexId kIndex{1};
constexpr LogId kLog{1};
constexpr std::size_t kBlob = 1500;  // some pages a commit

Key row_key(std::uint64_t sequence) {
  return {kRows, kRealm, to_bytes(std::to_string(sequence))};
}

Key head_key() {
  return {kHeads, kRealm, to_bytes("head")};
}

std::string blob_of(std::string text) {
  text.resize(std::max(text.size(), kBlob), '.');
  return text;
}

std::string text_of(ByteView blob) {
  const std::string_view text = as_text(blob);
  return std::string(text.substr(0, text.find('.')));
}

bool has_rows(std::uint64_t sequence) {
  return sequence % 2 == 1;
}

Result<> put_rows(Batch& batch, std::uint64_t sequence, const Bytes& blob) {
  const Unit row{{{row_key(sequence), std::nullopt}},
                 {{row_key(sequence),
                   sequence,
                   blob,
                   {{kIndex, row_key(sequence).key}},
                   sequence % 4 == 1}},  // fresh
                 {}};
  const auto former = sequence == 1 ? std::nullopt : std::optional(sequence - 2);
  const Unit head{{{head_key(), former}}, {{head_key(), sequence, blob, {}}}, {}};
  for (const Unit& unit : {row, head}) {
    COFFER_TRY(const auto applied, batch.apply(unit));
    if (applied != Applied::yes) return fail(Code::corrupt, "the ledger is not where it should be");
  }
  return {};
}

Result<> expect_row(const Store& store, const Key& key, std::uint64_t revision, ByteView blob) {
  COFFER_TRY(const auto row, store.get(key));
  if (!row || row->revision != revision || !std::ranges::equal(row->blob, blob)) {
    return fail(Code::corrupt, "row " + std::string(as_text(key.key)) + " does not agree");
  }
  return {};
}

}  // namespace

Result<> commit_to_ledger(Store& store, std::uint64_t sequence, const std::string& text) {
  const Bytes blob = to_bytes(blob_of(text));
  COFFER_TRY(const auto batch, store.begin());
  if (has_rows(sequence)) COFFER_CHECK(put_rows(*batch, sequence, blob));
  COFFER_CHECK(batch->append(kLog, sequence, blob));
  return batch->commit();
}

Result<std::vector<std::string>> read_ledger(const Store& store) {
  std::vector<std::string> texts;
  COFFER_TRY(const auto records, store.read_log(kLog, 0, 1'000'000));
  const LogRecord* head = nullptr;
  for (const LogRecord& record : records) {
    texts.push_back(text_of(record.record));
    if (record.sequence != texts.size()) return fail(Code::corrupt, "a record is missing");
    if (!has_rows(record.sequence)) continue;
    COFFER_CHECK(expect_row(store, row_key(record.sequence), record.sequence, record.record));
    head = &record;
  }
  COFFER_TRY(const auto keys, store.scan_keys(kRows, kRealm, {}, {}, 1'000'000));
  COFFER_TRY(const auto hits, store.query(kIndex, kRows, kRealm, {}, {}, 1'000'000));
  const std::size_t expected = (texts.size() + 1) / 2;
  if (keys.size() != expected || hits.size() != expected) {
    return fail(Code::corrupt, "rows, entries and records differ in number");
  }
  if (head != nullptr) {
    COFFER_CHECK(expect_row(store, head_key(), head->sequence, head->record));
  }
  return texts;
}

std::string integrity_of(const std::string& path) {
  sqlite3* raw = nullptr;
  std::string answer = "cannot be read";
  if (sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    const auto take = [](void* out, int, char** columns, char**) {
      *static_cast<std::string*>(out) = columns[0];
      return 0;
    };
    sqlite3_exec(raw, "PRAGMA integrity_check", take, &answer, nullptr);
  }
  sqlite3_close(raw);
  return answer;
}

TEST(Ledger, TellsWholeFromHalf) {
  const TemporaryStore file;
  const auto store = file.open();
  ASSERT_TRUE(commit_to_ledger(*store, 1, "a"));
  ASSERT_TRUE(commit_to_ledger(*store, 2, "b"));
  EXPECT_EQ(read_ledger(*store).value(), (std::vector<std::string>{"a", "b"}));
  const auto batch = store->begin().value();
  ASSERT_TRUE(batch->apply({{}, {}, {row_key(1)}}));
  ASSERT_TRUE(batch->commit());
  EXPECT_FALSE(read_ledger(*store));
}

}  // namespace coffer::store::sqlite
