#include "domain/secrets/cubbyhole.h"

#include "domain/auth/token_row.h"
#include "domain/secrets/secret_key.h"
#include "domain/secrets/value_cipher.h"

namespace coffer::domain {
namespace {

Bytes owner_prefix(std::string_view owner) {
  Bytes key = to_bytes(owner);
  key.push_back('/');
  return key;
}

}  // namespace

Result<Bytes> Cubbyhole::key(std::string_view path) const {
  if (owner_.empty()) {
    return fail(Code::invalid_argument, "this kind of token has no cubbyhole");
  }
  Bytes key = owner_prefix(owner_);
  append(key, as_bytes(path));
  return key;
}

Result<rows::RowPtr<CubbyholeRow>> Cubbyhole::find(std::string_view path) {
  COFFER_TRY(Bytes key, this->key(path));
  if (!has_key(owner_.size() + 1, path)) return rows::RowPtr<CubbyholeRow>();
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
  COFFER_CHECK(check_secret_path(owner_.size() + 1, path));
  if (data.size() > kMaxSecretValue) {
    return fail(Code::too_large, "the value is larger than 252 KiB");
  }
  CubbyholeRow row;
  *row.owner = owner_;
  *row.path = path;
  row.value = secure::SecureText(data);
  return view_.put(std::move(row));
}

Result<> Cubbyhole::erase(std::string_view path) {
  COFFER_TRY(Bytes key, this->key(path));
  if (!has_key(owner_.size() + 1, path)) return {};
  return view_.erase<CubbyholeRow>(std::move(key));
}

Result<std::vector<std::string>> Cubbyhole::list(std::string_view folder,
                                                 std::string_view after,
                                                 std::size_t limit) {
  COFFER_TRY(const Bytes prefix, key(folder));
  return view_.children<CubbyholeRow>(prefix, after, limit);
}

Result<std::vector<std::string>> Cubbyhole::scan(std::string_view folder,
                                                 const ScanPage& page,
                                                 const MayEnter& may_enter) {
  COFFER_TRY(const Bytes prefix, key(folder));
  return scan_rows<CubbyholeRow>(view_, prefix, page, may_enter);
}

Result<std::size_t> sweep_cubbyholes(work::View& view, std::string& after, std::size_t owners) {
  COFFER_TRY(const auto folders, view.children<CubbyholeRow>({}, after, owners));
  for (const std::string& folder : folders) {
    const std::string_view owner = std::string_view(folder).substr(0, folder.size() - 1);
    COFFER_TRY(const auto token, view.find<TokenAccessorRow>(owner));
    if (!token) {
      COFFER_TRY(const auto keys, view.keys<CubbyholeRow>(owner_prefix(owner), {}, kCubbyholePage));
      for (const Bytes& key : keys) COFFER_CHECK(view.erase<CubbyholeRow>(key));
      // Not behind it: there may be more of it.
      if (!keys.empty()) return keys.size();
    }
    after = folder;
  }
  if (folders.size() < owners) after.clear();
  return 0;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::CubbyholeRow>;
