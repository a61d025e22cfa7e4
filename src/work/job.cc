#include "work/job.h"

namespace coffer::work {

bool is_held_by_another(const JobRow& row, std::string_view holder, Timestamp now, Duration lasts) {
  return *row.holder != holder && *row.until > now && *row.until - now <= lasts * 2;
}

Result<Claim> claim_job(View& view,
                        std::string_view name,
                        std::string_view holder,
                        Duration lasts) {
  COFFER_TRY(const rows::RowPtr<JobRow> found, view.find<JobRow>(name));
  JobRow row;
  row.name = std::string(name);
  if (found) {
    COFFER_TRY(row, view.open(*found));
    if (is_held_by_another(row, holder, view.now(), lasts)) {
      return fail(Code::precondition_failed, "another node holds the job");
    }
  }
  if (*row.holder != holder) ++*row.fence;
  row.holder = std::string(holder);
  row.until = view.now() + lasts;
  Claim claim{std::string(name), std::string(holder), *row.fence, *row.cursor};
  COFFER_CHECK(view.put(std::move(row)));
  return claim;
}

Result<> check_claim(View& view, const Claim& claim) {
  COFFER_TRY(const rows::RowPtr<JobRow> found, view.find<JobRow>(claim.job));
  if (!found || *found->row.fence != claim.fence || *found->row.holder != claim.holder) {
    return fail(Code::conflict, "the job was taken over by another node");
  }
  return {};
}

Result<> hold_job(View& view, const Claim& claim, std::string_view cursor) {
  COFFER_TRY(const rows::RowPtr<JobRow> found, view.find<JobRow>(claim.job));
  if (!found || *found->row.fence != claim.fence || *found->row.holder != claim.holder) {
    return fail(Code::conflict, "the job was taken over by another node");
  }
  COFFER_TRY(JobRow row, view.open(*found));
  row.cursor = std::string(cursor);
  return view.put(std::move(row));
}

}  // namespace coffer::work
