// For tests of dialects whose requests are signed: users with access keys in a TestGate, and the
// headers of a signature.
//
//   const TestKey key = make_aws_user(gate, "bob");
//   gate.call("POST", "/", body, "", sign(gate, key, {.service = "kms", .body = body}));
#pragma once

#include "base/encoding.h"
#include "domain/identity/aws_identities.h"
#include "formats/sigv4.h"
#include "gate/test_gate.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::gate {

struct TestKey {
  std::string id;
  std::string secret;
  std::string token;  // of a session; empty: none
};

using TestHeaders = std::vector<std::pair<std::string, std::string>>;

struct TestSigning {
  std::string_view service = "kms";
  std::string_view region = "us-east-1";
  std::string_view method = "POST";
  std::string_view target = "/";
  std::string_view body;
  TestHeaders headers = {{"host", "localhost"}};  // all of them are signed
  std::optional<Timestamp> at;                    // nullopt: now
};

// `headers` and what the signature adds.
inline TestHeaders sign(const TestGate& gate, const TestKey& key, const TestSigning& what) {
  const std::string hash = hex_encode(crypto::sha256(as_bytes(what.body)));
  std::vector<formats::SignedHeader> views;
  for (const auto& [name, value] : what.headers) views.push_back({name, value});
  auto added = formats::sign_headers(
      {.method = what.method, .target = what.target, .headers = views, .body_sha256 = hash},
      {key.id, key.secret, key.token},
      {.region = what.region, .service = what.service, .now = what.at.value_or(gate.clock.now())});
  TestHeaders headers = what.headers;
  for (const auto& [name, value] : TestGate::value(std::move(added))) {
    headers.emplace_back(name, value.text());
  }
  return headers;
}

// Runs `change` over IAM and commits it.
inline void change_iam(TestGate& gate,
                       const std::function<Result<>(domain::AwsIdentities&)>& change) {
  const UnsealedPtr unsealed = gate.lifecycle.current();
  work::View view(*unsealed->rows, rows::kRootRealm, gate.clock.now(), *gate.random);
  domain::AwsIdentities iam(view, unsealed->policies, unsealed->aws_account);
  if (const auto done = change(iam); !done) throw std::runtime_error(done.error().message);
  proof::Event event;
  event.time = gate.clock.now();
  event.type = proof::EventType::iam_user_changed;
  event.outcome = proof::Outcome::allowed;
  event.realm = 1;
  if (!unsealed->committer->commit(view, {event})) throw std::runtime_error("no commit");
  gate.clock.advance(std::chrono::milliseconds(1));
}

// A user with these managed policies and an access key.
inline TestKey make_aws_user(TestGate& gate,
                             const std::string& name,
                             const std::vector<std::string>& policies = {}) {
  TestKey key;
  change_iam(gate, [&](domain::AwsIdentities& iam) -> Result<> {
    COFFER_CHECK(iam.create_user({.name = name, .path = "/", .tags = {}}));
    for (const std::string& arn : policies) {
      COFFER_CHECK(iam.attach(domain::AwsOwner::user, name, arn));
    }
    COFFER_TRY(const domain::NewAwsAccessKey made, iam.create_key(name));
    key = {made.id, std::string(made.secret.text()), ""};
    return {};
  });
  return key;
}

inline TestKey make_aws_administrator(TestGate& gate) {
  return make_aws_user(gate, "admin", {"arn:aws:iam::aws:policy/AdministratorAccess"});
}

}  // namespace coffer::gate
