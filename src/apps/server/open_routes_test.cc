// Which routes need no token, and which work while sealed and leave no event of their own: those of
// tests/golden/open_routes.txt and no others. A new one is written there by hand, after thought.
#include "dialects/aws/families.h"
#include "dialects/native/dialect.h"
#include "dialects/vault/dialect.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace coffer::server {
namespace {

constexpr std::array<std::string_view, 6> kVerbs{
    "read", "list", "write", "delete", "patch", "scan"};

class OpenRoutes : public testing::Test {
 protected:
  // A line for each route that is open in either sense.
  void look_at(std::string_view where,
               std::string_view verb,
               std::string_view pattern,
               const gate::Operation& operation) {
    ++seen;
    const bool open = std::holds_alternative<gate::Public>(operation.permission());
    const bool optional = std::holds_alternative<gate::OptionalToken>(operation.permission());
    const bool while_sealed = operation.needs() == gate::Needs::nothing;
    if (!open && !optional && !while_sealed) return;
    lines.push_back(std::string(where) + " " + std::string(verb) + " " + std::string(pattern) +
                    ": " + std::string(operation.name()) + (open ? ", no token" : "") +
                    (optional ? ", token optional" : "") +
                    (while_sealed ? ", while sealed and without an event" : ""));
  }

  void look_at(std::string_view engine, const dialects::vault::RouteTable& table) {
    for (const auto& route : table) {
      look_at(
          engine, kVerbs.at(static_cast<std::size_t>(route.verb)), route.pattern, route.operation);
    }
  }

  void look_at(const dialects::aws::OperationTable& table) {
    for (const auto& entry : table) look_at("aws", "call", entry.name, entry.operation);
  }

  void look_at(const dialects::native::RouteTable& table) {
    for (const auto& route : table) look_at("native", route.method, route.pattern, route.operation);
  }

  FakeClock clock;
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  std::unique_ptr<store::Store> store = store::make_memory_store();
  gate::Metrics metrics;
  gate::Lifecycle lifecycle{{}, *store, clock, *random};
  std::vector<std::string> lines;
  std::size_t seen = 0;
};

TEST_F(OpenRoutes, AreThoseOfTheList) {
  using namespace dialects;
  const vault::RouteTables none;
  look_at("sys", vault::sys_routes(vault::Services{lifecycle, metrics, "1", "c"}, none));
  look_at("token", vault::token_routes());
  look_at("approle", vault::approle_routes());
  look_at("userpass", vault::userpass_routes());
  look_at("identity", vault::identity_routes());
  look_at("kv1", vault::kv1_routes());
  look_at("kv2", vault::kv2_routes());
  look_at("cubbyhole", vault::cubbyhole_routes());
  look_at("pki", vault::pki_routes());
  look_at("transit", vault::transit_routes());
  look_at("cert", vault::cert_routes());
  for (const auto family : {aws::kms_operations,
                            aws::secrets_operations,
                            aws::ssm_operations,
                            aws::sts_operations,
                            aws::iam_operations}) {
    look_at(family(aws::Services{}));
  }
  look_at(native::all_routes(native::Services{lifecycle, "1"}));
  EXPECT_GT(seen, 150U) << "the tables are all there";
  std::ifstream golden(std::filesystem::path(__FILE__).parent_path() /
                       "../../../tests/golden/open_routes.txt");
  ASSERT_TRUE(golden);
  std::vector<std::string> allowed;
  for (std::string line; std::getline(golden, line);) allowed.push_back(line);
  std::ranges::sort(lines);
  EXPECT_EQ(lines, allowed);
}

}  // namespace
}  // namespace coffer::server
