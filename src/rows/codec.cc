#include "rows/codec.h"

namespace coffer::rows {

Result<> decode_value(Reader& r, Timestamp& value) {
  COFFER_TRY(const std::uint64_t ns, r.u64());
  value.ns = static_cast<std::int64_t>(ns);
  return {};
}

Result<> decode_value(Reader& r, Duration& value) {
  COFFER_TRY(const std::uint64_t ns, r.u64());
  value = Duration(static_cast<std::int64_t>(ns));
  return {};
}

Result<> decode_value(Reader& r, std::string& value) {
  COFFER_TRY(value, r.text());
  return {};
}

Result<> decode_value(Reader& r, Bytes& value) {
  COFFER_TRY(const ByteView raw, r.bytes());
  value = to_bytes(raw);
  return {};
}

Result<> decode_value(Reader& r, secure::SecureBytes& value) {
  COFFER_TRY(const ByteView raw, r.bytes());
  value = secure::SecureBytes(raw);
  return {};
}

Result<> decode_value(Reader& r, secure::SecureText& value) {
  COFFER_TRY(const ByteView raw, r.bytes());
  value = secure::SecureText(as_text(raw));
  return {};
}

}  // namespace coffer::rows
