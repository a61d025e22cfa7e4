#include "domain/audit/devices.h"

#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

AuditDevice device_at(std::string path, std::string type = "file") {
  AuditDevice device;
  device.path = std::move(path);
  device.type = std::move(type);
  device.options = {{"file_path", "/somewhere"}};
  return device;
}

TEST(AuditDevices, ListsWhatWasEnabledAndNotDisabled) {
  work::TestWorld world;
  work::View first = world.view();
  ASSERT_TRUE(AuditDevices(first).enable(device_at("file")));
  ASSERT_TRUE(AuditDevices(first).enable(device_at("other/", "syslog")));
  ASSERT_TRUE(world.commit(first));
  work::View second = world.view();
  ASSERT_TRUE(AuditDevices(second).disable("other"));
  ASSERT_TRUE(AuditDevices(second).disable("never-there"));
  ASSERT_TRUE(world.commit(second));
  work::View third = world.view();
  const auto listed = AuditDevices(third).list();
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->at("file/").options.at("file_path"), "/somewhere");
}

TEST(AuditDevices, RefusesTakenPathsUnknownTypesAndTooMuch) {
  work::TestWorld world;
  work::View view = world.view();
  AuditDevices devices(view);
  ASSERT_TRUE(devices.enable(device_at("file")));
  EXPECT_EQ(devices.enable(device_at("file/")).error().code, Code::already_exists);
  EXPECT_EQ(devices.enable(device_at("x", "carrier pigeon")).error().code, Code::invalid_argument);
  EXPECT_EQ(devices.enable(device_at("../x")).error().code, Code::invalid_argument);
  AuditDevice large = device_at("large");
  large.options["prefix"] = std::string(5000, 'x');
  EXPECT_EQ(devices.enable(std::move(large)).error().code, Code::too_large);
}

TEST(AuditDevices, HashesUnderAKeyOfTheDevice) {
  work::TestWorld world;
  work::View view = world.view();
  AuditDevices devices(view);
  ASSERT_TRUE(devices.enable(device_at("a")));
  ASSERT_TRUE(devices.enable(device_at("b")));
  const auto hash = devices.hash("a", "text");
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->size(), std::string_view("hmac-sha256:").size() + 64);
  EXPECT_EQ(*devices.hash("a/", "text"), *hash);
  EXPECT_NE(*devices.hash("a", "texT"), *hash);
  EXPECT_NE(*devices.hash("b", "text"), *hash);
  const auto unknown = devices.hash("c", "text");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "unknown audit backend: \"c/\"");
}

}  // namespace
}  // namespace coffer::domain
