// EventFilter: which events of the log an operator asks for.
//
// A default filter matches every event; each member that is set narrows it (all must hold). Texts
// compare octet by octet. Plain value; matches() is pure.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "proof/event.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace coffer::proof {

inline constexpr std::size_t kDefaultFilterLimit = 100;
inline constexpr std::size_t kMaxFilterLimit = 10'000;
inline constexpr std::size_t kMaxFilterText = 2048;  // octets of one value

struct EventFilter {
  std::vector<EventType> types;  // any of them; empty: all
  std::optional<Outcome> outcome;
  std::string actor_id;
  std::string actor_name;
  std::string path;               // stands somewhere in the resource of an access
  std::string path_prefix;        // begins the resource of an access
  std::optional<Timestamp> from;  // this moment and later
  std::optional<Timestamp> to;    // before this moment
  std::string request_id;
  std::string source_ip;
  std::size_t limit = kDefaultFilterLimit;  // for the caller: how many matches to show

  [[nodiscard]] bool matches(const Event& event) const;
  friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

// From (name, value) pairs, as a query string or command line gives them: type (repeatable),
// outcome, actor_id, actor_name, path, path_prefix, from and to (RFC 3339), request_id, source_ip,
// limit (1 to 10000). An unknown or repeated name, an empty value, an unknown type or outcome and
// an empty span of time are invalid_argument: a filter that is ignored would hide events.
Result<EventFilter> parse_filter(std::span<const std::pair<std::string, std::string>> pairs);

}  // namespace coffer::proof
