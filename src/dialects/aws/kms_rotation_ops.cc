// KMS: rotation by period and on demand, and what came of it.
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_policy.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"

#include <array>
#include <charconv>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using gate::Reply;
using proof::EventType;
using std::string_view;

constexpr std::array kEnableMembers{
    key_id_member(),
    Member{.name = "RotationPeriodInDays", .kind = Kind::integer, .min = 90, .max = 2560}};
constexpr Shape kEnable{kEnableMembers};
constexpr std::array<string_view, 2> kInclude{"ALL_KEY_MATERIAL", "ROTATIONS_ONLY"};
constexpr std::array kListMembers{
    key_id_member(), Member{.name = "IncludeKeyMaterial", .values = kInclude}, kLimit, kMarker};
constexpr Shape kList{kListMembers};
constexpr Duration kDay = std::chrono::hours(24);
constexpr std::int64_t kUsualPeriod = 365;

std::unexpected<Error> external(const KmsKey& key) {
  return unsupported_operation(key.arn +
                               " origin is EXTERNAL which is not valid for this operation.");
}

Result<> check_rotates(const KmsKey& key) {
  if (!domain::aead_of(*key->type)) return unsupported_operation("");
  COFFER_CHECK(check_customers(key));
  if (*key->imported) return external(key);
  return {};
}

Result<Reply> enable(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_rotates(key));
  COFFER_CHECK(check_enabled(kms, key));
  COFFER_TRY(const auto days, integer(kms.call.body, "RotationPeriodInDays"));
  COFFER_CHECK(kms.keys().set_rotation(*key, kDay * days.value_or(kUsualPeriod)));
  return empty_answer();
}

Result<Reply> disable(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_rotates(key));
  COFFER_CHECK(check_enabled(kms, key));
  COFFER_CHECK(kms.keys().set_rotation(*key, Duration{}));
  return empty_answer();
}

Result<Reply> status(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  if (*key->imported) return external(key);
  const bool enabled = *key->rotate_period > Duration{};
  const bool pending = *key->state == domain::KeyState::pending_deletion;
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(domain::key_id(*key));
    w.key("KeyRotationEnabled").boolean(enabled && !pending);
    if (!enabled || pending) return;
    w.key("RotationPeriodInDays").integer(*key->rotate_period / kDay);
    if (const auto next = key->rotates()) {
      w.key("NextRotationDate");
      write_time(w, *next);
    }
  });
}

Result<Reply> rotate_on_demand(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  if (!domain::aead_of(*key->type)) return unsupported_operation("");
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(check_enabled(kms, key));
  domain::KeyMaterial material;
  if (!*key->imported) {
    COFFER_TRY(material, new_key_material(kms.call, *key->type, 0));
  }
  const auto done = kms.keys().rotate_on_demand(*key, *key->imported ? nullptr : &material);
  if (!done) {
    if (done.error().code == Code::precondition_failed) {
      return invalid_state("No available key material pending rotation for the key: " + key.arn +
                           ".");
    }
    if (done.error().code != Code::exhausted) return std::unexpected(done.error());
    return aws::fail(Code::exhausted,
                     "LimitExceededException",
                     "The on-demand rotations limit has been reached for the given keyId. No more "
                     "on-demand rotations can be performed for this key: " +
                         key.arn);
  }
  kms.call.note("version", std::to_string(key->latest() + 1));
  return json_answer([&](JsonWriter& w) { w.key("KeyId").string(domain::key_id(*key)); });
}

struct Listed {
  const domain::KeyVersion* version;
  string_view state;
};

