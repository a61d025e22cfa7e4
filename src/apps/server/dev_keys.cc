#include "apps/server/dev_keys.h"

#include "apps/server/data_directory.h"

#include <filesystem>
#include <fstream>

namespace coffer::server {
namespace {

constexpr std::string_view kUnseal = "unseal_key=";
constexpr std::string_view kToken = "root_token=";
constexpr std::size_t kMaxFile = 4096;

}  // namespace

Result<> save_dev_keys(const std::string& path, const DevKeys& keys) {
  secure::SecureText text;
  text.reserve(kMaxFile);
  text.append(kUnseal);
  text.append(keys.unseal_key.text());
  text.append("\n");
  text.append(kToken);
  text.append(keys.root_token.text());
  text.append("\n");
  return write_private_file(path, text.text());
}

Result<std::optional<DevKeys>> load_dev_keys(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::optional<DevKeys>();
  std::ifstream in(path, std::ios::binary);
  secure::SecureBytes buffer(kMaxFile);
  in.read(reinterpret_cast<char*>(buffer.mutable_view().data()),
          static_cast<std::streamsize>(kMaxFile));
  buffer.resize(static_cast<std::size_t>(in.gcount()));
  std::string_view rest = as_text(buffer.view());
  DevKeys keys;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with(kUnseal))
      keys.unseal_key = secure::SecureText(line.substr(kUnseal.size()));
    if (line.starts_with(kToken)) keys.root_token = secure::SecureText(line.substr(kToken.size()));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  if (keys.unseal_key.empty() || keys.root_token.empty()) {
    return fail(Code::corrupt, path + " is not a development key file");
  }
  return std::optional(std::move(keys));
}

}  // namespace coffer::server
