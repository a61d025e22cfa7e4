#include "domain/kms/key_rewrap.h"

#include "base/encoding.h"
#include "work/system_event.h"

#include <algorithm>
#include <future>

namespace coffer::domain {
namespace {

constexpr std::string_view kJob = "rewrap";
constexpr Duration kClaim = std::chrono::seconds(15);  // renewed each round
constexpr std::size_t kMostWishes = 1000;

}  // namespace

Bytes KeyRewrapRow::key_of(ByteView uid) {
  Bytes key = to_bytes(kKeyPrefix);
  append(key, uid);
  return key;
}

std::uint64_t KeyRewrapRow::rate() const {
  const auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(*worked).count());
  return milliseconds == 0 ? 0 : *done * 1000 / milliseconds;
}

Result<KeyRewrapRow> ask_for_rewrap(work::View& view, const MasterKeyRow& key) {
  if (!aead_of(*key.type)) {
    return fail(Code::invalid_argument, "a key of this type wraps no data keys");
  }
  COFFER_TRY(const auto present, view.find<KeyRewrapRow>(KeyRewrapRow::key_of(*key.uid)));
  if (present && *present->row.below >= key.latest()) return present->row;
  KeyRewrapRow row;
  row.mount = *key.mount;
  row.key_name = *key.name;
  row.uid = *key.uid;
  row.below = key.latest();
  row.started = view.now();
  COFFER_CHECK(view.put(row));
  return row;
}

Result<std::vector<rows::RowPtr<KeyRewrapRow>>> key_rewraps(work::View& view, std::size_t limit) {
  COFFER_TRY(const auto keys,
             view.keys<KeyRewrapRow>(as_bytes(KeyRewrapRow::kKeyPrefix), {}, limit));
  std::vector<rows::RowPtr<KeyRewrapRow>> out;
  for (const Bytes& key : keys) {
    COFFER_TRY(auto row, view.find<KeyRewrapRow>(key));
    if (row) out.push_back(std::move(row));
  }
  return out;
}

Result<> destroy_versions(work::View& view,
                          KmsState& kms,
                          const MasterKeyRow& key,
                          std::uint32_t version) {
  COFFER_TRY(const auto wish, view.find<KeyRewrapRow>(KeyRewrapRow::key_of(*key.uid)));
  if (!wish || !wish->row.is_stated() || *wish->row.below < version) {
    return fail(Code::precondition_failed,
                "it is not stated that nothing depends on these versions: rewrap first");
  }
  MasterKeys keys(view, *key.mount, kms);
  KeyChange change;
  change.min_encryption = std::max<std::int64_t>(*key.min_encryption, version);
  change.min_decryption = std::max<std::int64_t>(*key.min_decryption, version);
  COFFER_CHECK(keys.configure(key, change));
  COFFER_TRY(const KeyPtr changed, keys.by_uid(*key.uid));
  if (!changed) return fail(Code::not_found, "no such key");
  return keys.trim(changed->row, version);
}

work::View KeyRewrap::view() const {
  return work::View(rows_, rows::kRootRealm, clock_.now(), random_);
}

proof::Event KeyRewrap::event(proof::EventType type, std::string reason) const {
  return work::system_event(clock_.now(), random_, type, std::move(reason));
}

Result<bool> KeyRewrap::round() {
  work::View view = this->view();
  COFFER_TRY(const auto wishes, key_rewraps(view, kMostWishes));
  COFFER_TRY(const bool ours, is_ours());
  if (!ours) return false;
  Result<bool> outcome = false;
  for (const auto& wish : wishes) {
    if (wish->row.is_stated()) continue;
    auto done = work_on(wish->row);
    if (done || done.error().code == Code::conflict) return done;
    outcome = std::move(done);  // a key that refuses keeps no other one waiting
  }
  return outcome;
}

// Whether no other node holds the job.
Result<bool> KeyRewrap::is_ours() {
  work::View view = this->view();
  COFFER_TRY(const auto held, view.find<work::JobRow>(kJob));
  return !held || !work::is_held_by_another(held->row, holder_, view.now(), kClaim);
}

Result<work::Claim> KeyRewrap::claim() {
  work::View view = this->view();
  COFFER_TRY(const auto held, view.find<work::JobRow>(kJob));
  if (held && *held->row.holder == holder_ && *held->row.until > view.now() + kClaim / 2) {
    return work::Claim{std::string(kJob), holder_, *held->row.fence, {}};
  }
  COFFER_TRY(work::Claim claim, work::claim_job(view, kJob, holder_, kClaim));
  COFFER_CHECK(
      committer_.commit(view, {event(proof::EventType::key_rewrapped, "the work was taken up")}));
  return claim;
}

