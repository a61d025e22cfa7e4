#include "formats/utf8.h"

#include "formats/octet_run.h"

#include <array>

namespace coffer::formats {
namespace {

// One row of the table of RFC 3629 §4: lead octets, length, and the range of the second octet,
// which is what rules out over-long forms and surrogates.
struct Row {
  unsigned char first_lead;
  unsigned char last_lead;
  std::size_t size;
  unsigned char low;
  unsigned char high;
};

constexpr std::array<Row, 8> kRows{{{0xc2, 0xdf, 2, 0x80, 0xbf},
                                    {0xe0, 0xe0, 3, 0xa0, 0xbf},
                                    {0xe1, 0xec, 3, 0x80, 0xbf},
                                    {0xed, 0xed, 3, 0x80, 0x9f},
                                    {0xee, 0xef, 3, 0x80, 0xbf},
                                    {0xf0, 0xf0, 4, 0x90, 0xbf},
                                    {0xf1, 0xf3, 4, 0x80, 0xbf},
                                    {0xf4, 0xf4, 4, 0x80, 0x8f}}};

unsigned char octet(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned char lead = octet(text, 0);
  if (lead < 0x80) return 1;
  for (const Row& row : kRows) {
    if (lead < row.first_lead || lead > row.last_lead) continue;
    if (text.size() < row.size) return 0;
    if (octet(text, 1) < row.low || octet(text, 1) > row.high) return 0;
    for (std::size_t i = 2; i < row.size; ++i) {
      if ((octet(text, i) & 0xc0) != 0x80) return 0;
    }
    return row.size;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(octet_run(text, [](auto octet) { return octet < 0; }));
    if (text.empty()) return true;
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
}

bool is_printable_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(
        octet_run(text, [](auto octet) { return (octet < 0x20) | (octet == 0x7f); }));
    if (text.empty()) return true;
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    const unsigned char lead = octet(text, 0);
    if (lead < 0x20 || lead == 0x7f) return false;
    if (lead == 0xc2 && octet(text, 1) < 0xa0) return false;  // U+0080 to U+009F
    text.remove_prefix(size);
  }
}

}  // namespace coffer::formats
