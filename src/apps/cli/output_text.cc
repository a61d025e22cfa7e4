#include "apps/cli/output.h"

#include <algorithm>

namespace coffer::cli {
namespace {

using formats::JsonKind;
using formats::JsonView;

void indent(secure::SecureText& out, std::size_t depth) {
  out.append(std::string(depth * 2, ' '));
}

void append_quoted(secure::SecureText& out, std::string_view text) {
  formats::JsonWriter(out).string(text);
}

void append_json(const JsonView& value, std::size_t depth, secure::SecureText& out) {
  const bool object = value.kind() == JsonKind::object;
  if (!object && value.kind() != JsonKind::array) return out.append(value.raw());
  const char* separator = "";
  out.append(object ? "{" : "[");
  const auto next = [&] {
    out.append(separator);
    out.append("\n");
    indent(out, depth + 1);
    separator = ",";
  };
  if (object) {
    for (const auto& [name, member] : value.members()) {
      next();
      append_quoted(out, name);
      out.append(": ");
      append_json(member, depth + 1, out);
    }
  } else {
    for (const JsonView& element : value.elements()) {
      next();
      append_json(element, depth + 1, out);
    }
  }
  if (*separator != '\0') {
    out.append("\n");
    indent(out, depth);
  }
  out.append(object ? "}" : "]");
}

bool is_empty_container(const JsonView& value) {
  return value.kind() == JsonKind::object ? value.members().empty() : value.elements().empty();
}

bool is_scalar(const JsonView& value) {
  return value.kind() != JsonKind::object && value.kind() != JsonKind::array;
}

// YAML 1.2 takes JSON's scalars as they are, but no character that is written as two escapes.
void append_scalar(const JsonView& value, secure::SecureText& out) {
  if (value.kind() != JsonKind::string) return out.append(value.raw());
  if (const auto text = value.secret_string()) append_quoted(out, text->text());
}

void append_yaml(const JsonView& value, std::size_t depth, secure::SecureText& out) {
  const auto member = [&](const JsonView& inner) {
    if (is_scalar(inner)) {
      out.append(" ");
      append_scalar(inner, out);
      out.append("\n");
    } else if (is_empty_container(inner)) {
      out.append(inner.kind() == JsonKind::object ? " {}\n" : " []\n");
    } else {
      out.append("\n");
      append_yaml(inner, depth + 1, out);
    }
  };
  if (value.kind() == JsonKind::object) {
    for (const auto& [name, inner] : value.members()) {
      indent(out, depth);
      append_quoted(out, name);
      out.append(":");
      member(inner);
    }
    return;
  }
  for (const JsonView& element : value.elements()) {
    indent(out, depth);
    out.append("-");
    member(element);
  }
}

// Control characters are U+0000 to U+001F, U+007F, and U+0080 to U+009F, which begin with 0xc2.
template <class Out>
void append_plain(Out& out, std::string_view text, std::string_view kept = {}) {
  constexpr std::string_view kHex = "0123456789abcdef";
  unsigned char before = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : '\0';
    const bool begins_control = octet == 0xc2 && next >= 0x80 && next < 0xa0;
    const bool ends_control = before == 0xc2 && octet >= 0x80 && octet < 0xa0;
    before = octet;
    const bool plain = octet >= 0x20 && octet != 0x7f && !begins_control && !ends_control;
    if (plain || kept.contains(text[i])) {
      out.push_back(text[i]);
    } else if (octet == '\n') {
      out.append("\\n");
    } else {
      out.append("\\x");
      out.push_back(kHex[octet >> 4U]);
      out.push_back(kHex[octet & 15U]);
    }
  }
}

}  // namespace

void print_json(const JsonView& value, secure::SecureText& out) {
  append_json(value, 0, out);
  out.append("\n");
}

void print_yaml(const JsonView& value, secure::SecureText& out) {
  if (is_scalar(value) || is_empty_container(value)) {
    if (is_scalar(value)) {
      append_scalar(value, out);
    } else {
      out.append(value.kind() == JsonKind::object ? "{}" : "[]");
    }
    return out.append("\n");
  }
  append_yaml(value, 0, out);
}

void print_cell(const JsonView& value, secure::SecureText& out) {
  if (value.kind() == JsonKind::string) {
    if (const auto text = value.secret_string()) append_plain(out, text->text());
    return;
  }
  if (value.is_null()) return out.append("n/a");
  append_plain(out, value.raw());
}

void print_lines(const JsonView& value, secure::SecureText& out) {
  const auto text = value.secret_string();
  if (!text) return print_cell(value, out);
  for (std::string_view left = text->text(); !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    append_plain(out, line);
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    if (!left.empty()) out.append("\n");
  }
}

std::string printable(std::string_view text) {
  std::string out;
  append_plain(out, text);
  return out;
}

void print_text(const JsonView& value, secure::SecureText& out) {
  const auto text = value.secret_string();
  if (!text) return print_cell(value, out);
  append_plain(out, text->text(), "\n\t");
  if (!text->text().ends_with('\n')) out.append("\n");
}

void print_table(const JsonView& object, secure::SecureText& out) {
  constexpr std::size_t kGap = 4;
  const auto members = object.members();
  std::size_t width = std::string_view("Key").size();
  for (const auto& [name, value] : members) width = std::max(width, name.size());
  const auto row = [&](std::string_view key) {
    append_plain(out, key);
    indent(out, 0);
    out.append(std::string(width + kGap - std::min(width, key.size()), ' '));
  };
  row("Key");
  out.append("Value\n");
  row("---");
  out.append("-----\n");
  for (const auto& [name, value] : members) {
    row(name);
    print_cell(value, out);
    out.append("\n");
  }
}

std::string columns(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) {
    for (std::string& cell : row) cell = printable(cell);
  }
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] + 2 - row[i].size(), ' ');
    }
    out += '\n';
  };
  bool header = true;
  for (const auto& row : rows) {
    line(row);
    if (!header) continue;
    std::vector<std::string> rule;
    for (const std::string& cell : row) rule.emplace_back(cell.size(), '-');
    line(rule);
    header = false;
  }
  return out;
}

}  // namespace coffer::cli
