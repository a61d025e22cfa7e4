// RetentionWorld: a sample store whose log grows over months, an archive in memory, and faults: any
// step that changes store or archive can be made to fail, before it is done or after. For tests.
#pragma once

#include "base/time_text.h"
#include "domain/audit/archive.h"
#include "domain/audit/log_retention.h"
#include "domain/audit/sample_store.h"
#include "domain/audit/store_verifier.h"
#include "proof/batch.h"
#include "store/forwarding_store.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace coffer::domain {

// Counts steps; from the one that it is told on, all fail, as after a crash.
class Faults {
 public:
  static constexpr int kNever = std::numeric_limits<int>::max();

  void from(int step, bool done_first) {
    step_ = 0;
    at_ = step;
    done_first_ = done_first;
  }

  void heal() { from(kNever, false); }

  [[nodiscard]] bool struck() const { return step_ > at_; }

  // Runs `what` unless it is to fail before; an error where it is to fail after.
  template <class What>
  Result<> run(const What& what) {
    const int now = step_++;
    if (now > at_ || (now == at_ && !done_first_)) return lost();
    COFFER_CHECK(what());
    return now == at_ ? lost() : Result<>();
  }

 private:
  static Result<> lost() { return fail(Code::unavailable, "no space left on device"); }

  std::atomic<int> step_ = 0;
  std::atomic<int> at_ = kNever;
  std::atomic<bool> done_first_ = false;
};

class FaultyStore final : public store::ForwardingStore {
 public:
  FaultyStore(std::unique_ptr<store::Store> inner, Faults& faults)
      : ForwardingStore(std::move(inner)), faults_(faults) {}

  Result<> drop_log(store::LogId log, std::uint64_t below) override {
    return faults_.run([&] { return inner().drop_log(log, below); });
  }

  Result<std::unique_ptr<store::Batch>> begin() override {
    COFFER_TRY(auto batch, inner().begin());
    return std::make_unique<FaultyBatch>(std::move(batch), faults_);
  }

 private:
  class FaultyBatch final : public store::Batch {
   public:
    FaultyBatch(std::unique_ptr<store::Batch> inner, Faults& faults)
        : inner_(std::move(inner)), faults_(faults) {}

    Result<store::Applied> apply(const store::Unit& unit) override { return inner_->apply(unit); }

    Result<> append(store::LogId log, std::uint64_t sequence, ByteView record) override {
      return inner_->append(log, sequence, record);
    }

    Result<> commit() override {
      return faults_.run([&] { return inner_->commit(); });
    }

   private:
    std::unique_ptr<store::Batch> inner_;
    Faults& faults_;
  };

  Faults& faults_;
};

inline proof::ExportSource source_over(ByteView file) {
  return [left = file](MutableBytes out) mutable -> Result<std::size_t> {
    const std::size_t taken = std::min(out.size(), left.size());
    std::copy_n(left.begin(), taken, out.begin());
    left = left.subspan(taken);
    return taken;
  };
}

class MemoryArchive final : public Archive {
 public:
  explicit MemoryArchive(Faults& faults) : faults_(faults) {}

  Result<> add(const std::string& name, const Fill& fill, const Check& check) override {
    if (files.contains(name)) return fail(Code::already_exists, "the name is taken");
    Bytes file;
    COFFER_CHECK(fill([&](ByteView octets) -> Result<> {
      if (full) return fail(Code::unavailable, "no space left on device");
      append(file, octets);
      return {};
    }));
    COFFER_CHECK(check(source_over(file)));
    return faults_.run([&]() -> Result<> {
      files.emplace(name, std::move(file));
      return {};
    });
  }

  Result<> read(const std::string& name, const Check& check) const override {
    const auto found = files.find(name);
    if (found == files.end()) return fail(Code::not_found, "there is no such file");
    return check(source_over(found->second));
  }

  std::map<std::string, Bytes> files;
  bool full = false;

 private:
  Faults& faults_;
};

