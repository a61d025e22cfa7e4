// The KV and cubbyhole routes, from request to reply, over a store in memory.
#include "base/time_text.h"
#include "dialects/vault/dialect.h"
#include "dialects/vault/envelope.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <functional>

namespace coffer::dialects::vault {
namespace {

struct Got {
  int status = 0;
  std::string text;  // the "data" of the answer, or the error's message
  policy::Capability capability{};
  std::vector<std::string> segments;
  proof::EventType event{};
};

class KvRoutes : public testing::Test {
 protected:
  KvRoutes() {
    mount_->path = "secret/";
    mount_->id = to_bytes("mount-id");
    principal_.accessor = "token-1";
    principal_.display_name = "tester";
  }

  // Routes, resolves, runs and commits. `rest` is below the mount and may have a query.
  Got send(const RouteTable& table, Verb verb, std::string rest, std::string body = "") {
    const net::Target target = net::parse_target("/" + rest).value();
    net::Request request;
    gate::Effects effects;
    Got got;
    proof::Event event;
    work::View view = world_.view();
    gate::Call call{
        .request = request,
        .target = target,
        .body = body.empty() ? formats::JsonView() : formats::JsonView::parse(body).value(),
        .routing = {},
        .mount = mount_,
        .unsealed = unsealed_,
        .view = &view,
        .principal = &principal_,
        .facts = nullptr,
        .effects = effects,
        .event = event,
        .now = world_.clock.now(),
        .random = *world_.random};
    call.routing.path = "secret" + target.path;
    const Matched matched = find_route(table, verb, target.path.substr(1), call.routing.captures);
    if (matched.match != Match::yes) return {.status = matched.match == Match::no_verb ? 405 : 0};
    const gate::Operation& operation = matched.route->operation;
    event.type = operation.event();
    const auto accesses = std::get<gate::Resolve>(operation.permission())(call).value();
    got.capability = accesses.at(0).capability;
    got.segments = accesses.at(0).secret_segments.value_or(std::vector<std::string>());
    finish(operation.handler()(call), view, got);
    got.event = event.type;
    return got;
  }

  void finish(Result<gate::Reply> reply, work::View& view, Got& got) {
    if (!reply) {
      got.status = error_response(reply.error()).status;
      got.text = reply.error().message;
      return;
    }
    if (view.has_writes()) EXPECT_TRUE(world_.commit(view));
    got.status = reply->status;
    if (reply->body.empty()) return;
    const auto parsed = formats::JsonView::parse(reply->body.text());
    ASSERT_TRUE(parsed);
    got.text = parsed->find("data")->raw();
    lease_ = *parsed->find("lease_duration")->integer();
  }

  work::TestWorld world_;
  gate::UnsealedPtr unsealed_ = std::make_shared<gate::Unsealed>();  // for its data keys only
  std::shared_ptr<domain::Mount> mount_ = std::make_shared<domain::Mount>();
  domain::Principal principal_;
  std::int64_t lease_ = 0;
};

// One member of a JSON object, raw; "-" when absent.
std::string member(const std::string& json, std::string_view name) {
  const auto parsed = formats::JsonView::parse(json);
  const auto found = parsed ? parsed->find(name) : std::nullopt;
  return found ? std::string(found->raw()) : "-";
}

using policy::Capability;
using proof::EventType;

TEST_F(KvRoutes, Kv2WritesAndReads) {
  const RouteTable kv = kv2_routes();
  const std::string now = "\"" + rfc3339(world_.clock.now()) + "\"";
  Got got = send(kv, Verb::write, "data/a/b", R"({"data":{ "n":1e2 },"options":{"cas":"0"}})");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.capability, Capability::create);
  EXPECT_EQ(got.event, EventType::secret_created);
  EXPECT_EQ(got.segments, (std::vector<std::string>{"a", "b"}));
  const std::string version = R"({"created_time":)" + now +
                              R"(,"custom_metadata":null,"deletion_time":"","destroyed":false,)"
                              R"("version":1})";
  EXPECT_EQ(got.text, version);

  got = send(kv, Verb::read, "data/a/b?version=1");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text, R"({"data":{ "n":1e2 },"metadata":)" + version + "}");

  got = send(kv, Verb::write, "data/a/b", R"({"data":{}})");
  EXPECT_EQ(got.capability, Capability::update);
  EXPECT_EQ(got.event, EventType::secret_updated);
  EXPECT_EQ(send(kv, Verb::patch, "data/a/b", R"({"data":{"x":1}})").status, 200);
  EXPECT_EQ(member(send(kv, Verb::read, "data/a/b").text, "data"), R"({"x":1})");
}

