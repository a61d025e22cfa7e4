#include "apps/server/seed.h"

#include "formats/json.h"

namespace coffer::server {
namespace {

using formats::JsonView;
using formats::JsonWriter;

class Seeder {
 public:
  Seeder(const Ask& ask, std::string_view token) : ask_(ask), token_(token) {}

  Result<> put(const std::string& target, secure::SecureText body) {
    net::ClientRequest request;
    request.method = "PUT";
    request.target = target;
    request.headers.push_back({"x-vault-token", secure::SecureText(token_)});
    request.body = std::move(body);
    COFFER_TRY(const net::ClientResponse response, ask_(std::move(request)));
    if (response.status / 100 == 2) return {};
    return fail(
        Code::invalid_argument,
        "the seed entry " + target + " was refused with status " + std::to_string(response.status));
  }

  Result<> family(const std::string& name, const JsonView& entries) {
    if (entries.kind() != formats::JsonKind::object) {
      return fail(Code::invalid_argument, "the seed's " + name + " must be an object");
    }
    for (const auto& [key, value] : entries.members()) COFFER_CHECK(entry(name, key, value));
    return {};
  }

 private:
  Result<> entry(const std::string& family, const std::string& key, const JsonView& value) {
    if (family == "mounts")
      return put("/v1/sys/mounts/" + trimmed(key), secure::SecureText(value.raw()));
    if (family == "policies") return put("/v1/sys/policies/acl/" + key, member("policy", value));
    if (family == "documents")
      return put("/api/v1/policies/documents/" + key, member("document", value));
    if (family == "secrets") return secret(key, value);
    if (family == "tokens") return fixed_token(key, value);
    if (family == "aws") return aws(key, value);
    return fail(Code::invalid_argument, "unknown part of the seed: " + family);
  }

  static std::string trimmed(std::string path) {
    if (path.ends_with('/')) path.pop_back();
    return path;
  }

  static secure::SecureText member(std::string_view name, const JsonView& value) {
    secure::SecureText body;
    JsonWriter(body).begin_object().key(name).raw(value.raw()).end_object();
    return body;
  }

  // "mount/path": the first segment is the mount, of KV v2.
  Result<> secret(const std::string& key, const JsonView& value) {
    const std::size_t slash = key.find('/');
    if (slash == std::string::npos)
      return fail(Code::invalid_argument, "a seed secret needs mount/path");
    return put("/v1/" + key.substr(0, slash) + "/data" + key.substr(slash), member("data", value));
  }

  // Parameters and secrets are put as AWS's clients put them, the others by the API that `coffer
  // aws` uses, each by its name.
  Result<> aws(const std::string& kind, const JsonView& entries) {
    if (kind == "parameters") return call_each("AmazonSSM.PutParameter", entries);
    if (kind == "secrets") return call_each("secretsmanager.CreateSecret", entries);
    if (kind != "users" && kind != "roles" && kind != "policies" && kind != "keys") {
      return fail(Code::invalid_argument, "unknown part of the seed: aws " + kind);
    }
    for (const auto& [name, value] : entries.members()) {
      const std::string place = "/api/v1/aws/" + kind + "/" + name;
      COFFER_CHECK(put(place, named(name, value)));
      for (const auto& [policy, document] : part(value, "embedded_policies").members()) {
        COFFER_CHECK(put(place + "/embedded/" + policy, member("document", document)));
      }
      for (const JsonView& key : part(value, "access_keys").elements()) {
        COFFER_CHECK(put(place + "/access-keys", secure::SecureText(key.raw())));
      }
    }
    return {};
  }

  // One AWS operation for each entry, whose value are the other members of its request.
  Result<> call_each(std::string_view operation, const JsonView& entries) {
    for (const auto& [name, value] : entries.members()) {
      net::ClientRequest request;
      request.method = "POST";
      request.target = "/";
      request.headers.push_back({"x-vault-token", secure::SecureText(token_)});
      request.headers.push_back({"x-amz-target", secure::SecureText(operation)});
      request.headers.push_back({"content-type", secure::SecureText("application/x-amz-json-1.1")});
      request.body = named(name, value, "Name");
      COFFER_TRY(const net::ClientResponse response, ask_(std::move(request)));
      if (response.status / 100 == 2) continue;
      return fail(Code::invalid_argument,
                  "the seed entry aws " + std::string(operation) + " " + name +
                      " was refused with status " + std::to_string(response.status));
    }
    return {};
  }

  static JsonView part(const JsonView& value, std::string_view name) {
    return value.find_value(name).value_or(JsonView());
  }

  // `value` with the member that spells its name.
  static secure::SecureText named(const std::string& name,
                                  const JsonView& value,
                                  std::string_view member = "name") {
    secure::SecureText body;
    JsonWriter w(body);
    w.begin_object().key(member).string(name);
    for (const auto& [key, field] : value.members()) {
      if (key != member) w.key(key).raw(field.raw());
    }
    w.end_object();
    return body;
  }

  Result<> fixed_token(const std::string& id, const JsonView& value) {
    secure::SecureText body;
    JsonWriter w(body);
    w.begin_object().key("id").string(id);
    for (const auto& [name, field] : value.members()) w.key(name).raw(field.raw());
    w.end_object();
    return put("/v1/auth/token/create", std::move(body));
  }

  const Ask& ask_;
  std::string_view token_;
};

constexpr std::size_t kMaxSeed = 4U << 20U;

}  // namespace

Result<> apply_seed(std::string_view json, const Ask& ask, std::string_view root_token) {
  if (json.size() > kMaxSeed) return fail(Code::too_large, "the seed file is larger than 4 MiB");
  COFFER_TRY(const JsonView seed, JsonView::parse(json));
  if (seed.kind() != formats::JsonKind::object)
    return fail(Code::invalid_argument, "the seed must be an object");
  Seeder seeder(ask, root_token);
  for (const auto& [name, entries] : seed.members()) {
    const Result<> done = seeder.family(name, entries);
    // A token's name is the token: it must not appear in a message.
    if (!done && name == "tokens")
      return fail(done.error().code, "a token of the seed was refused");
    COFFER_CHECK(done);
  }
  return {};
}

}  // namespace coffer::server
