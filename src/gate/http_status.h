// http_status(): the HTTP status that stands for a failure, where a dialect has no other word for
// it. Dialects state what differs, and nothing else.
#pragma once

#include "base/result.h"

namespace coffer::gate {

int http_status(Code code);

}  // namespace coffer::gate
