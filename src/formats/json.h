// Strict JSON (RFC 8259): a validating scanner, a DOM, and a writer into wiped memory.
//
// Refused everywhere: duplicate member names, invalid UTF-8, lone surrogates, numbers that are not
// finite doubles, depth over kMaxJsonDepth, more than kMaxJsonNodes values (parse() takes another
// number for texts that are not a stranger's), trailing text. Error messages give a position, never
// content. Numbers keep their text: an integer of 40 digits
// survives a round trip through JsonView unchanged.
//
// Positions are octet offsets from 0; every error is Code::invalid_argument. The length of a text
// is limited by whoever reads it from the network. All types are values or single-threaded.
//
// JsonView is the form in which request bodies are read: a validated document and, for an object,
// the raw text of each member, without copying. It borrows the text. JsonWriter appends to a
// SecureText.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonNodes = 100'000;

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

// One value inside a validated document; borrows its text.
class JsonView {
 public:
  JsonView() = default;  // null

  // Validates the whole of `text` (one value, surrounding white space allowed).
  static Result<JsonView> parse(std::string_view text, std::size_t max_nodes = kMaxJsonNodes);

  [[nodiscard]] JsonKind kind() const { return kind_; }

  [[nodiscard]] bool is_null() const { return kind_ == JsonKind::null; }

  // The value's text exactly as it was sent, without surrounding white space.
  [[nodiscard]] std::string_view raw() const { return raw_; }

  // The member named `name`, or nullopt when absent or when this is no object. JSON null counts as
  // present here; `find_value` treats it as absent.
  [[nodiscard]] std::optional<JsonView> find(std::string_view name) const;
  [[nodiscard]] std::optional<JsonView> find_value(std::string_view name) const;
  // (unescaped name, value) of an object in the order sent; empty for other kinds.
  [[nodiscard]] std::vector<std::pair<std::string, JsonView>> members() const;
  [[nodiscard]] std::vector<JsonView> elements() const;

  // Typed reads; invalid_argument when the kind or range is wrong.
  Result<std::string> string() const;                // unescaped, ordinary memory
  Result<secure::SecureText> secret_string() const;  // unescaped, wiped memory
  Result<std::int64_t> integer() const;  // a number spelt without fraction or exponent, in range
  Result<bool> boolean() const;

 private:
  JsonView(JsonKind kind, std::string_view raw) : kind_(kind), raw_(raw) {}

  JsonKind kind_ = JsonKind::null;
  std::string_view raw_ = "null";
};

// Writes JSON left to right; commas and colons are placed by it. Text must be valid UTF-8; invalid
// octets are written as U+FFFD. Control characters, quotes, backslashes, <, > and & are escaped.
// The caller pairs begin and end and writes a key before each member: the writer does not check.
class JsonWriter {
 public:
  explicit JsonWriter(secure::SecureText& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // already valid JSON
  JsonWriter& strings(const std::vector<std::string>& values);

 private:
  void before_value();

  secure::SecureText& out_;
  bool comma_ = false;
};

// RFC 7396: `patch` applied to `target` (null target = absent). Both validated; the result is
// compact JSON whose member order is the target's, then new members in the patch's order. A result
// beyond the limits above is refused, so that what is stored can be read back.
Result<secure::SecureText> merge_patch(const JsonView& target, const JsonView& patch);

}  // namespace coffer::formats
