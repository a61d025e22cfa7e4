#include "domain/secrets/secret_values.h"

#include "domain/realms/erasures.h"
#include "domain/secrets/secret_side_rows.h"
#include "domain/secrets/stages.h"
#include "domain/secrets/value_cipher.h"
#include "domain/secrets/version_table.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxAuthor = 256;  // octets
constexpr std::size_t kUidSize = 8;

std::size_t index_of(const SecretRow& secret, const VersionState& version) {
  return static_cast<std::size_t>(&version - secret.versions->data());
}

// The oldest versions that may go, by their places in the table, ascending.
std::vector<std::size_t> prunable(const SecretRow& secret,
                                  std::uint64_t spared,
                                  std::size_t count) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < secret.versions->size() && places.size() < count; ++i) {
    const std::uint64_t number = (*secret.versions)[i].number;
    if (number != spared && !is_staged(secret, number)) places.push_back(i);
  }
  return places;
}

// Takes versions off the table; gives the slots that they had.
std::vector<std::uint64_t> take_off(SecretRow& secret, const std::vector<std::size_t>& places) {
  std::vector<std::uint64_t> slots;
  for (auto at = places.rbegin(); at != places.rend(); ++at) {
    const auto place = static_cast<std::ptrdiff_t>(*at);
    forget_mark(secret, (*secret.versions)[*at].number);
    if ((*secret.slots)[*at] != 0) slots.push_back((*secret.slots)[*at]);
    secret.versions->erase(secret.versions->begin() + place);
    secret.slots->erase(secret.slots->begin() + place);
  }
  std::ranges::reverse(slots);
  return slots;
}

}  // namespace

Result<rows::RowPtr<SecretRow>> SecretValues::find(std::string_view path) {
  if (!has_key(mount_.size(), path)) return rows::RowPtr<SecretRow>();
  return view_.find<SecretRow>(secret_key(mount_, path));
}

SecretRow SecretValues::make(std::string_view path) {
  SecretRow secret;
  *secret.mount = to_bytes(mount_);
  *secret.path = path;
  const auto uid = view_.random().array<kUidSize>();
  secret.uid->assign(uid.begin(), uid.end());
  *secret.created = view_.now();
  secret.data_key = view_.random().bytes(kDataKeySize);
  return secret;
}

// A data key at hand is used only while its master key consents.
Result<DataKeys::Opener> SecretValues::opener_of(const rows::Loaded<SecretRow>& secret) {
  const SecretRow& row = secret.row;
  const DataKeyWrap* const wrap = wrap_of(row);
  DataKeys::Opener key = state_.keys.find(*row.mount, *row.uid);
  if (key) {
    if (wrap != nullptr) COFFER_CHECK(check_unwrap(view_, state_.kms, *wrap));
    return key;
  }
  if (wrap != nullptr) {
    COFFER_TRY(const auto data_key, unwrap_data_key(view_, state_.kms, row, *wrap));
    COFFER_TRY(key, value_opener(data_key.view(), view_.random()));
  } else {
    COFFER_TRY(const SecretRow open, view_.open_sealed(secret));
    COFFER_TRY(key, value_opener(open.data_key->view(), view_.random()));
  }
  state_.keys.offer(*row.mount, *row.uid, key);
  return key;
}

Result<secure::SecureText> SecretValues::open(const rows::Loaded<SecretRow>& secret,
                                              const VersionState& version) {
  const SecretRow& row = secret.row;
  COFFER_TRY(const auto key, opener_of(secret));
  const Bytes binding = revision_binding(*row.uid, version.number);
  if (version.number == *row.current && !row.current_value->empty()) {
    return open_value(*key, binding, *row.current_value);
  }
  const VersionState* const known = find_version(*row.versions, version.number);
  if (known == nullptr) return fail(Code::not_found, "");
  const Bytes place = revision_key(*row.mount, *row.uid, slot_of(row, *known));
  COFFER_TRY(const auto revision, view_.find<RevisionRow>(place));
  if (!revision || *revision->row.version != version.number) {
    return fail(Code::corrupt, "the value of a version is missing");
  }
  return open_value(*key, binding, *revision->row.ciphertext);
}

