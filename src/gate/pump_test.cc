#include "gate/pump.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

namespace coffer::gate {
namespace {

TEST(Pump, GivesWhatWasPushedInOrderThenTheEnd) {
  Pump pump([](const Pump::Push& push) -> Result<> {
    for (const char* text : {"one", "", "two", "three", "four"}) {
      COFFER_CHECK(push(secure::SecureText(text)));
    }
    return {};
  });
  std::string all;
  while (true) {
    const auto chunk = pump.next();
    ASSERT_TRUE(chunk);
    if (chunk->empty()) break;
    all += std::string(chunk->text()) + " ";
  }
  EXPECT_EQ(all, "one two three four ");
  EXPECT_TRUE(pump.next().value().empty());
}

TEST(Pump, GivesTheErrorBehindTheChunksBeforeIt) {
  Pump pump([](const Pump::Push& push) -> Result<> {
    COFFER_CHECK(push(secure::SecureText("one")));
    return fail(Code::corrupt, "broken");
  });
  EXPECT_EQ(pump.next().value().text(), "one");
  EXPECT_EQ(pump.next().error().message, "broken");
}

TEST(Pump, StopsAFunctionThatIsAheadWhenItsReaderGoes) {
  std::atomic<int> pushed = 0;
  std::atomic<bool> refused = false;
  auto pump = std::make_unique<Pump>([&](const Pump::Push& push) -> Result<> {
    while (push(secure::SecureText("more"))) ++pushed;
    refused = true;
    return {};
  });
  ASSERT_TRUE(pump->next());
  pump.reset();
  EXPECT_TRUE(refused);
  EXPECT_LE(pushed, 3);  // the one that was read, and two ahead
}

TEST(Pump, DoesNotRunAFunctionThatNobodyReads) {
  bool ran = false;
  {
    const Pump pump([&ran](const Pump::Push&) -> Result<> {
      ran = true;
      return {};
    });
  }
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace coffer::gate
