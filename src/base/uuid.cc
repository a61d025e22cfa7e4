#include "base/uuid.h"

namespace coffer {

std::string uuid4(std::array<std::uint8_t, 16> random) {
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3f) | 0x80);
  return uuid_text(random);
}

std::string uuid_text(const std::array<std::uint8_t, 16>& octets) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t octet : octets) {
    if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
    text[at++] = kHex[octet >> 4U];
    text[at++] = kHex[octet & 15U];
  }
  return text;
}

std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text) {
  if (!is_uuid(text)) return std::nullopt;
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::array<std::uint8_t, 16> octets{};
  std::size_t digit = 0;
  for (const char c : text) {
    if (c == '-') continue;
    octets[digit / 2] = static_cast<std::uint8_t>(octets[digit / 2] << 4U | value(c));
    ++digit;
  }
  return octets;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace coffer
