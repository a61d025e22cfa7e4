#include "dialects/aws/query.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

Result<std::string> converted(std::string_view form) {
  COFFER_TRY(const auto pairs, formats::parse_form(form));
  COFFER_TRY(const secure::SecureText json, json_of_query(pairs));
  return std::string(json.text());
}

struct Case {
  const char* form;
  const char* json;
};

class QueryConverts : public testing::TestWithParam<Case> {};

TEST_P(QueryConverts, ToTheSameJson) {
  const auto json = converted(GetParam().form);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(*json, GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    QueryConverts,
    testing::Values(Case{"", "{}"},
                    Case{"Action=GetCallerIdentity&Version=2011-06-15",
                         R"({"Action":"GetCallerIdentity","Version":"2011-06-15"})"},
                    Case{"Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c",
                         R"({"Tags":[{"Key":"a","Value":"b"},{"Key":"c"}]})"},
                    Case{"Keys.member.2=y&Keys.member.1=x", R"({"Keys":["x","y"]})"},
                    Case{"M.entry.1.key=k&M.entry.1.value=v", R"({"M":{"k":"v"}})"},
                    Case{"A.B.C=%22q%22", R"({"A":{"B":{"C":"\"q\""}}})"}));

TEST(Query, RefusesWhatContradictsItself) {
  for (const char* form : {"A=1&A.B=2",
                           "A.B=2&A=1",
                           "A.member.2=x",
                           "A.member.0=x",
                           "A.member.01=x",
                           "A.member.1=x&A.member.3=y",
                           "A.member.one=x",
                           "A..B=x",
                           ".A=x",
                           "A.=x",
                           "M.entry.1.key=k",
                           "M.entry.1.key=k&M.entry.1.value=v&M.entry.2.key=k&M.entry.2.value=w",
                           "a.b.c.d.e.f.g.h.i.j.k.l.m=x"}) {
    EXPECT_FALSE(converted(form)) << form;
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
