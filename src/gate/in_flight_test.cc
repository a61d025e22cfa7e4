#include "gate/in_flight.h"

#include <gtest/gtest.h>

#include <optional>

namespace coffer::gate {
namespace {

TEST(InFlight, ShowsRequestsWhileTheyLast) {
  const auto all = std::make_shared<InFlight>();
  std::optional<InFlight::Entry> first;
  first.emplace(all, InFlight::Request{.id = "1", .method = "GET", .path = "/a", .address = "x"});
  {
    const InFlight::Entry second(all, {.id = "2", .method = "PUT", .path = "/b", .address = "y"});
    ASSERT_EQ(all->all().size(), 2U);
    EXPECT_EQ(all->all()[0].id, "1");
    EXPECT_EQ(all->all()[1].path, "/b");
  }
  ASSERT_EQ(all->all().size(), 1U);
  first.reset();
  EXPECT_TRUE(all->all().empty());
}

TEST(InFlight, ARequestMayOutliveWhoeverListsIt) {
  auto all = std::make_shared<InFlight>();
  const std::weak_ptr<InFlight> list = all;
  std::optional<InFlight::Entry> last;
  last.emplace(all, InFlight::Request{.id = "1"});
  all.reset();
  EXPECT_FALSE(list.expired());
  last.reset();
  EXPECT_TRUE(list.expired());
}

}  // namespace
}  // namespace coffer::gate
