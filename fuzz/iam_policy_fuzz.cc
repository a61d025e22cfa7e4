// floor: policy
#include "policy/evaluator.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// Every decision has a reason, and a text that compiles as two kinds never allows by the one what
// it denies by the other. The first octet chooses the kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace policy = coffer::policy;
  if (size == 0) return 0;
  const auto kind = static_cast<policy::IamKind>(data[0] % 6);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto compiled = policy::compile_iam_policy("fuzz", 1, kind, text);
  if (!compiled) return 0;
  policy::Facts facts;
  facts.now = {1'700'000'000'000'000'000};
  facts.source_ip = "10.0.0.1";
  facts.iam.emplace();
  facts.iam->account = "111122223333";
  facts.iam->arn = "arn:aws:iam::111122223333:user/bob";
  facts.iam->username = "bob";
  facts.iam->tags = {{"team", "*"}};
  policy::Access access;
  access.iam.emplace();
  access.iam->action = "kms:Decrypt";
  access.iam->resource = "arn:aws:kms:us-east-1:111122223333:key/k";
  access.iam->context.set("kms:EncryptionContext:app", {"web"});
  const bool of_resource = kind == policy::IamKind::resource;
  const bool consents = kind == policy::IamKind::key || kind == policy::IamKind::trust;
  std::vector<policy::PolicyPtr> policies;
  if (of_resource) access.iam->resource_policy = *compiled;
  if (consents) access.iam->consent_policy = *compiled;
  if (!of_resource && !consents) policies.push_back(*compiled);
  const policy::Decision decision = policy::decide(access, facts, policies);
  if (decision.reasons.empty()) std::abort();
  if (decision.allowed != (decision.denial == policy::Denial::none)) std::abort();
  return 0;
}
