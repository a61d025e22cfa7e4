// What one audited request pays to proof/: encoding and linking an event, and its share of a batch.
#include "proof/sample_log.h"

#include <benchmark/benchmark.h>

namespace coffer::proof {
namespace {

void encode_and_link(benchmark::State& state) {
  const Event event = sample_event();
  crypto::Digest link = first_link(sample_log_id());
  Bytes encoded;
  for (auto _ : state) {
    encoded.clear();
    encode_event(event, encoded);
    link = next_link(link, encoded);
    benchmark::DoNotOptimize(link);
  }
  state.counters["octets"] = static_cast<double>(encoded.size());
}

BENCHMARK(encode_and_link);

void sign_one_head(benchmark::State& state) {
  const auto key = sample_key();
  const Head head{sample_log_id(), 1, first_link(sample_log_id()), {1}};
  for (auto _ : state) benchmark::DoNotOptimize(sign_head(head, key));
}

BENCHMARK(sign_one_head);

void encode_batch(benchmark::State& state) {
  const auto key = sample_key();
  ChainWriter writer(sample_log_id(), std::nullopt, key);
  auto events =
      encoded(std::vector<Event>(static_cast<std::size_t>(state.range(0)), sample_event()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(writer.encode(events, {1}));
    writer.accept();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(encode_batch)->Arg(1)->Arg(20)->Arg(200);

void verify_batch(benchmark::State& state) {
  const auto key = sample_key();
  ChainWriter writer(sample_log_id(), std::nullopt, key);
  auto events =
      encoded(std::vector<Event>(static_cast<std::size_t>(state.range(0)), sample_event()));
  const Bytes record = writer.encode(events, {1}).value();
  for (auto _ : state) {
    Verifier verifier(key.public_key());
    benchmark::DoNotOptimize(verifier.feed(record));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(verify_batch)->Arg(20)->Arg(200);

void print_json(benchmark::State& state) {
  const Event event = sample_event();
  for (auto _ : state) benchmark::DoNotOptimize(event_json(event));
}

BENCHMARK(print_json);

}  // namespace
}  // namespace coffer::proof

BENCHMARK_MAIN();
