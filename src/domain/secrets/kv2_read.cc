#include "domain/secrets/kv2.h"
#include "domain/secrets/value_cipher.h"
#include "domain/secrets/version_table.h"

namespace coffer::domain {

Result<rows::RowPtr<SecretRow>> Kv2::find(std::string_view path) {
  if (!has_key(mount_.id.size(), path)) return rows::RowPtr<SecretRow>();
  return view_.find<SecretRow>(secret_key(mount_.id, path));
}

Result<bool> Kv2::exists(std::string_view path) {
  COFFER_TRY(const auto secret, find(path));
  return secret != nullptr;
}

Result<rows::RowPtr<SecretRow>> Kv2::metadata(std::string_view path) {
  COFFER_TRY(rows::RowPtr<SecretRow> secret, find(path));
  if (!secret) return fail(Code::not_found, "");
  return secret;
}

Result<secure::SecureText> Kv2::open_revision(const rows::Loaded<SecretRow>& secret,
                                              const VersionState& version) {
  const SecretRow& row = secret.row;
  COFFER_TRY(const auto key, opener_of(secret));
  const Bytes binding = revision_binding(*row.uid, version.number);
  if (version.number == *row.current && !row.current_value->empty()) {
    return open_value(*key, binding, *row.current_value);
  }
  const Bytes place = revision_key(*row.mount, *row.uid, slot_of(row, version));
  COFFER_TRY(const auto revision, view_.find<RevisionRow>(place));
  if (!revision || *revision->row.version != version.number) {
    return fail(Code::corrupt, "the value of a version is missing");
  }
  return open_value(*key, binding, *revision->row.ciphertext);
}

Result<DataKeys::Opener> Kv2::opener_of(const rows::Loaded<SecretRow>& secret) {
  DataKeys::Opener key = keys_.find(*secret.row.mount, *secret.row.uid);
  if (key) return key;
  COFFER_TRY(const SecretRow open, view_.open_sealed(secret));
  COFFER_TRY(key, value_opener(open.data_key->view(), view_.random()));
  keys_.offer(*secret.row.mount, *secret.row.uid, key);
  return key;
}

Result<Reading> Kv2::read(std::string_view path, std::uint64_t version) {
  Reading reading;
  COFFER_TRY(reading.secret, metadata(path));
  const SecretRow& secret = reading.secret->row;
  const VersionState* state =
      find_version(*secret.versions, version == 0 ? *secret.current : version);
  if (state == nullptr) return fail(Code::not_found, "");
  reading.version = *state;
  if (state->gone(view_.now())) return reading;
  COFFER_TRY(reading.data, open_revision(*reading.secret, *state));
  return reading;
}

Result<std::vector<std::string>> Kv2::list(std::string_view folder,
                                           std::string_view after,
                                           std::size_t limit) {
  return view_.children<SecretRow>(secret_key(mount_.id, folder), after, limit);
}

Result<std::vector<std::string>> Kv2::scan(std::string_view folder,
                                           const ScanPage& page,
                                           const MayEnter& may_enter) {
  return scan_rows<SecretRow>(view_, secret_key(mount_.id, folder), page, may_enter);
}

Result<KvConfigRow> Kv2::config() {
  COFFER_TRY(const auto stored, view_.find<KvConfigRow>(KvConfigRow::key_of(mount_.id)));
  if (stored) return stored->row;
  KvConfigRow defaults;
  *defaults.mount = mount_.id;
  return defaults;
}

}  // namespace coffer::domain
