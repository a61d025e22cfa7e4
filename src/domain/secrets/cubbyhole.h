// Cubbyholes: secrets that belong to one token and go with it.
//
// Keys are the token's accessor (no credential), '/', and the path. A token sees its own cubbyhole
// only, root included; a later token of the same chosen text is another one. Values are sealed
// under the table key: they are short-lived and have no history. A value is the text of a JSON
// object that the caller has validated. Limits: value kMaxSecretValue; path 32 segments, with the
// accessor 1 KiB. Errors as in kv2.h; a token without an accessor (a batch token) is
// invalid_argument.
#pragma once

#include "domain/secrets/scan.h"
#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct CubbyholeRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCubbyholes;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> owner;
  rows::Clear<std::string> path;
  rows::Sealed<secure::SecureText> value;
  static constexpr auto kMembers =
      std::tuple{&CubbyholeRow::owner, &CubbyholeRow::path, &CubbyholeRow::value};

  [[nodiscard]] Bytes key() const { return to_bytes(*owner + "/" + *path); }
};

class Cubbyhole {
 public:
  // `owner`: the token's accessor. Borrows both.
  Cubbyhole(work::View& view, std::string_view owner) : view_(view), owner_(owner) {}

  Result<bool> exists(std::string_view path);
  // not_found when absent.
  Result<secure::SecureText> read(std::string_view path);
  Result<> write(std::string_view path, std::string_view data);
  // Absent: no error.
  Result<> erase(std::string_view path);
  Result<std::vector<std::string>> list(std::string_view folder,
                                        std::string_view after,
                                        std::size_t limit);
  Result<std::vector<std::string>> scan(std::string_view folder,
                                        const ScanPage& page,
                                        const MayEnter& may_enter);

 private:
  Result<Bytes> key(std::string_view path) const;
  Result<rows::RowPtr<CubbyholeRow>> find(std::string_view path);

  work::View& view_;
  std::string_view owner_;
};

inline constexpr std::size_t kCubbyholePage = 40;

// Looks at up to `owners` cubbyholes behind that of `after` and stages the removal of those whose
// token is gone, up to kCubbyholePage rows. Gives how many rows, and sets `after` to where the next
// call goes on: empty at the end. Nothing depends on it.
Result<std::size_t> sweep_cubbyholes(work::View& view, std::string& after, std::size_t owners);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::CubbyholeRow>;
