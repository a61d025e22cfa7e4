// Writer and Reader: the one canonical binary encoding, used by row blobs and audit events.
//
//   u8, u16, u32, u64   big endian, fixed width
//   varint              LEB128 of at most 64 bits, shortest form only
//   bytes, text         varint length, then the octets
//   list                varint count, then the items
//
// Every value has exactly one encoding: a Reader refuses over-long varints, and finish() refuses
// trailing octets. A Reader borrows its input; views it returns live as long as the input. Errors
// are Code::corrupt. Not thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer {

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }

  void u16(std::uint16_t value) { fixed(value, 2); }

  void u32(std::uint32_t value) { fixed(value, 4); }

  void u64(std::uint64_t value) { fixed(value, 8); }

  void varint(std::uint64_t value);

  void bytes(ByteView value) {
    varint(value.size());
    append(out_, value);
  }

  void text(std::string_view value) { bytes(as_bytes(value)); }

 private:
  void fixed(std::uint64_t value, std::size_t width) {
    std::array<std::uint8_t, 8> octets{};
    for (std::size_t i = width; i-- > 0; value >>= 8U) {
      octets[i] = static_cast<std::uint8_t>(value & 0xff);
    }
    out_.insert(out_.end(), octets.data(), octets.data() + width);
  }

  Bytes& out_;
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  Result<std::uint8_t> u8();
  Result<std::uint16_t> u16();
  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<std::uint64_t> varint();
  Result<ByteView> bytes();
  Result<std::string_view> text();
  // A count of items of at least one octet each: never more than the octets that are left.
  Result<std::size_t> count();
  Result<ByteView> take(std::size_t size);

  [[nodiscard]] std::size_t left() const { return in_.size(); }

  Result<> finish() const;

 private:
  Result<std::uint64_t> fixed(std::size_t width);

  ByteView in_;
};

}  // namespace coffer
