// StsGate: an AwsGate with users that sign, for tests of STS and IAM.
#pragma once

#include "dialects/aws/aws_gate.h"
#include "gate/test_signing.h"

#include <string>
#include <string_view>

namespace coffer::dialects::aws {

inline constexpr std::string_view kStsAccount = "123456789012";

// The text of the first such element of an answer.
inline std::string element_of(const TestAnswer& answer, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::size_t at = answer.body.find(open);
  if (at == std::string::npos) return "";
  const std::size_t from = at + open.size();
  return answer.body.substr(from, answer.body.find('<', from) - from);
}

inline std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto octet = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[octet >> 4];
      out += kHex[octet & 15];
    }
  }
  return out;
}

class StsGate : public AwsGate {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  // Signed with the key; an empty one: not signed.
  TestAnswer ask(const gate::TestKey& key,
                 std::string_view action,
                 const Parameters& parameters = {},
                 std::string_view service = "sts") {
    std::string body = "Action=" + std::string(action);
    body += service == "sts" ? "&Version=2011-06-15" : "&Version=2010-05-08";
    for (const auto& [name, value] : parameters) body += "&" + name + "=" + url_encoded(value);
    gate::TestHeaders headers = {{"host", "localhost"}};
    if (!key.id.empty()) headers = gate::sign(*this, key, {.service = service, .body = body});
    headers.emplace_back("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    return call("POST", "/", body, "", headers);
  }

  void add_role(const std::string& name, const std::string& trust, std::string_view policy = "") {
    gate::change_iam(*this, [&](domain::AwsIdentities& iam) -> Result<> {
      domain::NewAwsRole wanted;
      wanted.name = name;
      wanted.trust = trust;
      wanted.max_session = std::chrono::hours(4);
      COFFER_CHECK(iam.create_role(wanted));
      if (policy.empty()) return {};
      return iam.embed(domain::AwsOwner::role, name, "inline", policy);
    });
  }

  void allow_user(const std::string& name, std::string_view policy) {
    gate::change_iam(*this, [&](domain::AwsIdentities& iam) {
      return iam.embed(domain::AwsOwner::user, name, "inline", policy);
    });
  }
};

inline gate::TestKey credentials_in(const TestAnswer& answer) {
  return {element_of(answer, "AccessKeyId"),
          element_of(answer, "SecretAccessKey"),
          element_of(answer, "SessionToken")};
}

inline std::string role_arn(std::string_view name) {
  return "arn:aws:iam::" + std::string(kStsAccount) + ":role/" + std::string(name);
}

inline std::string user_arn(std::string_view name) {
  return "arn:aws:iam::" + std::string(kStsAccount) + ":user/" + std::string(name);
}

// A trust policy of one statement.
inline std::string trusting(std::string_view principal,
                            std::string_view actions = R"("sts:AssumeRole")",
                            std::string_view condition = "{}") {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[)" +
         std::string(actions) + R"(],"Principal":)" + std::string(principal) + R"(,"Condition":)" +
         std::string(condition) + "}]}";
}

inline std::string allowing(std::string_view actions) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[)" +
         std::string(actions) + R"(],"Resource":"*"}]})";
}

}  // namespace coffer::dialects::aws
