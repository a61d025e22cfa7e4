#include "apps/server/aws_limits.h"

#include "apps/server/config.h"
#include "dialects/aws/request_limits.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coffer::server {
namespace {

using Rate = std::optional<gate::RequestRate>;

Result<Config> parsed(std::string_view limits) {
  return parse_config("[storage]\npath = \"/var/lib/coffer\"\n" + std::string(limits));
}

std::string refusal(std::string_view limits) {
  const auto config = parsed(limits);
  return config ? "" : config.error().message;
}

Rate rate_in(const Config& config, std::string_view service, std::string_view group) {
  return config.aws_limits.rates.at(*dialects::aws::find_limit_group(service, group));
}

TEST(AwsLimits, NothingIsLimitedUnlessTheConfigurationSaysSo) {
  const auto config = parsed("");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->aws_limits.rates.empty());
  EXPECT_EQ(config->aws_limits.principals, 10'000U);
  const auto empty = parsed("[aws.limits]\npreset = \"none\"\n");
  ASSERT_TRUE(empty) << empty.error().message;
  for (const Rate& rate : empty->aws_limits.rates) EXPECT_FALSE(rate);
}

TEST(AwsLimits, ReadsRatesAndBursts) {
  const auto config = parsed(
      "[aws.limits]\nprincipals = 7\n"
      "[aws.limits.kms]\nsymmetric = 500\nCreateKey = 0.5\n"
      "ListKeys = {rate = 10, burst = 2}\nDescribeKey = {rate = 0.5}\n"
      "[aws.limits.sts]\nall = {rate = 1, burst = 1.5}\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->aws_limits.principals, 7U);
  EXPECT_EQ(rate_in(*config, "kms", "symmetric"), (gate::RequestRate{500, 500}));
  EXPECT_EQ(rate_in(*config, "kms", "CreateKey"), (gate::RequestRate{0.5, 1}));
  EXPECT_EQ(rate_in(*config, "kms", "ListKeys"), (gate::RequestRate{10, 2}));
  EXPECT_EQ(rate_in(*config, "kms", "DescribeKey"), (gate::RequestRate{0.5, 1}));
  EXPECT_EQ(rate_in(*config, "sts", "all"), (gate::RequestRate{1, 1.5}));
  EXPECT_EQ(rate_in(*config, "kms", "rsa"), std::nullopt);
}

TEST(AwsLimits, TheRestChangesWhatThePresetGives) {
  // In TOML's own order the services come first.
  const auto config = parsed(
      "[aws.limits.kms]\nCreateKey = \"none\"\nCreateAlias = 6\n"
      "[aws.limits]\npreset = \"aws\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(rate_in(*config, "kms", "CreateKey"), std::nullopt);
  EXPECT_EQ(rate_in(*config, "kms", "CreateAlias"), (gate::RequestRate{6, 6}));
  EXPECT_EQ(rate_in(*config, "kms", "CreateGrant"), (gate::RequestRate{50, 50}));
  EXPECT_EQ(rate_in(*config, "secretsmanager", "read"), (gate::RequestRate{10'000, 10'000}));
}

TEST(AwsLimits, RefusesWithTheNameOfTheKey) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };

  constexpr std::string_view kRate =
      "aws.limits.kms.rsa must be a rate from 0.001 to 1000000 a second";
  const Case cases[] = {
      {"[aws]\nlimits = 5", "aws.limits must be a table"},
      {"[aws.limits]\npreset = \"amazon\"", "aws.limits.preset must be \"none\" or \"aws\""},
      {"[aws.limits]\npreset = true", "aws.limits.preset must be \"none\" or \"aws\""},
      {"[aws.limits]\nprincipals = 0", "aws.limits.principals must be a number from 1 to 1000000"},
      {"[aws.limits]\nprincipals = 1.5",
       "aws.limits.principals must be a number from 1 to 1000000"},
      {"[aws.limits]\nrate = 5", "aws.limits must be without the key rate"},
      {"[aws.limits.s3]\nall = 5", "aws.limits must be without the key s3"},
      {"[aws.limits]\nkms = 5", "aws.limits.kms must be a table of groups of operations"},
      {"[aws.limits.kms]\nDecrypt = 5", "aws.limits.kms must be without the key Decrypt"},
      {"[aws.limits.kms]\nrsa = \"5\"",
       "aws.limits.kms.rsa must be a rate in requests a second, a table with rate and burst, or "
       "\"none\""},
      {"[aws.limits.kms]\nrsa = {burst = 5}", "aws.limits.kms.rsa must be a table with rate"},
      {"[aws.limits.kms]\nrsa = {rate = 5, bursts = 5}",
       "aws.limits.kms.rsa must be without the key bursts"},
      {"[aws.limits.kms]\nrsa = {rate = \"5\"}", "aws.limits.kms.rsa.rate must be a number"},
      {"[aws.limits.kms]\nrsa = 0", kRate},
      {"[aws.limits.kms]\nrsa = -1", kRate},
      {"[aws.limits.kms]\nrsa = nan", kRate},
      {"[aws.limits.kms]\nrsa = {rate = 5, burst = 0.5}",
       "aws.limits.kms.rsa must have a burst from 1 to 10000000"},
      {"[aws.limits.kms]\nrsa = {rate = 0.001, burst = 100}",
       "aws.limits.kms.rsa must have a burst that comes in a day or sooner"},
  };
  for (const Case& one : cases) EXPECT_EQ(refusal(one.text), one.error) << one.text;
}

}  // namespace
}  // namespace coffer::server
