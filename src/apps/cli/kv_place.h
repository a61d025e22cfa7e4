// Where a `kv` command's path lies: asks the server for the mount and its version.
#pragma once

#include "apps/cli/session.h"
#include "apps/client/kv.h"

namespace coffer::cli {

inline Result<client::KvMount> kv_place(Session& session, const Arguments& arguments) {
  COFFER_TRY(client::Api * api, session.api());
  return client::find_kv(*api, arguments.text("mount"), arguments.text("path"));
}

}  // namespace coffer::cli
