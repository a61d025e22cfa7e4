// Versioned secrets: the KV version 2 engine over one mount.
//
// A value is the text of a JSON object, kept and given back octet for octet; whoever calls has
// validated it. One that was written as something else (secret_extra.h) is shown as {"value": …}.
// What is read is the version that has the stage AWSCURRENT. A secret that is pending deletion
// cannot be read, and refuses to be written until it is restored. A deleted version can be
// undeleted; a destroyed one has lost its value. A version whose deletion time has passed counts as
// deleted. Everything staged by one call is one unit: a new value, the pointer to it and the
// removal of what is beyond the limit go together.
//
// Limits: value kMaxSecretValue; path 32 segments and 1016 octets; kMaxVersions kept a secret; 64
// custom metadata of 128 and 512 octets; versions named in one call kMaxNamedVersions; pruning
// removes at most kMaxPruned versions a write, later writes go on; bulk kMaxBulkItems.
// Errors: not_found with an empty message (no secret, no such version), invalid_argument,
// precondition_failed (check-and-set), too_large, and corrupt and unavailable from below.
// A Kv2 lives as long as one attempt of a request; it borrows the view, the mount and the state,
// which outlive its unit.
#pragma once

#include "domain/realms/mounts.h"
#include "domain/secrets/kv_rows.h"
#include "domain/secrets/scan.h"
#include "domain/secrets/secret_values.h"
#include "domain/secrets/secrets_state.h"
#include "work/view.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::uint32_t kMaxVersions = 1000;
inline constexpr std::size_t kMaxNamedVersions = 50;
inline constexpr std::size_t kMaxBulkItems = 30;

using Cas = std::optional<std::int64_t>;  // the version that must be current; 0: none yet

struct Reading {
  rows::RowPtr<SecretRow> secret;
  VersionState version;
  std::optional<secure::SecureText> data;  // nullopt: deleted or destroyed
};

struct Written {
  VersionState version;
  CustomMetadata custom_metadata;
  bool stored = true;  // false: a patch found its base deleted; `version` is that base
};

// Absent members stay as they are.
struct MetadataChange {
  std::optional<std::uint32_t> max_versions;
  std::optional<bool> cas_required;
  std::optional<bool> metadata_cas_required;
  std::optional<Duration> delete_version_after;
  // How often the settings were written before; 0 also where there is no secret yet. Alone it is no
  // change, and is not looked at.
  Cas cas = {};
  bool clear_custom_metadata = false;  // before `custom_metadata` is merged
  std::map<std::string, std::optional<std::string>> custom_metadata;  // nullopt: removes
};

struct ConfigChange {
  std::optional<std::uint32_t> max_versions;
  std::optional<bool> cas_required;
  std::optional<bool> metadata_cas_required;
  std::optional<Duration> delete_version_after;  // negative: switched off for the whole mount
};

struct BulkItem {
  std::string path;
  std::string_view data;
  Cas cas;
};

using BulkResult = Result<Written>;

class Kv2 {
 public:
  // `author` is kept with each revision written (its first 256 octets).
  Kv2(work::View& view, const Mount& mount, SecretsState& state, std::string_view author = {})
      : view_(view), mount_(mount), state_(state), values_(view, mount.id, state, author) {}

  Result<bool> exists(std::string_view path);
  // The version; 0: the current one.
  Result<Reading> read(std::string_view path, std::uint64_t version = 0);
  // Never null.
  Result<rows::RowPtr<SecretRow>> metadata(std::string_view path);
  // Names below `folder` (empty, or ending in '/'), folders with their '/'. At most `limit`.
  Result<std::vector<std::string>> list(std::string_view folder,
                                        std::string_view after,
                                        std::size_t limit);
  // All secrets below `folder`, by their paths from there: see scan.h.
  Result<std::vector<std::string>> scan(std::string_view folder,
                                        const ScanPage& page,
                                        const MayEnter& may_enter);

  Result<Written> write(std::string_view path, std::string_view data, Cas cas = std::nullopt);
  // JSON merge patch (RFC 7396) over the current version.
  Result<Written> patch(std::string_view path, std::string_view patch, Cas cas = std::nullopt);
  // Every item as write(); one that is refused leaves the others. All of one unit.
  Result<std::vector<BulkResult>> write_many(std::span<const BulkItem> items);

  // Absent secrets and versions are no error.
  Result<> remove_latest(std::string_view path);
  Result<> remove(std::string_view path, std::span<const std::int64_t> versions);
  Result<> undelete(std::string_view path, std::span<const std::int64_t> versions);
  Result<> destroy(std::string_view path, std::span<const std::int64_t> versions);
  // The secret with all its versions. The newest kMaxNamedVersions values go with it; older ones
  // are unreadable at once, as their data key is gone, and wait for a job (erase_removed.h).
  // `values`: at most so many.
  Result<> erase(std::string_view path, std::size_t values = kMaxNamedVersions);

  // Makes a secret without versions when there is none and something is to be changed.
  Result<> write_metadata(std::string_view path, const MetadataChange& change);
  // not_found when there is none.
  Result<> patch_metadata(std::string_view path, const MetadataChange& change);

  Result<KvConfigRow> config();
  Result<> write_config(const ConfigChange& change);

 private:
  // Null: absent or pending deletion.
  Result<rows::RowPtr<SecretRow>> find(std::string_view path);
  Result<SecretRow> open_or_new(std::string_view path);
  Result<secure::SecureText> shown(const rows::Loaded<SecretRow>& secret,
                                   const VersionState& version);
  Result<Written> write_within(std::string_view path,
                               std::string_view data,
                               Cas cas,
                               std::size_t prune_limit);
  Result<> put_metadata(SecretRow secret, const MetadataChange& change);
  // Calls `change` for each version that exists, until it fails, and puts the secret when one of
  // the calls says that it changed something.
  using VersionChange = std::function<Result<bool>(SecretRow&, VersionState&)>;
  Result<> change_versions(std::string_view path,
                           std::span<const std::int64_t> versions,
                           const VersionChange& change);

  work::View& view_;
  const Mount& mount_;
  SecretsState& state_;
  SecretValues values_;
};

}  // namespace coffer::domain
