#include "work/committer.h"

#include <future>
#include <utility>

namespace coffer::work {
namespace {

std::unexpected<Error> lost_race() {
  return fail(Code::conflict, "another request changed the same data");
}

std::unexpected<Error> not_durable() {
  return fail(Code::unavailable, "the change could not be made durable; nothing was changed");
}

}  // namespace

Result<std::unique_ptr<Committer>> Committer::start(store::Store& store,
                                                    rows::Rows& rows,
                                                    const Clock& clock) {
  const auto keyring = rows.keyring();
  COFFER_TRY(const auto last, store.last_record(rows::kAuditLog));
  std::optional<proof::SignedHead> head;
  if (last) {
    COFFER_TRY(head, proof::batch_head(last->record));
    if (!proof::verify_head(*head, keyring->audit_key().public_key())) {
      return fail(Code::corrupt, "the audit log does not end in a head signed by this server");
    }
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
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(submission));
  }
  wake_.notify_one();
}

void Committer::submit(std::vector<Submission> submissions) {
  {
    const std::scoped_lock lock(mutex_);
    for (Submission& submission : submissions) waiting_.push_back(std::move(submission));
  }
  wake_.notify_one();
}

Result<> Committer::commit(View& view, std::vector<proof::Event> events) {
  Submission submission;
  submission.on_commit = view.take_on_commit();
  COFFER_TRY(submission.unit, view.take());
  submission.events = std::move(events);
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
    std::vector<Submission> group;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      group.swap(waiting_);
      busy_ = true;
    }
    process(std::move(group));
    {
      const std::scoped_lock lock(mutex_);
      busy_ = false;
    }
    idle_.notify_all();
  }
}

void Committer::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

void Committer::process(std::vector<Submission> group) {
  std::vector<Result<>> outcomes(group.size());
  const Result<> durable = [&]() -> Result<> {
    COFFER_TRY(const std::unique_ptr<store::Batch> batch, store_.begin());
    COFFER_CHECK(apply_all(group, *batch, outcomes));
    COFFER_CHECK(append_events(group, outcomes, *batch));
    rows_.begin_commit();
    const Result<> committed = batch->commit();
    if (!committed) rows_.applied({});
    return committed;
  }();
  if (!durable) {
    for (Result<>& outcome : outcomes) {
      if (outcome) outcome = not_durable();
    }
    const std::scoped_lock lock(mutex_);
    ++stats_.failures;
  }
  publish(group, outcomes, durable.has_value());
}

// The rows' committed revisions, overlaid with what earlier units of this group wrote.
Result<bool> Committer::valid(const store::Unit& unit,
                              const std::map<store::Key, std::uint64_t>& written) {
  for (const store::Check& check : unit.checks) {
    std::optional<std::uint64_t> current;
    if (const auto at = written.find(check.key); at != written.end()) {
      if (at->second != 0) current = at->second;
    } else {
      COFFER_TRY(current, rows_.revision(check.key));
    }
    if (current != check.revision) return false;
  }
  return true;
}

Result<> Committer::apply_all(std::vector<Submission>& group,
                              store::Batch& batch,
                              std::vector<Result<>>& outcomes) {
  std::map<store::Key, std::uint64_t> written;
  for (std::size_t i = 0; i < group.size(); ++i) {
    store::Unit& unit = group[i].unit.rows;
    if (unit.puts.empty() && unit.erases.empty()) continue;
    COFFER_TRY(const bool still_valid, valid(unit, written));
    if (!still_valid) {
      outcomes[i] = lost_race();
      continue;
    }
    unit.checks
        .clear();  // this process is the only writer: done here, without asking the store again
    const Result<store::Applied> applied = batch.apply(unit);
    if (!applied) {
      if (applied.error().code == Code::too_large) {
        outcomes[i] = std::unexpected(applied.error());
        continue;
      }
      return std::unexpected(applied.error());
    }
    if (*applied == store::Applied::conflict) {
      outcomes[i] = lost_race();
      continue;
    }
    for (const store::Put& put : unit.puts) written.insert_or_assign(put.key, put.revision);
    for (const store::Key& key : unit.erases) written.insert_or_assign(key, 0);
  }
  return {};
}

Result<> Committer::append_events(std::vector<Submission>& group,
                                  const std::vector<Result<>>& outcomes,
                                  store::Batch& batch) {
  std::vector<proof::Event> events;
  events.reserve(group.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!outcomes[i]) continue;
    Submission& submission = group[i];
    if (!submission.unit.recorded.empty()) {
      submission.events.back().changes = std::move(submission.unit.recorded);
    }
    for (proof::Event& event : submission.events) events.push_back(std::move(event));
  }
  if (events.empty()) return {};
  COFFER_TRY(const Bytes record, chain_.encode(events, clock_.now()));
  return batch.append(rows::kAuditLog, log_sequence_ + 1, record);
}

void Committer::publish(std::vector<Submission>& group,
                        const std::vector<Result<>>& outcomes,
                        bool durable) {
  std::vector<rows::Change> changes;
  bool logged = false;
  std::size_t conflicts = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!outcomes[i]) {
      conflicts += outcomes[i].error().code == Code::conflict ? 1U : 0U;
      continue;
    }
    logged = true;
    for (rows::Change& change : group[i].unit.changes) changes.push_back(std::move(change));
  }
  if (durable) rows_.applied(changes);
  if (logged) {
    chain_.accept();
    ++log_sequence_;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!outcomes[i]) continue;
      for (const auto& action : group[i].on_commit) action();
    }
  }
  {
    const std::scoped_lock lock(mutex_);
    if (logged) head_ = chain_.head();
    stats_.units += group.size();
    ++stats_.batches;
    stats_.conflicts += conflicts;
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
