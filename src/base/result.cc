#include "base/result.h"

#include "base/enum_table.h"

namespace coffer {
namespace {

constexpr EnumTable<Code, 15> kCodes{{{
    {Code::invalid_argument, "invalid_argument"},
    {Code::unauthenticated, "unauthenticated"},
    {Code::permission_denied, "permission_denied"},
    {Code::not_found, "not_found"},
    {Code::already_exists, "already_exists"},
    {Code::precondition_failed, "precondition_failed"},
    {Code::conflict, "conflict"},
    {Code::too_large, "too_large"},
    {Code::exhausted, "exhausted"},
    {Code::sealed, "sealed"},
    {Code::uninitialized, "uninitialized"},
    {Code::unsupported, "unsupported"},
    {Code::unavailable, "unavailable"},
    {Code::corrupt, "corrupt"},
    {Code::internal, "internal"},
}}};

}  // namespace

std::string_view to_text(Code code) {
  return kCodes.text(code);
}

}  // namespace coffer
