#include "domain/auth/wraps.h"

#include "domain/auth/token_row.h"
#include "domain/auth/token_text.h"
#include "domain/auth/ttl.h"

namespace coffer::domain {

std::vector<store::IndexEntry> WrapRow::index() const {
  return {{kWrapExpiry, time_entry(*created + *ttl)}, {kWrapAccessors, to_bytes(*accessor)}};
}

namespace {

WrapInfo info_of(const WrapRow& row) {
  return {.token = {},
          .accessor = *row.accessor,
          .ttl = *row.ttl,
          .created = *row.created,
          .path = *row.path,
          .wrapped_accessor = *row.wrapped_accessor};
}

}  // namespace

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
  return info_of(row->row);
}

// Null when there is none, or when its time is over.
Result<rows::RowPtr<WrapRow>> Wraps::named(std::string_view accessor) {
  if (accessor.empty() || accessor.size() > kMaxTokenText) return rows::RowPtr<WrapRow>();
  COFFER_TRY(const auto ids, view_.lookup<WrapRow>(kWrapAccessors, as_bytes(accessor), 1));
  if (ids.empty()) return rows::RowPtr<WrapRow>();
  COFFER_TRY(auto row, view_.find<WrapRow>(ids.front()));
  const bool closed =
      row && *row->row.accessor == accessor && *row->row.created + *row->row.ttl > view_.now();
  if (!closed) row.reset();
  return row;
}

Result<std::optional<WrapInfo>> Wraps::by_accessor(std::string_view accessor) {
  COFFER_TRY(const auto row, named(accessor));
  if (!row) return std::nullopt;
  return info_of(row->row);
}

Result<> Wraps::revoke(std::string_view accessor) {
  COFFER_TRY(const auto row, named(accessor));
  if (!row) return {};
  return view_.erase<WrapRow>(*row->row.id);
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
