#include "crypto/hash.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <thread>

namespace coffer::crypto {
namespace {

constexpr std::array kKinds = {
    HashKind::sha224, HashKind::sha256, HashKind::sha384, HashKind::sha512};

struct HashCase {
  std::string_view message;
  std::array<std::string_view, 4> digests;  // in the order of kKinds
};

// The examples that accompany FIPS 180-4, and the empty message.
constexpr std::array kHashCases = {
    HashCase{"",
             {"d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f"
              "65fbd51ad2f14898b95b",
              "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85"
              "f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"}},
    HashCase{"abc",
             {"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7"
              "cc2358baeca134c825a7",
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274f"
              "c1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"}},
    HashCase{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
             {"75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525",
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
              "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc"
              "4e6f5fe95b1fe3c8452b",
              "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b"
              "07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"}},
};

struct HmacCase {
  std::string_view key;   // hexadecimal
  std::string_view data;  // hexadecimal
  std::array<std::string_view, 4> macs;
};

// RFC 4231 §4, test cases 1, 2, 4 and 6.
constexpr std::array kHmacCases = {
    HmacCase{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
             "4869205468657265",
             {"896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
              "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076e"
              "de7f4af152e8b2fa9cb6",
              "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8"
              "a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"}},
    HmacCase{"4a656665",
             "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
             {"a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
              "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69"
              "e2c78b3239ecfab21649",
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a"
              "994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"}},
    HmacCase{"0102030405060708090a0b0c0d0e0f10111213141516171819",
             "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
             "cdcdcdcdcdcdcdcdcdcdcdcd",
             {"6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a",
              "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
              "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7"
              "d679ccf8a386c674cffb",
              "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa2"
              "5eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"}},
    HmacCase{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
             "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b657920"
             "2d2048617368204b6579204669727374",
             {"95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
              "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030"
              "fe8296248df163f44952",
              "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f"
              "2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"}},
};

TEST(RunningSha256, IsTheHashOfAllPieces) {
  RunningSha256 running;
  for (const std::string_view piece : {"a", "", "bc"}) running.update(as_bytes(piece));
  EXPECT_EQ(running.finish(), sha256(as_bytes("abc")));
  EXPECT_EQ(RunningSha256().finish(), sha256(ByteView()));
}

TEST(Hash, KnownAnswers) {
  for (const auto& c : kHashCases) {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      EXPECT_EQ(hex_encode(hash(kKinds[i], as_bytes(c.message))), c.digests[i]) << c.message;
    }
    EXPECT_EQ(hex_encode(sha256(as_bytes(c.message))), c.digests[1]) << c.message;
  }
}

TEST(Hash, PartsAreConcatenated) {
  EXPECT_EQ(sha256({as_bytes("a"), ByteView(), as_bytes("bc")}), sha256(as_bytes("abc")));
  EXPECT_NE(sha256({as_bytes("ab")}), sha256(as_bytes("abc")));
}

TEST(Hash, DigestSizes) {
  EXPECT_EQ(digest_size(HashKind::sha224), 28U);
  EXPECT_EQ(digest_size(HashKind::sha256), 32U);
  EXPECT_EQ(digest_size(HashKind::sha384), 48U);
  EXPECT_EQ(digest_size(HashKind::sha512), 64U);
}

TEST(Hmac, KnownAnswers) {
  for (const auto& c : kHmacCases) {
    const Bytes key = *hex_decode(c.key);
    const Bytes data = *hex_decode(c.data);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      EXPECT_EQ(hex_encode(hmac(kKinds[i], key, data)), c.macs[i]) << c.key;
    }
    EXPECT_EQ(hex_encode(hmac_sha256(key, data)), c.macs[1]) << c.key;
  }
}

TEST(Hmac, BothImplementationsAgreeAroundTheBlockSize) {
  for (std::size_t size = 0; size <= 130; ++size) {
    const Bytes octets(size, static_cast<std::uint8_t>(size));
    EXPECT_EQ(to_bytes(hmac_sha256(octets, octets)), hmac(HashKind::sha256, octets, octets))
        << size;
  }
}

TEST(Hmac, RefusesBufferOfWrongSize) {
  Bytes out(31);
  EXPECT_THROW(hmac_to(HashKind::sha256, {}, {}, out), std::logic_error);
}

TEST(HmacKey, IsUnchangedByUseAndByMoves) {
  HmacKey a(as_bytes("Jefe"));
  const Digest first = a.mac(as_bytes("what do ya want for nothing?"));
  EXPECT_EQ(hex_encode(first), kHmacCases[1].macs[1]);
  (void)a.mac(as_bytes("other"));
  const HmacKey b = std::move(a);
  EXPECT_EQ(b.mac(as_bytes("what do ya want for nothing?")), first);
}

TEST(HmacKey, ServesThreadsAtOnce) {
  const HmacKey key(as_bytes("Jefe"));
  const auto work = [&key](std::uint8_t octet) {
    const Bytes data(100, octet);
    const Digest expected = hmac_sha256(as_bytes("Jefe"), data);
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(key.mac(data), expected);
  };
  std::jthread one(work, std::uint8_t{1});
  std::jthread two(work, std::uint8_t{2});
}

}  // namespace
}  // namespace coffer::crypto
