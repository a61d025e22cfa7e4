// Short spellings of IAM policies, principals and accesses for the tests of this folder.
#pragma once

#include "policy/test_policies.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::policy {

inline constexpr std::string_view kSecret =
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf";

inline std::string statement(std::string_view rest) {
  return R"({"Version":"2012-10-17","Statement":[{)" + std::string(rest) + "}]}";
}

inline std::string allow(std::string_view rest) {
  return statement(R"("Effect":"Allow",)" + std::string(rest));
}

inline std::string conditional(std::string_view condition, std::string_view effect = "Allow") {
  return statement(R"("Effect":")" + std::string(effect) +
                   R"(","Action":"*","Resource":"*","Condition":)" + std::string(condition));
}

inline PolicyPtr iam(std::string_view text,
                     IamKind kind = IamKind::managed,
                     std::string name = "i") {
  auto policy = compile_iam_policy(std::move(name), 3, kind, text);
  if (!policy) {
    ADD_FAILURE() << policy.error().message << " in " << text;
    return nullptr;
  }
  return *policy;
}

inline IamPrincipal bob() {
  IamPrincipal out;
  out.account = "111122223333";
  out.arn = "arn:aws:iam::111122223333:user/team/bob";
  out.userid = "AIDAEXAMPLEEXAMPLEBOB";
  out.username = "bob";
  out.tags = {{"team", "red"}};
  return out;
}

inline Facts facts_of(IamPrincipal who) {
  Facts out;
  out.now = {1'700'000'000'000'000'000};  // 2023-11-14T22:13:20Z
  out.source_ip = "10.1.2.3";
  out.secure_transport = true;
  out.region = "us-east-1";
  out.iam = std::move(who);
  return out;
}

inline Access access_to(std::string_view action, std::string_view resource) {
  Access out;
  out.iam.emplace();
  out.iam->action = action;
  out.iam->resource = resource;
  return out;
}

inline bool allowed(std::string_view text, const Access& access, const Facts& facts) {
  const std::vector policies{iam(text)};
  return decide(access, facts, policies).allowed;
}

inline bool reads(std::string_view text, std::string_view resource = kSecret) {
  return allowed(text, access_to("secretsmanager:GetSecretValue", resource), facts_of(bob()));
}

// Whether the policies deny what another one allows.
inline bool denies(std::string_view text, const Access& access, const Facts& facts) {
  const std::vector policies{iam(allow(R"("Action":"*","Resource":"*")")), iam(text)};
  return !decide(access, facts, policies).allowed;
}

}  // namespace coffer::policy
