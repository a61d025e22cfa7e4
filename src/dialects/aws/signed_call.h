// For tests: an operation of the JSON protocol (1.1), asked for by a user who signs.
#pragma once

#include "gate/test_signing.h"

#include <string>
#include <string_view>

namespace coffer::dialects::aws {

// `target` names the operation: "TrentService.Encrypt".
inline gate::TestAnswer signed_call(gate::TestGate& gate,
                                    const gate::TestKey& key,
                                    std::string_view service,
                                    const std::string& target,
                                    std::string_view body,
                                    std::string_view region) {
  return gate.call("POST",
                   "/",
                   body,
                   "",
                   gate::sign(gate,
                              key,
                              {.service = service,
                               .region = region,
                               .body = body,
                               .headers = {{"host", "localhost"},
                                           {"content-type", "application/x-amz-json-1.1"},
                                           {"x-amz-target", target}}}));
}

}  // namespace coffer::dialects::aws
