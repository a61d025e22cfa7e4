#include "base/wire.h"

namespace coffer {

void Writer::varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<std::uint8_t>(value));
}

Result<ByteView> Reader::take(std::size_t size) {
  if (size > in_.size()) return fail(Code::corrupt, "encoding is cut short");
  const ByteView taken = in_.first(size);
  in_ = in_.subspan(size);
  return taken;
}

Result<std::uint64_t> Reader::fixed(std::size_t width) {
  COFFER_TRY(const ByteView raw, take(width));
  std::uint64_t value = 0;
  for (const std::uint8_t b : raw) value = value << 8 | b;
  return value;
}

Result<std::uint8_t> Reader::u8() {
  COFFER_TRY(const std::uint64_t value, fixed(1));
  return static_cast<std::uint8_t>(value);
}

Result<std::uint16_t> Reader::u16() {
  COFFER_TRY(const std::uint64_t value, fixed(2));
  return static_cast<std::uint16_t>(value);
}

Result<std::uint32_t> Reader::u32() {
  COFFER_TRY(const std::uint64_t value, fixed(4));
  return static_cast<std::uint32_t>(value);
}

Result<std::uint64_t> Reader::u64() {
  return fixed(8);
}

Result<std::uint64_t> Reader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    COFFER_TRY(const std::uint64_t b, fixed(1));
    if (shift == 63 && b > 1) return fail(Code::corrupt, "varint overflows 64 bits");
    value |= (b & 0x7f) << shift;
    if (b < 0x80) {
      if (b == 0 && shift > 0) return fail(Code::corrupt, "varint is not in shortest form");
      return value;
    }
  }
  return fail(Code::corrupt, "varint is too long");
}

Result<ByteView> Reader::bytes() {
  COFFER_TRY(const std::uint64_t size, varint());
  if (size > in_.size()) return fail(Code::corrupt, "length goes past the end");
  return take(static_cast<std::size_t>(size));
}

Result<std::string_view> Reader::text() {
  COFFER_TRY(const ByteView raw, bytes());
  return as_text(raw);
}

Result<std::size_t> Reader::count() {
  COFFER_TRY(const std::uint64_t items, varint());
  if (items > in_.size()) return fail(Code::corrupt, "count goes past the end");
  return static_cast<std::size_t>(items);
}

Result<> Reader::finish() const {
  if (!in_.empty()) return fail(Code::corrupt, "trailing octets");
  return {};
}

}  // namespace coffer
