#include "domain/realms/mounts.h"

#include "base/encoding.h"
#include "base/enum_table.h"
#include "base/uuid.h"
#include "domain/realms/erasures.h"
#include "formats/dotted_path.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxMounts = 500;
constexpr std::size_t kMaxMountPath = 128;  // octets, with the '/' at the end

constexpr EnumTable<Engine, 11> kEngines{{{{Engine::system, "system"},
                                           {Engine::cubbyhole, "cubbyhole"},
                                           {Engine::identity, "identity"},
                                           {Engine::kv_v1, "kv"},
                                           {Engine::kv_v2, "kv"},
                                           {Engine::transit, "transit"},
                                           {Engine::pki, "pki"},
                                           {Engine::token, "token"},
                                           {Engine::approle, "approle"},
                                           {Engine::userpass, "userpass"},
                                           {Engine::cert, "cert"}}}};

struct FixedMount {
  MountKind kind;
  std::string_view path;
  Engine engine;
  std::string_view description;
};

constexpr std::array kFixedMounts{
    FixedMount{MountKind::secret,
               "sys/",
               Engine::system,
               "system endpoints used for control, policy and debugging"},
    FixedMount{
        MountKind::secret, "cubbyhole/", Engine::cubbyhole, "per-token private secret storage"},
    FixedMount{MountKind::secret, "identity/", Engine::identity, "identity store"},
    FixedMount{MountKind::auth, "token/", Engine::token, "token based credentials"},
};

bool is_fixed(MountKind kind, std::string_view path) {
  return std::ranges::any_of(kFixedMounts, [&](const FixedMount& fixed) {
    return fixed.kind == kind && fixed.path == path;
  });
}

std::string_view key_of(MountKind kind) {
  return kind == MountKind::secret ? "secret" : "auth";
}

using Table = std::map<std::string, Mount>;

// The mount that `path`, which ends in '/', is equal to, below or above; null: the path is free.
// Paths in the table do not overlap, so that the neighbours in order are the only candidates.
const Mount* overlapping(const Table& mounts, std::string_view path) {
  const auto after = mounts.lower_bound(std::string(path));
  if (after != mounts.end() && after->first.starts_with(path)) return &after->second;
  for (std::size_t end = path.find('/'); end != std::string_view::npos;
       end = path.find('/', end + 1)) {
    const auto above = mounts.find(std::string(path.substr(0, end + 1)));
    if (above != mounts.end()) return &above->second;
  }
  return nullptr;
}

Result<> check_free(MountKind kind, const Table& mounts, std::string_view path) {
  // Everything below auth/ belongs to the auth methods.
  if (kind == MountKind::secret && path.starts_with("auth/")) {
    return fail(Code::invalid_argument, "cannot mount under existing mount \"auth/\"");
  }
  if (const Mount* used = overlapping(mounts, path)) {
    return fail(Code::already_exists, "path is already in use at " + used->path);
  }
  return {};
}

void fill_identifiers(MountKind kind, Mount& mount, crypto::Random& random) {
  const auto id = random.array<8>();
  mount.id.assign(id.begin(), id.end());
  mount.uuid = uuid4(random.array<16>());
  const std::string_view family = kind == MountKind::auth ? "auth_" : "";
  mount.accessor = std::string(family) + std::string(to_text(mount.engine)) + "_" +
                   hex_encode(random.array<4>());
}

Result<MountTableRow> copy_of(work::View& view, MountKind kind) {
  COFFER_TRY(const auto row, view.find<MountTableRow>(key_of(kind)));
  if (row) return row->row;
  MountTableRow empty;
  empty.kind = std::string(key_of(kind));
  return empty;
}

}  // namespace

std::string_view to_text(Engine engine) {
  return kEngines.text(engine);
}

Result<std::string> canonical_mount_path(std::string_view path) {
  const std::string_view bare = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  if (bare.size() + 1 > kMaxMountPath) {
    return fail(Code::invalid_argument, "mount path is longer than 128 octets");
  }
  if (!formats::parse_slashed(bare)) return fail(Code::invalid_argument, "malformed mount path");
  return std::string(bare) + "/";
}

Result<rows::RowPtr<MountTableRow>> Mounts::table(MountKind kind) {
  COFFER_TRY(rows::RowPtr<MountTableRow> row, view_.find<MountTableRow>(key_of(kind)));
  // The defaults are part of every realm's first unit, so that a table that is missing was taken
  // away.
  if (!row) return fail(Code::corrupt, "the mount table is missing");
  return row;
}

