// DevKeys: what a development server keeps beside its data so that it can unseal itself again.
//
// A file of mode 0600 with two lines, "unseal_key=<hex>" and "root_token=<token>". It makes the
// seal worthless on purpose; data_directory.h sees to it that a production server never opens such
// data.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <optional>
#include <string>

namespace coffer::server {

struct DevKeys {
  secure::SecureText unseal_key;  // hex
  secure::SecureText root_token;
};

Result<> save_dev_keys(const std::string& path, const DevKeys& keys);
// nullopt when there is no such file.
Result<std::optional<DevKeys>> load_dev_keys(const std::string& path);

}  // namespace coffer::server
