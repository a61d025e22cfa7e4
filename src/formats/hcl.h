// HCL, version 1: the subset in which Vault policies are written, as a tree of values.
//
// Grammar (after the HCL 1 specification, github.com/hashicorp/hcl tag v1.0.0):
//
//   body   = { item }                           items are separated by white space, "," optional
//   item   = key { label } object               block: path "secret/*" { ... }
//          | key "=" value                      assignment
//   key    = identifier | string
//   value  = string | heredoc | number | "true" | "false" | list | object
//   list   = "[" [ value { "," value } [ "," ] ] "]"
//   object = "{" body "}"
//
// Comments: # and // to the end of the line, /* */. Identifiers: letters, digits, "_", "-", ".".
// Strings are double quoted on one line with the escapes \n \r \t \" \\ \uXXXX \UXXXXXXXX;
// interpolation is not evaluated. Heredocs are <<NAME and <<-NAME (indentation removed). Numbers
// are decimal and keep their spelling. The JSON form of the same document gives the same tree.
//
// Repeated keys are kept, in order: whether a repetition is meaningful is the reader's to say.
// Limits: 256 KiB of text, depth 32, 65,536 values. Errors are Code::invalid_argument (or too_large
// for the limits) and name line and column, never content. Values own their text; they are plain
// values and may be shared between threads when const.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxHclSize = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxHclDepth = 32;
inline constexpr std::size_t kMaxHclNodes = 65'536;

// Where something stands in the text; both count from 1, columns in octets.
struct TextPosition {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const TextPosition&, const TextPosition&) = default;
};

// "line 3, column 7"
std::string to_text(TextPosition at);

enum class HclKind : std::uint8_t { string, number, boolean, list, object };

struct HclItem;

struct HclValue {
  HclKind kind = HclKind::object;
  TextPosition at;
  std::string text;            // string: its content; number, boolean: as spelled
  std::vector<HclValue> list;  // of kind list
  std::vector<HclItem> items;  // of kind object
};

struct HclItem {
  std::string key;
  std::vector<std::string> labels;  // of a block; empty for an assignment
  TextPosition at;
  HclValue value;
};

// Parses HCL or, when the first character is "{", JSON. The result is of kind object. JSON null is
// refused: no policy key means anything by it.
Result<HclValue> parse_hcl(std::string_view text);

}  // namespace coffer::formats
