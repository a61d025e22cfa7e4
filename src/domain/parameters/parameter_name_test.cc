#include "domain/parameters/parameter_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace coffer::domain {
namespace {

std::string levels(int count) {
  std::string name;
  for (int i = 0; i < count; ++i) name += "/l";
  return name;
}

TEST(ParameterName, Accepts) {
  for (const std::string& name : std::vector<std::string>{"a",
                                                          "flat",
                                                          "my-cool.parameter_1",
                                                          "/a",
                                                          "/prod/db/password",
                                                          "/a/b.c/d_e-f",
                                                          levels(15)}) {
    const auto checked = check_parameter_name(name);
    ASSERT_TRUE(checked) << name << ": " << checked.error().message;
    EXPECT_EQ(*checked, name);
  }
  EXPECT_EQ(check_parameter_name("  /a/b ").value(), "/a/b");
}

TEST(ParameterName, Refuses) {
  const std::vector<std::pair<std::string, std::string_view>> cases{
      {"", "ValidationException"},
      {"/", "ValidationException"},
      {"//a", "ValidationException"},
      {"/a//b", "ValidationException"},
      {"/a/", "ValidationException"},
      {"/a/../b", "ValidationException"},
      {"/./a", "ValidationException"},
      {"a/b", "ValidationException"},
      {"a b", "ValidationException"},
      {"a:3", "ValidationException"},
      {"/\xc3\xa4", "ValidationException"},
      {"/a\n", "ValidationException"},
      {"aws_test", "ValidationException"},
      {"SSM_TEST", "ValidationException"},
      {"/awsome", "ValidationException"},
      {"/ssm/path", "ValidationException"},
      {"/AWS/path", "AccessDeniedException"},
      {"/aws/reference/secretsmanager/x", "AccessDeniedException"},
      {levels(16), "HierarchyLevelLimitExceededException"},
      {"/" + std::string(256, 'a'), "ValidationException"},
      {levels(2) + "/" + std::string(1020, 'a'), "ValidationException"}};
  for (const auto& [name, error] : cases) {
    const auto checked = check_parameter_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().name, error) << name;
  }
}

TEST(ParameterName, PathsAreHierarchies) {
  for (const char* path : {"/", "/a", "/a/", "/a/b/c"}) EXPECT_TRUE(check_parameter_path(path));
  for (const char* path : {"", "a", "//", "/###", "/a//b", "/aws", "/ssm/x", "/a/..", "test"}) {
    EXPECT_FALSE(check_parameter_path(path)) << path;
  }
}

TEST(ParameterName, ReferencesHaveOneSelector) {
  struct Case {
    std::string text, name, selector;
  };

  for (const Case& c : std::vector<Case>{{"a", "a", ""},
                                         {"/a/b:3", "/a/b", ":3"},
                                         {"a:label.1", "a", ":label.1"},
                                         {" a ", "a", ""}}) {
    const auto reference = parse_parameter_reference(c.text);
    ASSERT_TRUE(reference) << c.text;
    EXPECT_EQ(reference->name, c.name);
    EXPECT_EQ(reference->selector, c.selector);
  }
  for (const char* text : {"a:", "a:2:3", ":", "::"}) {
    const auto reference = parse_parameter_reference(text);
    ASSERT_FALSE(reference) << text;
    EXPECT_EQ(reference.error().name, "ParameterNotFound");
    EXPECT_EQ(reference.error().message, "Parameter " + std::string(text) + " not found.");
  }
}

TEST(ParameterName, Labels) {
  for (const std::string& text :
       {std::string("a"), std::string("test-label.1_x"), std::string(100, 'a')}) {
    EXPECT_TRUE(is_label(text)) << text;
  }
  for (const std::string& text : std::vector<std::string>{
           "", "9abc", "awsabc", "SSMabc", "abc/123", "a b", std::string(101, 'a')}) {
    EXPECT_FALSE(is_label(text)) << text;
  }
}

}  // namespace
}  // namespace coffer::domain
