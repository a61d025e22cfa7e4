// What `secret` and `kv` do alike to versions of a secret in a mount of version 2.
//
// Options read: --version (one number), --versions (numbers separated by commas).
#pragma once

#include "apps/cli/session.h"
#include "apps/client/kv.h"

namespace coffer::cli {

// Deletes the latest version, or those of --versions.
Result<int> delete_versions(Session& session,
                            const client::KvMount& kv,
                            const Arguments& arguments);

// `area` is undelete or destroy; --versions is needed.
Result<int> change_versions(Session& session,
                            const client::KvMount& kv,
                            const std::string& area,
                            const Arguments& arguments);

// Writes the data of --version as a new version, with check-and-set on the version that is current
// when it begins, so that nobody's newer write is lost.
Result<int> roll_back(Session& session, const client::KvMount& kv, const Arguments& arguments);

}  // namespace coffer::cli
