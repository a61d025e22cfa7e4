#include "rows/boxed.h"

#include "base/encoding.h"
#include "rows/codec.h"

#include <gtest/gtest.h>

namespace coffer::rows {
namespace {

template <class T>
std::string encoded(const T& value) {
  Bytes out;
  Writer writer(out);
  encode_value(writer, value);
  return hex_encode(out);
}

TEST(Boxed, IsEncodedAsAnOptional) {
  EXPECT_EQ(encoded(Boxed<std::string>()), encoded(std::optional<std::string>()));
  EXPECT_EQ(encoded(Boxed<std::string>("ab")), encoded(std::optional<std::string>("ab")));
  Boxed<std::string> read("old");
  const Bytes some{1, 2, 0x61, 0x62};
  Reader present(some);
  ASSERT_TRUE(decode_value(present, read));
  EXPECT_EQ(*read, "ab");
  const Bytes none{0};
  Reader absent(none);
  ASSERT_TRUE(decode_value(absent, read));
  EXPECT_FALSE(read.has_value());
  const Bytes wrong{2};
  Reader neither(wrong);
  EXPECT_FALSE(decode_value(neither, read));
}

TEST(Boxed, CopiesWhatIsInside) {
  Boxed<std::string> one("a");
  Boxed<std::string> two = one;
  *two = "b";
  EXPECT_EQ(*one, "a");
  one = two;
  EXPECT_EQ(*one, "b");
  one = Boxed<std::string>();
  EXPECT_FALSE(one);
  EXPECT_EQ(*two, "b");
  EXPECT_EQ(sizeof(Boxed<std::string>), sizeof(void*));
}

}  // namespace
}  // namespace coffer::rows
