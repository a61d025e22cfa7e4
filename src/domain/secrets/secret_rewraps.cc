#include "domain/secrets/secret_rewraps.h"

#include "domain/realms/mounts.h"
#include "domain/secrets/data_key_wrap.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kPage = 200;
constexpr std::size_t kMountId = 8;

// Of the engines that keep such secrets, in order.
Result<std::vector<Bytes>> mount_ids(work::View& view) {
  COFFER_TRY(const auto table, Mounts(view).table(MountKind::secret));
  std::vector<Bytes> ids;
  if (!table) return ids;
  for (const auto& [path, mount] : *table->row.mounts) {
    if (mount.engine == Engine::kv_v2) ids.push_back(mount.id);
  }
  std::ranges::sort(ids);
  return ids;
}

bool depends(const SecretRow& secret, ByteView key_uid, std::uint32_t version) {
  if (!*secret.extra || !(*secret.extra)->wrap) return false;
  const DataKeyWrap& wrap = *(*secret.extra)->wrap;
  return std::ranges::equal(wrap.key_uid, key_uid) && wrap.key_version < version;
}

}  // namespace

Result<std::vector<Bytes>> SecretRewraps::below(work::View& view,
                                                ByteView key_uid,
                                                std::uint32_t version,
                                                std::size_t limit) {
  return wrapped_below(view, key_uid, version, limit);
}

void SecretRewraps::rely_on_none(work::View& view, ByteView key_uid) {
  view.rely_on_no_entry<SecretRow>(kSecretWraps, wrap_entry(key_uid));
}

Result<bool> SecretRewraps::rewrap(work::View& view, KmsState& kms, const Bytes& named) {
  return rewrap_data_key(view, kms, named);
}

// `after` is the last key that was seen, or the id of the mount that is next.
Result<RewrapSource::Page> SecretRewraps::look(work::View& view,
                                               ByteView key_uid,
                                               std::uint32_t version,
                                               const Bytes& after) {
  COFFER_TRY(const auto ids, mount_ids(view));
  const Bytes from(after.begin(),
                   after.begin() + static_cast<std::ptrdiff_t>(std::min(after.size(), kMountId)));
  const auto at = std::ranges::lower_bound(ids, from);
  Page page;
  if (at == ids.end()) return page;
  const bool within = after.size() > kMountId && *at == from;
  COFFER_TRY(const auto keys,
             view.keys<SecretRow>(*at, within ? ByteView(after) : ByteView(), kPage));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto secret, view.find<SecretRow>(key));
    if (!secret) continue;
    ++page.rows;
    if (depends(secret->row, key_uid, version)) ++page.below;
  }
  if (keys.size() == kPage) {
    page.last = keys.back();
  } else if (const auto next = std::next(at); next != ids.end()) {
    page.last = *next;
  }
  return page;
}

}  // namespace coffer::domain
