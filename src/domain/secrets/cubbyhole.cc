#include "domain/secrets/cubbyhole.h"

#include "domain/secrets/secret_key.h"
#include "domain/secrets/value_cipher.h"

namespace coffer::domain {
namespace {

Bytes owner_prefix(std::string_view token_id) {
  Bytes key = to_bytes(token_id);
  key.push_back('/');
  return key;
}

}  // namespace

Result<Bytes> Cubbyhole::key(std::string_view path) const {
  if (token_id_.empty()) {
    return fail(Code::invalid_argument, "this kind of token has no cubbyhole");
  }
  Bytes key = owner_prefix(token_id_);
  append(key, as_bytes(path));
  return key;
}

Result<rows::RowPtr<CubbyholeRow>> Cubbyhole::find(std::string_view path) {
  COFFER_TRY(Bytes key, this->key(path));
  if (!has_key(token_id_.size() + 1, path)) return rows::RowPtr<CubbyholeRow>();
  return view_.find<CubbyholeRow>(std::move(key));
}

Result<bool> Cubbyhole::exists(std::string_view path) {
  COFFER_TRY(const auto row, find(path));
  return row != nullptr;
}

Result<secure::SecureText> Cubbyhole::read(std::string_view path) {
  COFFER_TRY(const auto row, find(path));
  if (!row) return fail(Code::not_found, "");
  COFFER_TRY(CubbyholeRow open, view_.open(*row));
  return std::move(*open.value);
}

Result<> Cubbyhole::write(std::string_view path, std::string_view data) {
  COFFER_TRY(const Bytes key, this->key(path));
  COFFER_CHECK(check_secret_path(token_id_.size() + 1, path));
  if (data.size() > kMaxSecretValue) {
    return fail(Code::too_large, "the value is larger than 252 KiB");
  }
  CubbyholeRow row;
  *row.token_id = token_id_;
  *row.path = path;
  row.value = secure::SecureText(data);
  return view_.put(std::move(row));
}

Result<> Cubbyhole::erase(std::string_view path) {
  COFFER_TRY(Bytes key, this->key(path));
  if (!has_key(token_id_.size() + 1, path)) return {};
  return view_.erase<CubbyholeRow>(std::move(key));
}

Result<std::vector<std::string>> Cubbyhole::list(std::string_view folder,
                                                 std::string_view after,
                                                 std::size_t limit) {
  COFFER_TRY(const Bytes prefix, key(folder));
  return view_.children<CubbyholeRow>(prefix, after, limit);
}

Result<bool> erase_cubbyhole(work::View& view, std::string_view token_id) {
  COFFER_TRY(std::vector<Bytes> keys,
             view.keys<CubbyholeRow>(owner_prefix(token_id), {}, kCubbyholePage + 1));
  const bool all = keys.size() <= kCubbyholePage;
  if (!all) keys.pop_back();
  for (Bytes& key : keys) COFFER_CHECK(view.erase<CubbyholeRow>(std::move(key)));
  return all;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::CubbyholeRow>;
