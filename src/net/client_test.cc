// The client against the server, plain and TLS.
#include "net/client.h"

#include "crypto/hash.h"
#include "net/secure_heap.h"
#include "net/server.h"
#include "net/test_peers.h"

#include <algorithm>
#include <thread>

namespace coffer::net {
namespace {

using std::chrono::milliseconds;
using testing::FunctionHandler;
using testing::TestCertificate;
using testing::text_response;

std::unique_ptr<Server> serve(FunctionHandler& handler,
                              const TestCertificate* certificate = nullptr,
                              milliseconds idle = milliseconds(5000)) {
  ListenerOptions options;
  options.port = 0;
  options.idle_timeout = idle;
  options.drain = milliseconds(50);
  if (certificate != nullptr) options.tls = std::make_unique<TlsFiles>(certificate->files());
  auto server = Server::start(std::move(options), handler);
  EXPECT_TRUE(server) << server.error().message;
  return *std::move(server);
}

Client connect(const Server& server, std::string scheme_and_host, std::string ca_file = "") {
  auto client = Client::make({.address = scheme_and_host + ":" + std::to_string(server.port()),
                              .ca_file = std::move(ca_file),
                              .timeout = milliseconds(3000)});
  EXPECT_TRUE(client);
  return *std::move(client);
}

ClientRequest request(std::string method, std::string_view body = "") {
  ClientRequest out;
  out.method = std::move(method);
  out.target = "/v1/x";
  out.body.append(body);
  return out;
}

TEST(Client, SendsAndReceives) {
  FunctionHandler handler([](Request got, Respond respond) {
    Response response = text_response(got.method + " " + got.target + " ");
    response.body.append(got.header("x-vault-token"));
    response.body.append(got.body.text());
    response.status = 403;
    response.headers.emplace_back("X-Answer", "yes");
    respond(std::move(response));
  });
  const auto server = serve(handler);
  Client client = connect(*server, "http://127.0.0.1");
  ClientRequest put = request("PUT", "|body");
  put.headers.push_back({"X-Vault-Token", secure::SecureText("token")});
  const auto answer = client.send(put);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->body.text(), "PUT /v1/x token|body");
  const auto header = std::ranges::find(answer->headers, "x-answer", &Header::name);
  ASSERT_NE(header, answer->headers.end());
  EXPECT_EQ(header->value.text(), "yes");
  EXPECT_TRUE(client.send(request("HEAD"))->body.empty());
  EXPECT_EQ(client.send(request("LIST"))->body.text(), "LIST /v1/x ");
}

TEST(Client, TakesLocalhostForThisMachineWithoutAsking) {
  FunctionHandler handler([](Request, Respond respond) { respond(text_response("here")); });
  const auto server = serve(handler);
  for (const std::string host : {"http://localhost", "http://no-entry-anywhere.localhost"}) {
    const auto answer = connect(*server, host).send(request("GET"));
    ASSERT_TRUE(answer) << host << ": " << answer.error().message;
  }
  EXPECT_FALSE(connect(*server, "http://localhost.invalid").send(request("GET")));
  EXPECT_FALSE(connect(*server, "http://notlocalhost").send(request("GET")));
}

TEST(Client, HandsAStreamToTheSinkPieceByPiece) {
  FunctionHandler handler([](Request, Respond respond) {
    Response response = text_response("");
    response.stream = [n = 0]() mutable -> Result<secure::SecureText> {
      return ++n > 40 ? secure::SecureText() : secure::SecureText(std::string(100'000, 'x'));
    };
    respond(std::move(response));
  });
  const auto server = serve(handler);
  Client client = connect(*server, "http://127.0.0.1");
  std::size_t size = 0;
  std::size_t pieces = 0;
  const auto count = [&](std::string_view piece) -> Result<> {
    size += piece.size();
    ++pieces;
    return {};
  };
  ASSERT_TRUE(client.send_streaming(request("GET"), count));
  EXPECT_EQ(size, 4'000'000U);
  EXPECT_GT(pieces, 10U);
  const auto refuse = [](std::string_view) -> Result<> { return fail(Code::exhausted, "full"); };
  EXPECT_EQ(client.send_streaming(request("GET"), refuse).error().code, Code::exhausted);
}

TEST(Client, ReconnectsWhenTheServerHasClosedWhileIdle) {
  FunctionHandler handler(testing::echo);
  const auto server = serve(handler, nullptr, milliseconds(10));
  Client client = connect(*server, "http://127.0.0.1");
  for (const std::string method : {"GET", "PUT", "LIST"}) {
    EXPECT_TRUE(client.send(request(method)));
    std::this_thread::sleep_for(milliseconds(40));
  }
}

TEST(Client, GivesUpInTime) {
  std::vector<Respond> kept;
  FunctionHandler silent([&](Request, Respond respond) { kept.push_back(std::move(respond)); });
  const auto server = serve(silent);
  auto client = Client::make({.address = "http://127.0.0.1:" + std::to_string(server->port()),
                              .timeout = milliseconds(30)});
  ASSERT_TRUE(client);
  const auto answer = client->send(request("GET"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "timeout");
  server->stop();
  EXPECT_EQ(kept.size(), 1U);
}

TEST(Client, RefusesWhatCannotBeWritten) {
  for (const std::string address : {"localhost:1",
                                    "ftp://h",
                                    "http://",
                                    "http://h:x",
                                    "http://[::1",
                                    "http://u@h:1",
                                    "http://h:1/path"}) {
    EXPECT_EQ(Client::make({.address = address}).error().code, Code::invalid_argument) << address;
  }
  auto client = Client::make({.address = "http://127.0.0.1:1", .timeout = milliseconds(500)});
  ASSERT_TRUE(client);
  EXPECT_EQ(client->send(request("GET")).error().code, Code::unavailable);
  ClientRequest split = request("GET");
  split.headers.push_back({"A", secure::SecureText("b\r\nC: d")});
  EXPECT_EQ(client->send(split).error().code, Code::invalid_argument);
  ClientRequest spaced = request("GET");
  spaced.target = "/a b";
  EXPECT_EQ(client->send(spaced).error().code, Code::invalid_argument);
}

TEST(Tls, ServesAClientThatTrustsTheCertificate) {
  const TestCertificate certificate;
  FunctionHandler handler([](Request got, Respond respond) {
    EXPECT_TRUE(got.peer.tls);
    respond(text_response(std::string(50'000, 'y')));
  });
  const auto server = serve(handler, &certificate);
  Client client = connect(*server, "https://localhost", certificate.files().certificate);
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.send(request("GET"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body.size(), 50'000U);
  }
}

TEST(Tls, IsRefusedByAClientThatCannotVerify) {
  const TestCertificate right;
  const TestCertificate other;
  const TestCertificate elsewhere("elsewhere.example");
  FunctionHandler handler(testing::echo);
  const auto server = serve(handler, &right);
  const auto trusting = [&](const TestCertificate& c) { return c.files().certificate; };
  EXPECT_FALSE(connect(*server, "https://localhost", trusting(other)).send(request("GET")));
  EXPECT_FALSE(connect(*server, "https://127.0.0.1", trusting(right)).send(request("GET")));
  const auto misnamed = serve(handler, &elsewhere);
  EXPECT_FALSE(connect(*misnamed, "https://localhost", trusting(elsewhere)).send(request("GET")));
  EXPECT_TRUE(connect(*server, "https://localhost", trusting(right)).send(request("GET")));
}

TEST(Tls, ReloadsTheCertificateForNewConnections) {
  TestCertificate certificate;
  const TestCertificate before;
  std::filesystem::copy_file(certificate.files().certificate,
                             before.files().certificate,
                             std::filesystem::copy_options::overwrite_existing);
  FunctionHandler handler(testing::echo);
  const auto server = serve(handler, &certificate);
  Client old = connect(*server, "https://localhost", before.files().certificate);
  EXPECT_TRUE(old.send(request("GET")));
  certificate.renew("localhost");
  ASSERT_TRUE(server->reload_tls());
  EXPECT_TRUE(old.send(request("GET")));
  Client fresh = connect(*server, "https://localhost", certificate.files().certificate);
  EXPECT_TRUE(fresh.send(request("GET")));
  EXPECT_FALSE(
      connect(*server, "https://localhost", before.files().certificate).send(request("GET")));
}

TEST(Tls, KeepsTheOldCertificateWhenTheNewOneIsBad) {
  TestCertificate certificate;
  const TestCertificate other;
  FunctionHandler handler(testing::echo);
  const auto server = serve(handler, &certificate);
  std::filesystem::copy_file(other.files().key,
                             certificate.files().key,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(server->reload_tls().error().code, Code::invalid_argument);
  std::filesystem::remove(certificate.files().key);
  EXPECT_EQ(server->reload_tls().error().code, Code::not_found);
  Client client = connect(*server, "https://localhost", certificate.files().certificate);
  EXPECT_TRUE(client.send(request("GET")));
}

TEST(Tls, RefusesAChainThatIsCutOff) {
  const TestCertificate certificate;
  FunctionHandler handler(testing::echo);
  const auto server = serve(handler, &certificate);
  std::ifstream file(certificate.files().certificate);
  const std::string leaf{std::istreambuf_iterator<char>(file), {}};
  const auto put = [&](const std::string& chain) {
    std::ofstream(certificate.files().certificate) << chain;
    return server->reload_tls();
  };
  EXPECT_TRUE(put(leaf + leaf));
  EXPECT_TRUE(put(leaf + "and words behind it\n"));
  EXPECT_EQ(put(leaf + leaf.substr(0, leaf.size() / 2)).error().code, Code::invalid_argument);
  EXPECT_EQ(
      put(leaf + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").error().code,
      Code::invalid_argument);
}

TEST(Tls, ForgetsAPeerThatNeverShakesHands) {
  const TestCertificate certificate;
  ListenerOptions options;
  options.port = 0;
  options.handshake_timeout = milliseconds(30);
  options.tls = std::make_unique<TlsFiles>(certificate.files());
  FunctionHandler handler(testing::echo);
  const auto server = *Server::start(std::move(options), handler);
  testing::RawPeer silent(server->port());
  EXPECT_EQ(silent.read_to_end(), "");
  testing::RawPeer plain(server->port());
  plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_FALSE(plain.read_to_end().contains("HTTP/1.1"));
}

TEST(SecureHeap, IsMadeOnce) {
  (void)init_secure_heap();  // may warn where memory cannot be locked
  EXPECT_EQ(init_secure_heap(), "");
}

TEST(Tls, TellsWhichCertificateTheClientProvedToHold) {
  const TestCertificate servers;
  const TestCertificate own("client.example");
  std::vector<ShownCertificates> seen;
  FunctionHandler handler([&seen](Request got, Respond respond) {
    seen.push_back(got.peer.certificates);
    respond(text_response("ok"));
  });
  const auto server = serve(handler, &servers);
  const auto ask = [&](const std::string& certificate, const std::string& key) {
    ClientOptions options{.address = "https://localhost:" + std::to_string(server->port()),
                          .ca_file = servers.files().certificate,
                          .timeout = milliseconds(3000)};
    options.certificate_file = certificate;
    options.key_file = key;
    auto client = Client::make(std::move(options));
    return client && client->send(request("POST")).has_value();
  };
  ASSERT_TRUE(ask("", ""));
  ASSERT_TRUE(ask(own.files().certificate, own.files().key));
  EXPECT_FALSE(ask(own.files().certificate, servers.files().key)) << "somebody else's key";
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], nullptr);
  ASSERT_NE(seen[1], nullptr);
  ASSERT_EQ(seen[1]->size(), 1U);
  std::ifstream file(own.files().certificate);
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(crypto::hash(crypto::HashKind::sha256, seen[1]->front()),
            crypto::read_certificate(pem)->fingerprint_sha256);
}

}  // namespace
}  // namespace coffer::net
