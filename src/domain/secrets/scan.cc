#include "domain/secrets/scan.h"

#include <map>
#include <optional>

namespace coffer::domain {
namespace {

// What was decided about folders, for one scan.
class Gatekeeper {
 public:
  explicit Gatekeeper(const MayEnter& may_enter) : may_enter_(may_enter) {}

  // The first folder on the way to `name` that may not be entered.
  std::optional<std::string_view> closed_folder(std::string_view name) {
    for (std::size_t at = name.find('/'); at != std::string_view::npos;
         at = name.find('/', at + 1)) {
      const std::string_view folder = name.substr(0, at + 1);
      auto known = open_.find(folder);
      if (known == open_.end()) {
        known = open_.emplace(std::string(folder), may_enter_(folder)).first;
      }
      if (!known->second) return folder;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t asked() const { return open_.size(); }

 private:
  const MayEnter& may_enter_;
  std::map<std::string, bool, std::less<>> open_;
};

}  // namespace

Result<std::vector<std::string>> scan_keys(ByteView prefix,
                                           const ScanPage& page,
                                           const MayEnter& may_enter,
                                           const NextKeys& next) {
  constexpr std::size_t kStep = 256;
  constexpr std::uint8_t kBehindNames = 0xff;  // no name starts with it, as names are UTF-8
  Gatekeeper gatekeeper(may_enter);
  std::vector<std::string> names;
  Bytes from;
  if (!page.after.empty()) {
    from = to_bytes(prefix);
    append(from, as_bytes(page.after));
  }
  std::size_t looked_at = 0;
  for (bool more = true; more;) {
    COFFER_TRY(const std::vector<Bytes> keys, next(from, kStep));
    more = keys.size() == kStep;
    for (const Bytes& key : keys) {
      if (names.size() == page.limit) return names;
      if (++looked_at + gatekeeper.asked() > kMaxScanned) {
        return fail(Code::too_large, "too much lies below it: scan its folders one by one");
      }
      const std::string_view name = as_text(key).substr(prefix.size());
      from = key;
      if (const auto closed = gatekeeper.closed_folder(name)) {
        from.resize(prefix.size() + closed->size());
        from.push_back(kBehindNames);
        more = true;
        break;
      }
      if (!name.empty()) names.emplace_back(name);
    }
  }
  return names;
}

}  // namespace coffer::domain
