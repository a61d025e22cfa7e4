#include "work/committer.h"

#include "base/encoding.h"

#include <algorithm>
#include <utility>

namespace coffer::work {
namespace {

std::unexpected<Error> lost_race() {
  return fail(Code::conflict, "another request changed the same data");
}

std::unexpected<Error> not_durable() {
  return fail(Code::unavailable, "the change could not be made durable; nothing was changed");
}

// One record holds a group's events; what their encoding adds to their texts is in kEventFrame.
constexpr std::size_t kMaxGroupOctets = 3 << 20;
constexpr std::size_t kEventFrame = 16;
static_assert(kMaxGroupOctets + proof::kMaxEvent < store::kMaxRecord);

// The longest that a group waits for company.
constexpr std::chrono::microseconds kGather{600};

std::string rows_changed(std::string_view found) {
  return "rows that decide about access were changed while the server was sealed: restore a "
         "backup; or start the server with --accept-rows " +
         std::string(found) + ", unseal, and run `coffer verify`, which names them";
}

bool has(const store::Put& put, const EntryAbsence& entry) {
  return put.key.table == entry.table && put.key.realm == entry.realm &&
         std::ranges::any_of(put.index, [&](const store::IndexEntry& each) {
           return each.index == entry.index && starts_with(each.key, entry.prefix);
         });
}

// At least what the events take in the record.
std::size_t weight(const Submission& submission) {
  std::size_t octets = 0;
  for (const auto& event : submission.events) octets += kEventFrame + event.octets().size();
  return octets;
}

}  // namespace

std::string rows_name(const crypto::Digest& digest) {
  constexpr std::size_t kOctets = 16;
  return hex_encode(ByteView(digest).first(kOctets));
}

Result<Submission> prepare(Unit unit, std::span<proof::Event> events) {
  if (events.empty()) return fail(Code::internal, "unit of work without an event");
  Submission out;
  if (!unit.recorded.empty()) events.back().changes = std::move(unit.recorded);
  out.unit = std::move(unit);
  out.events.reserve(events.size());
  for (const proof::Event& event : events) {
    COFFER_TRY(auto encoded, proof::EncodedEvent::of(event));
    out.events.push_back(std::move(encoded));
  }
  return out;
}

void GatherSize::learn(std::size_t taken, bool in_vain) {
  if (in_vain) {
    wanted_ = std::max<std::size_t>(1, std::min(taken, kFullGroup));
    settled_ = 0;
    return;
  }
  settled_ = std::min(settled_ + 1, kPatience);
  if (taken > wanted_) {
    wanted_ = std::min(kFullGroup, taken);
  } else if (settled_ == kPatience) {
    wanted_ = std::min(kFullGroup, wanted_ + 1 + wanted_ / 4);
  }
}

Result<std::unique_ptr<Committer>> Committer::start(store::Store& store,
                                                    rows::Rows& rows,
                                                    const Clock& clock,
                                                    std::string_view accepted_rows) {
  const auto keyring = rows.keyring();
  COFFER_TRY(const auto last, store.last_record(rows::kAuditLog));
  std::optional<proof::SignedHead> head;
  if (last) {
    COFFER_TRY(head, proof::batch_head(last->record));
    if (!proof::verify_head(*head, keyring->audit_key().public_key())) {
      return fail(Code::corrupt, "the audit log does not end in a head signed by this server");
    }
    if (head->head.log_id != keyring->log_id()) {
      return fail(Code::corrupt, "the audit log is another server's");
    }
    const std::string found = rows_name(rows.digest());
    if (head->head.rows && *head->head.rows != rows.digest() && found != accepted_rows) {
      return fail(Code::corrupt, rows_changed(found));
    }
  } else if (rows.has_guarded()) {
    return fail(Code::corrupt, "the audit log is missing");
  }
  std::unique_ptr<Committer> committer(new Committer(
      store, rows, clock, proof::ChainWriter(keyring->log_id(), head, keyring->audit_key())));
  committer->audit_keyring_ = keyring;
  committer->head_ = head;
  committer->log_sequence_ = last ? last->sequence : 0;
  committer->thread_ = std::thread([raw = committer.get()] { raw->run(); });
  return committer;
}

Committer::Committer(store::Store& store,
                     rows::Rows& rows,
                     const Clock& clock,
                     proof::ChainWriter chain)
    : store_(store), rows_(rows), clock_(clock), chain_(std::move(chain)) {}

Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Committer::submit(Submission submission) {
  std::vector<Submission> one;
  one.push_back(std::move(submission));
  submit(std::move(one));
}

void Committer::submit(std::vector<Submission> submissions) {
  bool wake = false;
  {
    std::unique_lock lock(mutex_);
    if (closed_) {
      lock.unlock();
      refuse(std::move(submissions));
      return;
    }
    const std::size_t before = waiting_.size();
    if (waiting_.empty()) {
      waiting_.swap(submissions);
    } else {
      std::ranges::move(submissions, std::back_inserter(waiting_));
    }
    wake = before < wanted_ && waiting_.size() >= wanted_;
  }
  if (wake) wake_.notify_one();
}

std::shared_future<void> Committer::close() {
  std::vector<Submission> late;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    late.swap(waiting_);
  }
  wake_.notify_one();
  idle_.notify_all();  // whom drain() let wait for what is refused now
  refuse(std::move(late));
  return end_;
}

