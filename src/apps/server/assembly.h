// Assembly: the composition root. Everything that a server consists of, wired once, in order.
//
// make() opens the store and builds the gate; listen() starts the listeners. Members are destroyed
// in reverse: listeners drain first, the store closes last. The housekeeping thread flushes
// refusals, erases a little of what was removed, and once a minute sweeps what has expired and
// tends keys. Used by one main thread; stop() may be called once from it.
#pragma once

#include "apps/server/config.h"
#include "apps/server/folder_archive.h"
#include "apps/server/log.h"
#include "base/forward_clock.h"
#include "crypto/random.h"
#include "gate/gate.h"
#include "gate/housekeeper.h"
#include "gate/lifecycle.h"
#include "gate/rotation_functions.h"
#include "gate/rotator.h"
#include "net/server.h"
#include "store/disk_reserve.h"
#include "store/store.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace coffer::server {

struct AssemblyOptions {
  Config config;
  bool in_memory = false;        // development only
  std::string fixed_root_token;  // development only
  std::string accepted_rows{};   // see gate::Lifecycle::Options
};

class Assembly {
 public:
  static Result<std::unique_ptr<Assembly>> make(AssemblyOptions options, std::shared_ptr<Log> log);
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;
  ~Assembly();

  Result<> listen();
  Result<> reload_tls();
  void stop();

  [[nodiscard]] gate::Lifecycle& lifecycle() { return lifecycle_; }

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

  // For requests of the process itself (gate_client.h), before or beside those of the listener.
  [[nodiscard]] gate::Gate& gate() { return *gate_; }

  [[nodiscard]] const Clock& clock() const { return clock_; }

  [[nodiscard]] crypto::Random& random() { return *random_; }

 private:
  Assembly(AssemblyOptions options,
           std::shared_ptr<store::DiskReserve> reserve,
           std::unique_ptr<store::Store> store,
           std::shared_ptr<Log> log);
  Result<> listen_for_metrics();
  void keep_house();
  void look_after_disk();
  void tidy(int period);
  void reseal();
  void tend_audit_log();
  void rotate_secrets();
  [[nodiscard]] bool stopping();

  Config config_;
  std::shared_ptr<Log> log_;
  SystemClock system_clock_;
  ForwardClock clock_{system_clock_};
  std::unique_ptr<crypto::Random> random_;
  std::shared_ptr<store::DiskReserve> reserve_;
  std::unique_ptr<store::Store> store_;
  gate::Metrics metrics_;
  gate::Lifecycle lifecycle_;
  gate::Workers workers_;
  const gate::RotationFunctions rotation_functions_;
  std::unique_ptr<gate::Gate> gate_;
  std::unique_ptr<net::Handler> metrics_page_;
  const std::unique_ptr<FolderArchive> archive_;  // null: none
  gate::Housekeeper housekeeper_;                 // of the housekeeping thread
  gate::Rotator rotator_;   // of the rotation thread, which may wait for functions
  bool disk_full_ = false;  // as it was logged last
  std::atomic<bool> archiving_fails_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread housekeeping_;
  std::thread resealing_;
  std::thread rotation_;
  std::thread archiving_;
  std::unique_ptr<net::Server> listener_;
  std::unique_ptr<net::Server> metrics_listener_;
};

}  // namespace coffer::server
