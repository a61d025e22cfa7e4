// An authority with many certificates in the embedded store: issuing does not get slower, lists are
// right, and tidying is done in small units that leave them alone. Some thousands usually, a
// million with COFFER_LONG=1; what took how long is in the properties of the report
// (GTEST_OUTPUT=xml:FILE).
#include "domain/pki/issuance.h"
#include "domain/pki/revocations.h"
#include "store/sqlite/sqlite_store.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>

namespace coffer::domain {
namespace {

constexpr std::size_t kUnit = 40;   // certificates in a unit
constexpr std::size_t kOneIn = 10;  // revoked
constexpr std::size_t kSoon = 20;   // of a unit, every fifth of the first so many expires soon
constexpr std::size_t kSweep = 40;  // rows that one unit of a tidying removes
constexpr std::size_t kRead = 1000;
constexpr std::size_t kTypicalDer = 500;  // octets of a certificate

class ManyCertificates : public testing::Test {
 protected:
  ManyCertificates() {
    std::filesystem::create_directories(folder_);
    world_.committer.reset();
    world_.rows.reset();
    world_.store =
        work::TestWorld::value(store::open_sqlite_store({.path = (folder_ / "store.db").string()}));
    world_.restart();
    mount_.id = to_bytes("\x01mount\xff!");
    issuer_.mount = mount_.id;
    issuer_.id = std::string("00000000-0000-4000-8000-000000000001");
  }

  ~ManyCertificates() override {
    world_.committer.reset();
    world_.rows.reset();
    world_.store.reset();
    std::filesystem::remove_all(folder_);
  }

  Bytes next_serial() {
    const auto random = world_.random->array<20>();
    Bytes serial(random.begin(), random.end());
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3fU) | 0x40U);
    return serial;
  }

  // One unit with new certificates, every tenth of which is revoked in the same unit.
  void issue() {
    work::View view = world_.view();
    Revocations revocations(view, mount_, board_);
    for (std::size_t i = 0; i < kUnit; ++i) {
      CertificateRow row;
      row.mount = mount_.id;
      row.serial = next_serial();
      row.issuer_id = *issuer_.id;
      row.der = Bytes(kTypicalDer, 0x5a);
      const bool soon = i < kSoon && i % 5 == 0;
      row.not_after = view.now() + std::chrono::hours(soon ? 1 : 24);
      const Bytes serial = *row.serial;
      if (i == 1 && serials_.size() < kRead) serials_.push_back(serial);
      ASSERT_TRUE(view.put(std::move(row)));
      if (i % kOneIn != 0) continue;
      ASSERT_TRUE(revocations.revoke(serial, crypto::RevocationReason::superseded));
      ++revoked_;
      (soon ? passing_ : lasting_).insert(serial);
    }
    ASSERT_TRUE(world_.commit(view));
  }

  Duration issue_units(std::size_t units) {
    const SystemClock clock;
    const Duration began = clock.steady();
    for (std::size_t i = 0; i < units; ++i) issue();
    return clock.steady() - began;
  }

  CrlDer list() {
    return work::TestWorld::value(
        board_.build(board_name(mount_.id, *issuer_.id),
                     CrlKind::complete,
                     crl_policy({}),
                     world_.clock.now(),
                     signer_,
                     stored_entries(*world_.rows, work::kTestRealm, mount_.id, {*issuer_.id})));
  }

  void ask_for_tidying() {
    work::View view = world_.view();
    AuthorityRow row;
    row.mount = mount_.id;
    row.tidy_before = view.now();
    ASSERT_TRUE(view.put(std::move(row)));
    ASSERT_TRUE(world_.commit(view));
  }

  // One unit of it. False: there is nothing left.
  bool tidy_some() {
    work::View view = world_.view();
    if (work::TestWorld::value(sweep_certificates(view, board_, kSweep)) == 0) return false;
    EXPECT_TRUE(world_.commit(view));
    return true;
  }

  // Which of the numbers stand in the list (which is too long for parse_crl()).
  std::set<Bytes> listed() {
    constexpr std::uint8_t kSerial = 20;
    const CrlDer der = list();
    std::set<Bytes> out;
    for (auto at = der->begin(); der->end() - at > 2 + static_cast<int>(kSerial); ++at) {
      if (at[0] != 0x02 || at[1] != kSerial) continue;  // INTEGER of 20 octets
      Bytes serial(at + 2, at + 2 + kSerial);
      if (lasting_.contains(serial) || passing_.contains(serial)) out.insert(std::move(serial));
    }
    return out;
  }