bool Committer::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

void Committer::refuse(std::vector<Submission> submissions) {
  post_completions(
      submissions,
      std::vector<Result<>>(submissions.size(), fail(Code::sealed, "Vault is sealed")));
}

Result<> Committer::commit(View& view, std::vector<proof::Event> events) {
  auto on_commit = view.take_on_commit();
  COFFER_TRY(Unit unit, view.take());
  COFFER_TRY(Submission submission, prepare(std::move(unit), events));
  submission.on_commit = std::move(on_commit);
  std::promise<Result<>> promise;
  auto future = promise.get_future();
  submission.done = [&promise](Result<> result) { promise.set_value(std::move(result)); };
  submit(std::move(submission));
  return future.get();
}

std::optional<proof::SignedHead> Committer::head() const {
  const std::scoped_lock lock(mutex_);
  return head_;
}

CommitterStats Committer::stats() const {
  const std::scoped_lock lock(mutex_);
  return stats_;
}

void Committer::run() {
  while (true) {
    std::vector<Submission> group = next_group();
    if (group.empty()) break;
    process(std::move(group));
    {
      const std::scoped_lock lock(mutex_);
      busy_ = false;
    }
    idle_.notify_all();
  }
  ended_.set_value();
}

// Waits for it; empty when there will be none.
std::vector<Submission> Committer::next_group() {
  std::unique_lock lock(mutex_);
  wanted_ = 1;
  wake_.wait(lock, [this] { return stopping_ || closed_ || !waiting_.empty(); });
  if (!waiting_.empty()) gather(lock);
  std::vector<Submission> group = take_group();  // all may have been refused meanwhile
  busy_ = !group.empty();
  return group;
}

void Committer::gather(std::unique_lock<std::mutex>& lock) {
  wanted_ = gather_size_.wanted();
  const auto enough = [this] { return stopping_ || closed_ || waiting_.size() >= wanted_; };
  const bool in_vain = !enough() && !wake_.wait_for(lock, kGather, enough);
  gather_size_.learn(waiting_.size(), in_vain);
}

void Committer::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

// The longest beginning of the queue whose events fit into one record; at least one submission.
std::vector<Submission> Committer::take_group() {
  std::size_t taken = 0;
  std::size_t octets = 0;
  std::size_t events = 0;
  for (; taken < waiting_.size(); ++taken) {
    octets += weight(waiting_[taken]);
    events += waiting_[taken].events.size();
    if (taken > 0 && (octets > kMaxGroupOctets || events > proof::kMaxBatchEvents)) break;
  }
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(taken);
  std::vector<Submission> group(std::move_iterator(waiting_.begin()), std::move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return group;
}

void Committer::process(std::vector<Submission> group) {
  std::vector<Result<>> outcomes(group.size());
  const Result<> durable = make_durable(group, outcomes);
  if (!durable) {
    for (Result<>& outcome : outcomes) {
      if (outcome) outcome = not_durable();
    }
  }
  publish(group, outcomes, durable.has_value());
}

Result<> Committer::commit_batch(store::Batch& batch,
                                 std::vector<proof::EncodedEvent>& events,
                                 const crypto::Digest& row_digest) {
  COFFER_TRY(const Bytes record, chain_.encode(events, clock_.now(), row_digest));
  COFFER_CHECK(batch.append(rows::kAuditLog, log_sequence_ + 1, record));
  return batch.commit();
}

Result<> Committer::make_durable(std::vector<Submission>& group, std::vector<Result<>>& outcomes) {
  COFFER_TRY(const std::unique_ptr<store::Batch> batch, store_.begin());
  COFFER_CHECK(apply_all(group, *batch, outcomes));
  std::vector<proof::EncodedEvent> events;
  std::vector<rows::Change> changes;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!outcomes[i]) continue;
    std::ranges::move(group[i].events, std::back_inserter(events));
    std::ranges::move(group[i].unit.changes, std::back_inserter(changes));
  }
  if (events.empty()) return {};  // every unit of the group was refused
  const crypto::Digest row_digest = rows_.begin_commit(changes);
  const Result<> committed = commit_batch(*batch, events, row_digest);
  if (!committed) {
    rows_.abandoned(changes);
    return committed;
  }
  rows_.applied(changes);
  chain_.accept();
  ++log_sequence_;
  return {};
}

