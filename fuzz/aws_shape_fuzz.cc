// floor: dialects/aws
// Input shapes of AWS operations, over any JSON: refused or taken, and then readable.
#include "dialects/aws/params.h"
#include "dialects/aws/shape.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace aws = coffer::dialects::aws;

namespace {

constexpr aws::Member kValue{.name = "", .max = 8};
constexpr aws::Member kMembers[] = {
    {.name = "N", .kind = aws::Kind::integer, .min = 1, .max = 9},
    {.name = "T", .required = true, .max = 8, .pattern = "[a-z-]*", .alphabet = "a-z-"},
    {.name = "B", .kind = aws::Kind::blob, .max = 8},
    {.name = "L", .kind = aws::Kind::list, .max = 3, .item = &kValue},
    {.name = "M", .kind = aws::Kind::map, .max = 3, .item = &kValue},
    {.name = "S", .kind = aws::Kind::timestamp},
};
constexpr aws::Shape kShape{kMembers};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = coffer::formats::JsonView::parse({reinterpret_cast<const char*>(data), size});
  if (!body || !aws::check_shape(kShape, *body)) return 0;
  const bool readable = aws::text(*body, "T") && aws::integer(*body, "N") &&
                        aws::blob(*body, "B") && aws::texts(*body, "L") &&
                        aws::text_map(*body, "M") && aws::timestamp(*body, "S");
  if (!readable) std::abort();
  return 0;
}
