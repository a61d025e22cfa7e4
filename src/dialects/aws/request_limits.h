// The groups in which requests of the AWS APIs are limited for each principal, as AWS publishes its
// request quotas: an operation of its own, or some that share one.
//
// A group's number is its place in limit_groups(); the configuration calls it SERVICE.NAME. Most
// requests belong to the group of their operation. For some of KMS the algorithm or the key spec
// that they name says which one, as the kind of key does at AWS; a request that names another than
// its key has is refused later. Static tables; pure functions.
// Reference: aws-apis.md §7.
#pragma once

#include "base/result.h"
#include "dialects/aws/operation.h"
#include "formats/json.h"
#include "gate/principal_limits.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

struct LimitGroup {
  Service service;
  std::string_view name;
  double published = 0;  // requests a second that AWS allows an account; 0: it does not say
  std::string_view operations = {};  // separated by blanks; empty: the one that is called `name`
};

std::span<const LimitGroup> limit_groups();

// `service` as in ServiceFacts::name. nullopt: there is none.
std::optional<std::uint16_t> find_limit_group(std::string_view service, std::string_view name);

// What AWS allows an account, by group, with a burst of one second's worth.
std::vector<std::optional<gate::RequestRate>> published_limits();

// How to find the group of an operation's requests.
struct LimitRule {
  std::uint16_t group = 0;
  bool by_body = false;  // refine_limit() has more to say
};

// nullopt: the operation is in no group.
std::optional<LimitRule> limit_rule(Service service, std::string_view operation);

// The group of this request of an operation of KMS. `body` was not checked.
std::uint16_t refine_limit(std::string_view operation,
                           const formats::JsonView& body,
                           std::uint16_t otherwise);

Error too_many_requests(std::uint16_t group);

}  // namespace coffer::dialects::aws
