#include "net/server.h"

#include "net/body_budget.h"
#include "net/test_peers.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace coffer::net {
namespace {

using std::chrono::milliseconds;
using testing::FunctionHandler;
using testing::RawPeer;
using testing::text_response;

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

// Short deadlines, and the refusals that were reported.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.port = 0;
    options_.refused = [this](std::string_view reason, std::string_view peer) {
      const std::scoped_lock lock(mutex_);
      EXPECT_EQ(peer, "127.0.0.1");
      refusals_.emplace_back(reason);
    };
  }

  void start(FunctionHandler::Function function) {
    handler_.emplace(std::move(function));
    auto server = Server::start(std::move(options_), *handler_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }

  std::vector<std::string> refusals() {
    const std::scoped_lock lock(mutex_);
    return refusals_;
  }

  std::uint16_t port() { return server_->port(); }

  ListenerOptions options_;
  std::mutex mutex_;
  std::vector<std::string> refusals_;
  std::optional<FunctionHandler> handler_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, KeepsAConnectionForManyRequests) {
  start(testing::echo);
  RawPeer peer(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(peer.send("PATCH /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"));
    const std::string answer = peer.read_until("body");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nPATCH /x body")) << answer;
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  std::atomic<int> under_way = 0;
  start([&](Request request, Respond respond) {
    EXPECT_EQ(++under_way, 1);
    Loop& loop = *request.loop;
    loop.post([&, target = request.target, respond = std::move(respond)]() mutable {
      --under_way;
      respond(text_response("<" + target + ">"));
    });
  });
  RawPeer peer(port());
  ASSERT_TRUE(
      peer.send("LIST /1 HTTP/1.1\r\nHost: h\r\n\r\nSCAN /2 HTTP/1.1\r\nHost: h\r\n\r\n"
                "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  const std::string all = peer.read_to_end();
  EXPECT_LT(all.find("</1>"), all.find("</2>"));
  EXPECT_LT(all.find("</2>"), all.find("</3>"));
  EXPECT_TRUE(all.ends_with("</3>")) << all;
}

TEST_F(ServerTest, TellsTheHandlerWhoAsks) {
  start([](Request request, Respond respond) {
    EXPECT_EQ(request.peer.address, "127.0.0.1");
    EXPECT_NE(request.peer.port, 0);
    EXPECT_FALSE(request.peer.tls);
    EXPECT_EQ(request.header("x-vault-token"), "t");
    respond(text_response("ok"));
  });
  RawPeer peer(port());
  peer.send("GET / HTTP/1.1\r\nHost: h\r\nX-Vault-Token: t\r\n\r\n");
  EXPECT_TRUE(peer.read_until("ok").ends_with("ok"));
}

TEST_F(ServerTest, TakesAnswersFromAnotherThreadThroughTheLoop) {
  options_.threads = 2;
  std::vector<std::jthread> workers;
  std::mutex mutex;
  start([&](Request request, Respond respond) {
    const std::scoped_lock lock(mutex);
    workers.emplace_back([loop = request.loop, respond = std::move(respond)]() mutable {
      loop->post([respond = std::move(respond)]() mutable { respond(text_response("later")); });
    });
  });
  for (int i = 0; i < 4; ++i) {
    RawPeer peer(port());
    peer.send(kGet);
    EXPECT_TRUE(peer.read_until("later").ends_with("later"));
  }
}

TEST_F(ServerTest, AnswersForAHandlerThatDropsOrThrows) {
  start([](Request request, Respond respond) {
    if (request.target == "/throw") throw std::runtime_error("bug");
    if (request.target == "/split") {
      Response response = text_response("x");
      response.headers.emplace_back("A", "b\r\nC: d");
      respond(std::move(response));
    }
    if (request.target == "/switch") {
      Response response = text_response("x");
      response.status = 101;
      respond(std::move(response));
    }
  });
  for (const std::string target : {"/throw", "/drop", "/split", "/switch"}) {
    RawPeer peer(port());
    peer.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = peer.read_until("}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_TRUE(answer.ends_with(R"({"errors":["internal error"]})")) << answer;
  }
}

TEST_F(ServerTest, SendsNoBodyForHeadAndNoContent) {
  start([](Request request, Respond respond) {
    Response response = text_response("unseen");
    if (request.target == "/none") response.status = 204;
    respond(std::move(response));
  });
  RawPeer peer(port());
  peer.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(peer.read_until("\r\n\r\n").contains("Content-Length: 6\r\n"));
  peer.send("GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = peer.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
  EXPECT_FALSE(answer.contains("Content-Length"));
}

TEST_F(ServerTest, ClosesAfterHttp10) {
  start(testing::echo);
  RawPeer peer(port());
  peer.send("GET /x HTTP/1.0\r\n\r\n");
  const std::string answer = peer.read_to_end();
  EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("GET /x "));
}

TEST_F(ServerTest, ContinuesWhenThePeerWaits) {
  start(testing::echo);
  RawPeer peer(port());
  peer.send("PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("body");
  EXPECT_TRUE(peer.read_until("body").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, CarriesBodiesLargerThanItsBuffers) {
  start(testing::echo);
  RawPeer peer(port());
  const std::string body = std::string(300'000, 'b') + "END";
  peer.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body);
  const std::string answer = peer.read_until("END");
  EXPECT_TRUE(answer.ends_with("PUT /x " + body));
}

TEST_F(ServerTest, RefusesBadRequestsOnceAndCloses) {
  options_.max_body = 8;
  options_.max_header_bytes = 4096;
  start([](Request /*request*/, Respond /*respond*/) { ADD_FAILURE() << "reached the handler"; });
  const std::pair<std::string, std::string> kTable[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\nSECRET\r\n\r\n", "400 Bad Request"},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 Bad Request"},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nSECRETxxx", "413 Content Too Large"},
      {"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
       "413 Content Too Large"},
      {"TRACE / HTTP/1.1\r\nHost: SECRET\r\n\r\n", "405 Method Not Allowed"},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(5000, 'a'),
       "431 Request Header Fields Too Large"},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
           std::string(70'000, 'a'),
       "400 Bad Request"},
  };
  for (const auto& [text, status] : kTable) {
    RawPeer peer(port());
    peer.send(text);
    const std::string answer = peer.read_until("}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status + "\r\n")) << answer;
    EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
    EXPECT_FALSE(answer.contains("SECRET")) << answer;
  }
  EXPECT_EQ(refusals().size(), std::size(kTable));
  EXPECT_EQ(refusals()[2], "request body too large");
}

// Bodies of three connections, two of which fit the budget; none is complete.
TEST_F(ServerTest, HoldsOnlySoManyOctetsOfBodies) {
  constexpr std::size_t kSize = 300'000;
  options_.body_budget = 2 * (kSize - kFreeBody);
  start(testing::echo);
  const std::string head =
      "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kSize + 3) + "\r\n\r\n";
  RawPeer first(port());
  first.send(head + std::string(kSize, 'b'));
  RawPeer second(port());
  second.send(head + std::string(kSize, 'b'));
  std::this_thread::sleep_for(milliseconds(100));
  {
    RawPeer third(port());
    third.send(head + std::string(kSize, 'b'));
    const std::string answer = third.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
    EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
  }
  EXPECT_EQ(refusals(), std::vector<std::string>{"too many large request bodies at once"});
  RawPeer small(port());
  small.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nEND");
  EXPECT_TRUE(small.read_until("END").starts_with("HTTP/1.1 200 OK"));
  for (RawPeer* peer : {&first, &second}) {
    peer->send("END");
    EXPECT_TRUE(peer->read_until("END").starts_with("HTTP/1.1 200 OK"));
  }
  // Answered: their octets are free again, though the connections stay.
  RawPeer last(port());
  last.send(head + std::string(kSize, 'b') + "END");
  EXPECT_TRUE(last.read_until("END").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, FreesTheOctetsOfAPeerThatIsGone) {
  constexpr std::size_t kSize = 300'000;
  options_.body_budget = kSize;
  options_.body_timeout = milliseconds(300);
  start(testing::echo);
  const std::string head =
      "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kSize + 3) + "\r\n\r\n";
  {
    RawPeer gone(port());
    gone.send(head + std::string(kSize, 'b'));
  }
  // The server learns in its own time that the peer is gone; until then there is no room.
  std::string answer = "none";
  for (int i = 0; i < 200 && !answer.empty(); ++i) {
    RawPeer late(port());
    late.send(head + std::string(kSize, 'b'));
    answer = late.read_to_end();
  }
  EXPECT_EQ(answer, "") << "the body deadline";
  RawPeer last(port());
  last.send(head + std::string(kSize, 'b') + "END");
  EXPECT_TRUE(last.read_until("END").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, HoldsTheHeaderDeadlineAgainstTrickle) {
  options_.header_timeout = milliseconds(60);
  start(testing::echo);
  RawPeer peer(port());
  peer.send("GET / HTTP/1.1\r\n");
  // Counted in headers, not by the clock, which a busy machine stretches; a deadline that each
  // header put off would never come.
  int headers = 0;
  for (; headers < 200 && refusals().empty() && peer.send("A: b\r\n"); ++headers) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_LT(headers, 150);
  EXPECT_EQ(peer.read_to_end(), "");
  EXPECT_EQ(refusals(), std::vector<std::string>{"header timeout"});
}

TEST_F(ServerTest, HoldsTheOtherDeadlines) {
  options_.header_timeout = milliseconds(2000);
  options_.body_timeout = milliseconds(40);
  options_.idle_timeout = milliseconds(40);
  start(testing::echo);
  RawPeer body(port());
  body.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf");
  EXPECT_EQ(body.read_to_end(), "");
  EXPECT_EQ(refusals(), std::vector<std::string>{"body timeout"});
  RawPeer idle(port());
  idle.send(kGet);
  EXPECT_TRUE(idle.read_to_end().ends_with("GET /x "));
  EXPECT_EQ(refusals().size(), 1U);
}

TEST_F(ServerTest, CutsAPeerThatDoesNotRead) {
  options_.body_timeout = milliseconds(40);
  start([](Request /*request*/, Respond respond) {
    respond(text_response(std::string(12U << 20U, 'x')));
  });
  RawPeer peer(port());
  peer.send(kGet);
  for (int i = 0; i < 1000 && refusals().empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(refusals(), std::vector<std::string>{"write timeout"});
}

TEST_F(ServerTest, TurnsAwayConnectionsOverTheLimit) {
  options_.max_connections = 1;
  start(testing::echo);
  RawPeer first(port());
  first.send(kGet);
  first.read_until("GET /x ");
  RawPeer second(port());
  EXPECT_EQ(second.read_to_end(), "");
  EXPECT_EQ(refusals(), std::vector<std::string>{"too many connections"});
  first.send(kGet);
  EXPECT_TRUE(first.read_until("GET /x ").ends_with("GET /x "));
}

TEST_F(ServerTest, SaysWhyItCannotStart) {
  FunctionHandler handler(testing::echo);
  ListenerOptions bad;
  bad.address = "not an address";
  EXPECT_EQ(Server::start(std::move(bad), handler).error().code, Code::invalid_argument);
  start(testing::echo);
  ListenerOptions taken;
  taken.port = port();
  EXPECT_EQ(Server::start(std::move(taken), handler).error().code, Code::unavailable);
  EXPECT_EQ(server_->reload_tls().error().code, Code::precondition_failed);
}

}  // namespace
}  // namespace coffer::net
