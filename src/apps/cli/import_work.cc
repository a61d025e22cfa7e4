#include "apps/cli/import_work.h"

#include "apps/cli/secret_value.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using formats::JsonKind;
using formats::JsonView;

using Chunk = std::span<const ImportedSecret* const>;

secure::SecureText bulk_body(Chunk chunk, const ImportPlan& plan) {
  secure::SecureText out;
  formats::JsonWriter writer(out);
  writer.begin_object().key("mount").string(plan.mount).key("secrets").begin_array();
  for (const ImportedSecret* secret : chunk) {
    writer.begin_object().key("path").string(secret->path).key("data").raw(secret->data.text());
    if (!plan.overwrite) writer.key("cas").integer(0);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

bool same_json(const JsonView& a, const JsonView& b) {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == JsonKind::string) {
    const auto left = a.secret_string();
    const auto right = b.secret_string();
    return left && right && *left == *right;
  }
  if (a.kind() == JsonKind::array) {
    return std::ranges::equal(a.elements(), b.elements(), same_json);
  }
  if (a.kind() != JsonKind::object) return a.raw() == b.raw();
  const auto members = a.members();
  return members.size() == b.members().size() &&
         std::ranges::all_of(members, [&b](const auto& member) {
           const auto other = b.find(member.first);
           return other && same_json(member.second, *other);
         });
}

// Whether the server already holds exactly this secret.
bool is_present(client::Api& api, const ImportPlan& plan, const ImportedSecret& secret) {
  const auto answer = api.read(plan.mount + "/data/" + secret.path);
  if (!answer || !answer->data()) return false;
  const auto stored = answer->data()->find_value("data");
  const auto ours = JsonView::parse(secret.data.text());
  return stored && ours && same_json(*stored, *ours);
}

// The state that the connections share.
class Import {
 public:
  Import(std::vector<const ImportedSecret*> open,
         const ImportPlan& plan,
         ImportJournal& journal,
         const Progress& progress)
      : open_(std::move(open)), plan_(plan), journal_(journal), progress_(progress) {}

  void work(const Connect& connect) {
    auto api = connect();
    if (!api) return stop(std::move(api).error());
    while (true) {
      const Chunk chunk = next();
      if (chunk.empty()) return;
      auto done = write(**api, chunk);
      if (!done) return stop(std::move(done).error());
    }
  }

  Result<ImportTotals> take() {
    if (error_) return std::unexpected(*error_);
    return std::move(totals_);
  }

 private:
  Chunk next() {
    const std::scoped_lock lock(mutex_);
    if (error_) return {};
    const std::size_t size = std::min(kBulk, open_.size() - position_);
    const Chunk chunk = Chunk(open_).subspan(position_, size);
    position_ += size;
    return chunk;
  }

  Result<> write(client::Api& api, Chunk chunk) {
    COFFER_TRY(const Answer answer, api.post("/api/v1/secrets/bulk", bulk_body(chunk, plan_)));
    const auto data = answer.data();
    const auto results = (data ? *data : answer.root()).find_value("results");
    const auto rows = results ? results->elements() : std::vector<JsonView>();
    if (rows.size() != chunk.size()) {
      return fail(Code::unavailable, "the answer does not tell about every secret");
    }
    ImportTotals totals;
    std::vector<const ImportedSecret*> there;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (settle(api, *chunk[i], rows[i], totals)) there.push_back(chunk[i]);
    }
    return record(there, std::move(totals), chunk.size());
  }

  // Whether the secret is on the server now.
  bool settle(client::Api& api,
              const ImportedSecret& secret,
              const JsonView& row,
              ImportTotals& totals) const {
    const auto error = row.find_value("error");
    if (!error) {
      ++totals.written;
      return true;
    }
    if (!plan_.overwrite && is_present(api, plan_, secret)) {
      ++totals.present;
      return true;
    }
    const auto text = error->string();
    totals.failures.push_back({secret.path, text ? *text : "refused"});
    return false;
  }

  Result<> record(const std::vector<const ImportedSecret*>& there,
                  ImportTotals totals,
                  std::size_t settled) {
    const std::scoped_lock lock(mutex_);
    totals_.written += totals.written;
    totals_.present += totals.present;
    std::ranges::move(totals.failures, std::back_inserter(totals_.failures));
    progress_(done_ += settled);
    return journal_.add(there);
  }

  void stop(Error error) {
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  const std::vector<const ImportedSecret*> open_;
  const ImportPlan& plan_;
  ImportJournal& journal_;
  const Progress& progress_;
  std::mutex mutex_;
  std::size_t position_ = 0;
  std::size_t done_ = 0;
  ImportTotals totals_;
  std::optional<Error> error_;
};

}  // namespace

Result<ImportTotals> import_all(const std::vector<ImportedSecret>& secrets,
                                const ImportPlan& plan,
                                const Connect& connect,
                                ImportJournal& journal,
                                const Progress& progress) {
  std::vector<const ImportedSecret*> open;
  for (const ImportedSecret& secret : secrets) {
    if (!journal.has(secret)) open.push_back(&secret);
  }
  const std::size_t skipped = secrets.size() - open.size();
  const std::size_t chunks = (open.size() + kBulk - 1) / kBulk;
  Import import(std::move(open), plan, journal, progress);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(plan.connections, chunks); ++i) {
      threads.emplace_back([&import, &connect] { import.work(connect); });
    }
  }
  COFFER_TRY(ImportTotals totals, import.take());
  totals.present += skipped;
  return totals;
}

}  // namespace coffer::cli
