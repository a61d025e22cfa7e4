#include "domain/secrets/kv2.h"
#include "domain/secrets/value_cipher.h"
#include "domain/secrets/version_table.h"
#include "formats/json.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxAuthor = 256;  // octets
constexpr std::size_t kUidSize = 8;
// What a bulk write may stage: the rest of a unit is the gate's.
constexpr std::size_t kBulkWrites = 90;

Result<> check_cas(const SecretRow& secret, const KvConfigRow& config, Cas cas) {
  if (!cas) {
    if (!*secret.cas_required && !*config.cas_required) return {};
    return fail(Code::precondition_failed, "check-and-set parameter required for this call");
  }
  if (*cas >= 0 && static_cast<std::uint64_t>(*cas) == *secret.current) return {};
  return fail(Code::precondition_failed,
              "check-and-set parameter did not match the current version");
}

// Whether an error is about one item and not about the store.
bool is_refusal(Code code) {
  return code == Code::invalid_argument || code == Code::precondition_failed ||
         code == Code::too_large;
}

}  // namespace

Result<SecretRow> Kv2::open_or_new(std::string_view path) {
  COFFER_TRY(const auto found, find(path));
  if (found) return view_.open(*found);
  SecretRow secret;
  *secret.mount = mount_.id;
  *secret.path = path;
  const auto uid = view_.random().array<kUidSize>();
  secret.uid->assign(uid.begin(), uid.end());
  *secret.created = view_.now();
  secret.data_key = view_.random().bytes(kDataKeySize);
  return secret;
}

Result<Written> Kv2::write(std::string_view path, std::string_view data, Cas cas) {
  return write_within(path, data, cas, kMaxPruned);
}

// Refuses before anything is staged.
Result<Written> Kv2::write_within(std::string_view path,
                                  std::string_view data,
                                  Cas cas,
                                  std::size_t prune_limit) {
  COFFER_CHECK(check_secret_path(mount_.id.size(), path));
  COFFER_TRY(const KvConfigRow config, this->config());
  COFFER_TRY(SecretRow secret, open_or_new(path));
  COFFER_CHECK(check_cas(secret, config, cas));
  return append_revision(std::move(secret), config, data, prune_limit);
}

Result<Written> Kv2::append_revision(SecretRow secret,
                                     const KvConfigRow& config,
                                     std::string_view data,
                                     std::size_t prune_limit) {
  VersionState version{.number = *secret.current + 1, .created = view_.now()};
  version.deletion = deletion_time(version.created, secret, config);

  RevisionRow revision;
  *revision.mount = *secret.mount;
  *revision.uid = *secret.uid;
  *revision.version = version.number;
  *revision.created = version.created;
  *revision.author = author_.substr(0, kMaxAuthor);
  COFFER_TRY(*revision.ciphertext,
             seal_value(secret.data_key->view(),
                        revision_binding(*secret.uid, version.number),
                        data,
                        view_.random()));
  secret.current_value->clear();
  if (revision.ciphertext->size() <= kMaxCurrentValue) *secret.current_value = *revision.ciphertext;
  COFFER_CHECK(view_.put_owned(std::move(revision)));

  *secret.current = version.number;
  *secret.updated = version.created;
  secret.versions->push_back(version);
  COFFER_CHECK(prune(secret, config, prune_limit));
  Written written{.version = version, .custom_metadata = *secret.custom_metadata};
  COFFER_CHECK(view_.put(std::move(secret)));
  return written;
}

Result<> Kv2::prune(SecretRow& secret, const KvConfigRow& config, std::size_t limit) {
  const std::size_t keep = versions_to_keep(secret, config);
  if (secret.versions->size() <= keep) return {};
  const std::size_t excess = std::min(secret.versions->size() - keep, limit);
  const auto first = secret.versions->begin();
  for (auto at = first; at != first + static_cast<std::ptrdiff_t>(excess); ++at) {
    if (at->destroyed) continue;
    view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, at->number));
  }
  secret.versions->erase(first, first + static_cast<std::ptrdiff_t>(excess));
  return {};
}

Result<Written> Kv2::patch(std::string_view path, std::string_view patch, Cas cas) {
  COFFER_TRY(const Reading base, read(path));
  if (!base.data) return Written{base.version, *base.secret->row.custom_metadata, false};
  COFFER_TRY(const formats::JsonView target, formats::JsonView::parse(base.data->text()));
  COFFER_TRY(const formats::JsonView change, formats::JsonView::parse(patch));
  COFFER_TRY(const secure::SecureText merged, formats::merge_patch(target, change));
  return write(path, merged.text(), cas);
}

Result<std::vector<BulkResult>> Kv2::write_many(std::span<const BulkItem> items) {
  if (items.size() > kMaxBulkItems) return fail(Code::too_large, "more than 40 secrets at once");
  // Every item needs two writes; what is left over is for pruning.
  std::size_t prune_limit = kBulkWrites - 2 * items.size();
  std::vector<BulkResult> results;
  results.reserve(items.size());
  for (const BulkItem& item : items) {
    const std::size_t before = view_.staged_count();
    results.push_back(write_within(item.path, item.data, item.cas, prune_limit));
    const BulkResult& result = results.back();
    if (!result && !is_refusal(result.error().code)) return std::unexpected(result.error());
    const std::size_t staged = view_.staged_count() - before;
    if (staged > 2) prune_limit -= std::min(prune_limit, staged - 2);
  }
  return results;
}

}  // namespace coffer::domain
