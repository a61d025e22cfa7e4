// The fields of an AWS cron expression (formats/aws_schedule.h), parsed. Pure.
#pragma once

#include "formats/aws_schedule.h"

#include <string_view>

namespace coffer::formats {

// "0 10 * * ? *"
Result<CronFields> parse_cron_fields(std::string_view text);

}  // namespace coffer::formats