Result<> KeyRewrap::save(KeyRewrapRow row, proof::Event told) {
  work::View view = this->view();
  COFFER_CHECK(work::claim_job(view, kJob, holder_, kClaim));
  COFFER_TRY(const auto present, view.find<KeyRewrapRow>(row.key()));
  if (!present || *present->row.below != *row.below) {
    return fail(Code::conflict, "something else was asked for meanwhile");
  }
  told.facts.push_back({"mount", hex_encode(*row.mount)});
  told.facts.push_back({"key", *row.key_name});
  told.facts.push_back({"below_version", std::to_string(*row.below)});
  told.facts.push_back({"done", std::to_string(*row.done)});
  COFFER_CHECK(view.put(std::move(row)));
  std::vector<proof::Event> events;
  events.push_back(std::move(told));
  return committer_.commit(view, std::move(events));
}

Result<bool> KeyRewrap::work_on(const KeyRewrapRow& row) {
  if (!*row.counted) {
    KeyRewrapRow counted = row;
    COFFER_TRY(const Looked looked, look_at_all(row));
    counted.total = looked.below;
    counted.counted = true;
    COFFER_CHECK(save(std::move(counted), event(proof::EventType::key_rewrapped, "counted")));
    return true;
  }
  work::View view = this->view();
  for (RewrapSource* source : sources_) {
    COFFER_TRY(auto named, source->below(view, *row.uid, *row.below, kRows * kUnits));
    if (!named.empty()) return rewrap_some(row, *source, std::move(named));
  }
  return prove(row);
}

Result<bool> KeyRewrap::rewrap_some(const KeyRewrapRow& row,
                                    RewrapSource& source,
                                    std::vector<Bytes> named) {
  COFFER_TRY(const work::Claim claim, this->claim());
  const Duration began = clock_.steady();
  KeyRewrapRow next = row;
  std::vector<std::future<Result<>>> outcomes;
  for (std::size_t from = 0; from < named.size(); from += kRows) {
    work::View view = this->view();
    COFFER_CHECK(work::check_claim(view, claim));
    std::size_t count = 0;
    for (std::size_t i = from; i < std::min(from + kRows, named.size()); ++i) {
      COFFER_TRY(const bool moved, source.rewrap(view, kms_, named[i]));
      count += moved ? 1U : 0U;
    }
    if (count == 0) continue;
    proof::Event told =
        event(proof::EventType::key_rewrapped, "data keys under the latest version");
    told.facts.push_back({"source", std::string(source.name())});
    told.facts.push_back({"key", *row.key_name});
    told.facts.push_back({"count", std::to_string(count)});
    std::vector<proof::Event> events;
    events.push_back(std::move(told));
    auto on_commit = view.take_on_commit();
    COFFER_TRY(work::Unit unit, view.take());
    COFFER_TRY(work::Submission submission, work::prepare(std::move(unit), events));
    submission.on_commit = std::move(on_commit);
    auto promise = std::make_shared<std::promise<Result<>>>();
    outcomes.push_back(promise->get_future());
    submission.done = [promise](Result<> result) { promise->set_value(std::move(result)); };
    committer_.submit(std::move(submission));
    *next.done += count;
  }
  Result<> outcome;
  for (auto& each : outcomes) {
    if (Result<> one = each.get(); !one && outcome) outcome = std::move(one);
  }
  COFFER_CHECK(outcome);  // what was moved is named no more the next time
  *next.worked += clock_.steady() - began;
  COFFER_CHECK(save(std::move(next), event(proof::EventType::key_rewrapped, "as far as here")));
  return true;
}

Result<KeyRewrap::Looked> KeyRewrap::look_at_all(const KeyRewrapRow& row) {
  Looked out;
  for (RewrapSource* source : sources_) {
    Bytes after;
    do {
      work::View view = this->view();
      COFFER_TRY(auto page, source->look(view, *row.uid, *row.below, after));
      out.rows += page.rows;
      out.below += page.below;
      after = std::move(page.last);
    } while (!after.empty());
  }
  return out;
}

Result<bool> KeyRewrap::prove(KeyRewrapRow row) {
  COFFER_TRY(const Looked looked, look_at_all(row));
  if (looked.below > 0) {
    return fail(Code::corrupt, "rows depend on old versions of a key and no index names them");
  }
  row.scanned = looked.rows;
  row.stated = clock_.now();
  proof::Event told = event(proof::EventType::system_reseal_stated,
                            "no data key lies under a version older than " +
                                std::to_string(*row.below) + " of this key, and none can");
  told.facts.push_back({"rows", std::to_string(looked.rows)});
  COFFER_CHECK(save(std::move(row), std::move(told)));
  return true;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::KeyRewrapRow>;
