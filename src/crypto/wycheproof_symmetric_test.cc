#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/wycheproof_vectors.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

using Object = boost::json::object;

// Opening must agree with the expectation, and sealing a valid message must give its octets.
Outcome check_aead(AeadKind kind, const Object& test) {
  const Bytes key = hex_member(test, "key");
  const Bytes nonce = hex_member(test, "iv");
  if (key.size() != key_size(kind) || nonce.size() != nonce_size(kind)) {
    return Outcome::not_applicable;
  }
  Bytes sealed = nonce;
  append(sealed, hex_member(test, "ct"));
  append(sealed, hex_member(test, "tag"));
  const Bytes aad = hex_member(test, "aad");
  const Bytes message = hex_member(test, "msg");
  const auto random = seeded_random(1);
  const auto opened = (*make_aead(kind, key, *random))->open(aad, sealed);
  if (opened && to_bytes(opened->view()) != message) return Outcome::wrong;
  // A key that stays expanded gives the same, however often it is used.
  const auto lasting = *make_lasting_aead(kind, key, *random);
  for (int use = 0; use < 3; ++use) {
    const auto again = lasting->open(aad, sealed);
    if (again.has_value() != opened.has_value() || (again && *again != *opened)) {
      return Outcome::wrong;
    }
  }
  const bool sealed_alike = *seal_with_nonce(kind, key, nonce, aad, message) == sealed;
  if (sealed_alike != opened.has_value()) return Outcome::wrong;
  return judge(test, opened.has_value());
}

TEST(WycheproofAead, AesGcm) {
  // Left out: keys of 192 bits and nonces of other than 96 bits.
  run_wycheproof("aes_gcm_test.json", 183, [](const Object& group, const Object& test) {
    return check_aead(
        number_member(group, "keySize") == 128 ? AeadKind::aes128_gcm : AeadKind::aes256_gcm, test);
  });
}

TEST(WycheproofAead, ChaCha20Poly1305) {
  // Left out: nonces of other than 96 bits.
  run_wycheproof("chacha20_poly1305_test.json", 9, [](const Object&, const Object& test) {
    return check_aead(AeadKind::chacha20_poly1305, test);
  });
}

struct HashFile {
  std::string_view name;  // as files are called
  HashKind kind;
};

constexpr std::array kHashFiles = {HashFile{"sha256", HashKind::sha256},
                                   HashFile{"sha384", HashKind::sha384},
                                   HashFile{"sha512", HashKind::sha512}};

class WycheproofHash : public testing::TestWithParam<HashFile> {
 protected:
  static std::string file(std::string_view prefix) {
    return std::string(prefix) + std::string(GetParam().name) + "_test.json";
  }
};

INSTANTIATE_TEST_SUITE_P(Hashes, WycheproofHash, testing::ValuesIn(kHashFiles));

TEST_P(WycheproofHash, Hmac) {
  const HashKind kind = GetParam().kind;
  run_wycheproof(file("hmac_"), 0, [kind](const Object& group, const Object& test) {
    const Bytes key = hex_member(test, "key");
    const Bytes message = hex_member(test, "msg");
    const std::size_t size = number_member(group, "tagSize") / 8;  // of a truncated MAC
    const Bytes mac = hmac(kind, key, message);
    if (kind == HashKind::sha256 && to_bytes(HmacKey(key).mac(message)) != mac) {
      return Outcome::wrong;
    }
    return judge(test, secure::equal(ByteView(mac).first(size), hex_member(test, "tag")));
  });
}

TEST_P(WycheproofHash, Hkdf) {
  const HashKind kind = GetParam().kind;
  run_wycheproof(file("hkdf_"), 0, [kind](const Object&, const Object& test) {
    const auto output = hkdf(kind,
                             hex_member(test, "ikm"),
                             hex_member(test, "salt"),
                             hex_member(test, "info"),
                             number_member(test, "size"));
    return judge(test, output && to_bytes(output->view()) == hex_member(test, "okm"));
  });
}

}  // namespace
}  // namespace coffer::crypto
