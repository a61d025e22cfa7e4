// Scanning: the names of all rows below a folder, whole paths from there, in byte order.
//
// A folder that may not be entered is left out with all that lies below it, as if it were empty: a
// scan shows no name that listing one folder after the other, from the first on, would not show.
//
// Limits: kMaxScanned names and folders are looked at in one scan, then it is too_large. Pure but
// for what it reads through the view.
#pragma once

#include "base/result.h"
#include "rows/row.h"
#include "work/view.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxScanned = 100'000;

// Whether the names in a folder below the first one ("a/", "a/b/") may be shown.
using MayEnter = std::function<bool(std::string_view folder)>;

struct ScanPage {
  std::string after;  // a name as the scan gives it; empty: from the start
  std::size_t limit = 0;
};

// Where the keys come from: the next ones behind `after` that start with the scan's prefix.
using NextKeys = std::function<Result<std::vector<Bytes>>(ByteView after, std::size_t limit)>;

Result<std::vector<std::string>> scan_keys(ByteView prefix,
                                           const ScanPage& page,
                                           const MayEnter& may_enter,
                                           const NextKeys& next);

template <rows::Row R>
Result<std::vector<std::string>> scan_rows(work::View& view,
                                           const Bytes& prefix,
                                           const ScanPage& page,
                                           const MayEnter& may_enter) {
  return scan_keys(prefix, page, may_enter, [&](ByteView after, std::size_t limit) {
    return view.keys<R>(prefix, after, limit);
  });
}

}  // namespace coffer::domain
