#include "formats/xml_writer.h"

#include <gtest/gtest.h>

namespace coffer::formats {
namespace {

std::string written(std::string_view text) {
  secure::SecureText out;
  XmlWriter(out).element("a", text);
  return std::string(out.text());
}

TEST(XmlWriter, EscapesWhatWouldBeMarkup) {
  EXPECT_EQ(written("</a><b c='\"'>&"), "<a>&lt;/a&gt;&lt;b c=&#39;&quot;&#39;&gt;&amp;</a>");
  EXPECT_EQ(written("line\r\n\tnext"), "<a>line&#13;\n\tnext</a>");
  EXPECT_EQ(written("h\xc3\xa9"), "<a>h\xc3\xa9</a>");
}

TEST(XmlWriter, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(written(std::string_view("x\0y\x1bz", 5)), "<a>x\xef\xbf\xbdy\xef\xbf\xbdz</a>");
  EXPECT_EQ(written("x\xef\xbf\xbey"), "<a>x\xef\xbf\xbdy</a>");
  EXPECT_EQ(written("\xff"), "<a>\xef\xbf\xbd</a>");
}

TEST(XmlWriter, NamesTheNamespaceWhereItBegins) {
  secure::SecureText out;
  XmlWriter x(out);
  x.open("r", "https://example.test/a&b").element("Account", "1").close("r");
  EXPECT_EQ(out.text(), "<r xmlns=\"https://example.test/a&amp;b\"><Account>1</Account></r>");
}

}  // namespace
}  // namespace coffer::formats
