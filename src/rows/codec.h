// encode_value and decode_value: the canonical encoding of every type that a row member may have.
//
//   bool, integers, enums   u8..u64 big endian (signed as two's complement)
//   Timestamp, Duration     i64 nanoseconds
//   string, Bytes, SecureBytes, SecureText   varint length, octets
//   optional, Boxed         u8 0 or 1, then the value
//   vector, map, set        varint count, then the items (map and set in key order)
//   struct with kMembers    its members in order
//
// A struct takes part by declaring `static constexpr auto kMembers = std::tuple{&S::a, &S::b};`.
// Decoding is strict: see base/wire.h.
#pragma once

#include "base/clock.h"
#include "base/wire.h"
#include "rows/boxed.h"
#include "secure/bytes.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace coffer::rows {

template <class T>
concept Described = requires { T::kMembers; };

template <class T>
concept Number = std::is_integral_v<T> || std::is_enum_v<T>;

template <Number T>
void encode_value(Writer& w, const T& value) {
  if constexpr (sizeof(T) == 1) {
    w.u8(static_cast<std::uint8_t>(value));
  } else if constexpr (sizeof(T) == 2) {
    w.u16(static_cast<std::uint16_t>(value));
  } else if constexpr (sizeof(T) == 4) {
    w.u32(static_cast<std::uint32_t>(value));
  } else {
    w.u64(static_cast<std::uint64_t>(value));
  }
}

inline void encode_value(Writer& w, const Timestamp& value) {
  w.u64(static_cast<std::uint64_t>(value.ns));
}

inline void encode_value(Writer& w, const Duration& value) {
  w.u64(static_cast<std::uint64_t>(value.count()));
}

inline void encode_value(Writer& w, const std::string& value) {
  w.text(value);
}

inline void encode_value(Writer& w, const Bytes& value) {
  w.bytes(value);
}

inline void encode_value(Writer& w, const secure::SecureBytes& value) {
  w.bytes(value.view());
}

inline void encode_value(Writer& w, const secure::SecureText& value) {
  w.bytes(value.view());
}

template <class T>
void encode_value(Writer& w, const std::optional<T>& value);
template <class T>
void encode_value(Writer& w, const Boxed<T>& value);
template <class T>
  requires(!std::is_same_v<T, std::uint8_t>)
void encode_value(Writer& w, const std::vector<T>& values);
template <class K, class V>
void encode_value(Writer& w, const std::map<K, V>& values);
template <class T>
void encode_value(Writer& w, const std::set<T>& values);

template <Described T>
void encode_value(Writer& w, const T& value) {
  std::apply([&](auto... member) { (encode_value(w, value.*member), ...); }, T::kMembers);
}

template <class T>
void encode_value(Writer& w, const std::optional<T>& value) {
  w.u8(value ? 1 : 0);
  if (value) encode_value(w, *value);
}

template <class T>
void encode_value(Writer& w, const Boxed<T>& value) {
  w.u8(value ? 1 : 0);
  if (value) encode_value(w, *value);
}

template <class T>
  requires(!std::is_same_v<T, std::uint8_t>)
void encode_value(Writer& w, const std::vector<T>& values) {
  w.varint(values.size());
  for (const T& value : values) encode_value(w, value);
}

template <class K, class V>
void encode_value(Writer& w, const std::map<K, V>& values) {
  w.varint(values.size());
  for (const auto& [key, value] : values) {
    encode_value(w, key);
    encode_value(w, value);
  }
}

template <class T>
void encode_value(Writer& w, const std::set<T>& values) {
  w.varint(values.size());
  for (const T& value : values) encode_value(w, value);
}

// At least as many octets as encode_value() writes, so that a buffer for secrets never grows.
inline constexpr std::size_t kScalarBound = 10;  // a u64, or a varint count

template <class T>
std::size_t encoded_bound(const T& value) {
  if constexpr (requires { T::kMembers; }) {
    return std::apply(
        [&](auto... member) { return (std::size_t{0} + ... + encoded_bound(value.*member)); },
        T::kMembers);
  } else if constexpr (requires { value.has_value(); }) {
    return 1 + (value ? encoded_bound(*value) : 0);
  } else if constexpr (requires { value.first, value.second; }) {
    return encoded_bound(value.first) + encoded_bound(value.second);
  } else if constexpr (requires { value.view(); } || std::is_same_v<T, std::string> ||
                       std::is_same_v<T, Bytes>) {
    return kScalarBound + value.size();
  } else if constexpr (requires { value.begin(); }) {
    std::size_t total = kScalarBound;
    for (const auto& item : value) total += encoded_bound(item);
    return total;
  } else {
    return kScalarBound;
  }
}

