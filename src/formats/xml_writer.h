// XmlWriter: XML 1.0 elements and text, left to right, into wiped memory.
//
//   x.open("GetCallerIdentityResult");
//   x.element("Account", "123456789012");
//   x.close("GetCallerIdentityResult");
//
// Text is escaped (&, <, >, quotes, carriage returns); characters that XML cannot hold (XML 1.0
// §2.2) are written as U+FFFD. Names are the caller's literals and must be XML names. The caller
// pairs open and close: the writer does not check. Single-threaded.
#pragma once

#include "secure/bytes.h"

#include <string_view>

namespace coffer::formats {

class XmlWriter {
 public:
  explicit XmlWriter(secure::SecureText& out) : out_(out) {}

  // `names`: the default namespace from here on; empty: as it is.
  XmlWriter& open(std::string_view name, std::string_view names = {});
  XmlWriter& close(std::string_view name);
  XmlWriter& element(std::string_view name, std::string_view text);
  XmlWriter& text(std::string_view text);

 private:
  secure::SecureText& out_;
};

}  // namespace coffer::formats
