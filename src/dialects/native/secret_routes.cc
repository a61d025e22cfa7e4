#include "dialects/native/dialect.h"
#include "domain/secrets/kv2.h"
#include "formats/dotted_path.h"
#include "formats/vault_fields.h"
#include "gate/secret_access.h"

#include <array>

namespace coffer::dialects::native {
namespace {

using domain::BulkItem;
using formats::JsonView;

struct BulkRequest {
  domain::Mounts::Found mount;
  std::vector<BulkItem> items;
  std::vector<JsonView> data;  // of the items, in their order
};

Result<BulkItem> item_of(const JsonView& entry) {
  BulkItem item;
  COFFER_TRY(const auto path, formats::text_field(entry, "path"));
  if (!path || path->empty()) return fail(Code::invalid_argument, "a secret has no path");
  COFFER_CHECK(formats::parse_slashed(*path));
  const auto data = entry.find_value("data");
  if (!data || data->kind() != formats::JsonKind::object) {
    return fail(Code::invalid_argument, "data of a secret must be an object");
  }
  COFFER_TRY(item.cas, formats::integer_field(entry, "cas"));
  item.path = *path;
  item.data = data->raw();
  return item;
}

Result<BulkRequest> read_request(gate::Call& call) {
  BulkRequest request;
  COFFER_TRY(const auto mount, formats::text_field(call.body, "mount"));
  if (!mount) return fail(Code::invalid_argument, "mount is missing");
  COFFER_TRY(const std::string path, domain::canonical_mount_path(*mount));
  COFFER_TRY(request.mount, domain::Mounts(*call.view).resolve(domain::MountKind::secret, path));
  const bool versioned = request.mount.mount != nullptr && request.mount.mount->path == path &&
                         request.mount.mount->engine == domain::Engine::kv_v2;
  if (!versioned) return fail(Code::invalid_argument, "mount names no versioned secrets engine");
  const auto secrets = call.body.find_value("secrets");
  if (!secrets || secrets->kind() != formats::JsonKind::array) {
    return fail(Code::invalid_argument, "secrets must be a list");
  }
  const std::vector<JsonView> entries = secrets->elements();
  if (entries.empty() || entries.size() > domain::kMaxBulkItems) {
    return fail(Code::too_large,
                "secrets must hold 1 to " + std::to_string(domain::kMaxBulkItems) + " entries");
  }
  for (const JsonView& entry : entries) {
    COFFER_TRY(request.items.emplace_back(), item_of(entry));
    request.data.push_back(*entry.find_value("data"));
  }
  return request;
}

// The accesses of each secret, in the words that a single write would use: nothing is possible in
// bulk that is not possible one by one.
Result<std::vector<policy::Access>> resolve_bulk(gate::Call& call) {
  COFFER_TRY(const BulkRequest request, read_request(call));
  const domain::Mount& mount = *request.mount.mount;
  domain::Kv2 kv(*call.view, mount, call.unsealed->secrets);
  std::vector<policy::Access> accesses;
  for (std::size_t i = 0; i < request.items.size(); ++i) {
    const std::string& path = request.items[i].path;
    COFFER_TRY(const bool exists, kv.exists(path));
    policy::Access access;
    access.action = "secret.write";
    access.path = mount.path + "data/" + path;
    access.issues_nothing = true;
    access.capability = exists ? policy::Capability::update : policy::Capability::create;
    COFFER_TRY(access.secret_segments.emplace(), formats::parse_slashed(path));
    access.parameters = policy::Parameters{request.data[i], "data"};
    COFFER_CHECK(gate::add_secret_policy(call, mount, path, access));
    accesses.push_back(std::move(access));
    COFFER_CHECK(gate::add_key_access(call, mount, path, gate::ValueUse::writes, accesses));
  }
  return accesses;
}

Result<gate::Reply> write_bulk(gate::Call& call) {
  COFFER_TRY(const BulkRequest request, read_request(call));
  domain::Kv2 kv(
      *call.view, *request.mount.mount, call.unsealed->secrets, call.principal->display_name);
  COFFER_TRY(const auto results, kv.write_many(request.items));
  return json_reply([&](formats::JsonWriter& w) {
    w.key("results").begin_array();
    for (std::size_t i = 0; i < results.size(); ++i) {
      w.begin_object().key("path").string(request.items[i].path);
      if (results[i]) {
        w.key("version").integer(static_cast<std::int64_t>(results[i]->version.number));
      } else {
        w.key("error").string(results[i].error().message);
      }
      w.end_object();
    }
    w.end_array();
  });
}

}  // namespace

RouteTable secret_routes() {
  RouteTable table;
  table.push_back({"PUT",
                   "secrets/bulk",
                   gate::Operation("secret.write_many",
                                   proof::EventType::secret_updated,
                                   gate::Resolve(resolve_bulk),
                                   write_bulk)});
  return table;
}

}  // namespace coffer::dialects::native
