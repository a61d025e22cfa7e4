#include "dialects/aws/secret_filters.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

domain::SecretRow sample() {
  domain::SecretRow secret;
  *secret.path = "Prod/MyDbKey";
  domain::SecretExtra& extra = secret.extra->emplace();
  extra.region = "eu-west-1";
  extra.description = "Password of the Billing database";
  extra.tags = {{"team", "Payments"}, {"env", "prod"}};
  extra.replicas = {{"us-east-1", ""}};
  return secret;
}

bool fits_text(std::string_view filters) {
  const std::string body = "{\"Filters\":" + std::string(filters) + "}";
  const auto view = formats::JsonView::parse(body);
  const auto parsed = parse_filters(*view);
  EXPECT_TRUE(parsed) << filters;
  return parsed && fits(*parsed, sample());
}

TEST(SecretFilters, FitsByTheRules) {
  struct Case {
    std::string_view filters;
    bool fits;
  };

  const Case cases[] = {
      {R"([])", true},
      {R"([{"Key":"name","Values":["Prod"]}])", true},
      {R"([{"Key":"name","Values":["prod"]}])", false},
      {R"([{"Key":"name","Values":["MyDb"]}])", false},
      {R"([{"Key":"name","Values":["x","Prod/My"]}])", true},
      {R"([{"Key":"name","Values":["!Prod"]}])", false},
      {R"([{"Key":"name","Values":["!Test"]}])", true},
      {R"([{"Key":"description","Values":["billing"]}])", true},
      {R"([{"Key":"description","Values":["data pass"]}])", true},
      {R"([{"Key":"description","Values":["illing"]}])", false},
      {R"([{"Key":"description","Values":["!billing"]}])", false},
      {R"([{"Key":"tag-key","Values":["te"]}])", true},
      {R"([{"Key":"tag-key","Values":["Te"]}])", false},
      {R"([{"Key":"tag-value","Values":["Pay"]}])", true},
      {R"([{"Key":"primary-region","Values":["eu-west-1"]}])", true},
      {R"([{"Key":"primary-region","Values":["us-east-1"]}])", false},
      {R"([{"Key":"owning-service","Values":["rds"]}])", false},
      {R"([{"Key":"all","Values":["payments"]}])", true},
      {R"([{"Key":"all","Values":["db"]}])", true},
      {R"([{"Key":"all","Values":["mydbkey"]}])", false},
      {R"([{"Key":"all","Values":["MyDbKey"]}])", true},
      {R"([{"Key":"all","Values":["nothing"]}])", false},
      {R"([{"Key":"name","Values":["Prod"]},{"Key":"tag-key","Values":["no"]}])", false},
      {R"([{"Key":"name","Values":["Prod"]},{"Key":"tag-key","Values":["env"]}])", true},
  };
  for (const Case& one : cases) EXPECT_EQ(fits_text(one.filters), one.fits) << one.filters;
}

// As AWS was seen to do it by moto's tests of ListSecrets that run against both.
TEST(SecretFilters, SplitsWordsAtCapitals) {
  struct Case {
    std::string_view name;
    std::string_view sought;
    bool fits;
  };

  for (const Case& one : {Case{"SecretFTag", "t", true},
                          Case{"SecretFTag", "f", true},
                          Case{"SecretFTag", "FTag", true},
                          Case{"SecretFTag", "ag", false},
                          Case{"Thirdsecret", "sec", false},
                          Case{"uat/COMPANY/x", "company", true},
                          Case{"uat/COMPANYthings/x", "company", false},
                          Case{"uat/COMPANYthings/x", "compan", true},
                          Case{"uat/COMPANYthings/x", "things", false},
                          Case{"uat/COMPANYthings/x", "Ythings", true},
                          Case{"uat/COMPANYthings/x", "N", false},
                          Case{"prod+App", "+", false}}) {
    domain::SecretRow secret;
    *secret.path = std::string(one.name);
    EXPECT_EQ(fits({{FilterKey::all, {std::string(one.sought)}}}, secret), one.fits)
        << one.name << " " << one.sought;
  }
}

TEST(SecretFilters, RefusesWhatItDoesNotKnow) {
  for (const std::string_view filters : {R"([{"Values":["a"]}])",
                                         R"([{"Key":"colour","Values":["a"]}])",
                                         R"([{"Key":"name"}])",
                                         R"([{"Key":"name","Values":[]}])",
                                         R"([{"Key":"name","Values":"a"}])",
                                         R"([{"Key":1,"Values":["a"]}])"}) {
    const std::string body = "{\"Filters\":" + std::string(filters) + "}";
    const auto view = formats::JsonView::parse(body);
    EXPECT_FALSE(parse_filters(*view)) << filters;
  }
}

TEST(SecretFilters, FitsSecretsOfTheKvEngine) {
  domain::SecretRow secret;
  *secret.path = "a";
  const std::string body = R"({"Filters":[{"Key":"description","Values":["!x"]}]})";
  const auto view = formats::JsonView::parse(body);
  EXPECT_TRUE(fits(*parse_filters(*view), secret));
}

}  // namespace
}  // namespace coffer::dialects::aws
