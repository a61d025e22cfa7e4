#include "domain/parameters/parameter_filter.h"

#include "domain/parameters/parameter_name.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

Result<ParameterFilters> parse(std::string_view text, FilterScope scope = FilterScope::describe) {
  return ParameterFilters::parse(formats::JsonView::parse(text).value(), scope);
}

ParameterRow parameter(std::string_view name) {
  ParameterRow row;
  *row.name = name;
  *row.path = path_of_parameter(name);
  return row;
}

std::string shown(std::string_view filters, const std::vector<ParameterRow>& parameters) {
  const auto parsed = parse(filters);
  if (!parsed) return parsed.error().message;
  std::string names;
  for (const ParameterRow& row : parameters) {
    if (parsed->shows(row)) names += (names.empty() ? "" : " ") + *row.name;
  }
  return names;
}

TEST(ParameterFilters, NamesHaveNoFirstSlash) {
  std::vector<ParameterRow> all;
  for (const char* name : {"param", "/param-2", "/tangent-3", "tangram-4", "standby-5"}) {
    all.push_back(parameter(name));
  }
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"([{"Key":"Name","Values":["param"]}])", "param"},
      {R"([{"Key":"Name","Values":["/param"]}])", "param"},
      {R"([{"Key":"Name","Values":["param-2"]}])", "/param-2"},
      {R"([{"Key":"Name","Option":"BeginsWith","Values":["param"]}])", "param /param-2"},
      {R"([{"Key":"Name","Option":"Contains","Values":["ram"]}])", "param /param-2 tangram-4"},
      {R"([{"Key":"Name","Option":"Contains","Values":["/tan"]}])", "/tangent-3 tangram-4"},
      {R"([{"Key":"Name","Values":["other"]}])", ""}};
  for (const auto& [filters, names] : cases) EXPECT_EQ(shown(filters, all), names) << filters;
}

TEST(ParameterFilters, PathsAreFolders) {
  std::vector<ParameterRow> all;
  for (const char* name : {"/foo/name1", "/foo/name2", "/bar/name3", "/bar/name3/name4", "foo"}) {
    all.push_back(parameter(name));
  }
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"([{"Key":"Path","Values":["/fo"]}])", ""},
      {R"([{"Key":"Path","Values":["/"]}])", "foo"},
      {R"([{"Key":"Path","Values":["/","/foo"]}])", "/foo/name1 /foo/name2 foo"},
      {R"([{"Key":"Path","Values":["/foo/"]}])", "/foo/name1 /foo/name2"},
      {R"([{"Key":"Path","Option":"OneLevel","Values":["/bar/name3"]}])", "/bar/name3/name4"},
      {R"([{"Key":"Path","Option":"Recursive","Values":["/fo"]}])", ""},
      {R"([{"Key":"Path","Option":"Recursive","Values":["/bar"]}])",
       "/bar/name3 /bar/name3/name4"}};
  for (const auto& [filters, names] : cases) EXPECT_EQ(shown(filters, all), names) << filters;
  EXPECT_EQ(shown(R"([{"Key":"Path","Option":"Recursive","Values":["/"]}])", all),
            "/foo/name1 /foo/name2 /bar/name3 /bar/name3/name4 foo");
}

TEST(ParameterFilters, AttributesTagsAndLabels) {
  ParameterRow secure = parameter("/s");
  secure.current->type = ParameterType::secure_string;
  secure.current->key_id = "alias/aws/ssm";
  secure.current->tier = ParameterTier::advanced;
  (*secure.tags)["team"] = "blue";
  (*secure.labels)["live"] = 2;
  const std::vector<ParameterRow> all{secure, parameter("plain")};
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"([{"Key":"Type","Values":["SecureString"]}])", "/s"},
      {R"([{"Key":"Type","Option":"BeginsWith","Values":["Str"]}])", "plain"},
      {R"([{"Key":"KeyId","Option":"BeginsWith","Values":["alias"]}])", "/s"},
      {R"([{"Key":"Tier","Values":["Standard"]}])", "plain"},
      {R"([{"Key":"DataType","Values":["text"]}])", "/s plain"},
      {R"([{"Key":"tag:team"}])", "/s"},
      {R"([{"Key":"tag:team","Values":["blue"]}])", "/s"},
      {R"([{"Key":"tag:team","Values":["red"]}])", ""},
      {R"([{"Key":"tag:team","Option":"BeginsWith","Values":["b"]},{"Key":"Name","Values":["s"]}])",
       "/s"},
      {R"([{"Key":"tag:team","Values":["blue"]},{"Key":"Name","Values":["plain"]}])", ""}};
  for (const auto& [filters, names] : cases) EXPECT_EQ(shown(filters, all), names) << filters;
  const auto labels = parse(R"([{"Key":"Label","Values":["live"]}])", FilterScope::by_path);
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->labelled(secure), std::vector<std::uint64_t>{2});
  const auto several =
      parse(R"([{"Key":"Label","Values":["none","live","old"]}])", FilterScope::by_path);
  ASSERT_TRUE(several);
  ParameterRow carrier = secure;
  (*carrier.labels)["old"] = 7;
  EXPECT_EQ(several->labelled(carrier), (std::vector<std::uint64_t>{7, 2}));
  EXPECT_TRUE(several->labelled(all[1])->empty());
  EXPECT_EQ(ParameterFilters().labelled(secure), std::nullopt);
  EXPECT_TRUE(labels->shows(secure));
  EXPECT_FALSE(labels->shows(all[1]));
  EXPECT_TRUE(ParameterFilters().shows(secure));
}

