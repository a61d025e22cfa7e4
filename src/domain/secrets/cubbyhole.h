// Cubbyholes: secrets that belong to one token and go with it.
//
// Keys are the token's id (Principal::token_id, no credential), '/', and the path. A token sees its
// own cubbyhole only, root included. Values are sealed under the table key: they are short-lived
// and have no history. A value is the text of a JSON object that the caller has validated.
// Limits: value kMaxSecretValue; path 32 segments, with the token's id 1 KiB. Errors as in kv2.h;
// a token without an id (a batch token) is invalid_argument.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct CubbyholeRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCubbyholes;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> token_id;
  rows::Clear<std::string> path;
  rows::Sealed<secure::SecureText> value;
  static constexpr auto kMembers =
      std::tuple{&CubbyholeRow::token_id, &CubbyholeRow::path, &CubbyholeRow::value};

  [[nodiscard]] Bytes key() const { return to_bytes(*token_id + "/" + *path); }
};

class Cubbyhole {
 public:
  // Borrows both.
  Cubbyhole(work::View& view, std::string_view token_id) : view_(view), token_id_(token_id) {}

  Result<bool> exists(std::string_view path);
  // not_found when absent.
  Result<secure::SecureText> read(std::string_view path);
  Result<> write(std::string_view path, std::string_view data);
  // Absent: no error.
  Result<> erase(std::string_view path);
  Result<std::vector<std::string>> list(std::string_view folder,
                                        std::string_view after,
                                        std::size_t limit);

 private:
  Result<Bytes> key(std::string_view path) const;
  Result<rows::RowPtr<CubbyholeRow>> find(std::string_view path);

  work::View& view_;
  std::string_view token_id_;
};

inline constexpr std::size_t kCubbyholePage = 40;

// Stages the removal of up to kCubbyholePage rows of a token that is going. True: nothing is left;
// false: call again in another unit. Without its token a cubbyhole cannot be read in any case.
Result<bool> erase_cubbyhole(work::View& view, std::string_view token_id);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::CubbyholeRow>;
