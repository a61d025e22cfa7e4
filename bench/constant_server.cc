// constant_server: answers every request with the same JSON body through the real listener, so that
// other figures can be given as a ratio to what the listener alone can do.
//
//   constant_server --listen 127.0.0.1:PORT [--tls CERT KEY] [--threads N] [--size OCTETS]
//                   [--work encrypt|sign|issue]
//
// With --work each request does that much of the crypto floor first (crypto/floor_work.h): what the
// same listener could do if a request were nothing but its cryptography.
//
// Runs until SIGTERM or SIGINT, then prints the CPU time of the process.
#include "crypto/floor_work.h"
#include "net/secure_heap.h"
#include "net/server.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>

namespace {

using coffer::net::ListenerOptions;

class ConstantHandler final : public coffer::net::Handler {
 public:
  ConstantHandler(std::size_t size, std::unique_ptr<coffer::crypto::FloorWork> work)
      : work_(std::move(work)) {
    body_ = R"({"data":")";
    while (body_.size() + 2 < size) body_.push_back('x');
    body_ += "\"}";
  }

  void handle(coffer::net::Request /*request*/, coffer::net::Respond respond) override {
    if (work_ != nullptr) work_->once();
    coffer::net::Response response;
    response.body.append(body_);
    respond(std::move(response));
  }

 private:
  std::string body_;
  std::unique_ptr<coffer::crypto::FloorWork> work_;  // null: none
};

struct Arguments {
  ListenerOptions listener;
  std::size_t size = 300;
  std::unique_ptr<coffer::crypto::FloorWork> work;
};

bool parse_listen(const std::string& text, ListenerOptions& out) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  out.address = text.substr(0, colon);
  out.port = static_cast<std::uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10));
  return true;
}

bool parse(int argc, char** argv, Arguments& out) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const int left = argc - i - 1;
    if (flag == "--listen" && left >= 1) {
      if (!parse_listen(argv[++i], out.listener)) return false;
    } else if (flag == "--tls" && left >= 2) {
      out.listener.tls = std::make_unique<coffer::net::TlsFiles>();
      out.listener.tls->certificate = argv[++i];
      out.listener.tls->key = argv[++i];
    } else if (flag == "--threads" && left >= 1) {
      out.listener.threads = std::strtoul(argv[++i], nullptr, 10);
    } else if (flag == "--size" && left >= 1) {
      out.size = std::strtoul(argv[++i], nullptr, 10);
    } else if (flag == "--work" && left >= 1) {
      out.work = coffer::crypto::FloorWork::make(argv[++i]);
      if (out.work == nullptr) return false;
    } else {
      return false;
    }
  }
  return true;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fputs(
        "usage: constant_server --listen ADDRESS:PORT [--tls CERT KEY] [--threads N]"
        " [--size OCTETS] [--work encrypt|sign|issue]\n",
        stderr);
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  if (const std::string warning = coffer::net::init_secure_heap(); !warning.empty()) {
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  ConstantHandler handler(arguments.size, std::move(arguments.work));
  auto server = coffer::net::Server::start(std::move(arguments.listener), handler);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("listening on port %u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  (*server)->stop();
  std::printf("cpu seconds %.3f\n", cpu_seconds());
  return 0;
}
