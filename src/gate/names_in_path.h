// Names in paths: makes the name that a handler will use the very text that policies decide on.
//
// The domain knows one spelling of a name: policies, roles, users, entities and groups are lower
// case, and a mount's path has no slash of its own at the end. A request may spell them otherwise,
// as Vault's clients do; so the path is put into that spelling between routing and deciding. Which
// names a path holds is said by the captures of its pattern:
//
//   {role} {user} {policy}   letters become lower case; with white space around it: refused
//   {identity}               the same: the name of an entity or a group
//   {mount}                  a slash at the end is taken away
//   any other name           stands as it is: its handler must compare it octet by octet
//
// A text that is no such name at all also stands as it is: no handler finds anything by it.
#pragma once

#include "base/result.h"
#include "gate/operation.h"

#include <string_view>

namespace coffer::gate {

// `routing` as match_pattern() left it for `pattern`. invalid_argument where the header says
// "refused"; `routing` is then half done and of no use.
Result<> canonicalise_names(std::string_view pattern, Routing& routing);

}  // namespace coffer::gate
