#include "apps/server/assembly.h"

#include "apps/server/version.h"
#include "base/uuid.h"
#include "dialects/aws/dialect.h"
#include "dialects/aws/usage_metrics.h"
#include "dialects/native/dialect.h"
#include "dialects/vault/dialect.h"
#include "domain/audit/audit_reader.h"
#include "domain/audit/partitions.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "work/reseal.h"

#include <fmt/format.h>

#include <utility>

namespace coffer::server {
namespace {

constexpr std::chrono::seconds kRefusalPeriod{5};
constexpr std::chrono::seconds kRotationPeriod{1};
constexpr std::chrono::milliseconds kMetricsDrain{500};
constexpr int kSweepEvery = 12;  // periods

// The unauthenticated metrics page of a listener of its own.
class MetricsPage final : public net::Handler {
 public:
  explicit MetricsPage(const gate::Metrics& metrics) : metrics_(metrics) {}

  void handle(net::Request request, net::Respond respond) override {
    net::Response response;
    const bool wanted =
        request.target == "/metrics" && (request.method == "GET" || request.method == "HEAD");
    response.status = wanted ? 200 : 404;
    response.content_type = "text/plain; version=0.0.4";
    if (wanted) response.body = secure::SecureText(metrics_.text());
    respond(std::move(response));
  }

