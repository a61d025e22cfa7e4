// SCAN of the engines that keep secrets: a listing with everything below the folder (OpenBao's).
//
// The capability "scan" on the folder lets a caller in; every folder below it is decided for
// itself, by the path under which it would be scanned, and left out where it may not be. Runs on a
// worker thread. Limits and errors: domain/secrets/scan.h; an empty scan is not_found, as an empty
// list is.
#pragma once

#include "base/result.h"
#include "dialects/vault/route.h"
#include "domain/secrets/scan.h"
#include "gate/operation.h"
#include "work/view.h"

#include <functional>
#include <string>
#include <vector>

namespace coffer::dialects::vault {

// Scans the folder of the request. Owns all that it touches but the view.
using Scanner = std::function<Result<std::vector<std::string>>(
    work::View& view, const domain::ScanPage& page, const domain::MayEnter& may_enter)>;

// A route for SCAN on `pattern`, whose first capture is the folder. `scanner` makes the scanner for
// one request.
Route scanning(std::string_view pattern,
               Rule rule,
               std::function<Scanner(const gate::Call& call)> scanner);

}  // namespace coffer::dialects::vault
