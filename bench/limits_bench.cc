// What limits of rate for each principal cost a request: finding the group of one of KMS by its
// body, and taking one out of a bucket, of few principals, of many, and by several threads.
#include "dialects/aws/request_limits.h"
#include "gate/principal_limits.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace coffer;

// As limits are named: the id of a user.
std::vector<std::string> principals(std::size_t count) {
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back("AIDA" + std::to_string(1'000'000'000'000'000 + i));
  }
  return names;
}

void admit(benchmark::State& state) {
  static const SystemClock clock;
  static gate::PrincipalLimits limits({.rates = dialects::aws::published_limits()}, clock);
  const auto group = *dialects::aws::find_limit_group("secretsmanager", "read");
  const auto names = principals(static_cast<std::size_t>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(limits.admit(names[next], group));
    if (++next == names.size()) next = 0;
  }
}

void group_by_body(benchmark::State& state) {
  const std::string text = R"({"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab","Plaintext":")" +
                           std::string(static_cast<std::size_t>(state.range(0)), 'A') + "\"}";
  const auto body = formats::JsonView::parse(text);
  const auto rule = dialects::aws::limit_rule(dialects::aws::Service::kms, "Encrypt");
  for (auto _ : state) {
    benchmark::DoNotOptimize(dialects::aws::refine_limit("Encrypt", *body, rule->group));
  }
}

BENCHMARK(admit)->Arg(1)->Arg(10'000)->Arg(20'000);  // the last: each one was forgotten
BENCHMARK(admit)->Arg(1)->Threads(2);
BENCHMARK(group_by_body)->Arg(64)->Arg(1024)->Arg(5464);

}  // namespace

BENCHMARK_MAIN();
