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
// Of one secret: its row, the value before and a large new one. More only where it prunes more than
// one version.
constexpr std::size_t kMostWrites = 3;
static_assert(kMaxBulkItems * kMostWrites <= kBulkWrites);

Result<> check_cas(const SecretRow& secret, const KvConfigRow& config, Cas cas) {
  if (!cas) {
    if (!*secret.cas_required && !*config.cas_required) return {};
    return fail(Code::precondition_failed, "check-and-set parameter required for this call");
  }
  if (*cas >= 0 && static_cast<std::uint64_t>(*cas) == *secret.current) return {};
  return fail(Code::precondition_failed,
              "check-and-set parameter did not match the current version");
}

RevisionRow row_of(const SecretRow& secret,
                   const VersionState& version,
                   std::string_view author,
                   Bytes ciphertext) {
  RevisionRow row;
  *row.mount = *secret.mount;
  *row.uid = *secret.uid;
  *row.version = version.number;
  *row.created = version.created;
  *row.author = author;
  *row.ciphertext = std::move(ciphertext);
  return row;
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
  return write_within(path, data, cas, kMaxPruned - 1);
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

Result<Bytes> Kv2::seal(const SecretRow& secret, std::uint64_t version, std::string_view data) {
  return seal_value(
      secret.data_key->view(), revision_binding(*secret.uid, version), data, view_.random());
}

Result<Written> Kv2::append_revision(SecretRow secret,
                                     const KvConfigRow& config,
                                     std::string_view data,
                                     std::size_t prune_limit) {
  VersionState version{.number = *secret.current + 1, .created = view_.now()};
  version.deletion = deletion_time(version.created, secret, config);
  COFFER_TRY(Bytes ciphertext, seal(secret, version.number, data));
  const std::string author(author_.substr(0, kMaxAuthor));

  complete_slots(secret);
  Archive archive;
  const std::size_t before = secret.versions->size();
  const std::size_t keep = std::max<std::size_t>(versions_to_keep(secret, config), 1);
  // One beyond the limit costs no write more: what is archived takes its slot, or nothing is.
  const std::size_t excess = before < keep ? 0 : std::min(before + 1 - keep, prune_limit + 1);
  if (excess < before) archive_current(secret, archive);
  *secret.current = version.number;
  *secret.updated = version.created;
  secret.versions->push_back(version);
  secret.slots->push_back(0);
  prune(secret, excess, archive);
  secret.current_value->clear();
  secret.current_author->clear();
  if (ciphertext.size() <= kMaxCurrentValue) {
    *secret.current_value = std::move(ciphertext);
    *secret.current_author = author;
  } else {
    archive.rows.push_back(row_of(secret, version, author, std::move(ciphertext)));
  }
  COFFER_CHECK(put_archive(secret, std::move(archive)));
  Written written{.version = version, .custom_metadata = *secret.custom_metadata};
  COFFER_CHECK(view_.put(std::move(secret)));
  return written;
}

// The current value, if it has no row yet.
void Kv2::archive_current(const SecretRow& secret, Archive& archive) {
  if (secret.versions->empty() || secret.current_value->empty()) return;
  const VersionState& current = secret.versions->back();
  if (slot_of(secret, current) != 0) return;
  archive.rows.push_back(row_of(secret, current, *secret.current_author, *secret.current_value));
}

// Takes the oldest versions off the table.
void Kv2::prune(SecretRow& secret, std::size_t count, Archive& archive) {
  const auto excess = static_cast<std::ptrdiff_t>(count);
  for (auto at = secret.slots->begin(); at != secret.slots->begin() + excess; ++at) {
    if (*at != 0) archive.free_slots.push_back(*at);
  }
  secret.versions->erase(secret.versions->begin(), secret.versions->begin() + excess);
  secret.slots->erase(secret.slots->begin(), secret.slots->begin() + excess);
}

// Free slots are taken before new ones are made; what is left of them is erased.
Result<> Kv2::put_archive(SecretRow& secret, Archive archive) {
  for (RevisionRow& row : archive.rows) {
    const bool fresh = archive.free_slots.empty();
    *row.slot = fresh ? new_slot(secret, view_.now()) : archive.free_slots.back();
    if (!fresh) archive.free_slots.pop_back();
    const VersionState* const version = find_version(*secret.versions, *row.version);
    (*secret.slots)[static_cast<std::size_t>(version - secret.versions->data())] = *row.slot;
    COFFER_CHECK(fresh ? view_.put_owned(std::move(row)) : view_.replace_owned(std::move(row)));
  }
  for (const std::uint64_t slot : archive.free_slots) {
    view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, slot));
  }
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
  if (items.size() > kMaxBulkItems) return fail(Code::too_large, "more than 30 secrets at once");
  // What is left over is for pruning.
  std::size_t prune_limit = kBulkWrites - kMostWrites * items.size();
  std::vector<BulkResult> results;
  results.reserve(items.size());
  for (const BulkItem& item : items) {
    const std::size_t before = view_.staged_count();
    results.push_back(write_within(item.path, item.data, item.cas, prune_limit));
    const BulkResult& result = results.back();
    if (!result && !is_refusal(result.error().code)) return std::unexpected(result.error());
    const std::size_t staged = view_.staged_count() - before;
    if (staged > kMostWrites) prune_limit -= std::min(prune_limit, staged - kMostWrites);
  }
  return results;
}

}  // namespace coffer::domain
