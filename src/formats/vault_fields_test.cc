#include "formats/vault_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace coffer::formats {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// Calls `read` on the field "f" of {"f":<json>}.
template <class Read>
auto field(Read read, const std::string& json) {
  const std::string body = R"({"g":0,"f":)" + json + "}";
  return read(JsonView::parse(body).value(), "f");
}

template <class Read>
void expect_refused(Read read, const std::vector<std::string>& values) {
  for (const std::string& json : values) {
    const auto result = field(read, json);
    ASSERT_FALSE(result) << json;
    EXPECT_EQ(result.error().code, Code::invalid_argument);
    EXPECT_TRUE(result.error().message.starts_with("field 'f': expected ")) << json;
  }
}

TEST(VaultFields, AbsentAndNullAreTheSame) {
  for (const std::string_view text :
       {"{}", R"({"f":null})", R"({"F":1})", "null", "[1]", "\"f\""}) {
    const JsonView body = JsonView::parse(text).value();
    EXPECT_EQ(integer_field(body, "f").value(), std::nullopt);
    EXPECT_EQ(duration_field(body, "f").value(), std::nullopt);
    EXPECT_EQ(bool_field(body, "f").value(), std::nullopt);
    EXPECT_EQ(text_field(body, "f").value(), std::nullopt);
    EXPECT_FALSE(secret_field(body, "f").value().has_value());
    EXPECT_EQ(list_field(body, "f").value(), std::nullopt);
    EXPECT_EQ(map_field(body, "f").value(), std::nullopt);
    EXPECT_FALSE(object_field(body, "f").value().has_value());
  }
}

TEST(VaultFields, Integers) {
  EXPECT_EQ(field(integer_field, "5").value(), 5);
  EXPECT_EQ(field(integer_field, "-1").value(), -1);
  EXPECT_EQ(field(integer_field, R"("5")").value(), 5);
  EXPECT_EQ(field(integer_field, R"(" 07 ")").value(), 7);
  EXPECT_EQ(field(integer_field, "9223372036854775807").value(), INT64_MAX);
  expect_refused(integer_field,
                 {"1.5",
                  "1e3",
                  "9223372036854775808",
                  "true",
                  "[]",
                  "{}",
                  R"("")",
                  R"("x")",
                  R"("5s")",
                  R"("1 2")",
                  R"("0x10")",
                  R"("+5")"});
}

TEST(VaultFields, Durations) {
  EXPECT_EQ(field(duration_field, "3600").value(), hours(1));
  EXPECT_EQ(field(duration_field, R"("30")").value(), seconds(30));
  EXPECT_EQ(field(duration_field, R"("30s")").value(), seconds(30));
  EXPECT_EQ(field(duration_field, R"("1h30m")").value(), minutes(90));
  EXPECT_EQ(field(duration_field, "0").value(), seconds(0));
  EXPECT_EQ(field(duration_field, R"("")").value(), seconds(0));
  EXPECT_EQ(field(duration_field, "-1").value(), seconds(-1));
  expect_refused(duration_field,
                 {"true",
                  "[]",
                  "{}",
                  R"("x")",
                  R"("1x")",
                  R"("h")",
                  "1e30",
                  R"("1h ago")",
                  "99999999999999999999"});
}

TEST(VaultFields, Booleans) {
  for (const char* json : {"true", R"("true")", R"("True")", R"("1")", "1", R"("t")"}) {
    EXPECT_EQ(field(bool_field, json).value(), true) << json;
  }
  for (const char* json : {"false", R"("false")", R"("FALSE")", R"("0")", "0", R"("f")"}) {
    EXPECT_EQ(field(bool_field, json).value(), false) << json;
  }
  expect_refused(bool_field, {"2", "-1", R"("yes")", R"("")", R"("tRUE")", "[]", "{}"});
}

TEST(VaultFields, Texts) {
  EXPECT_EQ(field(text_field, R"("a\nb")").value(), "a\nb");
  EXPECT_EQ(field(text_field, "2").value(), "2");
  EXPECT_EQ(field(text_field, "true").value(), "true");
  EXPECT_EQ(field(text_field, R"("")").value(), "");
  expect_refused(text_field, {"[]", "{}"});
}

TEST(VaultFields, SecretsAreStringsOnly) {
  EXPECT_EQ(field(secret_field, R"("hunter\u0032")").value()->text(), "hunter2");
  expect_refused(secret_field, {"1", "true", "[]", "{}", R"(["hunter2"])"});
}

TEST(VaultFields, Lists) {
  EXPECT_THAT(*field(list_field, R"(["a","b"])").value(), ElementsAre("a", "b"));
  EXPECT_THAT(*field(list_field, R"("a, b ,,c,")").value(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*field(list_field, R"(["a,b",1,true])").value(), ElementsAre("a,b", "1", "true"));
  EXPECT_THAT(*field(list_field, R"("")").value(), IsEmpty());
  EXPECT_THAT(*field(list_field, R"(" , ")").value(), IsEmpty());
  EXPECT_THAT(*field(list_field, "[]").value(), IsEmpty());
  expect_refused(list_field, {"1", "true", "{}", "[[]]", R"(["a",null])", R"([{"a":1}])"});
}

TEST(VaultFields, ListsAreLimited) {
  std::string text = "\"a";
  for (std::size_t i = 1; i < kMaxListField; ++i) text += ",a";
  EXPECT_EQ(field(list_field, text + "\"").value()->size(), kMaxListField);
  expect_refused(list_field, {text + ",a\""});
}

TEST(VaultFields, Maps) {
  EXPECT_THAT(*field(map_field, R"({"version":2,"a":"b","c":null,"d":true})").value(),
              ElementsAre(Pair("version", "2"), Pair("a", "b"), Pair("d", "true")));
  EXPECT_THAT(*field(map_field, "{}").value(), IsEmpty());
  EXPECT_THAT(*field(map_field, R"("a=b=c")").value(), ElementsAre(Pair("a", "b=c")));
  EXPECT_THAT(*field(map_field, R"(["a=b","c="])").value(),
              ElementsAre(Pair("a", "b"), Pair("c", "")));
  EXPECT_THAT(*field(map_field, "[]").value(), IsEmpty());
  expect_refused(map_field,
                 {"1",
                  R"({"a":[]})",
                  R"({"a":{}})",
                  R"("a")",
                  R"("=b")",
                  R"([1])",
                  R"(["a=b","c"])",
                  R"(["a=b","a=c"])"});
}

TEST(VaultFields, Objects) {
  const std::string body = R"({"f":{"x":1}})";
  EXPECT_EQ(object_field(JsonView::parse(body).value(), "f").value()->raw(), R"({"x":1})");
  expect_refused(object_field, {"1", "[]", R"("{}")"});
}

TEST(VaultFields, ErrorsNeverShowTheValue) {
  const auto error = field(integer_field, R"("hunter2")").error();
  EXPECT_EQ(error.message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace coffer::formats
