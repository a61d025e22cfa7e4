#include "work/reseal.h"

#include "work/system_event.h"

#include <algorithm>

namespace coffer::work {
namespace {

constexpr std::string_view kJob = "reseal";
constexpr Duration kClaim = std::chrono::seconds(15);  // renewed each round
constexpr std::size_t kPage = 3 * Reseal::kRows;       // rows read at once
constexpr std::size_t kKeysAtOnce = 4096;              // keys

// The tables of all realms, one after the other.
struct Region {
  std::uint32_t realm = 0;
  std::uint16_t table = 0;
  friend auto operator<=>(const Region&, const Region&) = default;
};

std::vector<Region> regions() {
  std::vector<Region> out;
  for (const store::RealmId realm : rows::kRealms) {
    for (const rows::TableSpec& table : rows::tables::kAll)
      out.push_back({realm.value(), table.id.value()});
  }
  std::ranges::sort(out);
  return out;
}

std::uint32_t term_of(ByteView blob) {
  const auto parts = rows::split_blob(blob);
  return parts ? parts->term : 0;  // 0: older than all, and refused when it is to be opened
}

}  // namespace

std::uint64_t ResealRow::rate() const {
  const auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(*worked).count());
  return milliseconds == 0 ? 0 : *seen * 1000 / milliseconds;
}

Duration ResealRow::left() const {
  const std::uint64_t pace = rate();
  if (pace == 0 || is_stated() || *seen >= *total) return Duration{};
  return std::chrono::seconds((*total - *seen) / pace + 1);
}

Result<> ask_for_reseal(View& view, std::uint32_t below) {
  COFFER_TRY(const auto present, view.find<ResealRow>(ResealRow::the_key()));
  if (present && *present->row.below >= below) return {};
  ResealRow row;
  row.below = below;
  row.started = view.now();
  return view.put(std::move(row));
}

Result<rows::RowPtr<ResealRow>> reseal_progress(View& view) {
  return view.find<ResealRow>(ResealRow::the_key());
}

// Where a pass is, and what of it is under way.
struct Reseal::Pass {
  ResealRow row;
  Claim claim;
  std::vector<std::future<Result<>>> outcomes;
};

View Reseal::view() const {
  return View(rows_, rows::kRootRealm, clock_.now(), random_);
}

proof::Event Reseal::event(proof::EventType type, std::string reason) const {
  return system_event(clock_.now(), random_, type, std::move(reason));
}

bool Reseal::is_old(const store::StoredRow& row, std::uint32_t below) const {
  return term_of(row.blob) < below;
}

Result<bool> Reseal::round() {
  View view = this->view();
  COFFER_TRY(const auto found, reseal_progress(view));
  if (!found || found->row.is_stated()) return false;
  const ResealRow& row = found->row;
  const auto done = !*row.counted                                    ? count(row)
                    : *row.realm == rows::kRealms.back().value() + 1 ? prove(row)
                                                                     : seal_some(row);
  if (done) {
    lost_ = 0;
    return done;
  }
  if (done.error().code == Code::precondition_failed) return false;  // another node has the job
  if (done.error().code == Code::conflict && ++lost_ >= kRounds) {
    return fail(Code::corrupt, "a row that is to be sealed anew is not what was written last");
  }
  return done;
}

Result<Claim> Reseal::claim() {
  View view = this->view();
  COFFER_TRY(const auto held, view.find<JobRow>(kJob));
  // A claim that lasts is not written again: each page of the round depends on its row.
  if (held && *held->row.holder == holder_ && *held->row.until > view.now() + kClaim / 2) {
    return Claim{std::string(kJob), holder_, *held->row.fence, {}};
  }
  COFFER_TRY(Claim claim, claim_job(view, kJob, holder_, kClaim));
  COFFER_CHECK(committer_.commit(
      view, {event(proof::EventType::system_rows_resealed, "the work was taken up")}));
  return claim;
}

Result<> Reseal::save(ResealRow row, proof::Event told) {
  View view = this->view();
  COFFER_TRY(const Claim claim, claim_job(view, kJob, holder_, kClaim));
  COFFER_TRY(const auto present, reseal_progress(view));
  if (!present || *present->row.below != *row.below) {
    return fail(Code::conflict, "something else was asked for meanwhile");
  }
  told.facts.push_back({"below_term", std::to_string(*row.below)});
  told.facts.push_back({"seen", std::to_string(*row.seen)});
  told.facts.push_back({"resealed", std::to_string(*row.resealed)});
  COFFER_CHECK(view.put(std::move(row)));
  std::vector<proof::Event> events;
  events.push_back(std::move(told));
  return committer_.commit(view, std::move(events));
}

// How many rows there are: what progress is measured against.
Result<bool> Reseal::count(const ResealRow& row) {
  ResealRow counted = row;
  for (const Region& region : regions()) {
    Bytes after;
    while (true) {
      COFFER_TRY(
          const auto keys,
          rows_.store().scan_keys(
              store::TableId(region.table), store::RealmId(region.realm), {}, after, kKeysAtOnce));
      *counted.total += keys.size();
      if (keys.size() < kKeysAtOnce) break;
      after = keys.back();
    }
  }
  counted.counted = true;
  COFFER_CHECK(save(std::move(counted), event(proof::EventType::system_rows_resealed, "counted")));
  return true;
}

