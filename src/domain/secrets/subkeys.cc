#include "domain/secrets/subkeys.h"

namespace coffer::domain {
namespace {

// Recursion is bounded by kMaxJsonDepth.
void write_shape(const formats::JsonView& object, std::size_t levels, formats::JsonWriter& w) {
  w.begin_object();
  for (const auto& [name, value] : object.members()) {
    w.key(name);
    if (value.kind() == formats::JsonKind::object && levels > 1) {
      write_shape(value, levels - 1, w);
    } else {
      w.null();
    }
  }
  w.end_object();
}

}  // namespace

secure::SecureText subkeys(const formats::JsonView& object, std::size_t depth) {
  secure::SecureText out;
  formats::JsonWriter w(out);
  write_shape(object, depth == 0 ? formats::kMaxJsonDepth : depth, w);
  return out;
}

}  // namespace coffer::domain