Result<secure::SecureBytes> SecretValues::data_key_of(const SecretRow& secret) {
  if (const DataKeyWrap* const wrap = wrap_of(secret)) {
    return unwrap_data_key(view_, state_.kms, secret, *wrap);
  }
  return secret.data_key->clone();
}

Result<Bytes> SecretValues::seal(const SecretRow& secret,
                                 std::uint64_t version,
                                 std::string_view data) {
  COFFER_TRY(const secure::SecureBytes key, data_key_of(secret));
  return seal_value(key.view(), revision_binding(*secret.uid, version), data, view_.random());
}

RevisionRow SecretValues::row_of(const SecretRow& secret,
                                 const VersionState& version,
                                 Bytes ciphertext) const {
  RevisionRow row;
  *row.mount = *secret.mount;
  *row.uid = *secret.uid;
  *row.version = version.number;
  *row.created = version.created;
  *row.author = author_.substr(0, kMaxAuthor);
  *row.ciphertext = std::move(ciphertext);
  return row;
}

Result<VersionState> SecretValues::append(SecretRow& secret,
                                          const KvConfigRow& config,
                                          const FreshValue& fresh,
                                          std::size_t prune_limit) {
  VersionState version{.number = next_version(secret), .created = view_.now()};
  version.deletion = deletion_time(version.created, secret, config);
  Bytes ciphertext;
  if (fresh.kind != ValueKind::none) {
    COFFER_TRY(ciphertext, seal(secret, version.number, fresh.value));
  }
  complete_slots(secret);
  Archive archive;
  const std::uint64_t before = *secret.current;
  const bool current = fresh.kind != ValueKind::none && (fresh.current || before == 0);
  if (!fresh.id.empty() || fresh.kind != ValueKind::object) extra_of(secret);
  if (current) note_previous(secret);
  const std::size_t keep = std::max<std::size_t>(versions_to_keep(secret, config), 1);
  const std::size_t count = secret.versions->size();
  // One beyond the limit costs no write more: what is archived takes its slot, or nothing is.
  const std::size_t excess = count < keep ? 0 : std::min(count + 1 - keep, prune_limit + 1);
  const auto places = prunable(secret, current ? 0 : before, excess);
  const bool keeps_last = std::ranges::none_of(
      places, [&](std::size_t i) { return (*secret.versions)[i].number == before; });
  if (current && keeps_last) archive_current(secret, archive);
  archive.free_slots = take_off(secret, places);
  *secret.updated = version.created;
  secret.versions->push_back(version);
  secret.slots->push_back(0);
  set_mark(secret, {version.number, fresh.id, fresh.kind});
  if (current) {
    *secret.current = version.number;
    secret.current_value->clear();
    secret.current_author->clear();
  }
  if (current && ciphertext.size() <= kMaxCurrentValue) {
    *secret.current_value = std::move(ciphertext);
    *secret.current_author = author_.substr(0, kMaxAuthor);
  } else if (fresh.kind != ValueKind::none) {
    archive.rows.push_back(row_of(secret, version, std::move(ciphertext)));
  }
  COFFER_CHECK(put_archive(secret, std::move(archive)));
  return version;
}

Result<> SecretValues::fill(SecretRow& secret, std::uint64_t version, const FreshValue& fresh) {
  complete_slots(secret);
  VersionState* const state = find_version(*secret.versions, version);
  if (state == nullptr || state->destroyed) return fail(Code::not_found, "");
  COFFER_TRY(Bytes ciphertext, seal(secret, version, fresh.value));
  state->created = view_.now();
  *secret.updated = view_.now();
  set_mark(secret, {version, fresh.id, fresh.kind});
  Archive archive;
  archive.rows.push_back(row_of(secret, *state, std::move(ciphertext)));
  return put_archive(secret, std::move(archive));
}

Result<> SecretValues::make_current(SecretRow& secret, std::uint64_t version) {
  if (version == *secret.current) return {};
  complete_slots(secret);
  note_previous(secret);
  Archive archive;
  archive_current(secret, archive);
  *secret.current = version;
  *secret.updated = view_.now();
  secret.current_value->clear();
  secret.current_author->clear();
  return put_archive(secret, std::move(archive));
}