  CrlSigner signer() {
    CertificatePlan plan;
    plan.certificate.serial = {1};
    plan.certificate.subject.add(crypto::attribute::kCommonName, "Root");
    plan.certificate.not_before = world_.clock.now();
    plan.certificate.not_after = world_.clock.now() + std::chrono::hours(24);
    plan.generate = crypto::KeyKind::ecdsa_p256;
    MadeCertificate made = work::TestWorld::value(make(plan));
    return {work::TestWorld::value(crypto::parse_certificate(made.der)),
            std::make_shared<const crypto::PrivateKey>(*std::move(made.key)),
            {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("coffer-pki-" + std::to_string(getpid()));
  work::TestWorld world_;
  Mount mount_;
  IssuerRow issuer_;
  CrlBoard board_;
  CrlSigner signer_ = signer();
  std::size_t revoked_ = 0;
  std::vector<Bytes> serials_;  // some that are not revoked
  std::set<Bytes> lasting_;     // revoked ones that do not expire soon,
  std::set<Bytes> passing_;     // and those that do
};

void keep(const char* name, Duration took) {
  testing::Test::RecordProperty(name, std::to_string(took.count() / 1'000'000));
}

Duration timed(const std::function<void()>& work) {
  const SystemClock clock;
  const Duration began = clock.steady();
  work();
  return clock.steady() - began;
}

std::string resident_memory() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("RssAnon:")) return line.substr(8);
  }
  return "";
}

TEST_F(ManyCertificates, AreIssuedAsFastAsTheFirstAndListedWithoutALoss) {
  const std::size_t total = std::getenv("COFFER_LONG") != nullptr ? 1'000'000 : 4'000;
  const std::size_t tenth = total / kUnit / 10;
  Bytes entry;
  crypto::append_crl_entry(
      entry, {next_serial(), world_.clock.now(), crypto::RevocationReason::superseded});
  const Duration first = issue_units(tenth);
  issue_units(tenth * 8);
  const Duration last = issue_units(tenth);
  // Random keys in a larger tree cost more pages, and no more than that.
  EXPECT_LT(last, first * 5);
  const SystemClock clock;
  const Duration before = clock.steady();
  const std::size_t size = list()->size();
  const Duration whole = clock.steady() - before;
  EXPECT_GE(size, revoked_ * entry.size());
  EXPECT_LT(size, revoked_ * entry.size() + 1024);
  issue();
  const Duration middle = clock.steady();
  // An ECDSA signature takes an octet or two more or less.
  EXPECT_NEAR(static_cast<double>(list()->size()),
              static_cast<double>(size + kUnit / kOneIn * entry.size()),
              8.0);
  const Duration again = clock.steady() - middle;
  keep("first_tenth_ms", first);
  keep("last_tenth_ms", last);
  keep("list_from_rows_ms", whole);
  keep("list_after_one_more_ms", again);
}

TEST_F(ManyCertificates, AreReadListedAndTidiedInSmallSteps) {
  const std::size_t total = std::getenv("COFFER_LONG") != nullptr ? 1'000'000 : 4'000;
  keep("issue_ms", issue_units(total / kUnit));
  RecordProperty("memory_after_issuing", resident_memory());
  keep("read_by_serial_ms", timed([&] {
         for (const Bytes& serial : serials_) {
           work::View view = world_.view();
           EXPECT_NE(*Revocations(view, mount_, board_).certificate(serial), nullptr);
         }
       }));
  keep("page_of_1000_from_the_middle_ms", timed([&] {
         work::View view = world_.view();
         const auto page = view.keys<CertificateRow>(mount_.id, pki_key(mount_.id, "\x60"), kRead);
         EXPECT_EQ(page->size(), kRead);
       }));
  keep("list_from_rows_ms", timed([&] { (void)list(); }));
  keep("revoke_ms", timed([&] {
         work::View view = world_.view();
         ASSERT_TRUE(Revocations(view, mount_, board_)
                         .revoke(serials_.back(), crypto::RevocationReason::key_compromise));
         ASSERT_TRUE(world_.commit(view));
       }));
  lasting_.insert(serials_.back());
  keep("list_after_a_revocation_ms", timed([&] { (void)list(); }));
  world_.clock.advance(std::chrono::hours(2));
  ask_for_tidying();
  const CrlDer before = list();
  std::size_t units = 0;
  const std::size_t expected = total / kUnit * 6 / kSweep;  // and one for the wish
  keep("tidy_ms", timed([&] {
         while (tidy_some()) {
           // Nothing is read anew for who asks for the list meanwhile.
           if (++units <= expected) EXPECT_EQ(list(), before);
         }
       }));
  EXPECT_EQ(units, expected + 1);
  EXPECT_EQ(listed(), lasting_);
  RecordProperty("memory_at_the_end", resident_memory());
}

}  // namespace
}  // namespace coffer::domain
