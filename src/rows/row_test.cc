#include "rows/row.h"

#include "crypto/random.h"
#include "keys/seal.h"
#include "rows/sample_row.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace coffer::rows {
namespace {

constexpr store::RealmId kRealm{1};

struct PlainMember {
  static constexpr TableSpec kTable = tables::kUsers;
  static constexpr std::uint8_t kVersion = 1;
  Clear<std::string> name;
  std::string forgotten;
  static constexpr auto kMembers = std::tuple{&PlainMember::name, &PlainMember::forgotten};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

struct NoKey {
  static constexpr TableSpec kTable = tables::kUsers;
  static constexpr std::uint8_t kVersion = 1;
  Clear<std::string> name;
  [[maybe_unused]] static constexpr auto kMembers = std::tuple{&NoKey::name};
};

static_assert(Row<SampleRow>);
static_assert(!Row<PlainMember>, "a member that is neither clear nor sealed");
static_assert(!Row<NoKey>);

// A blob as version 1 of SampleRow wrote it.
Bytes seal_first_version(const keys::Keyring& keyring, const Place& place, const SampleRow& row) {
  Bytes clear;
  Writer w(clear);
  encode_value(w, *row.name);
  encode_value(w, *row.count);
  encode_value(w, *row.colour);
  encode_value(w, *row.since);
  encode_value(w, *row.lasts);
  encode_value(w, *row.parts);
  encode_value(w, *row.labels);
  encode_value(w, *row.names);
  Bytes secret;
  Writer s(secret);
  encode_value(s, *row.password);
  encode_value(s, *row.seed);
  return seal_blob(keyring, place, 1, clear, secret);
}

class RowTest : public testing::Test {
 protected:
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(4);
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::create({}, *random).value();

  static Place place(std::string_view name = "alice", std::uint64_t revision = 9) {
    return {row_key<SampleRow>(kRealm, to_bytes(name)), revision};
  }

  [[nodiscard]] bool loads(const Place& where, const Bytes& blob) const {
    const auto row = RowCodec<SampleRow>::load(*keyring, where, blob);
    if (!row) EXPECT_EQ(row.error().code, Code::corrupt);
    return row.has_value();
  }
};

TEST_F(RowTest, GivesBackClearAndSealedMembers) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place(), sample_row());
  const auto loaded = RowCodec<SampleRow>::load(*keyring, place(), blob).value();
  EXPECT_EQ(loaded->revision, 9U);
  EXPECT_EQ(*loaded->row.parts, *sample_row().parts);
  EXPECT_EQ(*loaded->row.colour, SampleColour::blue);
  const SampleRow open = RowCodec<SampleRow>::open(*keyring, place(), *loaded).value();
  EXPECT_EQ(open.password->text(), "correct horse");
  EXPECT_EQ(*open.seed, (Bytes{1, 2, 3}));
  EXPECT_EQ(*open.hint, "not this");
  EXPECT_EQ(*open.labels, *sample_row().labels);
}

TEST_F(RowTest, ShowsClearMembersInTheBlobAndNoSealedOnes) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place(), sample_row());
  EXPECT_NE(as_text(blob).find("prod"), std::string_view::npos);
  EXPECT_EQ(as_text(blob).find("correct horse"), std::string_view::npos);
  EXPECT_NE(blob, RowCodec<SampleRow>::seal(*keyring, place(), sample_row()))
      << "a nonce of its own each time";
}

TEST_F(RowTest, ThrowsWhenAClosedMemberIsTouched) {
  const auto loaded =
      RowCodec<SampleRow>::load(
          *keyring, place(), RowCodec<SampleRow>::seal(*keyring, place(), sample_row()))
          .value();
  EXPECT_FALSE(loaded->row.password.is_open());
  EXPECT_THROW((void)*loaded->row.password, std::logic_error);
  EXPECT_THROW((void)loaded->row.password->size(), std::logic_error);
  SampleRow closed = sample_row();
  closed.password = {};
  EXPECT_THROW((void)RowCodec<SampleRow>::seal(*keyring, place(), closed), std::logic_error);
}

TEST_F(RowTest, RefusesEveryFlippedBitAndEveryCut) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place(), sample_row());
  ASSERT_TRUE(loads(place(), blob));
  for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
    Bytes edited = blob;
    edited[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    ASSERT_FALSE(loads(place(), edited)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < blob.size(); ++size) {
    ASSERT_FALSE(loads(place(), Bytes(blob.begin(), blob.begin() + static_cast<long>(size))));
  }
  Bytes longer = blob;
  longer.push_back(0);
  EXPECT_FALSE(loads(place(), longer));
}