Result<bool> Reseal::seal_some(const ResealRow& row) {
  COFFER_TRY(Claim claim, this->claim());
  Pass pass{.row = row, .claim = std::move(claim), .outcomes = {}};
  const Duration began = clock_.steady();
  const std::vector<Region> all = regions();
  auto at = std::ranges::lower_bound(all, Region{*row.realm, *row.table});
  while (at != all.end() && pass.outcomes.size() < kUnits) {
    if (Region{*pass.row.realm, *pass.row.table} != *at) pass.row.after = Bytes();
    pass.row.realm = at->realm;
    pass.row.table = at->table;
    COFFER_TRY(
        const auto page,
        rows_.store().scan(
            store::TableId(at->table), store::RealmId(at->realm), {}, *pass.row.after, kPage));
    COFFER_CHECK(submit_page(pass, page));
    if (page.size() < kPage) {
      ++at;
      continue;
    }
    pass.row.after = page.back().key.key;
  }
  Result<> outcome;
  for (auto& each : pass.outcomes) {
    if (Result<> one = each.get(); !one && outcome) outcome = std::move(one);
  }
  // Nothing is lost: what was sealed is passed over the next time.
  COFFER_CHECK(outcome);
  if (at == all.end()) {
    pass.row.realm = rows::kRealms.back().value() + 1;
    pass.row.table = std::uint16_t{0};
    pass.row.after = Bytes();
  } else if (Region{*pass.row.realm, *pass.row.table} != *at) {
    pass.row.realm = at->realm;
    pass.row.table = at->table;
    pass.row.after = Bytes();
  }
  *pass.row.worked += clock_.steady() - began;
  COFFER_CHECK(
      save(std::move(pass.row), event(proof::EventType::system_rows_resealed, "as far as here")));
  return true;
}

Result<> Reseal::submit_page(Pass& pass, const std::vector<store::StoredRow>& rows) {
  std::vector<const store::StoredRow*> old;
  for (const store::StoredRow& row : rows) {
    if (is_old(row, *pass.row.below)) old.push_back(&row);
    if (old.size() < kRows) continue;
    COFFER_CHECK(submit_unit(pass, old));
    old.clear();
  }
  if (!old.empty()) COFFER_CHECK(submit_unit(pass, old));
  *pass.row.seen += rows.size();
  return {};
}

Result<> Reseal::submit_unit(Pass& pass, const std::vector<const store::StoredRow*>& rows) {
  View view = this->view();
  COFFER_CHECK(check_claim(view, pass.claim));
  for (const store::StoredRow* row : rows) COFFER_CHECK(view.reseal(*row));
  proof::Event told = event(proof::EventType::system_rows_resealed, "sealed under the newest term");
  told.facts.push_back({"count", std::to_string(rows.size())});
  std::vector<proof::Event> events;
  events.push_back(std::move(told));
  COFFER_TRY(Unit unit, view.take());
  COFFER_TRY(Submission submission, prepare(std::move(unit), events));
  auto promise = std::make_shared<std::promise<Result<>>>();
  pass.outcomes.push_back(promise->get_future());
  submission.done = [promise](Result<> result) { promise->set_value(std::move(result)); };
  committer_.submit(std::move(submission));
  *pass.row.resealed += rows.size();
  return {};
}

// Reads every row of every table. One that was written while the cursor was elsewhere, before the
// committer knew of the term, is found here: then the work begins again.
Result<bool> Reseal::prove(const ResealRow& row) {
  ResealRow proven = row;
  *proven.scanned = 0;
  for (const Region& region : regions()) {
    Bytes after;
    while (true) {
      COFFER_TRY(const auto page,
                 rows_.store().scan(
                     store::TableId(region.table), store::RealmId(region.realm), {}, after, kPage));
      const bool old = std::ranges::any_of(
          page, [&](const store::StoredRow& each) { return is_old(each, *row.below); });
      if (old) {
        proven.realm = std::uint32_t{0};
        proven.table = std::uint16_t{0};
        *proven.seen = 0;
        COFFER_CHECK(
            save(std::move(proven), event(proof::EventType::system_rows_resealed, "once more")));
        return true;
      }
      *proven.scanned += page.size();
      if (page.size() < kPage) break;
      after = page.back().key.key;
    }
  }
  proven.stated = clock_.now();
  proof::Event told = event(proof::EventType::system_reseal_stated,
                            "no row is sealed under a term older than " +
                                std::to_string(*row.below) + ", and none can be");
  told.facts.push_back({"rows", std::to_string(*proven.scanned)});
  told.facts.push_back({"tables", std::to_string(rows::tables::kAll.size())});
  COFFER_CHECK(save(std::move(proven), std::move(told)));
  return true;
}

}  // namespace coffer::work

template struct coffer::rows::RowCodec<coffer::work::ResealRow>;
