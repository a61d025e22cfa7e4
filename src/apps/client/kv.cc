#include "apps/client/kv.h"

namespace coffer::client {
namespace {

std::string_view without_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

int version_of(const formats::JsonView& data) {
  const auto options = data.find_value("options");
  if (!options) return 1;
  const auto version = options->find_value("version");
  if (!version) return 1;
  const auto text = version->string();
  return text && *text == "2" ? 2 : 1;
}

KvMount split_first(std::string_view path) {
  const std::size_t slash = path.find('/');
  KvMount found;
  found.mount = path.substr(0, slash);
  if (slash != std::string_view::npos) found.path = path.substr(slash + 1);
  return found;
}

}  // namespace

std::string KvMount::at(std::string_view area) const {
  std::string out = mount;
  if (version == 2) out.append("/").append(area);
  if (!path.empty() || area == "metadata") out.append("/").append(path);
  return out;
}

Result<KvMount> find_kv(Api& api, std::string_view mount, std::string_view path) {
  mount = without_slashes(mount);
  path = without_slashes(path);
  const std::string_view asked = mount.empty() ? path : mount;
  if (asked.empty()) return fail(Code::invalid_argument, "name a path such as secret/a/b");
  auto answer = api.prepare("sys/internal/ui/mounts/" + std::string(asked));
  if (!answer && answer.error().code != Code::not_found) {
    return std::unexpected(std::move(answer).error());
  }
  KvMount found = split_first(path);
  const auto data = answer ? answer->data() : std::nullopt;
  if (data) {
    found.version = version_of(*data);
    if (const auto where = data->find_value("path"); where && mount.empty()) {
      COFFER_TRY(const std::string text, where->string());
      found.mount = without_slashes(text);
      const bool inside = path.size() > found.mount.size() && path.starts_with(found.mount);
      found.path = inside ? path.substr(found.mount.size() + 1) : std::string_view();
    }
  }
  if (!mount.empty()) {
    found.mount = mount;
    found.path = path;
  }
  return found;
}

}  // namespace coffer::client