// At first 2023-11-14T22:13:20Z, with a log of six events.
class RetentionWorld {
 public:
  static constexpr Duration kKeep = std::chrono::days(90);

  RetentionWorld() {
    auto& world = sample.world;
    world.committer.reset();
    world.rows.reset();
    world.store = std::make_unique<FaultyStore>(std::move(world.store), faults);
    world.restart();
  }

  [[nodiscard]] store::Store& store() { return *sample.world.store; }

  [[nodiscard]] RetentionPlan plan() { return {.archive = &archive, .keep = kKeep}; }

  Result<bool> round() { return round(plan()); }

  Result<bool> round(const RetentionPlan& plan) {
    auto& world = sample.world;
    LogRetention retention(
        *world.store, *world.committer, *world.rows, world.clock, *world.random, plan, "a node");
    auto done = retention.round();
    world.clock.advance(std::chrono::milliseconds(1));
    return done;
  }

  // Rounds until there is nothing to do.
  Result<> settle() { return settle(plan()); }

  Result<> settle(const RetentionPlan& plan) {
    for (bool more = true; more;) {
      COFFER_TRY(more, round(plan));
    }
    return {};
  }

  void at(std::string_view time) {
    const Timestamp then = work::TestWorld::value(parse_rfc3339(time));
    sample.world.clock.advance(then - sample.world.clock.now());
  }

  // A row written, at this time.
  void write_at(std::string_view time, std::string_view name) {
    at(time);
    sample.write(name, time);
  }

  [[nodiscard]] std::vector<PartitionRow> partitions() {
    work::View view = sample.world.view();
    return work::TestWorld::value(list_partitions(view));
  }

  // "2023-11 1-7 dropped, 2023-12 8-9 closed"
  [[nodiscard]] std::string text() {
    std::string out;
    for (const PartitionRow& row : partitions()) {
      out += (out.empty() ? "" : ", ") + *row.month + " " + std::to_string(*row.first) + "-" +
             std::to_string(*row.last) + " " + std::string(to_text(*row.state));
    }
    return out;
  }

  // The first event that is in the store.
  [[nodiscard]] std::uint64_t begins() const {
    const auto records =
        work::TestWorld::value(sample.world.store->read_log(rows::kAuditLog, 0, 1));
    return work::TestWorld::value(proof::BatchReader::open(records.at(0).record)).first();
  }

  // What verification of the whole store finds.
  [[nodiscard]] std::vector<std::string> findings() const {
    std::vector<std::string> out;
    const auto report = [&out](const TamperFinding& finding) -> Result<> {
      out.push_back(finding.table + " " + finding.key + ": " + finding.what);
      return {};
    };
    const auto progress = [](const VerifySummary&) { return Result<>(); };
    (void)work::TestWorld::value(
        verify_store(*sample.world.rows, sample.world.committer->head(), {report, progress}));
    return out;
  }

  // November and December dropped; the log begins in January, and goes on to the end of March.
  void drop_two_months() {
    write_at("2023-12-01T00:00:00Z", "december");
    write_at("2024-01-05T00:00:00Z", "january");
    write_at("2024-02-05T00:00:00Z", "february");
    SampleStore::check(settle());
    write_at("2024-03-31T12:00:00Z", "march");
    SampleStore::check(settle());
  }

  // Everything anew, as somebody does who owns the disk: records by log, numbered from 1.
  using LogRecords = std::map<store::LogId, std::vector<Bytes>>;

  [[nodiscard]] LogRecords logs() const {
    LogRecords out;
    SampleStore::check(
        sample.world.store->visit({[&](store::LogId log, const store::LogRecord& record) {
                                     out[log].push_back(record.record);
                                     return Result<>();
                                   },
                                   [](const store::Put&) { return Result<>(); }}));
    return out;
  }

  Faults faults;
  SampleStore sample;
  MemoryArchive archive{faults};
};

}  // namespace coffer::domain
