// DerWriter: DER (ITU-T X.690) written front to back, for what a certificate authority signs.
//
// The four structures that are made here (certificate, request, revocation list, OCSP response) are
// few kinds of nodes over and over, and a list of a million entries is to be made without a million
// library objects; reading of foreign DER is OpenSSL's. Nothing here checks meaning: callers pass
// texts that fit their string type. Not thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <string_view>
#include <utility>

namespace coffer::crypto {

// Tags (X.690 §8.1.2), with the constructed bit where it belongs.
namespace der {
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kNull = 0x05;
inline constexpr std::uint8_t kOid = 0x06;
inline constexpr std::uint8_t kEnumerated = 0x0a;
inline constexpr std::uint8_t kUtf8 = 0x0c;
inline constexpr std::uint8_t kPrintable = 0x13;
inline constexpr std::uint8_t kIa5 = 0x16;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;

// [n], primitive and constructed.
constexpr std::uint8_t context(unsigned n) {
  return static_cast<std::uint8_t>(0x80U | n);
}

constexpr std::uint8_t context_of(unsigned n) {
  return static_cast<std::uint8_t>(0xa0U | n);
}
}  // namespace der

class DerWriter {
 public:
  // A node whose content is what `content()` writes.
  template <class F>
  void nest(std::uint8_t tag, F&& content) {
    const std::size_t start = out_.size();
    std::forward<F>(content)();
    close(tag, start);
  }

  template <class F>
  void sequence(F&& content) {
    nest(der::kSequence, std::forward<F>(content));
  }

  void node(std::uint8_t tag, ByteView content);

  void node(std::uint8_t tag, std::string_view content) { node(tag, as_bytes(content)); }

  void raw(ByteView encoded) { append(out_, encoded); }

  void boolean(bool value);

  void null() { node(der::kNull, ByteView()); }

  // An unsigned number, big endian, of at least one octet.
  void integer(ByteView magnitude);
  void integer(std::uint64_t value);
  void bit_string(ByteView octets);
  // Named bits, the lowest of `bits` first (X.690 §11.2.2: trailing zeros are not written).
  void named_bits(std::uint16_t bits);
  // Dotted decimal, as is_oid() accepts it.
  void oid(std::string_view dotted);
  // RFC 5280 §4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050 on. Cut to whole seconds.
  void time(Timestamp at);
  void generalized_time(Timestamp at);

  [[nodiscard]] const Bytes& octets() const { return out_; }

  [[nodiscard]] Bytes take() { return std::move(out_); }

 private:
  void close(std::uint8_t tag, std::size_t start);

  Bytes out_;
};

// Whether `dotted` is an object identifier of 2 to 32 arcs of less than 2^32 each.
bool is_oid(std::string_view dotted);

}  // namespace coffer::crypto