void write_rotation(JsonWriter& w, const KmsKey& key, const Listed& row, std::uint32_t first) {
  const domain::KeyVersion& version = *row.version;
  const domain::MaterialFact* fact = key->fact(version.number);
  w.begin_object();
  w.key("KeyId").string(domain::key_id(*key));
  w.key("KeyMaterialId").string(domain::material_id(*key, version));
  w.key("KeyMaterialState").string(row.state);
  if (*key->imported) {
    w.key("ImportState").string(fact != nullptr && fact->gone ? "PENDING_IMPORT" : "IMPORTED");
    if (fact != nullptr && !fact->description.empty()) {
      w.key("KeyMaterialDescription").string(fact->description);
    }
    const bool expires = fact != nullptr && fact->expires;
    w.key("ExpirationModel")
        .string(expires ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE");
    if (expires) {
      w.key("ValidTo");
      write_time(w, *fact->expires);
    }
  }
  // The first material came with the key, and what waits has not come yet.
  if (version.number != first && row.state != "PENDING_ROTATION") {
    w.key("RotationDate");
    write_time(w, version.created);
    const bool automatic = fact != nullptr && fact->kind == domain::RotationKind::automatic;
    w.key("RotationType").string(automatic ? "AUTOMATIC" : "ON_DEMAND");
  }
  w.end_object();
}

Result<std::uint64_t> number_in(string_view position) {
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(position.data(), position.data() + position.size(), number);
  if (error != std::errc() || end != position.data() + position.size()) {
    return aws::fail(Code::invalid_argument, "InvalidMarkerException", "");
  }
  return number;
}

Result<Reply> list_rotations(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  if (!domain::aead_of(*key->type)) return unsupported_operation("");
  COFFER_TRY(const auto include, text(kms.call.body, "IncludeKeyMaterial"));
  const bool everything = include.value_or("") == "ALL_KEY_MATERIAL";
  const std::string request = key.arn + (everything ? "|all" : "");
  COFFER_TRY(const PageAsked page, page_of(kms, "ListKeyRotations", request, 100));
  std::uint64_t after = 0;
  if (!page.position.empty()) {
    COFFER_TRY(after, number_in(page.position));
  }
  const std::uint32_t first = 1;
  std::vector<Listed> rows;
  for (const domain::KeyVersion& version : *key->versions) {
    if (version.number <= after || (!everything && version.number == first)) continue;
    rows.push_back({&version, version.number == key->latest() ? "CURRENT" : "NON_CURRENT"});
  }
  if (everything && *key->next && (*key->next)->number > after) {
    rows.push_back({&**key->next, "PENDING_ROTATION"});
  }
  std::optional<std::string> next;
  if (rows.size() > page.limit) {
    rows.resize(page.limit);
    next = std::to_string(rows.back().version->number);
  }
  Result<> paged;
  Reply reply = json_answer([&](JsonWriter& w) {
    w.key("Rotations").begin_array();
    for (const Listed& row : rows) write_rotation(w, key, row, first);
    w.end_array();
    paged = write_page(kms, w, "ListKeyRotations", request, next);
  });
  COFFER_CHECK(std::move(paged));
  return reply;
}

}  // namespace

void add_kms_rotation_operations(OperationTable& table, const Services& services) {
  const auto add = [&](const Shape& shape,
                       EventType event,
                       string_view action,
                       string_view name,
                       string_view path,
                       policy::Capability capability,
                       KmsHandler handler) {
    table.push_back(
        kms_operation(services,
                      shape,
                      event,
                      {.action = action, .iam = name, .path = path, .capability = capability},
                      handler));
  };
  using policy::Capability;
  add(kEnable,
      EventType::key_configured,
      "kms.configure",
      "EnableKeyRotation",
      "keys/{}/config",
      Capability::update,
      enable);
  add(kKeyIdShape,
      EventType::key_configured,
      "kms.configure",
      "DisableKeyRotation",
      "keys/{}/config",
      Capability::update,
      disable);
  add(kKeyIdShape,
      EventType::key_read,
      "kms.read",
      "GetKeyRotationStatus",
      "keys/{}",
      Capability::read,
      status);
  add(kKeyIdShape,
      EventType::key_rotated,
      "kms.rotate",
      "RotateKeyOnDemand",
      "keys/{}/rotate",
      Capability::update,
      rotate_on_demand);
  add(kList,
      EventType::key_read,
      "kms.read",
      "ListKeyRotations",
      "keys/{}",
      Capability::read,
      list_rotations);
}

}  // namespace coffer::dialects::aws
