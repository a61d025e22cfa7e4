// floor: formats
// Any octets: refused, or a document whose every part is itself a valid document, and which a merge
// with itself keeps valid.

#include "formats/json.h"

#include <cstdint>
#include <cstdlib>

namespace {

using coffer::formats::JsonView;

void require(bool holds) {
  if (!holds) std::abort();
}

void walk(const JsonView& view) {
  const auto again = JsonView::parse(view.raw());
  require(again && again->raw() == view.raw() && again->kind() == view.kind());
  if (const auto text = view.string()) {
    coffer::secure::SecureText out;
    coffer::formats::JsonWriter(out).string(*text);
    require(*JsonView::parse(out.text())->string() == *text);
    require(view.secret_string()->text() == *text);
  }
  for (const JsonView& element : view.elements()) walk(element);
  for (const auto& [name, value] : view.members()) {
    const auto found = view.find(name);
    require(found && found->raw().data() == value.raw().data());
    walk(value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;  // walking costs depth × size: keep each run short
  const auto view = JsonView::parse(coffer::as_text({data, size}));
  if (!view) return 0;
  walk(*view);
  const auto merged = coffer::formats::merge_patch(*view, *view);
  require(merged && JsonView::parse(merged->text())->kind() == view->kind());
  return 0;
}
