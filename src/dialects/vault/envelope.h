// The Vault response envelope and its parts (reference: Vault HTTP API, "global rules").
//
//   {"request_id":…,"lease_id":"","renewable":false,"lease_duration":0,"data":…,"wrap_info":null,
//    "warnings":null,"auth":null}
//
// A handler builds an Answer: the fields that differ from these defaults. answer() encodes it into
// a Reply. Answers with neither data, auth nor warnings are 204 without a body. Raw JSON given here
// must be valid; it is inserted as it is.
#pragma once

#include "base/clock.h"
#include "formats/json.h"
#include "gate/operation.h"
#include "secure/bytes.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

// The "auth" block of a login or token creation.
struct AuthBlock {
  secure::SecureText client_token;
  std::string accessor;
  std::vector<std::string> policies;  // token_policies and identity_policies together
  std::vector<std::string> token_policies;
  std::vector<std::string> identity_policies;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::int64_t lease_duration = 0;  // seconds
  bool renewable = false;
  std::string entity_id;
  std::string token_type = "service";
  bool orphan = true;
  std::int64_t num_uses = 0;
};

struct Answer {
  int status = 200;
  std::optional<secure::SecureText> data;  // raw JSON
  std::optional<AuthBlock> auth;
  std::vector<std::string> warnings;
  std::string lease_id;
  std::int64_t lease_duration = 0;  // seconds
  bool renewable = false;
  // Copies the members of `data` to the top level as well, as some sys paths do.
  bool inject = false;
};

gate::Reply answer(const gate::Call& call, Answer answer);

// {"data": …} from what `write` puts into one object.
gate::Reply data_answer(const gate::Call& call,
                        const std::function<void(formats::JsonWriter&)>& write);
// {"data": {"keys": […]}}; an empty list is not_found, as clients expect.
Result<gate::Reply> list_answer(const gate::Call& call, const std::vector<std::string>& keys);
gate::Reply no_content();
// JSON without an envelope (seal-status, health…).
gate::Reply bare(int status, const std::function<void(formats::JsonWriter&)>& write);

// {"errors":[…]} and the status of an Error; the message of not_found is left out when empty.
net::Response error_response(const Error& error);

}  // namespace coffer::dialects::vault
