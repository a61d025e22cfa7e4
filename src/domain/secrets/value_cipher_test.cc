#include "domain/secrets/value_cipher.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

TEST(ValueCipher, OpensOnlyUnderItsOwnBindingAndKey) {
  const auto random = crypto::seeded_random(7);
  const secure::SecureBytes key = random->bytes(kDataKeySize);
  const secure::SecureBytes other_key = random->bytes(kDataKeySize);
  const Bytes uid = to_bytes("uid-of-8");
  const Bytes home = revision_binding(uid, 3);
  const Bytes sealed = seal_value(key.view(), home, "value", *random).value();

  EXPECT_EQ(open_value(key.view(), home, sealed, *random)->text(), "value");
  for (const Bytes& elsewhere : {revision_binding(uid, 4),
                                 revision_binding(to_bytes("uid-of-9"), 3),
                                 plain_binding(uid, "path"),
                                 Bytes()}) {
    EXPECT_EQ(open_value(key.view(), elsewhere, sealed, *random).error().code, Code::corrupt);
  }
  EXPECT_EQ(open_value(other_key.view(), home, sealed, *random).error().code, Code::corrupt);
  EXPECT_EQ(open_value(uid, home, sealed, *random).error().code, Code::corrupt);
  EXPECT_NE(plain_binding(uid, "a"), plain_binding(uid, "b"));
  EXPECT_NE(plain_binding(uid, "a"), plain_binding(to_bytes("uid-of-9"), "a"));
}

}  // namespace
}  // namespace coffer::domain
