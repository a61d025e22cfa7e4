// floor: formats
// Every time of an accepted schedule is later than the one before, and a cron expression names it.

#include "base/bytes.h"
#include "formats/aws_schedule.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using coffer::Duration;
  using coffer::Timestamp;
  const auto schedule = coffer::formats::AwsSchedule::parse(coffer::as_text({data, size}));
  if (!schedule) return 0;
  Timestamp at{1'700'000'000'000'000'001};
  Timestamp last = at;
  for (int i = 0; i < 4; ++i) {
    const auto next = schedule->next_after(at);
    if (!next) return 0;
    if (*next <= at) std::abort();
    if (i > 0 && *next - last < schedule->shortest_interval()) std::abort();
    if (!schedule->is_rate()) {
      if (schedule->next_after(*next - Duration(1)) != *next) std::abort();
    }
    at = last = *next;
  }
  return 0;
}
