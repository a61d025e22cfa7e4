// Routes: which operation answers which verb and path of one engine.
//
// A pattern is a path below the engine's mount: "data/{path...}", "role/{name}/secret-id". `{name}`
// captures one segment, `{name...}` the rest of the path (at least one octet unless it ends in
// '?'). A trailing slash in the request is ignored when the path is listed or scanned. Captures
// arrive in call.routing.captures in order; `{role}`, `{user}`, `{identity}`, `{policy}` and
// `{mount...}` are put into the one spelling of such names first, in call.routing.path as well
// (gate/names_in_path.h). The first matching route of a table wins.
//
// Every route is made by guarded(), authenticated(), token_optional(), proven() or open_to_all():
// it cannot exist without its permission and its audit event. Tables are built once at start and
// are immutable.
#pragma once

#include "base/result.h"
#include "gate/operation.h"
#include "policy/access.h"
#include "proof/event.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

enum class Verb : std::uint8_t { read, list, write, remove, patch, scan };

// Whether a path is taken with a slash at its end for this verb: it names a folder.
constexpr bool names_folder(Verb verb) {
  return verb == Verb::list || verb == Verb::scan;
}

// How a route's permission is found. The path is always the request's own canonical path.
struct Rule {
  std::string_view action;  // our own: "secret.read"
  // The capability; none: by the verb (write: create or update, see `exists`).
  policy::Capability capability = policy::Capability::none;
  bool sudo = false;             // needs sudo as well
  bool about_own_token = false;  // see policy::Access
  // For writes: whether the thing is there (update) or not (create). Unset: update.
  std::function<Result<bool>(gate::Call&)> exists = nullptr;
  // The index of the capture that is a secret's path inside its mount; -1: not about a secret.
  int secret_capture = -1;
  // Adds what the thing itself has to say about who may use it (a key's policy).
  Result<> (*refine)(gate::Call&, policy::Access&) = nullptr;
  // Adds the accesses to other things that are used on the way (the key over a secret).
  Result<> (*also)(gate::Call&, std::vector<policy::Access>&) = nullptr;
};

struct Route {
  Verb verb;
  std::string pattern;
  gate::Operation operation;
  int secret_capture = -1;  // see Rule
};

using RouteTable = std::vector<Route>;

// The capability that a verb needs where its route names no other; a write's is update.
policy::Capability capability_of(Verb verb);

// The segments of a secret's path as path-pattern documents see it. A folder that is listed is
// named by its segments, a mount by none. invalid_argument for what can be no secret's path:
// documents could not say anything about it.
Result<std::vector<std::string>> secret_segments(std::string_view path);

Route guarded(
    Verb verb, std::string_view pattern, proof::EventType event, Rule rule, gate::Handler handler);
// The usual rule: the verb's capability on the path.
Route guarded(Verb verb,
              std::string_view pattern,
              proof::EventType event,
              std::string_view action,
              gate::Handler handler);
// A route that any token which lives may call, without a policy decision; `reason` says why. The
// handler answers only what call.principal may know.
Route authenticated(Verb verb,
                    std::string_view pattern,
                    proof::EventType event,
                    std::string_view action,
                    std::string_view reason,
                    gate::Handler handler);
// A route that needs no token and, given one that lives, answers what call.principal may know as
// well; `reason` says why.
Route token_optional(Verb verb,
                     std::string_view pattern,
                     proof::EventType event,
                     std::string_view action,
                     std::string_view reason,
                     gate::Handler handler);
// A route that needs no token because its handler asks for another proof; `reason` names it. Unlike
// those of open_to_all(), its answer may be wrapped (wrap_response.h).
Route proven(Verb verb,
             std::string_view pattern,
             proof::EventType event,
             std::string_view action,
             std::string_view reason,
             gate::Handler handler);
// A route that needs no token; `reason` says why.
Route open_to_all(Verb verb,
                  std::string_view pattern,
                  proof::EventType event,
                  std::string_view action,
                  std::string_view reason,
                  gate::Handler handler,
                  gate::Needs needs = gate::Needs::unsealed);

enum class Match : std::uint8_t { yes, no_path, no_verb };

struct Matched {
  Match match = Match::no_path;
  const Route* route = nullptr;  // where the match is yes
};

// Finds the route and fills `captures`.
Matched find_route(const RouteTable& table,
                   Verb verb,
                   std::string_view rest,
                   std::vector<std::string>& captures);

}  // namespace coffer::dialects::vault
