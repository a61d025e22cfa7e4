// Reseal: seals again, under the newest term of the keyring, every row that lies under an older
// one, and proves that none is left.
//
// What is to be done and how far it is stands in one row (ResealRow); the work goes on from there
// after a crash, on whatever node holds the job. A round seals some thousand rows in units of
// kRows, each of which depends on the claim of the job and on each row being what it was; then it
// moves the cursor. Rows that changed meanwhile are sealed under the newest term already. Neither
// what a row says nor its index entries change.
//
// When the cursor is at the end all tables are read once more. The committer takes no row that was
// sealed under another term than the newest (work/committer.h), so that what this scan does not
// find can not come back: the statement that it leaves in the audit log holds for good.
//
// What was put into the store behind our back is not laundered where the guard knows better: such a
// row stops the work (corrupt). Rows that are not guarded are taken as they are if they
// authenticate; verify the store before a rotation. Blocking: for a thread of its own.
#pragma once

#include "rows/row.h"
#include "work/committer.h"
#include "work/job.h"

#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace coffer::work {

struct ResealRow {
  static constexpr rows::TableSpec kTable = rows::tables::kReseals;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::uint32_t> below;  // terms older than this one are to be given up
  rows::Clear<std::uint32_t> realm;  // where the work goes on: realm, table, behind this key
  rows::Clear<std::uint16_t> table;  // 0: at the beginning
  rows::Clear<Bytes> after;
  rows::Clear<bool> counted;
  rows::Clear<std::uint64_t> total;     // rows that there were at the beginning
  rows::Clear<std::uint64_t> seen;      // of them, so far
  rows::Clear<std::uint64_t> resealed;  // of those seen
  rows::Clear<Timestamp> started;
  rows::Clear<Duration> worked;        // without the pauses
  rows::Clear<Timestamp> stated;       // {}: not yet
  rows::Clear<std::uint64_t> scanned;  // rows that the statement is about
  static constexpr auto kMembers = std::tuple{&ResealRow::below,
                                              &ResealRow::realm,
                                              &ResealRow::table,
                                              &ResealRow::after,
                                              &ResealRow::counted,
                                              &ResealRow::total,
                                              &ResealRow::seen,
                                              &ResealRow::resealed,
                                              &ResealRow::started,
                                              &ResealRow::worked,
                                              &ResealRow::stated,
                                              &ResealRow::scanned};

  static Bytes the_key() { return to_bytes("terms"); }

  [[nodiscard]] Bytes key() const { return the_key(); }

  [[nodiscard]] bool is_stated() const { return *stated != Timestamp{}; }

  // Rows a second while it worked, and how long the rest takes at that pace; 0: not known yet.
  [[nodiscard]] std::uint64_t rate() const;
  [[nodiscard]] Duration left() const;
};

// Stages the wish: rows under terms older than `below` are to be sealed anew. A wish that is there
// and asks for as much or more stays as it is.
Result<> ask_for_reseal(View& view, std::uint32_t below);
// Null: nobody ever asked.
Result<rows::RowPtr<ResealRow>> reseal_progress(View& view);

class Reseal {
 public:
  static constexpr std::size_t kRows = 90;    // of a unit; others are checked, not changed
  static constexpr std::size_t kUnits = 60;   // of a round
  static constexpr std::size_t kRounds = 20;  // that may lose a race before it gives up

  // Borrows everything. `holder`: who claims the job.
  Reseal(Committer& committer,
         rows::Rows& rows,
         const Clock& clock,
         crypto::Random& random,
         std::string holder)
      : committer_(committer),
        rows_(rows),
        clock_(clock),
        random_(random),
        holder_(std::move(holder)) {}

  // One round. False: there is nothing to do, or another node does it. Errors: conflict (lost
  // races; call again), corrupt, those of the store.
  Result<bool> round();

 private:
  struct Place;
  struct Pass;

  Result<bool> count(const ResealRow& row);
  Result<bool> seal_some(const ResealRow& row);
  Result<> submit_page(Pass& pass, const std::vector<store::StoredRow>& rows);
  Result<> submit_unit(Pass& pass, const std::vector<const store::StoredRow*>& rows);
  Result<bool> prove(const ResealRow& row);
  // Commits the row with the claim renewed and with what it is told as.
  Result<> save(ResealRow row, proof::Event event);
  Result<Claim> claim();
  [[nodiscard]] View view() const;
  [[nodiscard]] proof::Event event(proof::EventType type, std::string reason) const;
  [[nodiscard]] bool is_old(const store::StoredRow& row, std::uint32_t below) const;

  Committer& committer_;
  rows::Rows& rows_;
  const Clock& clock_;
  crypto::Random& random_;
  const std::string holder_;
  std::size_t lost_ = 0;  // rounds in a row that lost a race
};

}  // namespace coffer::work

extern template struct coffer::rows::RowCodec<coffer::work::ResealRow>;