 private:
  const gate::Metrics& metrics_;
};

std::vector<std::unique_ptr<gate::Dialect>> make_dialects(gate::Lifecycle& lifecycle,
                                                          gate::Metrics& metrics,
                                                          const gate::RotationFunctions& rotations,
                                                          const Config& config) {
  std::vector<std::unique_ptr<gate::Dialect>> dialects;
  dialects.push_back(std::make_unique<dialects::vault::VaultDialect>(dialects::vault::Services{
      lifecycle, metrics, std::string(kVersion), config.cluster_name, std::string(kVersionDate)}));
  dialects.push_back(std::make_unique<dialects::native::NativeDialect>(
      dialects::native::Services{lifecycle, std::string(kVersion)}));
  dialects.push_back(dialects::aws::make_dialect({.account = config.aws_account,
                                                  .rotations = &rotations,
                                                  .oidc_ca_file = config.oidc_ca_file}));
  return dialects;
}

// A server on loopback answers to loopback's names only: a page in a browser cannot reach it under
// a name of its own. Elsewhere the configuration says which names are the server's.
std::vector<std::string> hosts_of(const Config& config) {
  if (!config.allowed_hosts.empty() || !is_loopback(config.listen)) return config.allowed_hosts;
  return {"127.0.0.1", "localhost", "::1", config.listen.host};
}

std::string metric(std::string_view name,
                   std::string_view type,
                   std::string_view help,
                   std::uint64_t value) {
  return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type, help, value);
}

// Whether the request carries a credential at all; whether it is a good one is the gate's business.
bool shows_credential(const net::Request& head) {
  return !head.header("x-vault-token").empty() || !head.header("authorization").empty();
}

std::string custody_metrics(const gate::Lifecycle& lifecycle) {
  const gate::UnsealedPtr unsealed = lifecycle.current();
  const work::CommitterStats stats =
      unsealed ? unsealed->committer->stats() : work::CommitterStats{};
  return metric("coffer_sealed", "gauge", "1 while the server is sealed.", unsealed ? 0 : 1) +
         metric("coffer_audit_failures_total",
                "counter",
                "Commits that could not be made durable since the last unseal.",
                stats.failures) +
         metric("coffer_commits_total",
                "counter",
                "Durable commits since the last unseal, each of one or more requests.",
                stats.batches) +
         metric("coffer_committed_requests_total",
                "counter",
                "Requests that went to a commit since the last unseal.",
                stats.units) +
         metric("coffer_conflicts_total",
                "counter",
                "Requests that ran again because another changed their data.",
                stats.conflicts) +
         metric("coffer_unseal_failures_total",
                "counter",
                "Wrong key shares.",
                lifecycle.unseal_failures());
}

// How far a rewrap is; nothing while nobody asked for one.
std::string reseal_metrics(gate::Lifecycle& lifecycle) {
  const gate::UnsealedPtr unsealed = lifecycle.current();
  if (!unsealed) return {};
  work::View view(*unsealed->rows, rows::kRootRealm, lifecycle.clock().now(), lifecycle.random());
  const auto progress = work::reseal_progress(view);
  if (!progress || !*progress) return {};
  const work::ResealRow& row = (*progress)->row;
  const std::uint64_t left = *row.total > *row.seen ? *row.total - *row.seen : 0;
  const auto eta = std::chrono::duration_cast<std::chrono::seconds>(row.left()).count();
  return metric("coffer_reseal_done_rows", "gauge", "Rows that the rewrap has seen.", *row.seen) +
         metric("coffer_reseal_left_rows",
                "gauge",
                "Rows that the rewrap has still to see.",
                row.is_stated() ? 0 : left) +
         metric("coffer_reseal_rows_per_second", "gauge", "The pace of the rewrap.", row.rate()) +
         metric("coffer_reseal_eta_seconds",
                "gauge",
                "How long the rest of the rewrap takes at that pace.",
                static_cast<std::uint64_t>(eta));
}

// How long the audit log is, and what became of its months. Nothing while sealed.
std::string audit_metrics(gate::Lifecycle& lifecycle, bool fails) {
  const gate::UnsealedPtr unsealed = lifecycle.current();
  if (!unsealed) return {};
  work::View view(*unsealed->rows, rows::kRootRealm, lifecycle.clock().now(), lifecycle.random());
  const auto extent = domain::log_extent(lifecycle.store());
  const auto partitions = domain::list_partitions(view);
  if (!extent || !partitions) return {};
  std::uint64_t waiting = 0;
  std::uint64_t dropped = 0;
  for (const domain::PartitionRow& row : *partitions) {
    waiting += *row.state == domain::PartitionState::closed ? 1U : 0U;
    dropped += *row.state == domain::PartitionState::dropped ? 1U : 0U;
  }
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(view.now() - extent->begins);
  return metric("coffer_audit_records",
                "gauge",
                "Records of the audit log in the store, each of one commit.",
                extent->records) +
         metric("coffer_audit_oldest_age_seconds",
                "gauge",
                "Age of the oldest record of the audit log in the store.",
                static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 0))) +
         metric("coffer_audit_months_to_archive",
                "gauge",
                "Months of the audit log that are over and not archived.",
                waiting) +
         metric("coffer_audit_months_dropped",
                "gauge",
                "Months of the audit log that were archived and dropped.",
                dropped) +
         metric("coffer_audit_retention_failing",
                "gauge",
                "1 while archiving or dropping months of the audit log fails.",
                fails ? 1 : 0);
}

std::string disk_metrics(const store::DiskReserve& reserve) {
  return metric("coffer_disk_full",
                "gauge",
                "1 while the disk has no room and only what frees it is served.",
                reserve.short_of_room() ? 1 : 0);
}

}  // namespace

Result<std::unique_ptr<Assembly>> Assembly::make(AssemblyOptions options,
                                                 std::shared_ptr<Log> log) {
  const Config& config = options.config;
  const auto octets = static_cast<std::uint64_t>(options.in_memory ? 0 : config.reserve_mib) << 20U;
  auto reserve =
      std::make_shared<store::DiskReserve>(config.storage_path + "/coffer.reserve", octets);
  std::unique_ptr<store::Store> store;
  if (options.in_memory) {
    store = store::make_memory_store();
  } else {
    store::SqliteOptions sqlite;
    sqlite.path = config.storage_path + "/coffer.db";
    sqlite.writer_cache_kib = config.storage_cache_mib * 1024;
    sqlite.survey_places = true;
    sqlite.reserve = reserve;
    COFFER_TRY(store, store::open_sqlite_store(std::move(sqlite)));
  }
  COFFER_CHECK(reserve->take());  // the store's lock is held now
  return std::unique_ptr<Assembly>(
      new Assembly(std::move(options), std::move(reserve), std::move(store), std::move(log)));
}

