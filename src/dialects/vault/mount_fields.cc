#include "dialects/vault/mount_fields.h"

#include "dialects/vault/sys_families.h"
#include "domain/auth/ttl.h"

#include <array>

namespace coffer::dialects::vault {
namespace {

using domain::Engine;
using domain::Mount;
using domain::MountKind;
using formats::JsonView;
using formats::JsonWriter;

constexpr std::string_view kVersion = "version";

std::int64_t seconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

std::unexpected<Error> no_such_type() {
  return fail(Code::invalid_argument, "plugin not found in the catalog");
}

Result<Engine> kv_engine(std::string_view type, Mount& mount) {
  if (type == "kv-v2") mount.options.insert_or_assign(std::string(kVersion), "2");
  const auto version = mount.options.find(std::string(kVersion));
  if (version == mount.options.end() || version->second == "1") return Engine::kv_v1;
  if (version->second == "2") return Engine::kv_v2;
  return fail(Code::invalid_argument, "options.version must be 1 or 2");
}

// Zero stands for the server's own; "system" is Vault's word for it.
Result<> apply_ttl(const JsonView& config, std::string_view name, Duration& target) {
  COFFER_TRY(const auto text, formats::text_field(config, name));
  if (text && (*text == "system" || text->empty())) {
    target = {};
    return {};
  }
  COFFER_TRY(const auto ttl, formats::duration_field(config, name));
  if (!ttl) return {};
  COFFER_CHECK(domain::check_ttl(name, *ttl));
  target = *ttl;
  return {};
}

struct ListMember {
  std::string_view name;
  std::vector<std::string> Mount::* member;
};

constexpr std::array kLists{
    ListMember{"audit_non_hmac_request_keys", &Mount::audit_non_hmac_request_keys},
    ListMember{"audit_non_hmac_response_keys", &Mount::audit_non_hmac_response_keys},
    ListMember{"passthrough_request_headers", &Mount::passthrough_request_headers},
    ListMember{"allowed_response_headers", &Mount::allowed_response_headers},
};

void write_config_lists(JsonWriter& w, const Mount& mount) {
  for (const ListMember& list : kLists) {
    if (!(mount.*list.member).empty()) w.key(list.name).strings(mount.*list.member);
  }
  if (!mount.listing_visibility.empty()) {
    w.key("listing_visibility").string(mount.listing_visibility);
  }
}

}  // namespace

Result<> apply_type(MountKind kind,
                    std::string_view type,
                    const formats::TextMap& options,
                    Mount& mount) {
  for (const auto& [name, value] : options) mount.options.insert_or_assign(name, value);
  if (kind == MountKind::auth) {
    mount.token_type = "default-service";
    if (type == "approle") {
      mount.engine = Engine::approle;
    } else if (type == "userpass") {
      mount.engine = Engine::userpass;
    } else if (type == "cert") {
      mount.engine = Engine::cert;
    } else {
      return no_such_type();
    }
    return {};
  }
  if (type == "kv" || type == "kv-v1" || type == "kv-v2" || type == "generic") {
    COFFER_TRY(mount.engine, kv_engine(type, mount));
    return {};
  }
  if (type == "transit") {
    mount.engine = Engine::transit;
    return {};
  }
  if (type == "pki") {
    mount.engine = Engine::pki;
    return {};
  }
  return no_such_type();
}

Result<> apply_options(const formats::TextMap& options, Mount& mount) {
  for (const auto& [name, value] : options) mount.options.insert_or_assign(name, value);
  if (mount.engine != Engine::kv_v1 && mount.engine != Engine::kv_v2) return {};
  COFFER_TRY(const Engine engine, kv_engine("kv", mount));
  if (engine != mount.engine) {
    return fail(Code::invalid_argument,
                "a KV mount keeps its version; make a new mount and copy the secrets");
  }
  return {};
}

Result<> apply_config(const JsonView& config, Mount& mount) {
  COFFER_CHECK(apply_ttl(config, "default_lease_ttl", mount.default_lease_ttl));
  COFFER_CHECK(apply_ttl(config, "max_lease_ttl", mount.max_lease_ttl));
  if (mount.max_lease_ttl > Duration{} && mount.default_lease_ttl > mount.max_lease_ttl) {
    return fail(Code::invalid_argument, "default_lease_ttl is greater than max_lease_ttl");
  }
  for (const ListMember& list : kLists) {
    COFFER_TRY(auto values, formats::list_field(config, list.name));
    if (values) mount.*list.member = std::move(*values);
  }
  COFFER_TRY(const auto visibility, formats::text_field(config, "listing_visibility"));
  if (visibility && !visibility->empty() && *visibility != "hidden" && *visibility != "unauth") {
    return fail(Code::invalid_argument, "listing_visibility must be \"hidden\" or \"unauth\"");
  }
  if (visibility) mount.listing_visibility = *visibility;
  COFFER_TRY(const auto token_type, formats::text_field(config, "token_type"));
  if (!token_type || token_type->empty()) return {};
  for (const std::string_view known : {"default-service", "default-batch", "service", "batch"}) {
    if (*token_type != known) continue;
    mount.token_type = *token_type;
    return {};
  }
  return fail(Code::invalid_argument, "token_type is not a type of token");
}

void write_options(JsonWriter& w, const Mount& mount) {
  w.key("options");
  if (mount.options.empty()) {
    w.null();
    return;
  }
  w.begin_object();
  for (const auto& [name, value] : mount.options) w.key(name).string(value);
  w.end_object();
}

void write_mount(JsonWriter& w, const Mount& mount) {
  w.begin_object();
  w.key("uuid").string(mount.uuid);
  w.key("type").string(domain::to_text(mount.engine));
  w.key("description").string(mount.description);
  w.key("accessor").string(mount.accessor);
  w.key("config").begin_object();
  w.key("default_lease_ttl").integer(seconds(mount.default_lease_ttl));
  w.key("max_lease_ttl").integer(seconds(mount.max_lease_ttl));
  w.key("force_no_cache").boolean(false);
  write_config_lists(w, mount);
  if (!mount.token_type.empty()) w.key("token_type").string(mount.token_type);
  w.end_object();
  write_options(w, mount);
  w.key("local").boolean(mount.local);
  w.key("seal_wrap").boolean(mount.seal_wrap);
  w.key("external_entropy_access").boolean(false);
  w.key("plugin_version").string("");
  w.key("running_plugin_version").string("");
  w.key("running_sha256").string("");
  w.key("deprecation_status").string("supported");
  w.end_object();
}

void write_tuning(JsonWriter& w, const Mount& mount, MountKind kind) {
  const auto effective = [](Duration own) {
    return seconds(own == Duration{} ? domain::kServerTtl : own);
  };
  w.begin_object();
  w.key("description").string(mount.description);
  w.key("default_lease_ttl").integer(effective(mount.default_lease_ttl));
  w.key("max_lease_ttl").integer(effective(mount.max_lease_ttl));
  w.key("force_no_cache").boolean(false);
  write_config_lists(w, mount);
  if (!mount.options.empty()) write_options(w, mount);
  if (kind == MountKind::auth) w.key("token_type").string(mount.token_type);
  w.end_object();
}

}  // namespace coffer::dialects::vault
