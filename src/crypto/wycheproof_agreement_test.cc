// ECDH as master keys of KMS do it (PrivateKey::agree), against Wycheproof's vectors.
#include "crypto/certificate_der.h"
#include "crypto/signature.h"
#include "crypto/wycheproof_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::crypto {
namespace {

using Object = boost::json::object;

struct Curve {
  std::string_view file;
  std::string_view oid;
  std::size_t octets;
};

// PKCS#8 of a private key that is given by its number.
Bytes key_with(const Curve& curve, const Bytes& number) {
  const auto first = std::ranges::find_if(number, [](std::uint8_t octet) { return octet != 0; });
  Bytes scalar(curve.octets - static_cast<std::size_t>(number.end() - first));
  scalar.insert(scalar.end(), first, number.end());
  DerWriter w;
  w.sequence([&] {
    w.integer(std::uint64_t{0});
    w.sequence([&] {
      w.oid("1.2.840.10045.2.1");
      w.oid(curve.oid);
    });
    w.nest(der::kOctetString, [&] {
      w.sequence([&] {
        w.integer(std::uint64_t{1});
        w.node(der::kOctetString, scalar);
      });
    });
  });
  return w.take();
}

TEST(WycheproofAgreement, Ecdh) {
  for (const Curve& curve : {Curve{"ecdh_secp256r1_test.json", "1.2.840.10045.3.1.7", 32},
                             Curve{"ecdh_secp384r1_test.json", "1.3.132.0.34", 48}}) {
    run_wycheproof(curve.file, 0, [&](const Object&, const Object& test) {
      const auto mine = PrivateKey::from_der(key_with(curve, hex_member(test, "private")));
      if (!mine) return Outcome::wrong;
      const auto secret = mine->agree(hex_member(test, "public"));
      if (secret && to_bytes(secret->view()) != hex_member(test, "shared")) return Outcome::wrong;
      return judge(test, secret.has_value());
    });
  }
}

}  // namespace
}  // namespace coffer::crypto
