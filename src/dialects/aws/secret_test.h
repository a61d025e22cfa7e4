// SecretGate: an AwsGate with the calls of Secrets Manager in one line each.
#pragma once

#include "dialects/aws/aws_gate.h"
#include "dialects/aws/home.h"
#include "domain/kms/key_id.h"
#include "domain/kms/master_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coffer::dialects::aws {

class SecretGate : public testing::Test {
 protected:
  TestAnswer ask(std::string_view operation, std::string_view body) {
    return gate_.json("secretsmanager." + std::string(operation), body);
  }

  // "Name: message"; "" when it succeeded.
  std::string error(std::string_view operation, std::string_view body) {
    const TestAnswer answer = ask(operation, body);
    if (answer.status == 200) return "";
    return answer.text("__type") + ": " + answer.text("message");
  }

  static std::string token(int number) {
    const std::string digits = std::to_string(number);
    return std::string(36 - digits.size(), '0') + digits;
  }

  // A member of an answer that must have succeeded.
  template <class... Names>
  std::string get(std::string_view operation, std::string_view body, Names... names) {
    const TestAnswer answer = ask(operation, body);
    EXPECT_EQ(answer.status, 200) << operation << " " << body << ": " << answer.body;
    if constexpr (sizeof...(Names) == 0) {
      return answer.body;
    } else {
      return answer.text(names...);
    }
  }

  std::string create(std::string_view name, std::string_view value = "one", int number = 1) {
    return get("CreateSecret",
               R"({"Name":")" + std::string(name) + R"(","SecretString":")" + std::string(value) +
                   R"(","ClientRequestToken":")" + token(number) + R"("})",
               "ARN");
  }

  std::string put(std::string_view name,
                  std::string_view value,
                  int number,
                  std::string_view stages = "") {
    std::string body = R"({"SecretId":")" + std::string(name) + R"(","SecretString":")" +
                       std::string(value) + R"(","ClientRequestToken":")" + token(number) + '"';
    if (!stages.empty()) body += R"(,"VersionStages":)" + std::string(stages);
    return error("PutSecretValue", body + "}");
  }

  std::string value(std::string_view id, std::string_view more = "") {
    return get("GetSecretValue",
               R"({"SecretId":")" + std::string(id) + '"' + std::string(more) + "}",
               "SecretString");
  }

  // Runs `work(MasterKeys&)` over the home of keys and commits.
  template <class F>
  void keys_unit(F&& work) {
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
    const MountPtr mount = AwsGate::value(home_for_write(view, Home::keys));
    domain::MasterKeys keys(view, mount->id, unsealed->kms);
    AwsGate::value(work(keys));
    proof::Event event;
    event.time = gate_.clock.now();
    event.type = proof::EventType::key_created;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
    gate_.clock.advance(std::chrono::milliseconds(1));
  }

  // Makes a master key; gives its id.
  std::string make_key(std::string_view name) {
    std::string id;
    keys_unit([&](domain::MasterKeys& keys) -> Result<bool> {
      const domain::KeyMaterial first =
          domain::generate_material(domain::KeyType::aes256_gcm96, 0, *gate_.random);
      COFFER_CHECK(keys.create({.name = std::string(name)}, &first));
      COFFER_TRY(const domain::KeyPtr key, keys.find(name));
      id = domain::key_id(key->row);
      return true;
    });
    return id;
  }

  AwsGate gate_;
};

}  // namespace coffer::dialects::aws
