// Deleting, undeleting and destroying versions of a secret.
#include "domain/secrets/kv2.h"
#include "domain/secrets/version_table.h"

namespace coffer::domain {
namespace {

Result<> check_count(std::span<const std::int64_t> versions) {
  if (versions.empty()) return fail(Code::invalid_argument, "No version number provided");
  if (versions.size() > kMaxNamedVersions) {
    return fail(Code::too_large, "more than 50 versions at once");
  }
  return {};
}

}  // namespace

Result<> Kv2::change_versions(std::string_view path,
                              std::span<const std::int64_t> versions,
                              const VersionChange& change) {
  COFFER_TRY(const auto found, find(path));
  if (!found) return {};
  COFFER_TRY(SecretRow secret, view_.open(*found));
  bool changed = false;
  for (const std::int64_t number : versions) {
    if (number <= 0) continue;
    VersionState* state = find_version(*secret.versions, static_cast<std::uint64_t>(number));
    if (state == nullptr) continue;
    COFFER_TRY(const bool did, change(secret, *state));
    changed = changed || did;
  }
  if (!changed) return {};
  *secret.updated = view_.now();
  return view_.put(std::move(secret));
}

Result<> Kv2::remove_latest(std::string_view path) {
  COFFER_TRY(const auto found, find(path));
  if (!found || *found->row.current == 0) return {};
  const std::int64_t latest[] = {static_cast<std::int64_t>(*found->row.current)};
  return remove(path, latest);
}

Result<> Kv2::remove(std::string_view path, std::span<const std::int64_t> versions) {
  COFFER_CHECK(check_count(versions));
  return change_versions(path, versions, [this](SecretRow&, VersionState& state) -> Result<bool> {
    // The first deletion is the one that is reported; one that lies ahead is brought forward.
    if (state.gone(view_.now())) return false;
    state.deletion = view_.now();
    return true;
  });
}

Result<> Kv2::undelete(std::string_view path, std::span<const std::int64_t> versions) {
  COFFER_CHECK(check_count(versions));
  return change_versions(path, versions, [](SecretRow&, VersionState& state) -> Result<bool> {
    if (state.destroyed || state.deletion.ns == 0) return false;
    state.deletion = {};
    return true;
  });
}

Result<> Kv2::destroy(std::string_view path, std::span<const std::int64_t> versions) {
  COFFER_CHECK(check_count(versions));
  return change_versions(
      path, versions, [this](SecretRow& secret, VersionState& state) -> Result<bool> {
        if (state.destroyed) return false;
        values_.drop_value(secret, state);
        return true;
      });
}

Result<> Kv2::erase(std::string_view path, std::size_t values) {
  COFFER_TRY(const auto found, find(path));
  if (!found) return {};
  return values_.erase(found->row, values);
}

}  // namespace coffer::domain