struct Refusal {
  Verb verb;
  std::string rest;
  std::string body;
  int status;
  std::string message;
};

TEST_F(KvRoutes, Kv2RefusesInVaultsWords) {
  const RouteTable kv = kv2_routes();
  ASSERT_EQ(send(kv, Verb::write, "data/a", R"({"data":{}})").status, 200);
  const Refusal cases[] = {
      {Verb::read, "data/none", "", 404, ""},
      {Verb::read, "data/a?version=9", "", 404, ""},
      {Verb::read, "data/a?version=x", "", 400, "version: expected a number"},
      {Verb::read, "metadata/none", "", 404, ""},
      {Verb::list, "metadata/none/", "", 404, ""},
      {Verb::patch, "data/none", R"({"data":{}})", 404, ""},
      {Verb::patch, "metadata/none", "{}", 404, ""},
      {Verb::write, "data/a", "{}", 400, "no data provided"},
      {Verb::write, "data/a", R"({"data":null})", 400, "no data provided"},
      {Verb::patch, "data/a", "", 400, "no data provided"},
      {Verb::write,
       "data/a",
       R"({"data":{},"options":{"cas":"x"}})",
       400,
       "error parsing check-and-set parameter"},
      {Verb::write,
       "data/a",
       R"({"data":{},"options":{"cas":0}})",
       400,
       "check-and-set parameter did not match the current version"},
      {Verb::write, "delete/a", "{}", 400, "No version number provided"},
      {Verb::write,
       "destroy/a",
       R"({"versions":["x"]})",
       400,
       "versions: expected a list of integers"},
      {Verb::list, "data/x/", "", 405, "unsupported operation"},
      {Verb::remove, "config", "", 405, ""},
  };
  for (const Refusal& c : cases) {
    const Got got = send(kv, c.verb, c.rest, c.body);
    EXPECT_EQ(got.status, c.status) << c.rest << c.body;
    EXPECT_EQ(got.text, c.message) << c.rest << c.body;
  }
}

TEST_F(KvRoutes, Kv2DeletedVersionsAnswer404WithMetadata) {
  const RouteTable kv = kv2_routes();
  send(kv, Verb::write, "data/a", R"({"data":{"k":{"l":1}}})");
  EXPECT_EQ(send(kv, Verb::read, "subkeys/a?depth=1").text.substr(0, 12), R"({"metadata":)");
  EXPECT_EQ(member(send(kv, Verb::read, "subkeys/a").text, "subkeys"), R"({"k":{"l":null}})");
  EXPECT_EQ(send(kv, Verb::remove, "data/a").status, 204);
  for (const auto& [verb, rest] : {std::pair{Verb::read, "data/a"}, {Verb::patch, "data/a"}}) {
    const Got got = send(kv, verb, rest, verb == Verb::patch ? R"({"data":{}})" : "");
    EXPECT_EQ(got.status, 404);
    EXPECT_EQ(member(got.text, "data"), "null");
    EXPECT_NE(member(member(got.text, "metadata"), "deletion_time"), "\"\"");
  }
  EXPECT_EQ(send(kv, Verb::read, "subkeys/a").status, 404);
  EXPECT_EQ(send(kv, Verb::write, "undelete/a", R"({"versions":"1"})").status, 204);
  EXPECT_EQ(send(kv, Verb::read, "data/a").status, 200);
  EXPECT_EQ(send(kv, Verb::write, "delete/a", R"({"versions":[1]})").status, 204);
  EXPECT_EQ(send(kv, Verb::write, "destroy/a", R"({"versions":1})").status, 204);
  const Got destroyed = send(kv, Verb::read, "data/a");
  EXPECT_EQ(destroyed.status, 404);
  EXPECT_EQ(member(member(destroyed.text, "metadata"), "destroyed"), "true");
}