Result<Mounts::Found> Mounts::resolve(MountKind kind, std::string_view path) {
  Found found;
  COFFER_TRY(found.keep, table(kind));
  const Table& mounts = *found.keep->row.mounts;
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end), path.size());
    std::string candidate(path.substr(0, end));
    candidate += '/';
    if (candidate.size() > kMaxMountPath) break;
    if (const auto at = mounts.find(candidate); at != mounts.end()) {
      found.mount = &at->second;
      break;
    }
    ++end;
  }
  return found;
}

Result<Mounts::Found> Mounts::by_accessor(MountKind kind, std::string_view accessor) {
  Found found;
  COFFER_TRY(found.keep, table(kind));
  for (const auto& [path, mount] : *found.keep->row.mounts) {
    if (mount.accessor == accessor) found.mount = &mount;
  }
  return found;
}

Result<> Mounts::add(MountKind kind, Mount mount) {
  COFFER_TRY(mount.path, canonical_mount_path(mount.path));
  COFFER_TRY(MountTableRow row, copy_of(view_, kind));
  COFFER_CHECK(check_free(kind, *row.mounts, mount.path));
  if (row.mounts->size() >= kMaxMounts) return fail(Code::too_large, "there are too many mounts");
  fill_identifiers(kind, mount, view_.random());
  std::string path = mount.path;
  row.mounts->emplace(std::move(path), std::move(mount));
  return view_.put(std::move(row));
}

Result<> Mounts::replace(MountKind kind, const Mount& mount) {
  COFFER_TRY(MountTableRow row, copy_of(view_, kind));
  const auto at = row.mounts->find(mount.path);
  if (at == row.mounts->end()) return fail(Code::not_found, "no mount at " + mount.path);
  at->second = mount;
  return view_.put(std::move(row));
}

Result<> Mounts::remove(MountKind kind, std::string_view path) {
  COFFER_TRY(const std::string canonical, canonical_mount_path(path));
  if (is_fixed(kind, canonical)) {
    return fail(Code::invalid_argument, "cannot unmount \"" + canonical + "\"");
  }
  COFFER_TRY(MountTableRow row, copy_of(view_, kind));
  auto removed = row.mounts->extract(canonical);
  if (removed.empty()) return {};
  const std::string_view above = kind == MountKind::auth ? "auth/" : "";
  COFFER_CHECK(erase_later(
      view_, Removed::mount, std::move(removed.mapped().id), std::string(above) + canonical));
  return view_.put(std::move(row));
}

Result<> Mounts::move(MountKind kind, std::string_view from, std::string_view to) {
  COFFER_TRY(const std::string old_path, canonical_mount_path(from));
  COFFER_TRY(std::string new_path, canonical_mount_path(to));
  if (is_fixed(kind, old_path)) {
    return fail(Code::invalid_argument, "cannot remount \"" + old_path + "\"");
  }
  COFFER_TRY(MountTableRow row, copy_of(view_, kind));
  auto node = row.mounts->extract(old_path);
  if (node.empty()) {
    return fail(Code::invalid_argument, "no matching mount at \"" + old_path + "\"");
  }
  COFFER_CHECK(check_free(kind, *row.mounts, new_path));
  node.mapped().path = new_path;
  node.key() = std::move(new_path);
  row.mounts->insert(std::move(node));
  return view_.put(std::move(row));
}

Result<> Mounts::install_defaults() {
  for (const MountKind kind : {MountKind::secret, MountKind::auth}) {
    COFFER_TRY(MountTableRow row, copy_of(view_, kind));
    bool changed = false;
    for (const FixedMount& fixed : kFixedMounts) {
      if (fixed.kind != kind || row.mounts->contains(std::string(fixed.path))) continue;
      Mount mount;
      mount.path = fixed.path;
      mount.engine = fixed.engine;
      mount.description = fixed.description;
      mount.local = fixed.engine == Engine::cubbyhole;
      fill_identifiers(kind, mount, view_.random());
      row.mounts->emplace(std::string(fixed.path), std::move(mount));
      changed = true;
    }
    if (changed) COFFER_CHECK(view_.put(std::move(row)));
  }
  return {};
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::MountTableRow>;
