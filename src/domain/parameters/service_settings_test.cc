#include "domain/parameters/service_settings.h"

#include "domain/parameters/allowed_pattern.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

constexpr std::string_view kTier = "/ssm/parameter-store/default-parameter-tier";

TEST(ServiceSettings, HaveDefaultsAreChosenAndReset) {
  work::TestWorld world;
  {
    work::View view = world.view();
    const auto shown = service_setting(view, kTier).value();
    EXPECT_EQ(shown.setting.value, "Standard");
    EXPECT_FALSE(shown.customized);
    EXPECT_EQ(default_parameter_tier(view), ParameterTier::standard);
    EXPECT_EQ(update_service_setting(view, kTier, "Best", "a").error().name, "ValidationException");
    EXPECT_EQ(service_setting(view, "/ssm/other").error().name, "ServiceSettingNotFound");
    const std::string arn =
        "arn:aws:ssm:us-east-1:123456789012:servicesetting" + std::string(kTier);
    ASSERT_TRUE(update_service_setting(view, arn, "Intelligent-Tiering", "a"));
    ASSERT_TRUE(world.commit(view));
  }
  work::View view = world.view();
  const auto shown = service_setting(view, kTier).value();
  EXPECT_EQ(shown.setting.value, "Intelligent-Tiering");
  EXPECT_EQ(shown.setting.modified_by, "a");
  EXPECT_TRUE(shown.customized);
  EXPECT_EQ(default_parameter_tier(view), ParameterTier::intelligent);
  EXPECT_EQ(reset_service_setting(view, kTier)->setting.value, "Intelligent-Tiering");
  EXPECT_EQ(service_setting(view, kTier)->setting.value, "Standard");
}

TEST(AllowedPattern, SaysWhatIsWrong) {
  EXPECT_TRUE(check_allowed_pattern("", "anything"));
  EXPECT_TRUE(check_allowed_pattern("^\\d+$", "42"));
  const auto mismatch = check_allowed_pattern("^\\d+$", "s3cret");
  ASSERT_FALSE(mismatch);
  EXPECT_EQ(mismatch.error().name, "ParameterPatternMismatchException");
  EXPECT_EQ(mismatch.error().message.find("s3cret"), std::string::npos);
  EXPECT_EQ(check_allowed_pattern("[", "x").error().name, "InvalidAllowedPatternException");
}

}  // namespace
}  // namespace coffer::domain