// The rows' committed revisions, overlaid with what earlier units of this group wrote.
Result<bool> Committer::valid(const Unit& unit, const Earlier& earlier) {
  for (const store::Check& check : unit.rows.checks) {
    std::optional<std::uint64_t> current;
    if (const auto at = earlier.rows.find(check.key); at != earlier.rows.end()) {
      current = at->second;
    } else {
      COFFER_TRY(current, rows_.revision(check.key));
    }
    if (current != check.revision) return false;
  }
  for (const EntryAbsence& absence : unit.absences) {
    COFFER_TRY(const bool absent, is_absent(absence, earlier));
    if (!absent) return false;
  }
  return true;
}

// Entries that an earlier unit of the group took away still count: the next attempt sees.
Result<bool> Committer::is_absent(const EntryAbsence& absence, const Earlier& earlier) const {
  const auto puts_one = [&](const store::Unit* unit) {
    return std::ranges::any_of(unit->puts,
                               [&](const store::Put& put) { return has(put, absence); });
  };
  if (std::ranges::any_of(earlier.units, puts_one)) return false;
  COFFER_TRY(const auto hits,
             store_.query(absence.index, absence.table, absence.realm, absence.prefix, {}, 1));
  return hits.empty();
}

// A row that was sealed before a rotation that is durable by now is sealed again: what a scan of
// the store does not find under an old term is not there later either (work/reseal.h).
bool Committer::is_under_newest_term(const store::Unit& unit) const {
  const std::uint32_t newest = rows_.keyring()->active_term();
  return std::ranges::all_of(unit.puts, [newest](const store::Put& put) {
    if (put.key.table < rows::tables::kFirstRowTable) return true;
    const auto parts = rows::split_blob(put.blob);
    return !parts || parts->term == newest;
  });
}

Result<> Committer::apply_one(Submission& submission, store::Batch& batch, Earlier& earlier) {
  store::Unit& unit = submission.unit.rows;
  if (unit.puts.empty() && unit.erases.empty()) return {};
  COFFER_TRY(const bool still_valid, valid(submission.unit, earlier));
  if (!still_valid || !is_under_newest_term(unit)) return lost_race();
  // This process is the only writer: checked here, without asking the store again.
  unit.checks.clear();
  COFFER_TRY(const store::Applied applied, batch.apply(unit));
  if (applied == store::Applied::conflict) return lost_race();
  for (const store::Put& put : unit.puts) earlier.rows.insert_or_assign(put.key, put.revision);
  for (const store::Key& key : unit.erases) earlier.rows.insert_or_assign(key, std::nullopt);
  earlier.units.push_back(&unit);
  return {};
}

// Fails only where the store does; what is wrong with one unit is that unit's outcome.
Result<> Committer::apply_all(std::vector<Submission>& group,
                              store::Batch& batch,
                              std::vector<Result<>>& outcomes) {
  Earlier earlier;
  for (std::size_t i = 0; i < group.size(); ++i) {
    outcomes[i] = apply_one(group[i], batch, earlier);
    if (!outcomes[i] && outcomes[i].error().code == Code::unavailable) return outcomes[i];
  }
  return {};
}

void Committer::publish(std::vector<Submission>& group,
                        const std::vector<Result<>>& outcomes,
                        bool durable) {
  std::size_t conflicts = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!outcomes[i]) {
      conflicts += outcomes[i].error().code == Code::conflict ? 1U : 0U;
      continue;
    }
    for (const auto& action : group[i].on_commit) action();
  }
  {
    const std::scoped_lock lock(mutex_);
    head_ = chain_.head();
    stats_.units += group.size();
    ++stats_.batches;
    stats_.conflicts += conflicts;
    if (!durable) ++stats_.failures;
  }
  post_completions(group, outcomes);
}

void Committer::post_completions(std::vector<Submission>& group,
                                 const std::vector<Result<>>& outcomes) {
  using Completion = std::pair<std::move_only_function<void(Result<>)>, Result<>>;
  std::map<net::Loop*, std::vector<Completion>> posts;
  for (std::size_t i = 0; i < group.size(); ++i) {
    posts[group[i].loop].emplace_back(std::move(group[i].done), outcomes[i]);
  }
  for (auto& [loop, completions] : posts) {
    auto run_all = [done = std::move(completions)]() mutable {
      for (auto& [callback, outcome] : done) callback(std::move(outcome));
    };
    if (loop == nullptr) {
      run_all();
    } else {
      loop->post(std::move(run_all));
    }
  }
}

}  // namespace coffer::work
