#include "keys/keyring.h"

#include "base/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace coffer::keys {
namespace {

constexpr store::TableId kTable{17};
constexpr Timestamp kNow{1'700'000'000'000'000'000};

class KeyringTest : public testing::Test {
 protected:
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);

  [[nodiscard]] std::unique_ptr<Keyring> fresh() const {
    return Keyring::create(kNow, *random).value();
  }

  [[nodiscard]] Result<std::unique_ptr<Keyring>> decoded(ByteView plain) const {
    return Keyring::decode(plain, *random);
  }

  static Bytes sealed(const Keyring& keyring, std::uint32_t term, std::string_view text) {
    Bytes out;
    keyring.table_aead(term, kTable).value()->seal({}, as_bytes(text), out);
    return out;
  }

  static bool opens(const Keyring& keyring, std::uint32_t term, ByteView blob) {
    const auto aead = keyring.table_aead(term, kTable);
    return aead && (*aead)->open({}, blob).has_value();
  }
};

TEST_F(KeyringTest, KeepsEverythingThroughItsEncoding) {
  const auto keyring = fresh()->rotated(kNow + std::chrono::hours(1)).value();
  const auto again = decoded(keyring->encode().view()).value();
  EXPECT_EQ(again->encode(), keyring->encode());
  EXPECT_EQ(again->log_id(), keyring->log_id());
  EXPECT_EQ(again->log_id().size(), 16U);
  EXPECT_EQ(again->active_term(), 2U);
  EXPECT_EQ(again->audit_key().public_key().der(), keyring->audit_key().public_key().der());
  EXPECT_EQ(again->lookup_digest("token", as_bytes("t")),
            keyring->lookup_digest("token", as_bytes("t")));
  ASSERT_EQ(again->terms().size(), 2U);
  EXPECT_EQ(again->terms()[0].created, kNow);
  EXPECT_EQ(again->terms()[1].created, kNow + std::chrono::hours(1));
  EXPECT_TRUE(opens(*again, 2, sealed(*keyring, 2, "x")));
}

TEST_F(KeyringTest, OpensWhatWasSealedBeforeARotation) {
  const auto old = fresh();
  const Bytes blob = sealed(*old, 1, "before");
  const auto rotated = old->rotated(kNow).value();
  EXPECT_EQ(old->active_term(), 1U);
  EXPECT_EQ(rotated->active_term(), 2U);
  EXPECT_TRUE(opens(*rotated, 1, blob));
  EXPECT_FALSE(opens(*rotated, 2, blob)) << "terms share no key";
  EXPECT_FALSE(opens(*old, 2, sealed(*rotated, 2, "after")));
  EXPECT_EQ(rotated->log_id(), old->log_id());
  EXPECT_EQ(rotated->lookup_digest("token", as_bytes("t")),
            old->lookup_digest("token", as_bytes("t")))
      << "tokens stay valid";
}

TEST_F(KeyringTest, GivesUpItsOldestTermsForGood) {
  const auto first = fresh();
  const auto second = first->rotated(kNow).value();
  const auto third = second->rotated(kNow).value();
  const Bytes old = sealed(*third, 2, "old");
  const Bytes kept = sealed(*third, 3, "kept");
  EXPECT_EQ(third->without(3).error().code, Code::precondition_failed);
  EXPECT_EQ(third->without(4).error().code, Code::invalid_argument);
  EXPECT_EQ(third->without(0).error().code, Code::invalid_argument);
  const auto shorter = third->without(2).value();
  EXPECT_EQ(shorter->without(1).error().code, Code::invalid_argument) << "given up already";
  const auto again = decoded(shorter->encode().view()).value();
  for (const Keyring* keyring : {shorter.get(), again.get()}) {
    EXPECT_EQ(keyring->active_term(), 3U);
    EXPECT_EQ(keyring->terms().size(), 1U);
    EXPECT_TRUE(opens(*keyring, 3, kept));
    EXPECT_FALSE(opens(*keyring, 2, old));
    EXPECT_FALSE(keyring->derive("label", 1));
    EXPECT_EQ(keyring->lookup_digest("p", as_bytes("x")), third->lookup_digest("p", as_bytes("x")));
  }
  const auto next = again->rotated(kNow).value();
  EXPECT_EQ(next->active_term(), 4U);
  EXPECT_TRUE(opens(*next, 3, kept));
  secure::SecureBytes claims = shorter->encode();
  claims.mutable_view()[0] = 1;
  EXPECT_FALSE(decoded(claims.view())) << "the first format begins with term 1";
  secure::SecureBytes other = third->encode();
  other.mutable_view()[0] = 2;
  EXPECT_FALSE(decoded(other.view())) << "and the second does not";
}

TEST_F(KeyringTest, RefusesAnUnknownTermOrTable) {
  const auto keyring = fresh();
  for (const std::uint32_t term : {0U, 2U, 0xffffffffU}) {
    EXPECT_EQ(keyring->table_aead(term, kTable).error().code, Code::corrupt) << term;
    EXPECT_EQ(keyring->derive("label", term).error().code, Code::corrupt) << term;
  }
  EXPECT_TRUE(keyring->table_aead(1, store::TableId(255)));
  EXPECT_EQ(keyring->table_aead(1, store::TableId(256)).error().code, Code::corrupt);
}

