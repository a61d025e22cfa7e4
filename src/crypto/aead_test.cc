#include "crypto/aead.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <thread>

namespace coffer::crypto {
namespace {

constexpr std::array kKinds = {
    AeadKind::xaes256_gcm, AeadKind::aes256_gcm, AeadKind::aes128_gcm, AeadKind::chacha20_poly1305};

struct Case {
  AeadKind kind;
  Bytes key;
  std::string_view nonce, aad, plaintext;
  std::string_view sealed;  // ciphertext || tag, hexadecimal
};

std::vector<Case> known_answers() {
  return {
      // c2sp.org/XAES-256-GCM, both vectors: the top bit of L is 0 in the first, 1 in the second.
      {AeadKind::xaes256_gcm,
       Bytes(32, 1),
       "ABCDEFGHIJKLMNOPQRSTUVWX",
       "",
       "XAES-256-GCM",
       "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
      {AeadKind::xaes256_gcm,
       Bytes(32, 3),
       "ABCDEFGHIJKLMNOPQRSTUVWX",
       "c2sp.org/XAES-256-GCM",
       "XAES-256-GCM",
       "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
      // The GCM specification's test cases 13, 14, 1 and 2.
      {AeadKind::aes256_gcm,
       Bytes(32),
       std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
       "",
       "",
       "530f8afbc74536b9a963b4f1c4cb738b"},
      {AeadKind::aes256_gcm,
       Bytes(32),
       std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
       "",
       std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16),
       "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
      {AeadKind::aes128_gcm,
       Bytes(16),
       std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
       "",
       "",
       "58e2fccefa7e3061367f1d57a4e7455a"},
      {AeadKind::aes128_gcm,
       Bytes(16),
       std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
       "",
       std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16),
       "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
      // RFC 8439 §2.8.2.
      {AeadKind::chacha20_poly1305,
       *hex_decode("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
       std::string_view("\x07\0\0\0\x40\x41\x42\x43\x44\x45\x46\x47", 12),
       "\x50\x51\x52\x53\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7",
       "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
       "future, "
       "sunscreen would be it.",
       "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da9"
       "2"
       "728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808"
       "b"
       "4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
  };
}

TEST(Aead, KnownAnswers) {
  const auto random = seeded_random(1);
  for (const auto& c : known_answers()) {
    const auto sealed =
        seal_with_nonce(c.kind, c.key, as_bytes(c.nonce), as_bytes(c.aad), as_bytes(c.plaintext));
    ASSERT_TRUE(sealed);
    const ByteView body = ByteView(*sealed).subspan(c.nonce.size());
    EXPECT_EQ(hex_encode(body), c.sealed);
    EXPECT_EQ(as_text(ByteView(*sealed).first(c.nonce.size())), c.nonce);
    const auto aead = make_aead(c.kind, c.key, *random);
    const auto opened = (*aead)->open(as_bytes(c.aad), *sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(opened->view()), c.plaintext);
  }
}

struct Form {
  AeadKind kind;
  bool lasting;
};

std::vector<Form> every_form() {
  std::vector<Form> forms;
  for (const AeadKind kind : kKinds) forms.insert(forms.end(), {{kind, false}, {kind, true}});
  return forms;
}

class EveryAead : public testing::TestWithParam<Form> {
 protected:
  EveryAead() {
    key_ = random_->bytes(key_size(kind()));
    aead_ = *make(kind(), key_.view(), *random_);
  }

  static AeadKind kind() { return GetParam().kind; }

  static Result<std::unique_ptr<Aead>> make(AeadKind kind, ByteView key, Random& random) {
    return GetParam().lasting ? make_lasting_aead(kind, key, random) : make_aead(kind, key, random);
  }

  Bytes seal(std::string_view aad, std::string_view plaintext) {
    Bytes out;
    aead_->seal(as_bytes(aad), as_bytes(plaintext), out);
    return out;
  }

  std::unique_ptr<Random> random_ = seeded_random(7);
  secure::SecureBytes key_;
  std::unique_ptr<Aead> aead_;
};

std::string name_of(const testing::TestParamInfo<Form>& form) {
  return std::to_string(static_cast<int>(form.param.kind)) + (form.param.lasting ? "Lasting" : "");
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryAead, testing::ValuesIn(every_form()), name_of);

TEST_P(EveryAead, RoundTripsEverySizeUpToSomeBlocks) {
  const std::string text(200, 'p');
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view part = std::string_view(text).substr(0, size);
    const Bytes sealed = seal(part, part);
    ASSERT_EQ(sealed.size(), nonce_size(kind()) + size + kTagSize);
    const auto opened = aead_->open(as_bytes(part), sealed);
    ASSERT_TRUE(opened);
    ASSERT_EQ(as_text(opened->view()), part);
    ASSERT_TRUE(aead_->verify(as_bytes(part), sealed));
  }
}

TEST_P(EveryAead, AppendsAndDrawsAFreshNonce) {
  Bytes out = to_bytes("head");
  aead_->seal({}, as_bytes("same"), out);
  EXPECT_EQ(as_text(ByteView(out).first(4)), "head");
  EXPECT_TRUE(aead_->open({}, ByteView(out).subspan(4)));
  EXPECT_NE(seal("", "same"), seal("", "same"));
}

TEST_P(EveryAead, RefusesEveryFlippedBit) {
  Bytes sealed = seal("associated", "some plaintext");  // nonce, ciphertext and tag alike
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    sealed[bit / 8] ^= mask;
    const auto opened = aead_->open(as_bytes("associated"), sealed);
    ASSERT_FALSE(opened) << bit;
    EXPECT_EQ(opened.error().code, Code::corrupt);
    EXPECT_FALSE(aead_->verify(as_bytes("associated"), sealed)) << bit;
    sealed[bit / 8] ^= mask;
  }
  EXPECT_TRUE(aead_->open(as_bytes("associated"), sealed));
}

TEST_P(EveryAead, RefusesEveryOtherAssociatedData) {
  const Bytes sealed = seal("associated", "some plaintext");
  Bytes aad = to_bytes("associated");
  for (std::size_t bit = 0; bit < aad.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    aad[bit / 8] ^= mask;
    EXPECT_FALSE(aead_->open(aad, sealed)) << bit;
    aad[bit / 8] ^= mask;
  }
  EXPECT_FALSE(aead_->open({}, sealed));
  EXPECT_FALSE(aead_->open(as_bytes("associate"), sealed));
  EXPECT_TRUE(aead_->open(aad, sealed));
}

TEST_P(EveryAead, RefusesEveryTruncationAndExtension) {
  Bytes sealed = seal("a", "some plaintext");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    const auto opened = aead_->open(as_bytes("a"), ByteView(sealed).first(size));
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error().code, Code::corrupt);
  }
  sealed.push_back(0);
  EXPECT_FALSE(aead_->open(as_bytes("a"), sealed));
}

TEST_P(EveryAead, RefusesOtherKeyAndOtherKind) {
  const Bytes sealed = seal("", "text");
  const auto other = *make(kind(), random_->bytes(key_size(kind())).view(), *random_);
  EXPECT_FALSE(other->open({}, sealed));
  for (const AeadKind other_kind : kKinds) {
    if (other_kind == kind() || key_size(other_kind) != key_.size()) continue;
    EXPECT_FALSE((*make(other_kind, key_.view(), *random_))->open({}, sealed));
  }
}

TEST_P(EveryAead, RefusesKeysOfWrongSize) {
  const Bytes octets(65);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto made = make(kind(), ByteView(octets).first(size), *random_);
    EXPECT_EQ(made.has_value(), size == key_size(kind())) << size;
    if (!made) EXPECT_EQ(made.error().code, Code::invalid_argument);
  }
  const Bytes key(key_size(kind()));
  for (std::size_t size = 0; size < 40; ++size) {
    const auto sealed = seal_with_nonce(kind(), key, ByteView(octets).first(size), {}, {});
    EXPECT_EQ(sealed.has_value(), size == nonce_size(kind())) << size;
  }
}

TEST_P(EveryAead, WorksAgainAfterAFailure) {
  const Bytes sealed = seal("a", "text");
  EXPECT_FALSE(aead_->open(as_bytes("b"), sealed));
  EXPECT_TRUE(aead_->open(as_bytes("a"), sealed));
}

TEST_P(EveryAead, ServesThreadsAtOnce) {
  const auto random = system_random();
  const auto shared = *make(kind(), key_.view(), *random);
  const auto work = [&shared] {
    for (int i = 0; i < 500; ++i) {
      Bytes sealed;
      shared->seal(as_bytes("a"), as_bytes("text"), sealed);
      ASSERT_EQ(as_text(shared->open(as_bytes("a"), sealed)->view()), "text");
    }
  };
  std::jthread one(work);
  std::jthread two(work);
}

// Whatever was worked on before, a lasting Aead gives what a plain one would.
TEST_P(EveryAead, OpensWhatTheOtherFormSealed) {
  const auto plain = *make_aead(kind(), key_.view(), *random_);
  std::vector<Bytes> sealed(3);
  for (int round = 0; round < 40; ++round) {
    // One of three messages, changed now and then; in turns and several times in a row.
    const auto which = static_cast<std::size_t>(round / (round < 20 ? 4 : 1) % 3);
    const std::string text(static_cast<std::size_t>(round * 7), 'p');
    const std::string aad = which == 0 ? "" : "associated";
    if (round % 5 < 2 || sealed[which].empty()) {
      sealed[which].clear();
      (round % 2 == 0 ? plain : aead_)->seal(as_bytes(aad), as_bytes(text), sealed[which]);
    }
    const auto opened = aead_->open(as_bytes(aad), sealed[which]);
    ASSERT_TRUE(opened) << round;
    EXPECT_EQ(*opened, *plain->open(as_bytes(aad), sealed[which]));
    EXPECT_FALSE(aead_->open(as_bytes("other"), sealed[which]));
    Bytes broken = sealed[which];
    broken.back() ^= 1;
    EXPECT_FALSE(aead_->open(as_bytes(aad), broken)) << round;
  }
}

TEST_P(EveryAead, OpensEachMessageEveryTime) {
  const Bytes one = seal("a", "one");
  const Bytes two = seal("a", "two");
  for (const char* order : {"1111", "2222", "1212", "1122", "2211"}) {
    for (const char* each = order; *each != 0; ++each) {
      const auto opened = aead_->open(as_bytes("a"), *each == '1' ? one : two);
      ASSERT_TRUE(opened) << order;
      EXPECT_EQ(as_text(opened->view()), *each == '1' ? "one" : "two");
    }
  }
}

// A thread that holds the schedule for long delays nobody, and nobody gets another's octets.
TEST_P(EveryAead, WorksBesideAnotherThreadsLongMessages) {
  const auto random = system_random();
  const auto shared = *make(kind(), key_.view(), *random);
  Bytes large;
  shared->seal({}, Bytes(std::size_t{4} << 20), large);
  std::jthread other([&shared, &large](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_EQ(shared->open({}, large)->size(), std::size_t{4} << 20);
  });
  for (int i = 0; i < 200; ++i) {
    Bytes sealed;
    shared->seal(as_bytes("a"), as_bytes("text"), sealed);
    ASSERT_EQ(as_text(shared->open(as_bytes("a"), sealed)->view()), "text");
    ASSERT_FALSE(shared->open(as_bytes("b"), sealed));
  }
}

}  // namespace
}  // namespace coffer::crypto
