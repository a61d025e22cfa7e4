#include "policy/access.h"

#include "base/enum_table.h"

namespace coffer::policy {
namespace {

constexpr EnumTable<Capability, 10> kCapabilities{{{{Capability::none, "none"},
                                                    {Capability::deny, "deny"},
                                                    {Capability::create, "create"},
                                                    {Capability::read, "read"},
                                                    {Capability::update, "update"},
                                                    {Capability::del, "delete"},
                                                    {Capability::list, "list"},
                                                    {Capability::sudo, "sudo"},
                                                    {Capability::patch, "patch"},
                                                    {Capability::scan, "scan"}}}};

}  // namespace

std::vector<std::pair<std::string, formats::JsonView>> Parameters::all() const {
  if (single.empty()) return value.members();
  return {{std::string(single), value}};
}

std::string_view to_text(Capability capability) {
  return kCapabilities.text(capability);
}

std::optional<Capability> parse_capability(std::string_view name) {
  if (name == "none") return std::nullopt;  // a name for printing only
  return kCapabilities.parse(name);
}

}  // namespace coffer::policy
