// KeyRewrap: moves every data key that a master key wraps to the newest version of that key, and
// proves that none is left under an older one.
//
// The same shape as work/reseal.h: a row for each wish says how far it is, the job goes on after a
// crash, units are fenced by its claim and fail if a row changed meanwhile. When the sources name
// nothing more, all their rows are read; nothing can come under an old version again, because
// whoever wraps reads the key's row, and a unit that read it before a rotation is a conflict. The
// statement stands in the audit log and in the row; only after it destroy_versions() takes old
// versions away.
//
// Blocking: for a thread of its own. Borrows everything.
#pragma once

#include "domain/kms/rewrap_source.h"
#include "work/committer.h"
#include "work/job.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

// Shares the table of reseals with work::ResealRow, whose key has no ':'.
struct KeyRewrapRow {
  static constexpr rows::TableSpec kTable = rows::tables::kReseals;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> key_name;
  rows::Clear<Bytes> uid;            // of the master key
  rows::Clear<std::uint32_t> below;  // versions older than this one are to be given up
  rows::Clear<bool> counted;
  rows::Clear<std::uint64_t> total;  // data keys under older versions at the beginning
  rows::Clear<std::uint64_t> done;
  rows::Clear<Timestamp> started;
  rows::Clear<Duration> worked;
  rows::Clear<Timestamp> stated;       // {}: not yet
  rows::Clear<std::uint64_t> scanned;  // rows that the statement is about
  static constexpr auto kMembers = std::tuple{&KeyRewrapRow::mount,
                                              &KeyRewrapRow::key_name,
                                              &KeyRewrapRow::uid,
                                              &KeyRewrapRow::below,
                                              &KeyRewrapRow::counted,
                                              &KeyRewrapRow::total,
                                              &KeyRewrapRow::done,
                                              &KeyRewrapRow::started,
                                              &KeyRewrapRow::worked,
                                              &KeyRewrapRow::stated,
                                              &KeyRewrapRow::scanned};

  static constexpr std::string_view kKeyPrefix = "key:";
  static Bytes key_of(ByteView uid);

  [[nodiscard]] Bytes key() const { return key_of(*uid); }

  [[nodiscard]] bool is_stated() const { return *stated != Timestamp{}; }

  [[nodiscard]] std::uint64_t rate() const;  // a second; 0: not known yet
};

// Stages the wish for all versions before the latest. A wish that asks for as much stays as it is.
// invalid_argument for a key that wraps nothing.
Result<KeyRewrapRow> ask_for_rewrap(work::View& view, const MasterKeyRow& key);
// The wishes, at most `limit`.
Result<std::vector<rows::RowPtr<KeyRewrapRow>>> key_rewraps(work::View& view, std::size_t limit);
// Stages the end of all versions before `version`. precondition_failed before the statement.
Result<> destroy_versions(work::View& view,
                          KmsState& kms,
                          const MasterKeyRow& key,
                          std::uint32_t version);

class KeyRewrap {
 public:
  static constexpr std::size_t kRows = 40;   // of a unit; a row may touch another
  static constexpr std::size_t kUnits = 60;  // of a round

  KeyRewrap(work::Committer& committer,
            rows::Rows& rows,
            KmsState& kms,
            const Clock& clock,
            crypto::Random& random,
            std::string holder,
            std::vector<RewrapSource*> sources)
      : committer_(committer),
        rows_(rows),
        kms_(kms),
        clock_(clock),
        random_(random),
        holder_(std::move(holder)),
        sources_(std::move(sources)) {}

  // One round of the first wish that is not done. False: there is none, or another node works at
  // it. Errors: conflict (call again); when no wish got on, what kept one of them: those of the
  // sources (precondition_failed: the key refuses) and the store.
  Result<bool> round();

 private:
  struct Looked {
    std::uint64_t rows = 0;
    std::uint64_t below = 0;
  };

  Result<bool> work_on(const KeyRewrapRow& row);
  Result<bool> rewrap_some(const KeyRewrapRow& row, RewrapSource& source, std::vector<Bytes> named);
  Result<Looked> look_at_all(const KeyRewrapRow& row);
  Result<bool> prove(KeyRewrapRow row);
  Result<bool> is_ours();
  Result<work::Claim> claim();
  Result<> save(KeyRewrapRow row, proof::Event event);
  [[nodiscard]] work::View view() const;
  [[nodiscard]] proof::Event event(proof::EventType type, std::string reason) const;

  work::Committer& committer_;
  rows::Rows& rows_;
  KmsState& kms_;
  const Clock& clock_;
  crypto::Random& random_;
  const std::string holder_;
  const std::vector<RewrapSource*> sources_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::KeyRewrapRow>;
