// What the embedded store does in a second: appends, random-key puts into a filled store, and point
// reads with and without a writer beside them.
//
//   store_bench                          100,000 rows
//   COFFER_BENCH_ROWS=1000000 store_bench
//   COFFER_BENCH_DIR=/disk               where the file lies; default: the temporary directory
//
// Rows are 350 octets under random 24-octet keys. The file is filled once, in commits of 1,000
// rows, and removed at the end.
#include "store/sqlite/sqlite_store.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <stdlib.h>
#include <thread>

namespace coffer::store {
namespace {

constexpr TableId kTable{1};
constexpr RealmId kRealm{1};
constexpr LogId kLog{1};
constexpr std::size_t kKeySize = 24;
constexpr std::size_t kBlobSize = 350;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << result.error().message << '\n';
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// The key of the n-th row: random-looking, and the same each time.
Key key_of(std::uint64_t n) {
  std::mt19937_64 random(n);
  Bytes key(kKeySize);
  std::ranges::generate(key, [&] { return static_cast<std::uint8_t>(random()); });
  return {kTable, kRealm, key};
}

Put put_of(std::uint64_t n) {
  return {key_of(n), 1, Bytes(kBlobSize, static_cast<std::uint8_t>(n)), {}};
}

// The file that all benchmarks of one run share; options may differ, so each opens it anew.
class Bed {
 public:
  Bed() {
    const char* dir = std::getenv("COFFER_BENCH_DIR");
    std::string pattern =
        (dir != nullptr ? std::string(dir) : std::filesystem::temp_directory_path().string()) +
        "/coffer-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    directory_ = pattern;
    if (const char* rows = std::getenv("COFFER_BENCH_ROWS")) rows_ = std::stoull(rows);
    fill();
  }

  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  ~Bed() { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::unique_ptr<Store> open(std::int64_t mmap_octets) const {
    SqliteOptions options;
    options.path = directory_ + "/store";
    options.reader_mmap_octets = mmap_octets;
    return must(open_sqlite_store(options));
  }

  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  std::uint64_t next_row() { return rows_++; }

 private:
  void fill() {
    const auto store = open(0);
    for (std::uint64_t n = 0; n < rows_;) {
      const auto batch = must(store->begin());
      for (int i = 0; i < 1000 && n < rows_; ++i, ++n) must(batch->apply({{}, {put_of(n)}, {}}));
      must(batch->commit());
    }
  }

  std::string directory_;
  std::uint64_t rows_ = 100'000;
};

std::uint64_t last_sequence(const Store& store) {
  const auto last = must(store.last_record(kLog));
  return last ? last->sequence : 0;
}

// One durable commit an iteration, of `range` log records.
void append(benchmark::State& state, Bed& bed) {
  const auto store = bed.open(0);
  std::uint64_t sequence = last_sequence(*store);
  const Bytes record(kBlobSize, 7);
  for ([[maybe_unused]] auto _ : state) {
    const auto batch = must(store->begin());
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      must(batch->append(kLog, ++sequence, record));
    }
    must(batch->commit());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// One durable commit an iteration, of `range` new rows under random keys; p99 of the commits.
void random_put(benchmark::State& state, Bed& bed) {
  const auto store = bed.open(0);
  std::vector<double> micros;
  for ([[maybe_unused]] auto _ : state) {
    const auto begun = std::chrono::steady_clock::now();
    const auto batch = must(store->begin());
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      must(batch->apply({{}, {put_of(bed.next_row())}, {}}));
    }
    must(batch->commit());
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begun;
    micros.push_back(took.count());
  }
  std::ranges::sort(micros);
  state.counters["p50_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[micros.size() * 99 / 100];
  state.counters["max_us"] = micros.back();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// A writer that commits a row and a log record about 2,000 times a second.
class Committer {
 public:
  Committer(Store& store, Bed& bed) : thread_([this, &store, &bed] { work(store, bed); }) {}

  ~Committer() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] std::uint64_t commits() const { return commits_; }

 private:
  void work(Store& store, Bed& bed) {
    std::uint64_t sequence = last_sequence(store);
    const std::uint64_t rows = bed.rows();
    auto next = std::chrono::steady_clock::now();
    while (!stopping_) {
      next += std::chrono::microseconds(500);
      std::this_thread::sleep_until(next);
      const auto batch = must(store.begin());
      must(batch->apply({{}, {put_of(commits_ * 7919 % rows)}, {}}));
      must(batch->append(kLog, ++sequence, Bytes(kBlobSize, 7)));
      must(batch->commit());
      ++commits_;
    }
  }

  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> commits_ = 0;
  std::thread thread_;
};

void read(benchmark::State& state, const Store& store, const Bed& bed) {
  std::mt19937_64 random(42);
  const std::uint64_t rows = bed.rows();
  std::vector<Key> keys;
  for (int i = 0; i < 100'000; ++i) keys.push_back(key_of(random() % rows));
  std::size_t at = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(must(store.get(keys[at++ % keys.size()])));
  }
  state.SetItemsProcessed(state.iterations());
}

void point_read(benchmark::State& state, Bed& bed) {
  const auto store = bed.open(state.range(0) << 20);
  read(state, *store, bed);
}

void point_read_beside_writer(benchmark::State& state, Bed& bed) {
  const auto store = bed.open(state.range(0) << 20);
  const Committer committer(*store, bed);
  read(state, *store, bed);
  state.counters["commits"] =
      benchmark::Counter(static_cast<double>(committer.commits()), benchmark::Counter::kIsRate);
}

void add_benchmarks(Bed& bed) {
  const auto add = [&bed](const char* name, void (*body)(benchmark::State&, Bed&)) {
    return benchmark::RegisterBenchmark(name,
                                        [&bed, body](benchmark::State& state) { body(state, bed); })
        ->UseRealTime();
  };
  // The argument is the size of the readers' memory map in MiB.
  add("point_read", point_read)->Arg(0)->Arg(1024);
  add("point_read_beside_writer", point_read_beside_writer)->Arg(0)->Arg(1024);
  // The argument is the number of rows or records a commit.
  add("append", append)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
  add("random_put", random_put)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
}

}  // namespace
}  // namespace coffer::store

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  coffer::store::Bed bed;
  coffer::store::add_benchmarks(bed);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