TEST(ParameterFilters, Refuses) {
  struct Case {
    std::string filters;
    std::string_view name;
    std::string message;
    FilterScope scope = FilterScope::describe;
  };

  for (const Case& c : std::vector<Case>{
           {R"([{"Key":"Label","Values":["x"]}])",
            "InvalidFilterKey",
            "The following filter key is not valid: Label. Valid filter keys include: [Path, Name, "
            "Type, KeyId, Tier]."},
           {R"([{"Key":"Name","Values":["x"]}])",
            "InvalidFilterKey",
            "The following filter key is not valid: Name. Valid filter keys include: [Type, "
            "KeyId].",
            FilterScope::by_path},
           {R"([{"Key":"Path","Values":["/x"]}])", "InvalidFilterKey", "", FilterScope::by_path},
           {R"([{"Key":"Tier","Values":["Standard"]}])",
            "InvalidFilterKey",
            "",
            FilterScope::by_path},
           {R"([{"Key":"tag:","Values":["x"]}])", "InvalidFilterKey", ""},
           {R"([{"Key":7,"Values":["x"]}])", "InvalidFilterKey", ""},
           {R"([7])", "InvalidFilterKey", ""},
           {R"([{"Key":"Name"}])",
            "InvalidFilterValue",
            "The following filter values are missing : null for filter key Name"},
           {R"([{"Key":"Name","Values":["a"]},{"Key":"Name","Values":["b"]}])",
            "InvalidFilterKey",
            "The following filter is duplicated in the request: Name. A request can contain only "
            "one occurrence of a specific filter."},
           {R"([{"Key":"Path","Values":["/aws","/x"]}])", "ValidationException", ""},
           {R"([{"Key":"Path","Values":["//"]}])", "ValidationException", ""},
           {R"([{"Key":"Path","Option":"Equals","Values":["/x"]}])",
            "InvalidFilterOption",
            "The following filter option is not valid: Equals. Valid options include: [Recursive, "
            "OneLevel]"},
           {R"([{"Key":"Tier","Values":["test"]}])",
            "InvalidFilterValue",
            "The following filter value is not valid: test. Valid values include: [Standard, "
            "Advanced, Intelligent-Tiering]."},
           {R"([{"Key":"Type","Values":["test"]}])",
            "InvalidFilterValue",
            "The following filter value is not valid: test. Valid values include: [String, "
            "StringList, SecureString]."},
           {R"([{"Key":"Name","Option":"option","Values":["test"]}])",
            "InvalidFilterOption",
            "The following filter option is not valid: option. Valid options include: [BeginsWith, "
            "Equals]."},
           {R"([{"Key":"Type","Option":"Contains","Values":["S"]}])", "InvalidFilterOption", ""},
           {R"({})", "ValidationException", ""}}) {
    const auto filters = parse(c.filters, c.scope);
    ASSERT_FALSE(filters) << c.filters;
    EXPECT_EQ(filters.error().name, c.name) << c.filters;
    if (!c.message.empty()) EXPECT_EQ(filters.error().message, c.message);
  }
  EXPECT_FALSE(parse(R"([{"Key":"Name","Values":[7]}])"));
  std::string many;
  for (int i = 0; i < 51; ++i) many += std::string(i == 0 ? "" : ",") + "\"x\"";
  EXPECT_FALSE(parse(R"([{"Key":"Name","Values":[)" + many + "]}]"));
}

TEST(ParameterFilters, TheOlderFormHasThreeKeys) {
  const auto old = [](std::string_view text) {
    return ParameterFilters::parse_old(formats::JsonView::parse(text).value());
  };
  const auto by_name = old(R"([{"Key":"Name","Values":["param-22"]}])");
  ASSERT_TRUE(by_name);
  EXPECT_TRUE(by_name->shows(parameter("param-22")));
  EXPECT_FALSE(by_name->shows(parameter("param-2")));
  EXPECT_FALSE(old(R"([{"Key":"Path","Values":["/x"]}])"));
  EXPECT_FALSE(old(R"([{"Key":"tag:x","Values":["/x"]}])"));
}

}  // namespace
}  // namespace coffer::domain
