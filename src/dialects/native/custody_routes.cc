// POST verify, GET backup: what keeps the stored data trustworthy. Both are long: they stream from
// a thread of their own, which begins once the request's event is durable.
#include "dialects/native/dialect.h"
#include "domain/audit/backup_writer.h"
#include "domain/audit/store_verifier.h"
#include "gate/pump.h"

#include <memory>

namespace coffer::dialects::native {
namespace {

using domain::TamperFinding;
using domain::VerifySummary;

// Everything that a long answer needs after its Call is gone.
struct Job {
  explicit Job(const gate::Call& call)
      : unsealed(call.unsealed), event(call.event), now(call.now), random(&call.random) {}

  gate::UnsealedPtr unsealed;
  proof::Event event;
  Timestamp now;
  crypto::Random* random;  // the server's: outlives its listener
};

// Ends with the seal: a slow reader must not keep the keys in memory.
gate::Reply streamed(std::string_view content_type,
                     const gate::Call& call,
                     std::function<Result<>(const Job&, const gate::Pump::Push&)> produce) {
  gate::Reply reply;
  reply.content_type = content_type;
  auto source = [job = Job(call), produce = std::move(produce)](const gate::Pump::Push& push) {
    return produce(job, [&](secure::SecureText chunk) -> Result<> {
      if (job.unsealed->committer->closed()) return fail(Code::sealed, "Vault is sealed");
      return push(std::move(chunk));
    });
  };
  reply.stream = [pump = std::make_shared<gate::Pump>(std::move(source))] { return pump->next(); };
  return reply;
}

secure::SecureText json_line(const std::function<void(formats::JsonWriter&)>& write) {
  secure::SecureText line;
  formats::JsonWriter w(line);
  w.begin_object();
  write(w);
  w.end_object();
  line.append("\n");
  return line;
}

secure::SecureText finding_line(const TamperFinding& finding) {
  return json_line([&](formats::JsonWriter& w) {
    w.key("finding").begin_object();
    w.key("table").string(finding.table);
    w.key("realm").integer(finding.realm);
    w.key("key").string(finding.key);
    w.key("what").string(finding.what);
    w.end_object();
  });
}

void counts(formats::JsonWriter& w, const VerifySummary& summary) {
  w.key("rows").integer(static_cast<std::int64_t>(summary.rows));
  w.key("events").integer(static_cast<std::int64_t>(summary.events));
  w.key("findings").integer(static_cast<std::int64_t>(summary.findings));
}

secure::SecureText progress_line(const VerifySummary& summary) {
  return json_line([&](formats::JsonWriter& w) {
    w.key("progress").begin_object();
    counts(w, summary);
    w.end_object();
  });
}

secure::SecureText summary_line(const VerifySummary& summary) {
  return json_line([&](formats::JsonWriter& w) {
    w.key("ok").boolean(summary.findings == 0);
    counts(w, summary);
    if (summary.head) w.key("head").string(proof::head_text(*summary.head));
  });
}

// One event for all findings of a run; the first of them are facts.
class Alarm {
 public:
  static constexpr std::size_t kNamed = 20;

  void add(const TamperFinding& finding) {
    ++count_;
    if (named_.size() < kNamed) {
      named_.push_back({finding.table + " " + finding.key, finding.what});
    }
  }

  // Does nothing when there is nothing to say.
  Result<> raise(const Job& job) {
    if (count_ == 0) return {};
    proof::Event event = job.event;
    event.type = proof::EventType::system_tampering_found;
    event.outcome = proof::Outcome::failed;
    event.facts = {{"findings", std::to_string(count_)}};
    std::ranges::move(named_, std::back_inserter(event.facts));
    work::View view(*job.unsealed->rows, store::RealmId(event.realm), job.now, *job.random);
    std::vector<proof::Event> events;
    events.push_back(std::move(event));
    return job.unsealed->committer->commit(view, std::move(events));
  }

 private:
  std::uint64_t count_ = 0;
  std::vector<proof::Fact> named_;
};

Result<> run_verify(const Job& job, const gate::Pump::Push& push) {
  Alarm alarm;
  const auto finding = [&](const TamperFinding& found) {
    alarm.add(found);
    return push(finding_line(found));
  };
  const auto progress = [&](const VerifySummary& summary) { return push(progress_line(summary)); };
  const Result<VerifySummary> summary = domain::verify_store(
      *job.unsealed->rows, job.unsealed->committer->head(), {finding, progress});
  // Also when the reader went away half-way: what was found goes into the log.
  COFFER_CHECK(alarm.raise(job));
  if (!summary) return std::unexpected(summary.error());
  return push(summary_line(*summary));
}

Result<gate::Reply> verify(gate::Call& call) {
  return streamed("application/x-ndjson", call, run_verify);
}

Result<> run_backup(const Job& job, const gate::Pump::Push& push) {
  const auto keyring = job.unsealed->rows->keyring();
  return domain::write_backup(
      job.unsealed->rows->store(),
      *keyring,
      job.now,
      *job.random,
      [&push](ByteView octets) -> Result<> { return push(secure::SecureText(as_text(octets))); });
}

Result<gate::Reply> backup(gate::Call& call) {
  return streamed("application/octet-stream", call, run_backup);
}

}  // namespace

RouteTable custody_routes(const Services& /*services*/) {
  using policy::Capability;
  using proof::EventType;
  RouteTable table;
  table.push_back(
      guarded("PUT",
              "verify",
              EventType::system_read,
              {.action = "system.verify", .capability = Capability::update, .sudo = true},
              verify));
  table.push_back(guarded("GET",
                          "backup",
                          EventType::system_backup_created,
                          {.action = "system.backup", .capability = Capability::read, .sudo = true},
                          backup));
  return table;
}

}  // namespace coffer::dialects::native
