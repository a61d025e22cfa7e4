// floor_bench: the rate of the crypto floor alone, on as many threads as are asked for and with
// nothing else at work.
//
//   floor_bench encrypt|sign|issue [--threads N] [--seconds S]
//
// Prints items a second of all threads and the CPU time of one: {"per second":…,"cpu us":…}.
#include "crypto/floor_work.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  using coffer::crypto::FloorWork;
  const auto usable = argc > 1 ? FloorWork::make(argv[1]) : nullptr;
  std::size_t threads = std::thread::hardware_concurrency();
  double seconds = 2;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--threads") threads = std::strtoul(argv[i + 1], nullptr, 10);
    if (flag == "--seconds") seconds = std::strtod(argv[i + 1], nullptr);
  }
  if (usable == nullptr || threads == 0) {
    std::fputs("usage: floor_bench encrypt|sign|issue [--threads N] [--seconds S]\n", stderr);
    return 2;
  }
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const auto until =
      began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::atomic<std::size_t> done = 0;
  {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        const auto work = FloorWork::make(argv[1]);  // of its own: nobody waits for anybody
        std::size_t mine = 0;
        for (; Clock::now() < until; ++mine) work->once();
        done += mine * work->items();
      });
    }
  }
  const double took = std::chrono::duration<double>(Clock::now() - began).count();
  const auto items = static_cast<double>(done.load());
  std::printf(
      "{\"per second\": %.0f, \"cpu us\": %.3f}\n", items / took, cpu_seconds() / items * 1e6);
  return 0;
}