// The current value, if it has no row yet.
void SecretValues::archive_current(const SecretRow& secret, Archive& archive) {
  const VersionState* const current = find_version(*secret.versions, *secret.current);
  if (current == nullptr || secret.current_value->empty()) return;
  if (slot_of(secret, *current) != 0) return;
  RevisionRow row;
  *row.mount = *secret.mount;
  *row.uid = *secret.uid;
  *row.version = current->number;
  *row.created = current->created;
  *row.author = *secret.current_author;
  *row.ciphertext = *secret.current_value;
  archive.rows.push_back(std::move(row));
}

// Free slots are taken before new ones are made; what is left of them is erased.
Result<> SecretValues::put_archive(SecretRow& secret, Archive archive) {
  for (RevisionRow& row : archive.rows) {
    const bool fresh = archive.free_slots.empty();
    *row.slot = fresh ? new_slot(secret, view_.now()) : archive.free_slots.back();
    if (!fresh) archive.free_slots.pop_back();
    const VersionState* const version = find_version(*secret.versions, *row.version);
    (*secret.slots)[index_of(secret, *version)] = *row.slot;
    COFFER_CHECK(fresh ? view_.put_owned(std::move(row)) : view_.replace_owned(std::move(row)));
  }
  for (const std::uint64_t slot : archive.free_slots) {
    view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, slot));
  }
  return {};
}

void SecretValues::drop_value(SecretRow& secret, VersionState& version) {
  complete_slots(secret);
  const std::uint64_t slot = std::exchange((*secret.slots)[index_of(secret, version)], 0);
  version.destroyed = true;
  if (version.number == *secret.current) secret.current_value->clear();
  if (slot == 0) return;
  view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, slot));
}

Result<> SecretValues::erase(const SecretRow& secret, std::size_t values) {
  std::size_t erased = 0;
  std::vector<std::uint64_t> later;
  for (auto at = secret.versions->rbegin(); at != secret.versions->rend(); ++at) {
    const std::uint64_t slot = slot_of(secret, *at);
    if (slot == 0) continue;
    if (erased++ < values) {
      view_.erase_owned<RevisionRow>(revision_key(*secret.mount, *secret.uid, slot));
    } else {
      later.push_back(slot);
    }
  }
  if (!later.empty()) {
    Bytes owner = *secret.mount;
    coffer::append(owner, *secret.uid);
    COFFER_CHECK(
        erase_later(view_, Removed::secret, std::move(owner), *secret.path, std::move(later)));
  }
  view_.on_commit([&state = state_, mount = *secret.mount, uid = *secret.uid] {
    state.keys.forget(mount, uid);
    state.uses.forget(mount, uid);
  });
  if (*secret.extra) {
    const Bytes beside = SecretPolicyRow::key_of(*secret.mount, *secret.uid);
    COFFER_CHECK(view_.erase<SecretPolicyRow>(beside));
    COFFER_CHECK(view_.erase<SecretUseRow>(beside));
    COFFER_CHECK(view_.erase<RotationRow>(beside));
  }
  return view_.erase<SecretRow>(secret.key());
}

Result<> SecretValues::wrap_under(SecretRow& secret, const WrapUnder* under) {
  COFFER_TRY(secure::SecureBytes data_key, data_key_of(secret));
  if (under == nullptr) {
    if (*secret.extra) (*secret.extra)->wrap.reset();
    secret.data_key = std::move(data_key);
    return {};
  }
  COFFER_TRY(auto wrap, wrap_data_key(view_, state_.kms, *under, secret, data_key.view()));
  extra_of(secret).wrap = std::move(wrap);
  secret.data_key = secure::SecureBytes();
  return {};
}

Result<KvConfigRow> SecretValues::config() {
  COFFER_TRY(const auto stored, view_.find<KvConfigRow>(KvConfigRow::key_of(mount_)));
  if (stored) return stored->row;
  KvConfigRow defaults;
  *defaults.mount = to_bytes(mount_);
  return defaults;
}

}  // namespace coffer::domain
