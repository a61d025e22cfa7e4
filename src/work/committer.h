// Committer: one thread that makes units durable, in groups, with their audit events.
//
// It takes whatever waits, validates each unit against the rows' current revisions, applies it
// whole or not at all, links the events of all units that were applied onto the audit chain,
// signs the new head, and makes one durable commit. Only then are the cache and guard told, and the
// completions posted to their loops, one post a loop. A unit that lost a race is reported as
// conflict and leaves no trace; its owner runs again. A unit that the store or the audit log cannot
// take (too_large, invalid_argument) is refused alone. When the commit itself fails every unit of
// the group is unavailable and nothing of the group is there: without a durable audit event nothing
// is answered. A unit without writes is not validated: it costs its event and nothing else.
//
// A group shares one signature and one sync. While requests keep coming, the committer lets a group
// grow before it begins: it waits for as many units as came for the last groups, at most kFullGroup
// and at most 600 microseconds. A lone client hardly ever waits.
//
// Limit: the events of one submission fit into one audit record (proof::kMaxBatchEvents,
// store::kMaxRecord); what waits beyond that goes into the next group.
//
// submit() may be called from any thread; completions run on the Loop given, or on the committer's
// thread when it is null. Destruction finishes what was submitted. One log has one committer at a
// time: before another is started, close() this one and wait for its end.
#pragma once

#include "base/clock.h"
#include "net/http.h"
#include "proof/chain.h"
#include "work/view.h"

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace coffer::work {

// One unit of work on its way: made by prepare().
struct Submission {
  Unit unit;
  std::vector<proof::EncodedEvent> events;  // in order; at least one
  net::Loop* loop = nullptr;                // where `done` runs; null: the committer's thread
  std::vector<std::function<void()>> on_commit;
  std::move_only_function<void(Result<>)> done;
};

// The unit with its events, the last of which records what the unit changed. Errors: internal
// without an event, and those of proof::check_event(): then nothing of the unit may happen.
Result<Submission> prepare(Unit unit, std::span<proof::Event> events);

// A state of the rows as an operator names it: the first half of its digest, in hexadecimal.
std::string rows_name(const crypto::Digest& digest);

struct CommitterStats {
  std::uint64_t units = 0;
  std::uint64_t batches = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t failures = 0;  // batches that could not be made durable
};

// How many units a group should gather: grows while they come in time, and falls to what came when
// they do not. Then it tries a larger group again only after a while, so that a few clients are
// hardly ever held up for company that does not exist. Used under the committer's lock.
class GatherSize {
 public:
  static constexpr std::size_t kFullGroup = 32;

  [[nodiscard]] std::size_t wanted() const { return wanted_; }

  // What a group had when it began, and whether it waited in vain for more.
  void learn(std::size_t taken, bool in_vain);

 private:
  static constexpr unsigned kPatience = 256;  // groups before a larger one is tried again

  std::size_t wanted_ = 1;
  unsigned settled_ = 0;  // groups since a wait was in vain, or kPatience
};

class Committer {
 public:
  // Reads the last head of the audit log, verifies that the log ends in a batch signed by our key
  // (corrupt when not, or when there are rows and no log) and that the rows that decide about
  // access are those that stood there with it (corrupt when not, unless `accepted_rows` is the name
  // of what is there instead), and starts the thread. A head of version 1 says nothing about rows.
  // Borrows everything given.
  static Result<std::unique_ptr<Committer>> start(store::Store& store,
                                                  rows::Rows& rows,
                                                  const Clock& clock,
                                                  std::string_view accepted_rows = {});
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer();

  void submit(Submission submission);
  void submit(std::vector<Submission> submissions);
  // Submits and waits: for start-up, jobs and tests; never on a loop thread.
  Result<> commit(View& view, std::vector<proof::Event> events);

  // Ends it ahead of its destruction. What waits, and what is submitted from now on, is refused
  // (sealed) and leaves no trace; the group under way is finished. Does not wait, and may be called
  // on any thread, the committer's own included; without a loop, completions of what is refused run
  // on the caller's. The future is ready once this committer touches the store no more, and may
  // outlive it.
  std::shared_future<void> close();
  [[nodiscard]] bool closed() const;

  // Whether the caller is the committer's own thread, which must not destroy it.
  [[nodiscard]] bool on_own_thread() const {
    return std::this_thread::get_id() == thread_.get_id();
  }

  // Waits until everything submitted so far is finished and its completions are handed over. Never
  // on a loop thread or the committer's own.
  void drain();

  [[nodiscard]] std::optional<proof::SignedHead> head() const;
  [[nodiscard]] CommitterStats stats() const;

 private:
  // What earlier units of a group wrote.
  struct Earlier {
    std::map<store::Key, std::optional<std::uint64_t>> rows;  // nullopt: erased
    std::vector<const store::Unit*> units;
  };

  Committer(store::Store& store, rows::Rows& rows, const Clock& clock, proof::ChainWriter chain);
  void run();
  std::vector<Submission> next_group();
  void gather(std::unique_lock<std::mutex>& lock);
  std::vector<Submission> take_group();  // under mutex_
  void process(std::vector<Submission> group);
  Result<> make_durable(std::vector<Submission>& group, std::vector<Result<>>& outcomes);
  Result<> commit_batch(store::Batch& batch,
                        std::vector<proof::EncodedEvent>& events,
                        const crypto::Digest& row_digest);
  Result<> apply_all(std::vector<Submission>& group,
                     store::Batch& batch,
                     std::vector<Result<>>& outcomes);
  [[nodiscard]] bool is_under_newest_term(const store::Unit& unit) const;
  Result<> apply_one(Submission& submission, store::Batch& batch, Earlier& earlier);
  Result<bool> valid(const Unit& unit, const Earlier& earlier);
  Result<bool> is_absent(const EntryAbsence& absence, const Earlier& earlier) const;
  void publish(std::vector<Submission>& group, const std::vector<Result<>>& outcomes, bool durable);
  static void refuse(std::vector<Submission> submissions);
  static void post_completions(std::vector<Submission>& group,
                               const std::vector<Result<>>& outcomes);

  store::Store& store_;
  rows::Rows& rows_;
  const Clock& clock_;
  std::shared_ptr<const keys::Keyring> audit_keyring_;  // keeps the chain's key alive
  proof::ChainWriter chain_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Submission> waiting_;
  std::size_t wanted_ = 1;  // how many must wait before the committer is woken
  GatherSize gather_size_;
  std::optional<proof::SignedHead> head_;
  CommitterStats stats_;
  std::uint64_t log_sequence_ = 0;  // of the last batch record
  bool stopping_ = false;
  bool closed_ = false;
  bool busy_ = false;  // a group is under way
  std::condition_variable idle_;
  std::promise<void> ended_;
  std::shared_future<void> end_ = ended_.get_future().share();
  std::thread thread_;
};

}  // namespace coffer::work
