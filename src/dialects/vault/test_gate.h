// TestGate: a whole gate with the Vault dialect over a store in memory, for tests of this dialect.
//
//   TestGate gate;  // initialised and unsealed; gate.root() is the root token
//   const TestAnswer read = gate.call("GET", "/v1/sys/mounts", "", gate.root());
//   EXPECT_EQ(read.status, 200);
//   EXPECT_EQ(read.text("data", "secret/", "type"), "kv");
//
// What it does besides: gate/test_gate.h.
#pragma once

#include "dialects/vault/dialect.h"
#include "gate/test_gate.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace coffer::dialects::vault {

using gate::TestAnswer;
using gate::TestClock;
using gate::TestLoop;

class TestGate : public gate::TestGate {
 public:
  explicit TestGate(Start start = Start::unsealed,
                    std::unique_ptr<store::Store> inner = store::make_memory_store())
      : gate::TestGate(
            [](gate::TestGate& made) {
              std::vector<std::unique_ptr<gate::Dialect>> dialects;
              dialects.push_back(std::make_unique<VaultDialect>(
                  Services{made.lifecycle, made.metrics, "1.2.3", "test"}));
              return dialects;
            },
            start,
            std::move(inner)) {}

  // What one must know to go on with the data of another gate, as the next process does.
  struct Credentials {
    std::string root;
    std::vector<std::string> shares;
  };

  [[nodiscard]] Credentials credentials() const { return {root(), shares()}; }

  // Of a gate that began empty, over a store that is not.
  void take_over(Credentials credentials) {
    remember(std::move(credentials.root), std::move(credentials.shares));
    unseal();
  }

  void unseal() {
    for (std::size_t i = 0; i < kThreshold; ++i) {
      const TestAnswer answer =
          call("POST", "/v1/sys/unseal", R"({"key":")" + shares()[i] + R"("})", "");
      if (answer.status != 200) throw std::runtime_error("no unseal: " + answer.body);
    }
  }
};

}  // namespace coffer::dialects::vault
