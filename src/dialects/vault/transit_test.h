// For the tests of transit: a gate with one mount of it, and calls in one line.
#pragma once

#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coffer::dialects::vault {

inline constexpr std::string_view kText = "aGVsbG8=";  // "hello"

class Transit : public testing::Test {
 protected:
  Transit() { EXPECT_EQ(post("sys/mounts/transit", R"({"type":"transit"})").status, 204); }

  TestAnswer post(std::string_view path, std::string_view body = "{}") {
    return gate_.as_root("POST", "/v1/" + std::string(path), body);
  }

  TestAnswer get(std::string_view path) { return gate_.as_root("GET", "/v1/" + std::string(path)); }

  TestAnswer remove(std::string_view path) {
    return gate_.as_root("DELETE", "/v1/" + std::string(path));
  }

  void make(std::string_view name, std::string_view options = "{}") {
    const TestAnswer made = post("transit/keys/" + std::string(name), options);
    ASSERT_EQ(made.status, 200) << made.body;
  }

  std::string encrypt(std::string_view name, std::string_view more = "") {
    const TestAnswer done =
        post("transit/encrypt/" + std::string(name),
             R"({"plaintext":")" + std::string(kText) + "\"" + std::string(more) + "}");
    EXPECT_EQ(done.status, 200) << done.body;
    return done.text("data", "ciphertext");
  }

  // The plaintext, or the error.
  std::string decrypt(std::string_view name,
                      std::string_view ciphertext,
                      std::string_view more = "") {
    const TestAnswer done =
        post("transit/decrypt/" + std::string(name),
             R"({"ciphertext":")" + std::string(ciphertext) + "\"" + std::string(more) + "}");
    return done.status == 200 ? done.text("data", "plaintext") : done.error();
  }

  std::string error(std::string_view path, std::string_view body = "{}") {
    const TestAnswer refused = post(path, body);
    EXPECT_GE(refused.status, 400) << refused.body;
    return refused.error();
  }

  // Making it takes longer than a call of a test may last on a busy machine.
  void plant_wrapping_key() {
    const auto material = domain::generate_material(domain::KeyType::rsa4096, 0, *gate_.random);
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
    const auto found = domain::Mounts(view).resolve(domain::MountKind::secret, "transit/");
    domain::MasterKeys keys(view, found->mount->id, unsealed->kms);
    ASSERT_TRUE(keys.create_wrapping_key(material));
    proof::Event event;
    event.time = gate_.clock.now();
    event.type = proof::EventType::key_created;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  }

  TestGate gate_;
};

}  // namespace coffer::dialects::vault
