#include "domain/identity/aws_names.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

TEST(AwsNames, ARegionsThingsAreOfItsPartition) {
  const auto partition = [](std::string_view region) {
    const std::string arn = regional_arn("kms", region, "123456789012", "key/a:b");
    const std::string end = ":kms:" + std::string(region) + ":123456789012:key/a:b";
    EXPECT_TRUE(arn.starts_with("arn:") && arn.ends_with(end)) << arn;
    return arn.substr(4, arn.size() - 4 - end.size());
  };
  EXPECT_EQ(partition("eu-north-1"), "aws");
  EXPECT_EQ(partition("us-isolated-1"), "aws");
  EXPECT_EQ(partition("cn-north-1"), "aws-cn");
  EXPECT_EQ(partition("us-gov-west-1"), "aws-us-gov");
  EXPECT_EQ(partition("us-iso-east-1"), "aws-iso");
  EXPECT_EQ(partition("us-isob-east-1"), "aws-iso-b");
  EXPECT_EQ(partition("eu-isoe-west-1"), "aws-iso-e");
  EXPECT_EQ(partition("us-isof-south-1"), "aws-iso-f");
  EXPECT_EQ(partition("eusc-de-east-1"), "aws-eusc");
}

}  // namespace
}  // namespace coffer::domain
