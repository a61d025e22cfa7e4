// Mounts: which engine or auth method answers at which path of a realm.
//
// Two rows hold the tables ("secret" and "auth"), so that a change of mounts is one atomic write
// and a look-up is one cached row. A mount's data lies under its id, which is random and never
// reused: unmounting makes the data unreachable at once; a job removes it (erasures.h). Paths end
// in '/', have no empty or dot segments, and no mount's path is a prefix of another's. sys/,
// cubbyhole/, identity/ and auth/token/ always exist and cannot be removed or moved. Limits: 500
// mounts a table, path <= 128 octets.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

enum class Engine : std::uint8_t {  // stored on disk
  system = 1,
  cubbyhole = 2,
  identity = 3,
  kv_v1 = 4,
  kv_v2 = 5,
  transit = 6,
  pki = 7,
  token = 20,
  approle = 21,
  userpass = 22,
  cert = 23,
};

// The public type name: "kv", "system", "approle"…
std::string_view to_text(Engine engine);

struct Mount {
  std::string path;  // "secret/", or for auth methods "approle/"
  Engine engine{};
  Bytes id;  // 8 octets; the prefix of all its rows' keys
  std::string uuid;
  std::string accessor;  // "kv_1a2b3c4d"
  std::string description;
  Duration default_lease_ttl{};  // 0: the server's
  Duration max_lease_ttl{};
  bool local = false;
  bool seal_wrap = false;
  std::string listing_visibility;
  std::string token_type;
  std::map<std::string, std::string> options;
  std::vector<std::string> audit_non_hmac_request_keys;
  std::vector<std::string> audit_non_hmac_response_keys;
  std::vector<std::string> passthrough_request_headers;
  std::vector<std::string> allowed_response_headers;
  static constexpr auto kMembers = std::tuple{&Mount::path,
                                              &Mount::engine,
                                              &Mount::id,
                                              &Mount::uuid,
                                              &Mount::accessor,
                                              &Mount::description,
                                              &Mount::default_lease_ttl,
                                              &Mount::max_lease_ttl,
                                              &Mount::local,
                                              &Mount::seal_wrap,
                                              &Mount::listing_visibility,
                                              &Mount::token_type,
                                              &Mount::options,
                                              &Mount::audit_non_hmac_request_keys,
                                              &Mount::audit_non_hmac_response_keys,
                                              &Mount::passthrough_request_headers,
                                              &Mount::allowed_response_headers};
};

enum class MountKind : std::uint8_t { secret, auth };

struct MountTableRow {
  static constexpr rows::TableSpec kTable = rows::tables::kMounts;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> kind;                     // "secret" or "auth"
  rows::Clear<std::map<std::string, Mount>> mounts;  // by path
  static constexpr auto kMembers = std::tuple{&MountTableRow::kind, &MountTableRow::mounts};

  [[nodiscard]] Bytes key() const { return to_bytes(*kind); }
};

class Mounts {
 public:
  explicit Mounts(work::View& view) : view_(view) {}

  // The table; keeps the row alive while it is used.
  Result<rows::RowPtr<MountTableRow>> table(MountKind kind);

  // The mount that `path` (without "auth/" for auth methods) lies under. nullopt: none.
  struct Found {
    rows::RowPtr<MountTableRow> keep;
    const Mount* mount = nullptr;
  };

  Result<Found> resolve(MountKind kind, std::string_view path);
  Result<Found> by_accessor(MountKind kind, std::string_view accessor);

  // Errors: already_exists "path is already in use at X", invalid_argument.
  Result<> add(MountKind kind, Mount mount);               // fills id, uuid and accessor
  Result<> replace(MountKind kind, const Mount& mount);    // same path; for tune
  Result<> remove(MountKind kind, std::string_view path);  // absent: no error
  Result<> move(MountKind kind, std::string_view from, std::string_view to);
  // The fixed mounts, which every realm has.
  Result<> install_defaults();

 private:
  work::View& view_;
};

// "a/b" -> "a/b/"; refuses empty, dot and over-long paths (invalid_argument).
Result<std::string> canonical_mount_path(std::string_view path);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::MountTableRow>;
