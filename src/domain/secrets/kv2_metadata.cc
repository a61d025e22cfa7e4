// Settings of one secret and of a whole mount.
#include "domain/secrets/kv2.h"
#include "formats/utf8.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxCustomKeys = 64;
constexpr std::size_t kMaxCustomKey = 128;    // octets
constexpr std::size_t kMaxCustomValue = 512;  // octets
// Well inside the range of Timestamp.
constexpr Duration kMaxDeleteAfter = std::chrono::hours(24 * 365 * 100);

Result<> check_max_versions(std::optional<std::uint32_t> count) {
  if (!count || *count <= kMaxVersions) return {};
  return fail(Code::invalid_argument, "max_versions: at most 1000");
}

Result<> check_delete_after(std::optional<Duration> after, bool may_be_negative) {
  if (!after) return {};
  if (*after > kMaxDeleteAfter) {
    return fail(Code::invalid_argument, "delete_version_after: at most 100 years");
  }
  if (*after < Duration{} && !may_be_negative) {
    return fail(Code::invalid_argument, "delete_version_after: cannot be negative");
  }
  return {};
}

Result<> check_custom(const CustomMetadata& custom) {
  if (custom.size() > kMaxCustomKeys) {
    return fail(Code::invalid_argument, "custom_metadata: more than 64 keys");
  }
  for (const auto& [name, value] : custom) {
    if (name.empty() || name.size() > kMaxCustomKey || !formats::is_printable_utf8(name)) {
      return fail(Code::invalid_argument,
                  "custom_metadata: a key is empty, longer than 128 octets or not printable");
    }
    if (value.size() > kMaxCustomValue || !formats::is_printable_utf8(value)) {
      return fail(Code::invalid_argument,
                  "custom_metadata: a value is longer than 512 octets or not printable");
    }
  }
  return {};
}

bool changes_nothing(const MetadataChange& change) {
  return !change.max_versions && !change.cas_required && !change.metadata_cas_required &&
         !change.delete_version_after && !change.clear_custom_metadata &&
         change.custom_metadata.empty();
}

Result<> check_cas(const SecretRow& secret, const KvConfigRow& config, Cas cas) {
  if (!cas) {
    if (!*secret.metadata_cas_required && !*config.metadata_cas_required) return {};
    return fail(Code::precondition_failed,
                "metadata check-and-set parameter required for this call");
  }
  if (*cas >= 0 && static_cast<std::uint64_t>(*cas) == *secret.metadata_version) return {};
  return fail(Code::precondition_failed,
              "metadata check-and-set parameter does not match the current version");
}

Result<> apply(const MetadataChange& change, SecretRow& secret) {
  COFFER_CHECK(check_max_versions(change.max_versions));
  COFFER_CHECK(check_delete_after(change.delete_version_after, false));
  if (change.max_versions) *secret.max_versions = *change.max_versions;
  if (change.cas_required) *secret.cas_required = *change.cas_required;
  if (change.metadata_cas_required) *secret.metadata_cas_required = *change.metadata_cas_required;
  if (change.delete_version_after) *secret.delete_version_after = *change.delete_version_after;
  if (change.clear_custom_metadata) secret.custom_metadata->clear();
  for (const auto& [name, value] : change.custom_metadata) {
    if (value) {
      secret.custom_metadata->insert_or_assign(name, *value);
    } else {
      secret.custom_metadata->erase(name);
    }
  }
  return check_custom(*secret.custom_metadata);
}

}  // namespace

Result<> Kv2::put_metadata(SecretRow secret, const MetadataChange& change) {
  COFFER_TRY(const KvConfigRow config, this->config());
  COFFER_CHECK(check_cas(secret, config, change.cas));
  COFFER_CHECK(apply(change, secret));
  ++*secret.metadata_version;
  *secret.updated = view_.now();
  return view_.put(std::move(secret));
}

Result<> Kv2::write_metadata(std::string_view path, const MetadataChange& change) {
  COFFER_CHECK(check_secret_path(mount_.id.size(), path));
  if (changes_nothing(change)) return {};
  COFFER_TRY(SecretRow secret, open_or_new(path));
  return put_metadata(std::move(secret), change);
}

Result<> Kv2::patch_metadata(std::string_view path, const MetadataChange& change) {
  COFFER_TRY(const auto found, metadata(path));
  if (changes_nothing(change)) return {};
  COFFER_TRY(SecretRow secret, view_.open(*found));
  return put_metadata(std::move(secret), change);
}

Result<> Kv2::write_config(const ConfigChange& change) {
  COFFER_CHECK(check_max_versions(change.max_versions));
  COFFER_CHECK(check_delete_after(change.delete_version_after, true));
  COFFER_TRY(KvConfigRow config, this->config());
  if (change.max_versions) *config.max_versions = *change.max_versions;
  if (change.cas_required) *config.cas_required = *change.cas_required;
  if (change.metadata_cas_required) *config.metadata_cas_required = *change.metadata_cas_required;
  if (change.delete_version_after) *config.delete_version_after = *change.delete_version_after;
  return view_.put(std::move(config));
}

}  // namespace coffer::domain