Assembly::Assembly(AssemblyOptions options,
                   std::shared_ptr<store::DiskReserve> reserve,
                   std::unique_ptr<store::Store> store,
                   std::shared_ptr<Log> log)
    : config_(std::move(options.config)),
      log_(std::move(log)),
      random_(crypto::system_random()),
      reserve_(std::move(reserve)),
      store_(std::move(store)),
      lifecycle_(
          {.cache_octets = static_cast<std::size_t>(config_.row_cache_mib) << 20U,
           .fixed_root_token = std::move(options.fixed_root_token),
           .aws_account = config_.aws_account,
           .accepted_rows = std::move(options.accepted_rows),
           .keys_not_locked =
               [this] { log_->warn("keys could not be locked in memory: raise RLIMIT_MEMLOCK"); }},
          *store_,
          clock_,
          *random_),
      workers_(2),
      rotation_functions_(make_rotation_functions(config_.rotation_programs)),
      gate_(std::make_unique<gate::Gate>(
          gate::GateOptions{.allowed_hosts = hosts_of(config_),
                            .short_of_room = [this] { return reserve_->short_of_room(); },
                            .principal_limits = config_.aws_limits},
          lifecycle_,
          workers_,
          metrics_,
          clock_,
          *random_,
          make_dialects(lifecycle_, metrics_, rotation_functions_, config_))),
      metrics_page_(std::make_unique<MetricsPage>(metrics_)),
      archive_(config_.audit_archive.empty()
                   ? nullptr
                   : std::make_unique<FolderArchive>(config_.audit_archive)),
      housekeeper_(lifecycle_,
                   clock_,
                   *random_,
                   uuid4(random_->array<16>()),
                   {.archive = archive_.get(),
                    .keep = config_.audit_retention,
                    .stopping = [this] { return stopping(); }}),
      rotator_(lifecycle_,
               clock_,
               *random_,
               rotation_functions_,
               uuid4(random_->array<16>()),
               [this] { return stopping(); }),
      housekeeping_([this] { keep_house(); }),
      resealing_([this] { reseal(); }),
      rotation_([this] { rotate_secrets(); }),
      archiving_([this] { tend_audit_log(); }) {
  metrics_.add_source([this] {
    return custody_metrics(lifecycle_) + disk_metrics(*reserve_) + reseal_metrics(lifecycle_) +
           audit_metrics(lifecycle_, archiving_fails_) + dialects::aws::usage_metrics(metrics_);
  });
}

Assembly::~Assembly() {
  stop();
}

Result<> Assembly::listen() {
  net::ListenerOptions options;
  options.address = config_.listen.host;
  options.port = config_.listen.port;
  if (!config_.tls_certificate.empty()) {
    options.tls = std::make_unique<net::TlsFiles>(config_.tls_certificate, config_.tls_key);
  }
  options.threads = config_.threads;
  options.max_body = config_.max_body;
  options.max_unknown_body = config_.max_unknown_body;
  options.known = shows_credential;
  options.body_budget = config_.body_budget;
  options.max_connections = config_.max_connections;
  options.header_timeout = config_.header_timeout;
  options.body_timeout = config_.body_timeout;
  options.idle_timeout = config_.idle_timeout;
  options.drain = config_.drain;
  options.refused = [this](std::string_view reason, std::string_view peer) {
    gate_->refused(peer, reason);
  };
  COFFER_TRY(listener_, net::Server::start(std::move(options), *gate_));
  return listen_for_metrics();
}

Result<> Assembly::listen_for_metrics() {
  if (!config_.metrics) return {};
  net::ListenerOptions options;
  options.address = config_.metrics->host;
  options.port = config_.metrics->port;
  options.max_connections = 64;
  options.max_body = 1024;
  options.drain = kMetricsDrain;
  COFFER_TRY(metrics_listener_, net::Server::start(std::move(options), *metrics_page_));
  return {};
}