TEST_F(RowTest, RefusesABlobInAnotherPlace) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place(), sample_row());
  Place table = place();
  table.key.table = tables::kPolicies.id;
  Place realm = place();
  realm.key.realm = store::RealmId(2);
  for (const Place& wrong : {table, realm, place("bob"), place("alic"), place("alice", 8)}) {
    EXPECT_FALSE(loads(wrong, blob));
    EXPECT_EQ(verify_blob(*keyring, wrong, blob).error().code, Code::corrupt);
    EXPECT_EQ(open_blob(*keyring, wrong, blob).error().code, Code::corrupt);
  }
  const auto other = keys::Keyring::create({}, *random).value();
  EXPECT_FALSE(RowCodec<SampleRow>::load(*other, place(), blob)) << "another server's keys";
}

TEST_F(RowTest, RefusesARowUnderAKeyThatIsNotItsOwn) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place("bob"), sample_row("alice"));
  EXPECT_FALSE(loads(place("bob"), blob));
}

TEST_F(RowTest, OpensRowsOfOlderTerms) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place(), sample_row());
  keyring = keyring->rotated({}).value();
  EXPECT_TRUE(loads(place(), blob));
  EXPECT_EQ(split_blob(RowCodec<SampleRow>::seal(*keyring, place(), sample_row())).value().term,
            2U);
}

TEST_F(RowTest, GivesMembersThatAnOlderVersionLacksTheirDefaults) {
  const Bytes blob = seal_first_version(*keyring, place(), sample_row());
  const auto loaded = RowCodec<SampleRow>::load(*keyring, place(), blob);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(*(*loaded)->row.retries, 3U) << "the default of the struct";
  const SampleRow open = RowCodec<SampleRow>::open(*keyring, place(), **loaded).value();
  EXPECT_EQ(*open.hint, "");
  EXPECT_EQ(open.password->text(), "correct horse");
}

TEST_F(RowTest, RefusesRowsOfALaterVersionAndShortRowsOfThisOne) {
  const auto sealed = [&](std::uint8_t version, ByteView clear) {
    return seal_blob(*keyring, place(), version, clear, {});
  };
  Bytes name;
  Writer(name).text("alice");
  EXPECT_FALSE(loads(place(), sealed(3, name)));
  EXPECT_FALSE(loads(place(), sealed(2, name))) << "this version has every member";
}

TEST_F(RowTest, RecordsTheTagOrADigest) {
  const Bytes blob = RowCodec<SampleRow>::seal(*keyring, place(), sample_row());
  const auto tag = change_seal(SampleRow::kTable.id, blob);
  EXPECT_TRUE(std::ranges::equal(tag, ByteView(blob).last(16)));
  EXPECT_FALSE(std::ranges::equal(change_seal(keys::kSealTable, blob), tag));
}

// Made once with COFFER_WRITE_GOLDEN=1: the encoded keyring, then the blob of sample_row() at
// place(), each as wire bytes. Version 1 of the format must open forever.
TEST_F(RowTest, OpensTheGoldenRowOfFormat1) {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "../../tests/golden/row_v1.bin";
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    Bytes file;
    Writer w(file);
    w.bytes(keyring->encode().view());
    w.bytes(RowCodec<SampleRow>::seal(*keyring, place(), sample_row()));
    std::ofstream(path, std::ios::binary) << as_text(file);
  }
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  Reader r(as_bytes(file));
  keyring = keys::Keyring::decode(r.bytes().value(), *random).value();
  const auto loaded = RowCodec<SampleRow>::load(*keyring, place(), to_bytes(r.bytes().value()));
  ASSERT_TRUE(loaded) << loaded.error().message;
  const SampleRow row = RowCodec<SampleRow>::open(*keyring, place(), **loaded).value();
  const SampleRow wanted = sample_row();
  EXPECT_EQ(*row.parts, *wanted.parts);
  EXPECT_EQ(*row.since, *wanted.since);
  EXPECT_EQ(*row.lasts, *wanted.lasts);
  EXPECT_EQ(*row.names, *wanted.names);
  EXPECT_EQ(row.password->text(), "correct horse");
}

TEST(Tables, HaveNumbersAndNamesOfTheirOwn) {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names;
  for (const TableSpec& table : tables::kAll) {
    EXPECT_TRUE(numbers.insert(table.id.value()).second) << table.name;
    EXPECT_TRUE(names.insert(table.name).second) << table.name;
    EXPECT_GE(table.id, tables::kFirstRowTable) << table.name;
    EXPECT_LT(table.id.value(), 256) << "keyrings have no key beyond";
    EXPECT_EQ(table_name(table.id), table.name);
  }
  EXPECT_TRUE(is_guarded(tables::kTokens.id));
  EXPECT_FALSE(is_guarded(tables::kRevisions.id));
  EXPECT_FALSE(is_listed(store::TableId(200)));
  EXPECT_EQ(table_name(store::TableId(200)), "table 200");
  EXPECT_EQ(table_name(keys::kSealTable), "seal");
}

}  // namespace
}  // namespace coffer::rows
