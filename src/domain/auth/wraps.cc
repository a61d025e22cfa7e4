#include "domain/auth/wraps.h"

#include "domain/auth/token_row.h"
#include "domain/auth/token_text.h"
#include "domain/auth/ttl.h"

namespace coffer::domain {

std::vector<store::IndexEntry> WrapRow::index() const {
  return {{kWrapExpiry, time_entry(*created + *ttl)}};
}

Result<WrapInfo> Wraps::wrap(secure::SecureText response,
                             Duration ttl,
                             std::string_view path,
                             std::string_view wrapped_accessor) {
  COFFER_CHECK(check_ttl("wrap TTL", ttl));
  if (ttl <= Duration::zero()) return fail(Code::invalid_argument, "the wrap TTL must be positive");
  if (response.size() > kMaxWrapped)
    return fail(Code::too_large, "the answer is too large to wrap");
  WrapInfo info{.token = new_service_token(view_.random()),
                .accessor = new_accessor(view_.random()),
                .ttl = ttl,
                .created = view_.now(),
                .path = std::string(path),
                .wrapped_accessor = std::string(wrapped_accessor)};
  WrapRow row;
  row.id = wrap_id(*view_.keyring(), info.token.text());
  row.accessor = info.accessor;
  row.path = info.path;
  row.created = info.created;
  row.ttl = info.ttl;
  row.wrapped_accessor = info.wrapped_accessor;
  row.response = std::move(response);
  COFFER_CHECK(view_.put(std::move(row)));
  return info;
}

Result<rows::RowPtr<WrapRow>> Wraps::living(std::string_view token) {
  const bool too_long = token.size() > kMaxTokenText;
  const Bytes id = wrap_id(*view_.keyring(), too_long ? std::string_view() : token);
  COFFER_TRY(auto row, view_.find<WrapRow>(id));
  if (!row || *row->row.created + *row->row.ttl <= view_.now()) {
    return fail(Code::invalid_argument, std::string(kNoSuchWrap));
  }
  return row;
}

Result<WrapInfo> Wraps::look_up(std::string_view token) {
  COFFER_TRY(const auto row, living(token));
  return WrapInfo{.token = {},
                  .accessor = *row->row.accessor,
                  .ttl = *row->row.ttl,
                  .created = *row->row.created,
                  .path = *row->row.path,
                  .wrapped_accessor = *row->row.wrapped_accessor};
}

Result<WrapRow> Wraps::take(std::string_view token) {
  COFFER_TRY(const auto row, living(token));
  COFFER_TRY(WrapRow open, view_.open(*row));
  COFFER_CHECK(view_.erase<WrapRow>(*row->row.id));
  return open;
}

Result<secure::SecureText> Wraps::unwrap(std::string_view token) {
  COFFER_TRY(WrapRow row, take(token));
  return std::move(*row.response);
}

Result<WrapInfo> Wraps::rewrap(std::string_view token) {
  COFFER_TRY(WrapRow row, take(token));
  return wrap(std::move(*row.response), *row.ttl, *row.path, *row.wrapped_accessor);
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::WrapRow>;
