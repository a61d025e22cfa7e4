// Streams and stopping: what happens to answers that take time.
#include "net/server.h"
#include "net/test_peers.h"

#include <atomic>
#include <future>
#include <latch>
#include <thread>

namespace coffer::net {
namespace {

using std::chrono::milliseconds;
using testing::FunctionHandler;
using testing::RawPeer;
using testing::text_response;

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

std::unique_ptr<Server> serve(FunctionHandler& handler, milliseconds drain = milliseconds(2000)) {
  ListenerOptions options;
  options.port = 0;
  options.drain = drain;
  auto server = Server::start(std::move(options), handler);
  EXPECT_TRUE(server);
  return *std::move(server);
}

// Answers with a stream of `count` pieces "<n>", then an end or an error.
FunctionHandler::Function streaming(int count, bool fail_at_end, std::atomic<int>* pulled) {
  return [=](Request /*request*/, Respond respond) {
    Response response = text_response("");
    response.stream = [=, n = 0]() mutable -> Result<secure::SecureText> {
      ++*pulled;
      if (n == count && fail_at_end) return fail(Code::unavailable, "no more");
      if (n == count) return secure::SecureText();
      return secure::SecureText("<" + std::to_string(n++) + ">");
    };
    respond(std::move(response));
  };
}

TEST(ServerStream, SendsChunksAndGoesOn) {
  std::atomic<int> pulled = 0;
  FunctionHandler handler(streaming(3, false, &pulled));
  const auto server = serve(handler);
  RawPeer peer(server->port());
  for (int i = 0; i < 2; ++i) {
    peer.send(kGet);
    EXPECT_TRUE(peer.read_until("\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"));
    EXPECT_EQ(peer.read_until("0\r\n\r\n"), "3\r\n<0>\r\n3\r\n<1>\r\n3\r\n<2>\r\n0\r\n\r\n");
  }
}

TEST(ServerStream, IsCutWithoutLastChunkOnError) {
  std::atomic<int> pulled = 0;
  FunctionHandler handler(streaming(1, true, &pulled));
  const auto server = serve(handler);
  RawPeer peer(server->port());
  peer.send(kGet);
  EXPECT_TRUE(peer.read_to_end().ends_with("\r\n\r\n3\r\n<0>\r\n"));
}

TEST(ServerStream, EndsWithTheConnectionInHttp10) {
  std::atomic<int> pulled = 0;
  FunctionHandler handler(streaming(2, false, &pulled));
  const auto server = serve(handler);
  RawPeer peer(server->port());
  peer.send("GET /x HTTP/1.0\r\n\r\n");
  const std::string answer = peer.read_to_end();
  EXPECT_TRUE(answer.ends_with("\r\n\r\n<0><1>")) << answer;
  EXPECT_FALSE(answer.contains("chunked"));
}

TEST(ServerStream, StopsPullingWhenThePeerStopsReading) {
  std::atomic<int> pulled = 0;
  FunctionHandler handler([&](Request /*request*/, Respond respond) {
    Response response = text_response("");
    response.stream = [&]() -> Result<secure::SecureText> {
      ++pulled;
      return secure::SecureText(std::string(1U << 20U, 'x'));
    };
    respond(std::move(response));
  });
  const auto server = serve(handler, milliseconds(20));
  RawPeer peer(server->port());
  peer.send(kGet);
  int before = -1;
  while (before != pulled) {
    before = pulled;
    std::this_thread::sleep_for(milliseconds(30));
  }
  EXPECT_LT(pulled, 64);
}

TEST(ServerStream, MayWaitForItsPiecesLongerThanAPeerMayTakeToRead) {
  FunctionHandler handler([](Request /*request*/, Respond respond) {
    Response response = text_response("");
    response.stream = [n = 0]() mutable -> Result<secure::SecureText> {
      if (n > 0) std::this_thread::sleep_for(milliseconds(400));
      return ++n > 2 ? secure::SecureText() : secure::SecureText("x");
    };
    respond(std::move(response));
  });
  ListenerOptions options;
  options.port = 0;
  options.body_timeout = milliseconds(40);
  const auto server = *Server::start(std::move(options), handler);
  RawPeer peer(server->port());
  peer.send(kGet);
  EXPECT_TRUE(peer.read_until("0\r\n\r\n").ends_with("1\r\nx\r\n1\r\nx\r\n0\r\n\r\n"));
}

// Its end may have to wait for its producer, and other connections must not wait with it.
TEST(ServerStream, GoesAwayOnAnotherThreadThanTheLoops) {
  std::thread::id loop;
  std::promise<std::thread::id> gone;
  FunctionHandler handler([&](Request /*request*/, Respond respond) {
    loop = std::this_thread::get_id();
    Response response = text_response("");
    const std::shared_ptr<void> held(
        nullptr, [&gone](void*) { gone.set_value(std::this_thread::get_id()); });
    response.stream = [held]() -> Result<secure::SecureText> {
      return secure::SecureText(std::string(1U << 20U, 'x'));
    };
    respond(std::move(response));
  });
  const auto server = serve(handler, milliseconds(20));
  {
    RawPeer peer(server->port());
    peer.send(kGet);
    EXPECT_FALSE(peer.read_until("xxx").empty());
  }
  EXPECT_NE(gone.get_future().get(), loop);
}

TEST(ServerStop, AnswersWhatIsUnderWayAndRefusesTheRest) {
  std::latch arrived(1);
  Respond kept;
  Loop* loop = nullptr;
  FunctionHandler handler([&](Request request, Respond respond) {
    kept = std::move(respond);
    loop = request.loop;
    arrived.count_down();
  });
  const auto server = serve(handler);
  RawPeer idle(server->port());
  RawPeer busy(server->port());
  busy.send(kGet);
  arrived.wait();
  std::jthread stopper([&] { server->stop(); });
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(RawPeer(server->port()).connected());
  loop->post([&] { kept(text_response("in time")); });
  const std::string answer = busy.read_to_end();
  EXPECT_TRUE(answer.ends_with("in time")) << answer;
  EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
}

TEST(ServerStop, CutsWhatOutlastsTheDrain) {
  std::latch arrived(1);
  Respond kept;
  FunctionHandler handler([&](Request /*request*/, Respond respond) {
    kept = std::move(respond);
    arrived.count_down();
  });
  auto server = serve(handler, milliseconds(20));
  RawPeer peer(server->port());
  peer.send(kGet);
  arrived.wait();
  server->stop();
  EXPECT_EQ(peer.read_to_end(), "");
  kept(text_response("too late"));  // changes nothing
  server = nullptr;
}

TEST(ServerStop, DropsWorkPostedAfterTheEnd) {
  Loop* loop = nullptr;
  FunctionHandler handler([&](Request request, Respond respond) {
    loop = request.loop;
    respond(text_response("ok"));
  });
  const auto server = serve(handler);
  RawPeer peer(server->port());
  peer.send(kGet);
  peer.read_until("ok");
  server->stop();
  auto witness = std::make_shared<int>(0);
  loop->post([witness] { ADD_FAILURE() << "ran after the end"; });
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(ServerLoop, RunsPostedTasksInOrder) {
  std::string order;
  FunctionHandler handler([&](Request request, Respond respond) {
    Loop* loop = request.loop;
    for (const char c : {'a', 'b', 'c'}) loop->post([&order, c] { order += c; });
    loop->post(
        [&order, respond = std::move(respond)]() mutable { respond(text_response(order + "!")); });
  });
  const auto server = serve(handler);
  RawPeer peer(server->port());
  peer.send(kGet);
  EXPECT_TRUE(peer.read_until("!").ends_with("abc!"));
}

}  // namespace
}  // namespace coffer::net
