// Bytes and ByteView: public octets (ciphertext, hashes, keys of rows). Secret octets are held only
// in the types of secure/. Bytes compares in byte order, which is the order of every store.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) {
  return {view.data(), view.data() + view.size()};
}

inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}

inline void append(Bytes& out, ByteView view) {
  out.insert(out.end(), view.data(), view.data() + view.size());
}

inline bool starts_with(ByteView bytes, ByteView prefix) {
  return as_text(bytes).starts_with(as_text(prefix));
}

}  // namespace coffer
