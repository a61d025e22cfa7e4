#include "formats/xml_writer.h"

#include "formats/utf8.h"

namespace coffer::formats {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// What a character of a text becomes; empty: it stays as it is.
std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\r':
      return "&#13;";
    case '\t':
    case '\n':
      return {};
    default:
      return static_cast<unsigned char>(c) < 0x20 ? kReplacement : std::string_view();
  }
}

}  // namespace

XmlWriter& XmlWriter::open(std::string_view name, std::string_view names) {
  out_.push_back('<');
  out_.append(name);
  if (!names.empty()) {
    out_.append(" xmlns=\"");
    text(names);
    out_.push_back('"');
  }
  out_.push_back('>');
  return *this;
}

XmlWriter& XmlWriter::close(std::string_view name) {
  out_.append("</");
  out_.append(name);
  out_.push_back('>');
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view content) {
  open(name);
  text(content);
  return close(name);
}

XmlWriter& XmlWriter::text(std::string_view text) {
  // U+FFFE and U+FFFF are no characters of XML; neither is what is no UTF-8.
  if (!is_utf8(text)) text = kReplacement;
  while (!text.empty()) {
    if (text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf")) {
      out_.append(kReplacement);
      text.remove_prefix(3);
      continue;
    }
    const std::string_view escape = escape_of(text.front());
    if (escape.empty()) {
      out_.push_back(text.front());
    } else {
      out_.append(escape);
    }
    text.remove_prefix(1);
  }
  return *this;
}

}  // namespace coffer::formats
