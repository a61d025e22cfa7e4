// Wraps: answers that are kept under a single-use token until somebody opens them.
//
// The row is found by the token's keyed digest; the answer is sealed. Opening erases the row in the
// same unit of work that hands the answer out, so that of two openers one gets it and the other
// learns that it is gone. A wrapping token authenticates nothing else.
//
// Limits: answers of kMaxWrapped octets (too_large), lifetimes up to kLongestTtl. Errors:
// invalid_argument kNoSuchWrap for every token that opens nothing.
#pragma once

#include "rows/row.h"
#include "secure/bytes.h"
#include "work/view.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kMaxWrapped = 200 * 1024;
inline constexpr std::string_view kNoSuchWrap = "wrapping token is not valid or does not exist";

struct WrapRow {
  static constexpr rows::TableSpec kTable = rows::tables::kWraps;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> id;  // keyed digest of the wrapping token
  rows::Clear<std::string> accessor;
  rows::Clear<std::string> path;  // of the request whose answer it is
  rows::Clear<Timestamp> created;
  rows::Clear<Duration> ttl;
  rows::Clear<std::string> wrapped_accessor;  // of the token inside the answer, or empty
  rows::Sealed<secure::SecureText> response;
  static constexpr auto kMembers = std::tuple{&WrapRow::id,
                                              &WrapRow::accessor,
                                              &WrapRow::path,
                                              &WrapRow::created,
                                              &WrapRow::ttl,
                                              &WrapRow::wrapped_accessor,
                                              &WrapRow::response};

  [[nodiscard]] Bytes key() const { return *id; }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

inline constexpr store::IndexId kWrapExpiry{211};     // stored on disk; entry: time_entry()
inline constexpr store::IndexId kWrapAccessors{212};  // stored on disk; entry: the accessor

struct WrapInfo {
  secure::SecureText token;  // empty in look-ups
  std::string accessor;
  Duration ttl{};
  Timestamp created;
  std::string path;
  std::string wrapped_accessor;
};

class Wraps {
 public:
  explicit Wraps(work::View& view) : view_(view) {}

  // `response` is the whole answer, as it will be given out.
  Result<WrapInfo> wrap(secure::SecureText response,
                        Duration ttl,
                        std::string_view path,
                        std::string_view wrapped_accessor);
  Result<WrapInfo> look_up(std::string_view token);
  // nullopt when no wrap that is still closed has this accessor.
  Result<std::optional<WrapInfo>> by_accessor(std::string_view accessor);
  // Ends such a wrap unopened; absent: no error.
  Result<> revoke(std::string_view accessor);
  // The answer; the token is spent.
  Result<secure::SecureText> unwrap(std::string_view token);
  // The same answer under a new token with the same lifetime; the old one is spent.
  Result<WrapInfo> rewrap(std::string_view token);

 private:
  Result<WrapRow> take(std::string_view token);
  Result<rows::RowPtr<WrapRow>> living(std::string_view token);
  Result<rows::RowPtr<WrapRow>> named(std::string_view accessor);

  work::View& view_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::WrapRow>;
