// Every call of the store to its file fails in turn, under a handful of requests. What was
// acknowledged is there when the store is opened again; what was not is whole or not there at all;
// the audit log and the rows agree.
#include "dialects/vault/test_gate.h"
#include "store/sqlite/faulty_vfs.h"
#include "store/sqlite/temporary_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace coffer::dialects::vault {
namespace {

using store::sqlite::Fault;
using store::sqlite::FaultyVfs;
using store::sqlite::Lasting;
using store::sqlite::TemporaryStore;
using testing::AnyOf;

constexpr std::string_view kOld = "old-value";
constexpr std::string_view kNew = "new-value";

struct Kind {
  Fault fault;
  Lasting lasting;
};

// A store with an engine, a secret and a token, closed.
struct Prepared {
  Prepared() {
    TestGate gate(TestGate::Start::unsealed, file.open());
    credentials = gate.credentials();
    EXPECT_EQ(gate.as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv-v2"})").status, 204);
    EXPECT_EQ(gate.as_root("POST", "/v1/kv/data/a", body_of(kOld)).status, 200);
    victim = gate.as_root("POST", "/v1/auth/token/create", "{}").text("auth", "client_token");
    EXPECT_FALSE(victim.empty());
  }

  static std::string body_of(std::string_view value) {
    return R"({"data":{"v":")" + std::string(value) + R"("}})";
  }

  TemporaryStore file;
  TestGate::Credentials credentials;
  std::string victim;
};

// What the requests of one run were told; 0: they were not made.
struct Told {
  int written = 0;
  int configured = 0;
  int revoked = 0;
  std::string created;  // the token
  int sealed = 0;
  bool failed = false;  // a call did
};

// The database and what lies beside it.
void copy_files(const TemporaryStore& from, const TemporaryStore& to) {
  const auto folder = std::filesystem::path(from.path()).parent_path();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::filesystem::copy_file(
        entry.path(), std::filesystem::path(to.path()).parent_path() / entry.path().filename());
  }
}

Told run_under_fault(const Prepared& before,
                     const TemporaryStore& file,
                     FaultyVfs& vfs,
                     std::uint64_t n,
                     Kind kind) {
  copy_files(before.file, file);
  store::SqliteOptions options = file.options();
  options.vfs = vfs.name();
  options.checkpoint = {.step_frames = 12, .restart_frames = 24};  // checkpoints fail too
  options.busy_timeout_ms = 50;
  TestGate gate(TestGate::Start::empty, TestGate::value(store::open_sqlite_store(options)));
  gate.take_over(before.credentials);
  vfs.fail_at(n, kind.fault, kind.lasting);
  Told told;
  told.written = gate.as_root("POST", "/v1/kv/data/a", Prepared::body_of(kNew)).status;
  told.created = gate.as_root("POST", "/v1/auth/token/create", "{}").text("auth", "client_token");
  told.revoked =
      gate.as_root("POST", "/v1/auth/token/revoke", R"({"token":")" + before.victim + R"("})")
          .status;
  told.configured = gate.as_root("POST", "/v1/kv/config", R"({"max_versions":7})").status;
  told.sealed = gate.as_root("PUT", "/v1/sys/seal").status;
  // While it runs, it shows what it acknowledged.
  if (told.sealed != 204) {
    const TestAnswer read = gate.as_root("GET", "/v1/kv/data/a");
    if (read.status == 200) {
      EXPECT_EQ(read.text("data", "data", "v"), told.written == 200 ? kNew : kOld);
    }
  } else {
    EXPECT_FALSE(gate.lifecycle.current());
  }
  told.failed = vfs.has_failed();
  vfs.heal();
  return told;
}

void expect_kept(const Prepared& before, const TemporaryStore& file, const Told& told) {
  TestGate gate(TestGate::Start::empty, file.open());
  gate.take_over(before.credentials);
  EXPECT_THAT(gate.findings(), testing::IsEmpty());
  const std::string value = gate.as_root("GET", "/v1/kv/data/a").text("data", "data", "v");
  EXPECT_THAT(value, told.written == 200 ? AnyOf(kNew, kNew) : AnyOf(kOld, kNew));
  const auto look_up = [&gate](const std::string& token) {
    return gate.call("GET", "/v1/auth/token/lookup-self", "", token).status;
  };
  if (!told.created.empty()) EXPECT_EQ(look_up(told.created), 200);
  EXPECT_THAT(look_up(before.victim), told.revoked == 204 ? AnyOf(403, 403) : AnyOf(200, 403));
  const std::string versions = gate.as_root("GET", "/v1/kv/config").text("data", "max_versions");
  EXPECT_THAT(versions, told.configured == 204 ? AnyOf("7", "7") : AnyOf("0", "7"));
  const auto events = gate.events();
  if (told.sealed == 204) {
    EXPECT_NE(std::ranges::find(events, proof::EventType::system_sealed, &proof::Event::type),
              events.end());
  }
  EXPECT_EQ(gate.as_root("POST", "/v1/kv/data/b", Prepared::body_of(kNew)).status, 200);
}

class IoFault : public testing::TestWithParam<Kind> {};

TEST_P(IoFault, LosesNothingAcknowledgedWhicheverCallFails) {
  const Prepared before;
  FaultyVfs vfs("faulty gate");
  std::uint64_t n = 1;
  for (bool failed = true; failed && !HasFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    const TemporaryStore file;
    const Told told = run_under_fault(before, file, vfs, n, GetParam());
    for (const int status : {told.written, told.revoked, told.configured, told.sealed}) {
      EXPECT_THAT(status, AnyOf(200, 204, 503));
    }
    expect_kept(before, file, told);
    failed = told.failed;
  }
  EXPECT_GT(n, 10U) << "the faults were not met";
  RecordProperty("calls", std::to_string(n));
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         IoFault,
                         testing::Values(Kind{Fault::io_error, Lasting::once},
                                         Kind{Fault::disk_full, Lasting::from_then_on}));

}  // namespace
}  // namespace coffer::dialects::vault
