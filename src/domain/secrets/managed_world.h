// For the tests of managed secrets: one call an operation, each a unit of its own.
#pragma once

#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/secrets_world.h"
#include "domain/secrets/stages.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

class ManagedWorld : public SecretsTest {
 protected:
  static constexpr std::string_view kAccount = "123456789012";

  static std::string token(int number) {
    const std::string digits = std::to_string(number);
    return std::string(32 - digits.size(), 't') + digits;
  }

  // Runs `work(ManagedSecrets&)` and commits it when it succeeds.
  template <class F>
  auto managed_unit(F&& work) {
    work::View view = world_.view();
    ManagedSecrets secrets(view, kv_.id, kAccount, state_, "tester");
    auto result = work(secrets);
    if (result && view.has_writes()) {
      if (const Result<> done = world_.commit(view); !done) {
        result = std::unexpected(done.error());
      }
    }
    return result;
  }

  // The same for a secret that is there, in whatever state.
  template <class F>
  auto secrets_unit(std::string_view name, F&& work) {
    return managed_unit(
        [&](ManagedSecrets& secrets) -> decltype(work(secrets, std::declval<const SecretPtr&>())) {
          COFFER_TRY(const SecretPtr secret, secrets.find(name));
          return work(secrets, secret);
        });
  }

  Result<SecretPtr> create(std::string_view name, std::string_view value, int number = 1) {
    return managed_unit([&](ManagedSecrets& secrets) {
      NewSecret fresh{.name = std::string(name), .region = "us-east-1"};
      fresh.token = token(number);
      fresh.value = GivenValue{.value = value};
      return secrets.create(fresh);
    });
  }

  Result<SecretPtr> create_empty(std::string_view name) {
    return managed_unit([&](ManagedSecrets& secrets) {
      return secrets.create({.name = std::string(name), .region = "us-east-1"});
    });
  }

  Result<SecretPtr> put(std::string_view name,
                        int number,
                        std::string_view value,
                        const std::vector<std::string>& stages = {}) {
    return secrets_unit(name, [&](ManagedSecrets& secrets, const SecretPtr& secret) {
      return secrets.put_value(secret, token(number), {.value = value}, stages);
    });
  }

  Result<> move(std::string_view name,
                std::string_view stage,
                std::string_view from,
                std::string_view to) {
    return secrets_unit(name, [&](ManagedSecrets& secrets, const SecretPtr& secret) {
      return secrets.move_stage(secret, stage, from, to);
    });
  }

  // The value, or the error's message.
  std::string get(std::string_view name,
                  std::string_view version_id = {},
                  std::string_view stage = {}) {
    const auto value = managed_unit([&](ManagedSecrets& secrets) -> Result<std::string> {
      COFFER_TRY(const SecretPtr secret, secrets.usable(name));
      COFFER_TRY(const VersionState version, secrets.locate(secret->row, version_id, stage));
      COFFER_TRY(const auto text, secrets.open(*secret, version));
      return std::string(text.text());
    });
    return value ? *value : value.error().message;
  }

  SecretPtr row(std::string_view name) {
    const auto itself = [](ManagedSecrets&, const SecretPtr& secret) -> Result<SecretPtr> {
      return secret;
    };
    return world_.value(secrets_unit(name, itself));
  }

  std::string arn(std::string_view name) { return secret_arn(row(name)->row, kAccount); }

  // "1:AWSPREVIOUS 2:AWSCURRENT,AWSPENDING 3:"
  std::string stages(std::string_view name) {
    const SecretPtr held = row(name);
    const SecretRow& secret = held->row;
    std::string out;
    for (const VersionState& version : *secret.versions) {
      if (!out.empty()) out += ' ';
      out += std::to_string(version.number) + ":";
      std::string labels;
      for (const std::string& stage : stages_of(secret, version.number)) {
        labels += (labels.empty() ? "" : ",") + stage;
      }
      out += labels;
    }
    return out;
  }

  template <class T>
  static std::string why(const Result<T>& result) {
    return result ? "" : result.error().message;
  }
};

}  // namespace coffer::domain
