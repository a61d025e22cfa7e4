#include "base/encoding.h"
#include "domain/secrets/kv2.h"
#include "domain/secrets/stages.h"
#include "domain/secrets/version_table.h"
#include "formats/json.h"

namespace coffer::domain {

Result<rows::RowPtr<SecretRow>> Kv2::find(std::string_view path) {
  COFFER_TRY(auto secret, values_.find(path));
  if (secret && secret->row.pending_deletion()) return rows::RowPtr<SecretRow>();
  return secret;
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

// The value as an object, whatever it was written as.
Result<secure::SecureText> Kv2::shown(const rows::Loaded<SecretRow>& secret,
                                      const VersionState& version) {
  COFFER_TRY(secure::SecureText value, values_.open(secret, version));
  if (!*secret.row.extra) return value;
  state_.uses.note(*secret.row.mount, *secret.row.uid, version.number, view_.now());
  const ValueKind kind = kind_of(secret.row, version.number);
  if (kind == ValueKind::object) return value;
  secure::SecureText object;
  // Escapes and base64 need room: text of control characters alone is the worst.
  object.reserve(32 + 6 * value.size());
  formats::JsonWriter w(object);
  w.begin_object().key("value");
  if (kind == ValueKind::binary) {
    w.string(secure::base64_text(value.view()).text());
  } else {
    w.string(value.text());
  }
  w.end_object();
  return object;
}

Result<Reading> Kv2::read(std::string_view path, std::uint64_t version) {
  Reading reading;
  COFFER_TRY(reading.secret, metadata(path));
  const SecretRow& secret = reading.secret->row;
  const VersionState* state =
      find_version(*secret.versions, version == 0 ? *secret.current : version);
  if (state == nullptr) return fail(Code::not_found, "");
  reading.version = *state;
  if (state->gone(view_.now()) || kind_of(secret, state->number) == ValueKind::none) return reading;
  COFFER_TRY(reading.data, shown(*reading.secret, *state));
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
  return values_.config();
}

}  // namespace coffer::domain
