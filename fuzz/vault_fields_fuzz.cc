// floor: formats
// Every typed read of the field "f" either refuses or agrees with the others about its presence.

#include "formats/vault_fields.h"

#include <cstdint>
#include <cstdlib>

namespace {

template <class T>
void require_presence(const coffer::Result<std::optional<T>>& field, bool present) {
  if (field && field->has_value() != present) std::abort();
  if (!field && (!present || field.error().code != coffer::Code::invalid_argument)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::formats;
  const auto body = JsonView::parse(coffer::as_text({data, size}));
  if (!body) return 0;
  const bool present = body->find_value("f").has_value();
  require_presence(integer_field(*body, "f"), present);
  require_presence(duration_field(*body, "f"), present);
  require_presence(bool_field(*body, "f"), present);
  require_presence(text_field(*body, "f"), present);
  require_presence(secret_field(*body, "f"), present);
  require_presence(list_field(*body, "f"), present);
  require_presence(map_field(*body, "f"), present);
  require_presence(object_field(*body, "f"), present);
  return 0;
}