template <Number T>
Result<> decode_value(Reader& r, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    COFFER_TRY(const std::uint8_t raw, r.u8());
    if (raw > 1) return fail(Code::corrupt, "not a boolean");
    value = raw == 1;
  } else if constexpr (sizeof(T) == 1) {
    COFFER_TRY(const std::uint8_t raw, r.u8());
    value = static_cast<T>(raw);
  } else if constexpr (sizeof(T) == 2) {
    COFFER_TRY(const std::uint16_t raw, r.u16());
    value = static_cast<T>(raw);
  } else if constexpr (sizeof(T) == 4) {
    COFFER_TRY(const std::uint32_t raw, r.u32());
    value = static_cast<T>(raw);
  } else {
    COFFER_TRY(const std::uint64_t raw, r.u64());
    value = static_cast<T>(raw);
  }
  return {};
}

Result<> decode_value(Reader& r, Timestamp& value);
Result<> decode_value(Reader& r, Duration& value);
Result<> decode_value(Reader& r, std::string& value);
Result<> decode_value(Reader& r, Bytes& value);
Result<> decode_value(Reader& r, secure::SecureBytes& value);
Result<> decode_value(Reader& r, secure::SecureText& value);

template <class T>
Result<> decode_value(Reader& r, std::optional<T>& value);
template <class T>
Result<> decode_value(Reader& r, Boxed<T>& value);
template <class T>
  requires(!std::is_same_v<T, std::uint8_t>)
Result<> decode_value(Reader& r, std::vector<T>& values);
template <class K, class V>
Result<> decode_value(Reader& r, std::map<K, V>& values);
template <class T>
Result<> decode_value(Reader& r, std::set<T>& values);

template <Described T>
Result<> decode_value(Reader& r, T& value) {
  Result<> result;
  std::apply(
      [&](auto... member) {
        ((result ? void(result = decode_value(r, value.*member)) : void()), ...);
      },
      T::kMembers);
  return result;
}

template <class T>
Result<> decode_value(Reader& r, std::optional<T>& value) {
  bool present = false;
  COFFER_CHECK(decode_value(r, present));
  if (!present) {
    value.reset();
    return {};
  }
  return decode_value(r, value.emplace());
}

template <class T>
Result<> decode_value(Reader& r, Boxed<T>& value) {
  bool present = false;
  COFFER_CHECK(decode_value(r, present));
  value.reset();
  return present ? decode_value(r, value.emplace()) : Result<>{};
}

template <class T>
  requires(!std::is_same_v<T, std::uint8_t>)
Result<> decode_value(Reader& r, std::vector<T>& values) {
  COFFER_TRY(const std::size_t count, r.count());
  values.clear();
  for (std::size_t i = 0; i < count; ++i) COFFER_CHECK(decode_value(r, values.emplace_back()));
  return {};
}

template <class K, class V>
Result<> decode_value(Reader& r, std::map<K, V>& values) {
  COFFER_TRY(const std::size_t count, r.count());
  values.clear();
  for (std::size_t i = 0; i < count; ++i) {
    K key{};
    COFFER_CHECK(decode_value(r, key));
    if (!values.empty() && !(values.rbegin()->first < key)) {
      return fail(Code::corrupt, "map keys are out of order");
    }
    V& value = values.emplace_hint(values.end(), std::move(key), V{})->second;
    COFFER_CHECK(decode_value(r, value));
  }
  return {};
}

template <class T>
Result<> decode_value(Reader& r, std::set<T>& values) {
  COFFER_TRY(const std::size_t count, r.count());
  values.clear();
  for (std::size_t i = 0; i < count; ++i) {
    T value{};
    COFFER_CHECK(decode_value(r, value));
    if (!values.empty() && !(*values.rbegin() < value)) {
      return fail(Code::corrupt, "set items are out of order");
    }
    values.insert(values.end(), std::move(value));
  }
  return {};
}

}  // namespace coffer::rows
