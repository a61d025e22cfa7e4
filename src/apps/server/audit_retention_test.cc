// The audit log of a whole server over half a year: gate, native API, housekeeper, a folder and a
// SQLite store, with a clock that is moved.
#include "apps/server/config.h"
#include "apps/server/folder_archive.h"
#include "base/time_text.h"
#include "dialects/native/dialect.h"
#include "gate/housekeeper.h"
#include "gate/test_gate.h"
#include "proof/export_file.h"
#include "store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <stdlib.h>

namespace coffer::server {
namespace {

namespace fs = std::filesystem;
using gate::TestAnswer;
using gate::TestGate;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kPartitions = "/api/v1/audit/partitions";

class AuditRetention : public testing::Test {
 protected:
  AuditRetention() { fs::create_directory(archive_folder()); }

  ~AuditRetention() override {
    housekeeper.reset();
    gate.reset();
    fs::remove_all(folder);
  }

  AuditRetention(const AuditRetention&) = delete;
  AuditRetention& operator=(const AuditRetention&) = delete;

  static fs::path make_folder() {
    std::string name = fs::temp_directory_path() / "coffer-retention-XXXXXX";
    return ::mkdtemp(name.data());
  }

  [[nodiscard]] std::unique_ptr<store::Store> open_store() const {
    store::SqliteOptions options;
    options.path = folder / "coffer.db";
    return TestGate::value(store::open_sqlite_store(std::move(options)));
  }

  [[nodiscard]] fs::path archive_folder() const { return folder / "archive"; }

  void at(std::string_view time) {
    gate->clock.advance(TestGate::value(parse_rfc3339(time)) - gate->clock.now());
  }

  // The whole answer of an export.
  std::string exported(std::string_view target) {
    net::Request request;
    request.method = "GET";
    request.target = target;
    request.peer.address = "127.0.0.1";
    request.loop = &gate->loop;
    request.headers.push_back({"x-vault-token", secure::SecureText(gate->root())});
    std::optional<net::Response> answer;
    gate->gate->handle(std::move(request),
                       [&answer](net::Response response) { answer = std::move(response); });
    while (!answer) {
      if (!gate->loop.run_one()) throw std::runtime_error("no answer");
    }
    std::string out;
    while (true) {
      const auto chunk = TestGate::value(answer->stream());
      if (chunk.text().empty()) return out;
      out += chunk.text();
    }
  }

  Result<> tend() { return housekeeper->tend_audit_log(); }

