// What the tests of this floor share: a handler made of a function, a bare TCP client that can
// misbehave, and a TLS certificate in a folder of its own. For tests only.
#pragma once

#include "crypto/x509.h"
#include "net/server.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace coffer::net::testing {

class FunctionHandler final : public Handler {
 public:
  using Function = std::function<void(Request, Respond)>;

  explicit FunctionHandler(Function function) : function_(std::move(function)) {}

  void handle(Request request, Respond respond) override {
    function_(std::move(request), std::move(respond));
  }

 private:
  Function function_;
};

inline Response text_response(std::string_view text) {
  Response response;
  response.content_type = "text/plain";
  response.body.append(text);
  return response;
}

// Answers "<method> <target> <body>".
inline void echo(Request request, Respond respond) {
  Response response = text_response(request.method + " " + request.target + " ");
  response.body.append(request.body.text());
  respond(std::move(response));
}

// A TCP connection to 127.0.0.1 that sends what it is told. Reads end after two seconds.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{.tv_sec = 2, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  ~RawPeer() { ::close(fd_); }

  [[nodiscard]] bool connected() const { return connected_; }

  bool send(std::string_view text) {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }

  // Reads until `end` has been seen, and hands out all up to and with it; or what came before the
  // connection ended.
  std::string read_until(std::string_view end) {
    while (!received_.contains(end)) {
      char buffer[4096];
      const ssize_t size = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (size <= 0) return std::exchange(received_, {});
      received_.append(buffer, static_cast<std::size_t>(size));
    }
    const std::size_t size = received_.find(end) + end.size();
    std::string out = received_.substr(0, size);
    received_.erase(0, size);
    return out;
  }

  // All that comes until the peer closes; a reset counts as a close, a timeout does not.
  std::string read_to_end() {
    std::string out = std::exchange(received_, {});
    char buffer[4096];
    for (;;) {
      const ssize_t size = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (size < 0 && errno == EAGAIN) return out + "<still open>";
      if (size <= 0) return out;
      out.append(buffer, static_cast<std::size_t>(size));
    }
  }

 private:
  int fd_;
  bool connected_ = false;
  std::string received_;
};

// A folder that goes away with the test, holding the PEM of a self-signed certificate.
class TestCertificate {
 public:
  explicit TestCertificate(std::string name = "localhost") {
    std::string pattern = (std::filesystem::temp_directory_path() / "coffer_net_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    renew(std::move(name));
  }

  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  ~TestCertificate() { std::filesystem::remove_all(folder_); }

  // A new key and certificate in the same files.
  void renew(std::string name) {
    const auto key = crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256);
    ASSERT_TRUE(key);
    const Timestamp now = SystemClock().now();
    const auto certificate = crypto::self_signed(*key,
                                                 {.common_name = name,
                                                  .dns_names = {name},
                                                  .ip_addresses = {},
                                                  .not_before = now - std::chrono::hours(1),
                                                  .not_after = now + std::chrono::hours(1)});
    ASSERT_TRUE(certificate);
    std::ofstream(files().certificate) << *certificate;
    std::ofstream(files().key) << key->pem().text();
  }

  [[nodiscard]] TlsFiles files() const { return {folder_ + "/cert.pem", folder_ + "/key.pem"}; }

 private:
  std::string folder_;
};

}  // namespace coffer::net::testing