TEST_F(KeyringTest, GivesEachTableAKeyOfItsOwn) {
  const auto keyring = fresh();
  const Bytes blob = sealed(*keyring, 1, "x");
  EXPECT_FALSE(keyring->table_aead(1, store::TableId(18)).value()->open({}, blob));
  EXPECT_EQ(keyring->table_aead(1, kTable).value(), keyring->table_aead(1, kTable).value());
}

TEST_F(KeyringTest, DerivesByLabelAndTerm) {
  const auto old = fresh();
  const auto rotated = old->rotated(kNow).value();
  EXPECT_EQ(old->derive("a"), old->derive("a"));
  EXPECT_FALSE(old->derive("a") == old->derive("b"));
  EXPECT_FALSE(old->derive("a") == rotated->derive("a")) << "the active term moved on";
  EXPECT_EQ(rotated->derive("a", 1).value(), old->derive("a"));
  EXPECT_EQ(rotated->derive("a", 2).value(), rotated->derive("a"));
}

TEST_F(KeyringTest, SeparatesTheDigestsOfPurposes) {
  const auto keyring = fresh();
  EXPECT_NE(keyring->lookup_digest("token", as_bytes("x")),
            keyring->lookup_digest("secret-id", as_bytes("x")));
  EXPECT_NE(keyring->lookup_digest("a", as_bytes("bc")),
            keyring->lookup_digest("ab", as_bytes("c")));
}

TEST_F(KeyringTest, RefusesEveryTruncationAndTrailingOctets) {
  const secure::SecureBytes plain = fresh()->encode();
  for (std::size_t size = 0; size < plain.size(); ++size) {
    EXPECT_EQ(decoded(plain.view().first(size)).error().code, Code::corrupt) << size;
  }
  secure::SecureBytes longer = plain.clone();
  longer.push_back(0);
  EXPECT_EQ(decoded(longer.view()).error().code, Code::corrupt);
}

// A keyring written by hand, so that each part can be wrong.
struct Parts {
  std::uint8_t format = 1;
  std::size_t log_id = 16;
  std::size_t lookup = 32;
  crypto::KeyKind audit = crypto::KeyKind::ecdsa_p256;
  std::vector<std::uint32_t> terms = {1, 2};
  std::size_t term_key = 32;

  [[nodiscard]] Bytes encoded() const {
    Bytes out;
    Writer w(out);
    w.u8(format);
    w.bytes(Bytes(log_id, 1));
    w.bytes(Bytes(lookup, 2));
    w.bytes(crypto::PrivateKey::generate(audit).value().der().view());
    w.varint(terms.size());
    for (const std::uint32_t number : terms) {
      w.u32(number);
      w.u64(7);
      w.bytes(Bytes(term_key, 3));
    }
    return out;
  }
};

TEST_F(KeyringTest, RefusesMalformedParts) {
  ASSERT_TRUE(decoded(Parts{}.encoded()));
  const std::pair<const char*, Parts> cases[] = {
      {"later format", {.format = 2}},
      {"short log id", {.log_id = 15}},
      {"short lookup key", {.lookup = 31}},
      {"long lookup key", {.lookup = 33}},
      {"audit key of another kind", {.audit = crypto::KeyKind::ed25519}},
      {"no term", {.terms = {}}},
      {"terms from zero", {.terms = {0, 1}}},
      {"missing term", {.terms = {1, 3}}},
      {"repeated term", {.terms = {1, 1}}},
      {"short term key", {.term_key = 31}},
  };
  for (const auto& [what, parts] : cases) {
    const auto refused = decoded(parts.encoded());
    ASSERT_FALSE(refused) << what;
    EXPECT_EQ(refused.error().code, Code::corrupt) << what;
  }
}

TEST_F(KeyringTest, StopsRotatingAtItsLimit) {
  Parts parts;
  parts.terms.clear();
  for (std::uint32_t n = 1; n <= kMaxTerms; ++n) parts.terms.push_back(n);
  const auto full = decoded(parts.encoded());
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ((*full)->rotated(kNow).error().code, Code::exhausted);
  parts.terms.push_back(kMaxTerms + 1);
  EXPECT_EQ(decoded(parts.encoded()).error().code, Code::corrupt);
}

std::filesystem::path golden(std::string_view name) {
  return std::filesystem::path(__FILE__).parent_path() / "../../tests/golden" / name;
}

// Made once with COFFER_WRITE_GOLDEN=1: a keyring of two terms, and after it, as a varint-prefixed
// blob, "kept" sealed for table 17 under term 1. Version 1 must open forever.
TEST_F(KeyringTest, OpensTheGoldenKeyringOfVersion1) {
  const auto path = golden("keyring_v1.bin");
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    const auto keyring = fresh()->rotated(kNow).value();
    Bytes file;
    Writer w(file);
    w.bytes(keyring->encode().view());
    w.bytes(sealed(*keyring, 1, "kept"));
    std::ofstream(path, std::ios::binary) << as_text(file);
  }
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  Reader r(as_bytes(file));
  const ByteView plain = r.bytes().value();
  const auto keyring = decoded(plain);
  ASSERT_TRUE(keyring) << keyring.error().message;
  const ByteView blob = r.bytes().value();
  EXPECT_EQ(as_text((*keyring)->table_aead(1, kTable).value()->open({}, blob).value().view()),
            "kept");
  EXPECT_EQ(as_text((*keyring)->encode().view()), as_text(plain));
  EXPECT_EQ((*keyring)->active_term(), 2U);
}

}  // namespace
}  // namespace coffer::keys
