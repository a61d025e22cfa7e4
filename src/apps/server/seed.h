// Seed: what a development server finds in itself at its first start, for other people's tests.
//
//   {"mounts":   {"kv1/": {"type": "kv", "options": {"version": "1"}}},
//    "policies": {"app": "path \"secret/data/app/*\" { capabilities = [\"read\"] }"},
//    "documents": {"night": {"version": "1.0", "allowed_secrets": ["prod.**"]}},
//    "secrets":  {"secret/app/db": {"user": "u", "password": "p"}},
//    "tokens":   {"my-fixed-token": {"policies": ["app"]}},
//    "aws":      {"users": …, "roles": …, "policies": …,
//                 "keys": {"1234abcd-12ab-34cd-56ef-1234567890ab": {"material": "…"}},
//                 "parameters": {"/a/b": {"Value": "v", "Type": "String"}},
//                 "secrets": {"app": {"SecretString": "s"}}}}
//
// Applied as requests of the root token through the gate, so that nothing is possible here that is
// not possible there. Unknown keys are errors. Limit: 4 MiB.
#pragma once

#include "base/result.h"
#include "net/client.h"

#include <functional>
#include <string>
#include <string_view>

namespace coffer::server {

using Ask = std::function<Result<net::ClientResponse>(net::ClientRequest)>;

// Asks the server for each entry in turn. Stops at the first error and names the entry.
Result<> apply_seed(std::string_view json, const Ask& ask, std::string_view root_token);

}  // namespace coffer::server