TEST_F(KvRoutes, Kv2MetadataAndConfig) {
  const RouteTable kv = kv2_routes();
  EXPECT_EQ(send(kv, Verb::read, "config").text,
            R"({"cas_required":false,"delete_version_after":"0s","max_versions":0,)"
            R"("metadata_cas_required":false})");
  EXPECT_EQ(send(kv, Verb::write, "config", R"({"max_versions":"5","delete_version_after":"-1s"})")
                .status,
            204);
  EXPECT_EQ(send(kv, Verb::read, "config").text,
            R"({"cas_required":false,"delete_version_after":"0s","max_versions":5,)"
            R"("metadata_cas_required":false})");

  const Got made = send(kv,
                        Verb::write,
                        "metadata/f/a",
                        R"({"max_versions":1,"delete_version_after":"30m",)"
                        R"("custom_metadata":{"a":"1","b":"2"}})");
  EXPECT_EQ(made.status, 204);
  EXPECT_EQ(made.capability, Capability::create);
  send(kv, Verb::write, "data/f/a", R"({"data":{}})");
  send(kv, Verb::write, "data/f/a", R"({"data":{}})");
  const std::string metadata = send(kv, Verb::read, "metadata/f/a").text;
  EXPECT_EQ(member(metadata, "current_version"), "2");
  EXPECT_EQ(member(metadata, "oldest_version"), "2");
  EXPECT_EQ(member(metadata, "delete_version_after"), "\"30m0s\"");
  EXPECT_EQ(member(member(metadata, "versions"), "1"), "-");
  EXPECT_NE(member(member(metadata, "versions"), "2"), "-");
  EXPECT_EQ(
      send(kv, Verb::patch, "metadata/f/a", R"({"max_versions":null,"custom_metadata":{"a":null}})")
          .status,
      204);
  const std::string patched = send(kv, Verb::read, "metadata/f/a").text;
  EXPECT_EQ(member(patched, "max_versions"), "0");
  EXPECT_EQ(member(patched, "custom_metadata"), R"({"b":"2"})");

  const Got list = send(kv, Verb::list, "metadata/f/");
  EXPECT_EQ(list.text, R"({"keys":["a"]})");
  EXPECT_EQ(list.segments, std::vector<std::string>{"f"});
  EXPECT_EQ(send(kv, Verb::list, "metadata/").text, R"({"keys":["f/"]})");
  EXPECT_EQ(send(kv, Verb::list, "metadata/?after=f/&limit=-1").status, 404);
  EXPECT_EQ(send(kv, Verb::remove, "metadata/f/a").status, 204);
  EXPECT_EQ(send(kv, Verb::read, "data/f/a").status, 404);
}

TEST_F(KvRoutes, Kv1TellsALease) {
  const RouteTable kv = kv1_routes();
  EXPECT_EQ(send(kv, Verb::write, "foo", "{}").text, "missing data fields");
  const Got made = send(kv, Verb::write, "foo", R"({"n": 1.0})");
  EXPECT_EQ(made.status, 204);
  EXPECT_EQ(made.capability, Capability::create);
  EXPECT_EQ(made.event, EventType::secret_created);
  EXPECT_EQ(send(kv, Verb::write, "bar/x", R"({"ttl":"1h"})").status, 204);
  EXPECT_EQ(send(kv, Verb::read, "foo").text, R"({"n": 1.0})");
  EXPECT_EQ(lease_, 2764800);
  send(kv, Verb::read, "bar/x");
  EXPECT_EQ(lease_, 3600);
  EXPECT_EQ(send(kv, Verb::write, "bar/x", R"({"ttl":"never"})").capability, Capability::update);
  send(kv, Verb::read, "bar/x");
  EXPECT_EQ(lease_, 2764800);
  EXPECT_EQ(send(kv, Verb::list, "").text, R"({"keys":["bar/","foo"]})");
  EXPECT_EQ(send(kv, Verb::remove, "foo").status, 204);
  EXPECT_EQ(send(kv, Verb::remove, "foo").status, 204);
  EXPECT_EQ(send(kv, Verb::read, "foo").status, 404);
}

TEST_F(KvRoutes, CubbyholesAreApart) {
  const RouteTable cubbyhole = cubbyhole_routes();
  EXPECT_EQ(send(cubbyhole, Verb::write, "x", R"({"k":"v"})").status, 204);
  EXPECT_EQ(send(cubbyhole, Verb::read, "x").text, R"({"k":"v"})");
  EXPECT_EQ(send(cubbyhole, Verb::list, "").text, R"({"keys":["x"]})");
  principal_.accessor = "token-2";
  EXPECT_EQ(send(cubbyhole, Verb::read, "x").status, 404);
  EXPECT_EQ(send(cubbyhole, Verb::list, "").status, 404);
  principal_.accessor = "";
  EXPECT_EQ(send(cubbyhole, Verb::read, "x").status, 400);
}

}  // namespace
}  // namespace coffer::dialects::vault
