#include "gate/http_status.h"

#include <gtest/gtest.h>

#include <set>

namespace coffer::gate {
namespace {

TEST(HttpStatus, EveryFailureIsOneOfTheClientOrOfTheServer) {
  const std::set<int> known{400, 403, 404, 405, 409, 413, 429, 500, 503};
  int named = 0;
  for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
    const int status = http_status(static_cast<Code>(i));
    EXPECT_TRUE(known.contains(status)) << i;
    if (status != 500) ++named;
  }
  EXPECT_GT(named, 10) << "not all of them the server's fault";
  EXPECT_EQ(http_status(Code::already_exists), 409);
  EXPECT_EQ(http_status(Code::exhausted), 429);
  EXPECT_EQ(http_status(Code::sealed), 503);
  EXPECT_EQ(http_status(Code::permission_denied), 403);
}

}  // namespace
}  // namespace coffer::gate
