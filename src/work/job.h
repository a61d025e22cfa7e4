// Jobs: recurring work that exactly one node does at a time, with fencing tokens.
//
// A claim is a row: who holds the job, until when, and a fence that grows with every change of
// holder. A holder stages its fence check into every unit that it commits for the job: a node that
// lost its claim while it was asleep cannot commit any more (conflict).
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>

namespace coffer::work {

struct JobRow {
  static constexpr rows::TableSpec kTable = rows::tables::kJobs;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::string> holder;
  rows::Clear<std::uint64_t> fence;
  rows::Clear<Timestamp> until;
  rows::Clear<std::string> cursor;  // where the job goes on
  static constexpr auto kMembers =
      std::tuple{&JobRow::name, &JobRow::holder, &JobRow::fence, &JobRow::until, &JobRow::cursor};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

struct Claim {
  std::string job;
  std::string holder;
  std::uint64_t fence = 0;
  std::string cursor;
};

// Whether another node's claim of the job stands. One that ends later than claims of this length
// can was made by a clock that was ahead, and has lapsed: it would keep the job from everybody
// until then. Clocks of nodes may differ by `lasts`.
[[nodiscard]] bool is_held_by_another(const JobRow& row,
                                      std::string_view holder,
                                      Timestamp now,
                                      Duration lasts);

// Takes the job, or renews a claim of one's own. precondition_failed while another holder's claim
// lasts.
Result<Claim> claim_job(View& view, std::string_view name, std::string_view holder, Duration lasts);
// Makes `view` depend on the claim. conflict when it was lost.
Result<> check_claim(View& view, const Claim& claim);
// Makes `view` depend on the claim, and moves the cursor. conflict when the claim was lost.
Result<> hold_job(View& view, const Claim& claim, std::string_view cursor);

}  // namespace coffer::work
