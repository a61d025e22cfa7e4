// Deleting, undeleting and destroying versions of a secret.
#include "domain/secrets/kv2.h"
#include "domain/secrets/version_table.h"

#include <utility>

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
        complete_slots(secret);
        const auto index = static_cast<std::size_t>(&state - secret.versions->data());
        const std::uint64_t slot = std::exchange((*secret.slots)[index], 0);
        state.destroyed = true;
        if (state.number == *secret.current) secret.current_value->clear();
        if (slot == 0) return true;
        view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, slot));
        return true;
      });
}

Result<> Kv2::erase(std::string_view path, std::size_t values) {
  COFFER_TRY(const auto found, find(path));
  if (!found) return {};
  const SecretRow& secret = found->row;
  std::size_t erased = 0;
  for (auto at = secret.versions->rbegin();
       at != secret.versions->rend() && erased < values;
       ++at) {
    const std::uint64_t slot = slot_of(secret, *at);
    if (slot == 0) continue;
    view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, slot));
    ++erased;
  }
  view_.on_commit(
      [&keys = keys_, mount = *secret.mount, uid = *secret.uid] { keys.forget(mount, uid); });
  return view_.erase<SecretRow>(secret.key());
}

}  // namespace coffer::domain
