// What CloudWatch says of calls of an API, as lines for Prometheus: CallCount, ErrorCount,
// ThrottleCount and Latency, with the dimensions of its namespace AWS/Usage (Service, Type,
// Resource, Class), in the names that exporters of CloudWatch give them.
//
// They are the gate's own counters in other words (gate/metrics.h), of the operations of these APIs
// that were called since the start. A call of an operation that is none is counted with the service
// and the resource "None": no label holds what a caller chose. Thread-safe.
#pragma once

#include "gate/metrics.h"

#include <string>

namespace coffer::dialects::aws {

std::string usage_metrics(const gate::Metrics& metrics);

}  // namespace coffer::dialects::aws
