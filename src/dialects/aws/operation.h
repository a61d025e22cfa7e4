// Operations of the AWS APIs: which service and name a request asks for, and what answers it.
//
// A family of operations is a table in a file of its own. Every operation is made by guarded(),
// authenticated() or open_to_all(): it cannot exist without its permission and its audit event. Its
// input shape (shape.h; borrowed, static) is checked once the caller is known, before its
// permission is resolved and its handler runs. Tables are built once at start and are immutable.
#pragma once

#include "dialects/aws/shape.h"
#include "gate/operation.h"
#include "policy/access.h"
#include "proof/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

enum class Service : std::uint8_t { kms, secrets_manager, ssm, sts, iam };

enum class Protocol : std::uint8_t {
  json,   // JSON 1.1, dispatched on X-Amz-Target
  query,  // form or query string in, XML out, dispatched on Action
};

struct ServiceFacts {
  Service service;
  std::string_view name;    // in our operations and metrics: "kms"
  std::string_view target;  // before the dot of X-Amz-Target; empty: query
  Protocol protocol;
  std::string_view version;    // of the API, as the query protocol sends it
  std::string_view xml_names;  // the namespace of its XML
};

const ServiceFacts& facts_of(Service service);

struct AwsOperation {
  Service service;
  std::string name;  // "GetSecretValue"
  const Shape* input;
  gate::Operation operation;
};

using OperationTable = std::vector<AwsOperation>;

// `resolve` gives every access that the request needs (access.h makes them). What the request says
// about itself is added to them (request_conditions.h).
AwsOperation guarded(Service service,
                     std::string_view name,
                     const Shape& input,
                     proof::EventType event,
                     gate::Resolve resolve,
                     gate::Handler handler);
// For whoever is known, whatever the policies say; `reason` says why.
AwsOperation authenticated(Service service,
                           std::string_view name,
                           const Shape& input,
                           proof::EventType event,
                           std::string_view reason,
                           gate::Handler handler);
// For anybody; `reason` says why.
AwsOperation open_to_all(Service service,
                         std::string_view name,
                         const Shape& input,
                         proof::EventType event,
                         std::string_view reason,
                         gate::Handler handler);

}  // namespace coffer::dialects::aws
