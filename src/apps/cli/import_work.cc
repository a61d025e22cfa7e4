#include "apps/cli/import_work.h"

#include "apps/cli/secret_value.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using formats::JsonKind;
using formats::JsonView;

using Secrets = std::span<const ImportedSecret>;
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

// Whether the server already holds exactly this secret; what may not be read counts as not there.
Result<bool> is_present(client::Api& api, const ImportPlan& plan, const ImportedSecret& secret) {
  const auto answer = api.read(plan.mount + "/data/" + secret.path);
  if (!answer) {
    const Code code = answer.error().code;
    const bool hopeless = code == Code::unavailable || code == Code::sealed ||
                          code == Code::uninitialized || code == Code::exhausted;
    if (hopeless) return std::unexpected(answer.error());
    return false;
  }
  if (!answer->data()) return false;
  const auto stored = answer->data()->find_value("data");
  const auto ours = JsonView::parse(secret.data.text());
  return stored && ours && same_json(*stored, *ours);
}

// Whether a refusal may be due to one secret of several.
bool is_about_content(Code code) {
  return code == Code::invalid_argument || code == Code::permission_denied ||
         code == Code::too_large;
}

// The state that the connections share.
class Import {
 public:
  Import(const std::vector<ImportedSecret>& secrets,
         const ImportPlan& plan,
         const Progress& progress)
      : secrets_(secrets), plan_(plan), progress_(progress) {}

  void work(const Connect& connect) {
    auto api = connect();
    if (!api) return stop(std::move(api).error());
    while (true) {
      const Secrets chunk = next();
      if (chunk.empty()) return;
      auto done = settle(**api, chunk);
      if (!done) return stop(std::move(done).error());
    }
  }

  Result<ImportTotals> take() {
    if (error_) return std::unexpected(*error_);
    if (!nothing_there()) totals_.refusal.reset();
    return std::move(totals_);
  }

 private:
  Secrets next() {
    const std::scoped_lock lock(mutex_);
    if (error_) return {};
    const std::size_t size = std::min(kBulk, secrets_.size() - position_);
    const Secrets chunk = secrets_.subspan(position_, size);
    position_ += size;
    return chunk;
  }

  Result<> settle(client::Api& api, Secrets chunk) {
    ImportTotals totals;
    std::vector<const ImportedSecret*> open;
    for (const ImportedSecret& secret : chunk) {
      bool present = false;
      if (plan_.overwrite) {
        COFFER_TRY(present, is_present(api, plan_, secret));
      }
      if (present) {
        ++totals.present;
      } else {
        open.push_back(&secret);
      }
    }
    if (!open.empty()) COFFER_CHECK(write_each(api, open, totals));
    record(std::move(totals), chunk.size());
    return {};
  }

  // All in one request or, where that is refused, each in its own.
  Result<> write_each(client::Api& api, Chunk chunk, ImportTotals& totals) const {
    auto together = write(api, chunk, totals);
    if (together || !is_about_content(together.error().code)) return together;
    std::size_t through = 0;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      auto alone = chunk.size() > 1 ? write(api, chunk.subspan(i, 1), totals) : together;
      if (alone) {
        ++through;
        continue;
      }
      if (!is_about_content(alone.error().code)) return alone;
      totals.failures.push_back({chunk[i]->path, alone.error().message});
      totals.refusal = std::move(alone).error();
    }
    if (through > 0) totals.refusal.reset();
    return {};
  }

  Result<> write(client::Api& api, Chunk chunk, ImportTotals& totals) const {
    COFFER_TRY(const Answer answer, api.post("/api/v1/secrets/bulk", bulk_body(chunk, plan_)));
    const auto data = answer.data();
    const auto results = (data ? *data : answer.root()).find_value("results");
    const auto rows = results ? results->elements() : std::vector<JsonView>();
    if (rows.size() != chunk.size()) {
      return fail(Code::unavailable, "the answer does not tell about every secret");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      COFFER_CHECK(count(api, *chunk[i], rows[i], totals));
    }
    return {};
  }

  Result<> count(client::Api& api,
                 const ImportedSecret& secret,
                 const JsonView& row,
                 ImportTotals& totals) const {
    const auto error = row.find_value("error");
    if (!error) {
      ++totals.written;
      return {};
    }
    bool present = false;
    if (!plan_.overwrite) {
      COFFER_TRY(present, is_present(api, plan_, secret));
    }
    if (present) {
      ++totals.present;
      return {};
    }
    const auto text = error->string();
    totals.failures.push_back({secret.path, text ? *text : "refused"});
    return {};
  }

  void record(ImportTotals totals, std::size_t settled) {
    const std::scoped_lock lock(mutex_);
    if (totals.refusal) {
      ++refused_;
      totals_.refusal = std::move(totals.refusal);
    }
    totals_.written += totals.written;
    totals_.present += totals.present;
    std::ranges::move(totals.failures, std::back_inserter(totals_.failures));
    if (refused_ >= kHopeless && nothing_there() && !error_) error_ = totals_.refusal;
    progress_(done_ += settled);
  }

  [[nodiscard]] bool nothing_there() const { return totals_.written + totals_.present == 0; }

  void stop(Error error) {
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  const Secrets secrets_;
  const ImportPlan& plan_;
  const Progress& progress_;
  std::mutex mutex_;
  std::size_t position_ = 0;
  std::size_t done_ = 0;
  ImportTotals totals_;
  std::size_t refused_ = 0;  // requests, with every secret in them
  std::optional<Error> error_;
};

}  // namespace

Result<ImportTotals> import_all(const std::vector<ImportedSecret>& secrets,
                                const ImportPlan& plan,
                                const Connect& connect,
                                const Progress& progress) {
  const std::size_t chunks = (secrets.size() + kBulk - 1) / kBulk;
  Import import(secrets, plan, progress);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(plan.connections, chunks); ++i) {
      threads.emplace_back([&import, &connect] { import.work(connect); });
    }
  }
  return import.take();
}

}  // namespace coffer::cli
