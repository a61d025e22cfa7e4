// What entity_admin.cc and group_admin.cc have in common.
#pragma once

#include "base/result.h"
#include "work/view.h"

#include <map>
#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kMaxIdentitiesListed = 100'000;

// To be called by every unit that gives a name of this kind ("entity-names", "group-names"): an
// index shows committed rows only, so that of two units with the same name the later one must be
// run again to see the other's.
Result<> note_name_given(work::View& view, std::string_view kind);

// At most 64 entries, keys of 1 to 128 octets, values of at most 512, all printable.
// invalid_argument.
Result<> check_identity_metadata(const std::map<std::string, std::string>& metadata);

}  // namespace coffer::domain
