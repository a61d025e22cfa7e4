// For the tests of this floor: a world with two mounts, and units of work in one line.
#pragma once

#include "domain/secrets/kv2.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coffer::domain {

class SecretsTest : public testing::Test {
 protected:
  SecretsTest() {
    kv_.path = "secret/";
    kv_.engine = Engine::kv_v2;
    kv_.id = to_bytes("\x01mount\xff!");
    other_ = kv_;
    other_.id = to_bytes("\x01mount\xff\"");
  }

  // Runs `work(Kv2&)` in a unit of its own and commits it when it succeeds.
  template <class F>
  auto unit(F&& work) {
    work::View view = world_.view();
    Kv2 kv(view, kv_, state_, "tester");
    auto result = work(kv);
    if (result && view.has_writes()) {
      if (const Result<> done = world_.commit(view); !done) {
        result = std::unexpected(done.error());
      }
    }
    return result;
  }

  Result<Written> write(std::string_view path, std::string_view data, Cas cas = std::nullopt) {
    return unit([&](Kv2& kv) { return kv.write(path, data, cas); });
  }

  // The data; "gone" when deleted or destroyed; else the error's code.
  std::string read(std::string_view path, std::uint64_t version = 0) {
    const auto reading = unit([&](Kv2& kv) { return kv.read(path, version); });
    if (!reading) return std::string(to_text(reading.error().code));
    return reading->data ? std::string(reading->data->text()) : "gone";
  }

  Result<rows::RowPtr<SecretRow>> metadata(std::string_view path) {
    return unit([&](Kv2& kv) { return kv.metadata(path); });
  }

  static std::string message(const Error& error) { return error.message; }

  work::TestWorld world_;
  KmsState kms_;
  SecretsState state_{kms_};
  Mount kv_;
  Mount other_;
};

}  // namespace coffer::domain
