#include "domain/secrets/kv1.h"

#include "domain/secrets/value_cipher.h"

namespace coffer::domain {

Result<rows::RowPtr<PlainSecretRow>> Kv1::find(std::string_view path) {
  if (!has_key(mount_.id.size(), path)) return rows::RowPtr<PlainSecretRow>();
  return view_.find<PlainSecretRow>(secret_key(mount_.id, path));
}

Result<bool> Kv1::exists(std::string_view path) {
  COFFER_TRY(const auto secret, find(path));
  return secret != nullptr;
}

Result<secure::SecureText> Kv1::read(std::string_view path) {
  COFFER_TRY(const auto secret, find(path));
  if (!secret) return fail(Code::not_found, "");
  COFFER_TRY(const PlainSecretRow open, view_.open(*secret));
  return open_value(
      open.data_key->view(), plain_binding(mount_.id, path), *open.ciphertext, view_.random());
}

Result<> Kv1::write(std::string_view path, std::string_view data) {
  COFFER_CHECK(check_secret_path(mount_.id.size(), path));
  PlainSecretRow secret;
  *secret.mount = mount_.id;
  *secret.path = path;
  *secret.updated = view_.now();
  secret.data_key = view_.random().bytes(kDataKeySize);
  COFFER_TRY(
      *secret.ciphertext,
      seal_value(secret.data_key->view(), plain_binding(mount_.id, path), data, view_.random()));
  return view_.put(std::move(secret));
}

Result<> Kv1::erase(std::string_view path) {
  if (!has_key(mount_.id.size(), path)) return {};
  return view_.erase<PlainSecretRow>(secret_key(mount_.id, path));
}

Result<std::vector<std::string>> Kv1::list(std::string_view folder,
                                           std::string_view after,
                                           std::size_t limit) {
  return view_.children<PlainSecretRow>(secret_key(mount_.id, folder), after, limit);
}

Result<std::vector<std::string>> Kv1::scan(std::string_view folder,
                                           const ScanPage& page,
                                           const MayEnter& may_enter) {
  return scan_rows<PlainSecretRow>(view_, secret_key(mount_.id, folder), page, may_enter);
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::PlainSecretRow>;