  fs::path folder = make_folder();
  std::unique_ptr<TestGate> gate = std::make_unique<TestGate>(
      [](TestGate& made) {
        std::vector<std::unique_ptr<gate::Dialect>> dialects;
        dialects.push_back(std::make_unique<dialects::native::NativeDialect>(
            dialects::native::Services{made.lifecycle, "1.2.3"}));
        return dialects;
      },
      TestGate::Start::unsealed,
      open_store());
  FolderArchive archive{archive_folder()};
  std::unique_ptr<gate::Housekeeper> housekeeper = std::make_unique<gate::Housekeeper>(
      gate->lifecycle,
      gate->clock,
      *gate->random,
      "a node",
      domain::RetentionPlan{.archive = &archive, .keep = std::chrono::days(90)});
};

TEST_F(AuditRetention, ArchivesAndDropsMonthsWhileTheServerIsInUse) {
  const std::string token =
      gate->token_with(R"(path "api/v1/audit/*" { capabilities = ["read"] })");
  for (const std::string_view time :
       {"2023-12-03T00:00:00Z", "2024-01-03T00:00:00Z", "2024-03-03T00:00:00Z"}) {
    at(time);
    ASSERT_EQ(gate->as_root("GET", kPartitions).status, 200);
    ASSERT_TRUE(tend());
    EXPECT_THAT(gate->findings(), IsEmpty()) << time;
  }
  const TestAnswer shown = gate->as_root("GET", kPartitions);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_THAT(shown.body, HasSubstr(R"("month":"2023-11")"));
  EXPECT_THAT(shown.body, HasSubstr(R"("state":"dropped")"));
  EXPECT_THAT(shown.body, HasSubstr(R"("state":"archived")"));
  EXPECT_THAT(shown.text("begins"), Not(testing::AnyOf("0", "1")));

  // What is left is found and shown; what is gone is no error.
  const TestAnswer events = gate->as_root("GET", "/api/v1/audit/events?limit=1");
  ASSERT_EQ(events.status, 200) << events.body;
  EXPECT_THAT(events.body, HasSubstr("\"sequence\":" + shown.text("begins")));
  const TestAnswer told =
      gate->as_root("GET", "/api/v1/audit/events?type=system.audit_partition_dropped");
  EXPECT_THAT(told.body, HasSubstr("coffer-head:v2:"));

  gate->clock.advance(std::chrono::days(30));
  EXPECT_EQ(gate->call("GET", kPartitions, "", token).status, 403) << "the token has expired";
}

TEST_F(AuditRetention, ExportsALogThatBeginsLaterWithTheHeadBeforeIt) {
  for (const std::string_view time :
       {"2023-12-03T00:00:00Z", "2024-01-03T00:00:00Z", "2024-03-03T00:00:00Z"}) {
    at(time);
    ASSERT_TRUE(tend());
  }
  const std::uint64_t begins = std::stoull(gate->as_root("GET", kPartitions).text("begins"));
  ASSERT_GT(begins, 1U);
  for (const std::string_view query : {"", "?from=1"}) {
    const std::string file = exported("/api/v1/audit/export" + std::string(query));
    std::size_t read = 0;
    auto reader = proof::ExportReader::open([&](MutableBytes out) -> Result<std::size_t> {
                    const std::size_t taken = std::min(out.size(), file.size() - read);
                    std::copy_n(file.data() + read, taken, out.data());
                    read += taken;
                    return taken;
                  }).value();
    ASSERT_TRUE(reader.start());
    EXPECT_EQ(reader.start()->head.sequence, begins - 1);
    const auto key = gate->lifecycle.current()->rows->keyring();
    proof::Verifier verifier(key->audit_key().public_key(),
                             gate->lifecycle.current()->committer->head(),
                             reader.start());
    EXPECT_TRUE(
        proof::verify_export(reader, verifier, [](const proof::Event&) { return Result<>(); }));
  }
}

TEST_F(AuditRetention, ShowsPartitionsToWhoMayReadThem) {
  const std::string reader =
      gate->token_with(R"(path "api/v1/audit/partitions" { capabilities = ["read"] })");
  const std::string other =
      gate->token_with(R"(path "api/v1/audit/head" { capabilities = ["read"] })");
  EXPECT_EQ(gate->call("GET", kPartitions, "", reader).status, 200);
  EXPECT_EQ(gate->call("GET", kPartitions, "", other).status, 403);
  (void)gate->events();
  EXPECT_EQ(gate->call("GET", kPartitions, "", reader).status, 200);
  const auto events = gate->events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().type, proof::EventType::system_audit_read);
}

TEST_F(AuditRetention, SaysOnceInTheLogThatTheArchiveIsNotWhatItWas) {
  at("2023-12-03T00:00:00Z");
  ASSERT_TRUE(tend());
  for (const auto& file : fs::directory_iterator(archive_folder())) {
    fs::resize_file(file.path(), fs::file_size(file.path()) - 1);
  }
  at("2024-03-03T00:00:00Z");
  (void)gate->events();
  for (int i = 0; i < 3; ++i) {
    const Result<> done = tend();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::corrupt);
  }
  int told = 0;
  for (const proof::Event& event : gate->events()) {
    if (event.type != proof::EventType::system_tampering_found) continue;
    ++told;
    EXPECT_THAT(event.reason, HasSubstr("archive's file audit-"));
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(gate->as_root("GET", kPartitions).text("begins"), "1");
}

TEST_F(AuditRetention, DropsNothingWhileTheFolderIsNotThere) {
  at("2023-12-03T00:00:00Z");
  ASSERT_TRUE(tend());
  fs::rename(archive_folder(), folder / "elsewhere");
  at("2024-03-03T00:00:00Z");
  const Result<> done = tend();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_EQ(gate->as_root("GET", kPartitions).text("begins"), "1");
  fs::rename(folder / "elsewhere", archive_folder());
  EXPECT_TRUE(tend());
  EXPECT_NE(gate->as_root("GET", kPartitions).text("begins"), "1");
}

TEST_F(AuditRetention, DoesNothingWhileSealed) {
  at("2024-03-03T00:00:00Z");
  gate->lifecycle.seal();
  EXPECT_TRUE(tend());
  EXPECT_TRUE(fs::is_empty(archive_folder()));
}

// [audit]
struct Case {
  std::string_view text;
  std::string_view refusal;  // a part of it
};

TEST(AuditConfig, TakesAFolderAndAPeriod) {
  const auto parsed = [](std::string_view text) {
    return parse_config("[storage]\npath = \"/var/lib/coffer\"\n[audit]\n" + std::string(text));
  };
  const auto none = parsed("").value();
  EXPECT_EQ(none.audit_archive, "");
  EXPECT_EQ(none.audit_retention, Duration(std::chrono::days(90)));
  const auto both = parsed("archive = \"/backup/audit\"\nretention = \"400d\"\n").value();
  EXPECT_EQ(both.audit_archive, "/backup/audit");
  EXPECT_EQ(both.audit_retention, Duration(std::chrono::days(400)));
  EXPECT_EQ(parsed("retention = \"keep\"\n").value().audit_retention, std::nullopt);
  for (const Case& one : {Case{"archive = \"audit\"", "absolute"},
                          Case{"archive = 1", "audit.archive must be a string"},
                          Case{"retention = \"0\"", "audit.retention must be"},
                          Case{"retention = \"23h\"", "audit.retention must be"},
                          Case{"retention = \"forever\"", "audit.retention must be"},
                          Case{"retention = \"-90d\"", "audit.retention must be"},
                          Case{"retention = 90", "audit.retention must be"},
                          Case{"archives = \"/a\"", "unknown key audit.archives"}}) {
    const auto refused = parsed(one.text);
    ASSERT_FALSE(refused) << one.text;
    EXPECT_THAT(refused.error().message, HasSubstr(std::string(one.refusal))) << one.text;
  }
}

}  // namespace
}  // namespace coffer::server