Result<> Assembly::reload_tls() {
  return listener_->reload_tls();
}

void Assembly::stop() {
  if (listener_) listener_->stop();
  metrics_listener_.reset();
  // What is still at work posts to the listener's loops, which live until the listener is
  // destroyed.
  workers_.stop();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (housekeeping_.joinable()) housekeeping_.join();
  if (resealing_.joinable()) resealing_.join();
  if (rotation_.joinable()) rotation_.join();
  if (archiving_.joinable()) archiving_.join();
  // The last reference must go here: a committer cannot be destroyed on its own thread, where
  // answers to connections that are already closed are dropped.
  const gate::UnsealedPtr unsealed = lifecycle_.current();
  lifecycle_.seal();
  if (unsealed) unsealed->committer->drain();
}

void Assembly::keep_house() {
  int period = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kRefusalPeriod, [this] { return stopping_; })) break;
    }
    look_after_disk();
    gate_->flush_refusals();
    tidy(++period);
  }
  gate_->flush_refusals();
}

bool Assembly::stopping() {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

// What is asked for waits a period at most; so does what failed.
void Assembly::rotate_secrets() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kRotationPeriod, [this] { return stopping_; })) return;
    }
    const auto done = rotator_.run();
    if (done || done.error().code == Code::sealed || done.error().code == Code::conflict) continue;
    log_->warn("rotating secrets failed: " + done.error().message);
  }
}

// The reserve is given up where a commit finds no room, and made again here.
void Assembly::look_after_disk() {
  const Result<> taken = reserve_->take();
  const bool full = reserve_->short_of_room();
  if (full == disk_full_) return;
  disk_full_ = full;
  if (!taken) {
    log_->error(taken.error().message);
  } else if (full) {
    log_->error("the disk is full: only what frees it is served until it has room again");
  } else {
    log_->info("the disk has room again: its reserve is kept, and all requests are served");
  }
}

void Assembly::tidy(int period) {
  // A round that failed is tried again in the next period.
  Result<> done = {};
  if (period % kSweepEvery == 0) {
    done = housekeeper_.sweep();
    if (done) done = housekeeper_.tend_keys();
    if (done) done = housekeeper_.expire_parameters();
  }
  if (done) {
    if (const auto erased = housekeeper_.erase_removed(); !erased) {
      done = std::unexpected(erased.error());
    }
  }
  if (done) return;
  const Code code = done.error().code;
  if (code != Code::sealed && code != Code::conflict) {
    log_->warn("housekeeping failed: " + done.error().message);
  }
}

// On a thread of its own: a million rows take half a minute, in which the house is kept.
void Assembly::reseal() {
  constexpr std::chrono::milliseconds kPause{1000};
  constexpr std::size_t kRounds = 20;
  bool more = false;
  std::string told;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto pause = more ? std::chrono::milliseconds(0) : kPause;
      if (wake_.wait_for(lock, pause, [this] { return stopping_; })) break;
    }
    const auto done = housekeeper_.reseal(kRounds);
    more = done && *done;
    if (done || done.error().code == Code::sealed || done.error().code == Code::conflict) {
      if (done) told.clear();
      continue;
    }
    // A key that is disabled stays so for long: it is said once.
    if (std::exchange(told, done.error().message) != told) {
      log_->warn("a rewrap does not get on: " + told);
    }
  }
}

// Once in a while: months are long. What failed is tried again, and said when it changes.
void Assembly::tend_audit_log() {
  constexpr std::chrono::seconds kPause{30};
  std::string told;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kPause, [this] { return stopping_; })) break;
    }
    const Result<> done = housekeeper_.tend_audit_log();
    if (!done && (done.error().code == Code::sealed || done.error().code == Code::conflict)) {
      continue;
    }
    archiving_fails_ = !done;
    if (done) {
      told.clear();
    } else if (std::exchange(told, done.error().message) != told) {
      log_->error("the audit log is not archived or dropped as it should be: " + told);
    }
  }
}

}  // namespace coffer::server
