#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "libs/http/server.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_socket.hpp"

namespace sauda::http {
namespace {

using std::chrono::milliseconds;

/// A server that says back what it was asked, with small limits.
class HttpServerTest : public testing::Test {
 protected:
  static ServerOptions Small() {
    ServerOptions options;
    options.max_body_bytes = 1'000;
    options.max_connections = 20;
    options.read_deadline = milliseconds{300};
    options.idle_deadline = milliseconds{5'000};
    return options;
  }

  void SetUp() override {
    server_.Route("GET", "/echo/{key}", [](const Request& request, const Respond& respond) {
      respond(Response::Text(200, std::string{request.Param("key")} + "?" +
                                      std::string{request.Query("q")} + " " + request.route));
    });
    server_.Route("POST", "/body", [](const Request& request, const Respond& respond) {
      respond(Response::Text(200, std::to_string(request.body.size())));
    });
    server_.Route("GET", "/later", [this](const Request&, const Respond& respond) {
      const std::lock_guard lock{mutex_};
      later_ = respond;
    });
    server_.Route("GET", "/never", [](const Request&, const Respond&) {});
    server_.Route("GET", "/drop", [](const Request&, const Respond& respond) {
      Response dropped;
      dropped.drop = true;
      respond(std::move(dropped));
    });
    server_.RouteStream("GET", "/stream", [this](const Request&, const auto& start) {
      StreamOptions options;
      options.max_buffered_bytes = 65'536;
      options.send_buffer_bytes = 16'384;
      options.stall_limit = milliseconds{2'000};
      options.on_gone = [this] { ++gone_; };
      options.on_drained = [this] { ++drained_; };
      const std::lock_guard lock{mutex_};
      streams_.push_back(start->Accept(Response::Text(200, ""), std::move(options)));
    });
    ASSERT_TRUE(server_.Start());
  }

  std::string Ask(const std::string& text) {
    RawSocket socket{server_.port()};
    socket.Say(text);
    return socket.HearAll();
  }
  std::shared_ptr<StreamWriter> StreamNumber(std::size_t number) {
    const std::lock_guard lock{mutex_};
    return number < streams_.size() ? streams_[number] : nullptr;
  }

  std::mutex mutex_;
  Respond later_;                                       // guarded by mutex_
  std::vector<std::shared_ptr<StreamWriter>> streams_;  // guarded by mutex_
  std::atomic<int> gone_{0};
  std::atomic<int> drained_{0};
  Server server_{Small()};
};

TEST_F(HttpServerTest, DecodesPathParametersAndQuery) {
  const std::string answer =
      Ask("GET /echo/NSE_EQ%7CINE%2F1?q=a%20b+c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("HTTP/1.1 200 OK"), std::string::npos) << answer;
  EXPECT_NE(answer.find("NSE_EQ|INE/1?a b c /echo/{key}"), std::string::npos) << answer;
}

TEST_F(HttpServerTest, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  RawSocket socket{server_.port()};
  socket.Say("GET /echo/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /echo/2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answers = socket.HearUntil("2? /echo");
  EXPECT_LT(answers.find("1? /echo"), answers.find("2? /echo"));
}

TEST_F(HttpServerTest, AnswersHeadWithTheLengthAndNoBody) {
  const std::string answer = Ask("HEAD /echo/abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: "), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(HttpServerTest, AnswersFromAnotherThreadAndOnlyOnce) {
  RawSocket socket{server_.port()};
  socket.Say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] {
    const std::lock_guard lock{mutex_};
    return later_ != nullptr;
  }));
  std::thread{[this] {
    later_(Response::Text(201, "late"));
    later_(Response::Text(202, "twice"));
  }}.join();
  const std::string answer = socket.HearUntil("late");
  EXPECT_NE(answer.find("201 Created"), std::string::npos);
}

TEST_F(HttpServerTest, AHandlerThatForgetsTheAnswerIsA500) {
  EXPECT_NE(Ask("GET /never HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find(" 500 "),
            std::string::npos);
}

TEST_F(HttpServerTest, ADroppedAnswerEndsTheConnectionWithoutAByte) {
  EXPECT_EQ(Ask("GET /drop HTTP/1.1\r\nHost: x\r\n\r\n"), "");
}

TEST_F(HttpServerTest, CutsAClientThatIsTooSlowWithItsHeader) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(Ask("GET /echo/1 HTTP/1.1\r\nHo"), "");
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, milliseconds{250});
  EXPECT_LT(took, milliseconds{4'000});
}

TEST_F(HttpServerTest, ClosesConnectionsOverTheLimit) {
  std::vector<std::unique_ptr<RawSocket>> held;
  for (int i = 0; i < 20; ++i) held.push_back(std::make_unique<RawSocket>(server_.port()));
  ASSERT_TRUE(Eventually([this] { return server_.connections() == 20; }));
  RawSocket over{server_.port()};
  EXPECT_EQ(over.Hear(), "");
  held.clear();
  ASSERT_TRUE(Eventually([this] { return server_.connections() == 0; }));
  EXPECT_NE(Ask("GET /echo/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("200 OK"),
            std::string::npos);
}

TEST_F(HttpServerTest, AStalledStreamIsRefusedMoreAndHurtsNobody) {
  RawSocket stalled{server_.port(), 4'096};
  stalled.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return StreamNumber(0) != nullptr; }));
  RawSocket live{server_.port()};
  live.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return StreamNumber(1) != nullptr; }));
  const auto event = std::make_shared<const std::string>(std::string(1'000, 'e') + "\n");
  ASSERT_TRUE(Eventually([&] { return StreamNumber(0)->Write(event) == Offer::kFull; }));
  EXPECT_FALSE(StreamNumber(0)->CanWrite());
  EXPECT_LE(StreamNumber(0)->buffered_bytes(), 67'000U);
  EXPECT_EQ(StreamNumber(1)->Write("data: alive\n\n"), Offer::kTaken);
  EXPECT_NE(live.HearUntil("alive").find("alive"), std::string::npos);
  // The client wakes: what waited comes, and the writer is told that there is room.
  while (drained_ == 0) ASSERT_FALSE(stalled.Hear().empty());
  EXPECT_TRUE(StreamNumber(0)->CanWrite());
}

TEST_F(HttpServerTest, AStreamEndsWithItsLastChunkOrWhenTheClientLeaves) {
  auto socket = std::make_unique<RawSocket>(server_.port());
  socket->Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return StreamNumber(0) != nullptr; }));
  EXPECT_EQ(StreamNumber(0)->Write("abc"), Offer::kTaken);
  StreamNumber(0)->Close();
  EXPECT_TRUE(socket->HearAll().ends_with("3\r\nabc\r\n0\r\n\r\n"));
  socket = std::make_unique<RawSocket>(server_.port());
  socket->Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return StreamNumber(1) != nullptr; }));
  socket.reset();
  ASSERT_TRUE(Eventually([this] { return gone_ == 2; }));
  EXPECT_EQ(StreamNumber(1)->Write("abc"), Offer::kGone);
}

TEST_F(HttpServerTest, CutsAStreamThatTakesNothingForTheStallLimit) {
  RawSocket stalled{server_.port(), 4'096};
  stalled.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return StreamNumber(0) != nullptr; }));
  const auto event = std::make_shared<const std::string>(std::string(100'000, 'e'));
  ASSERT_TRUE(Eventually([&] { return StreamNumber(0)->Write(event) == Offer::kFull; }));
  EXPECT_TRUE(Eventually([this] { return gone_ == 1; }));
}

TEST_F(HttpServerTest, StopsInOrder) {
  RawSocket idle{server_.port()};
  RawSocket stream{server_.port()};
  stream.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return StreamNumber(0) != nullptr; }));
  RawSocket busy{server_.port()};
  busy.Say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([this] {
    const std::lock_guard lock{mutex_};
    return later_ != nullptr;
  }));
  std::thread stopping{[this] { server_.Stop(); }};
  EXPECT_EQ(idle.Hear(), "");
  EXPECT_TRUE(stream.HearAll().ends_with("0\r\n\r\n"));
  later_(Response::Text(200, "finished"));
  EXPECT_TRUE(busy.HearAll().ends_with("finished"));
  stopping.join();
}

struct Case {
  std::string name;
  std::string request;
  std::string status;
};
class HttpServerTableTest : public HttpServerTest, public testing::WithParamInterface<Case> {};

TEST_P(HttpServerTableTest, AnswersBadRequests) {
  RawSocket socket{server_.port()};
  socket.Say(GetParam().request);
  const std::string answer = socket.HearAll();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + GetParam().status)) << answer.substr(0, 200);
}

std::string Chunked(const std::string& body) {
  return "POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
         "\r\n" +
         body;
}

INSTANTIATE_TEST_SUITE_P(
    Requests, HttpServerTableTest,
    testing::Values(
        Case{"NotHttp", "hello there\r\n\r\n", "400"},
        Case{"NoHost", "GET /echo/1 HTTP/1.1\r\n\r\n", "400"},
        Case{"TwoHosts", "GET /echo/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        Case{"BrokenEscape", "GET /echo/%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Case{"NulInPath", "GET /echo/%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Case{"BrokenQuery", "GET /echo/1?q=%1 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        Case{"LengthNotANumber", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
             "400"},
        Case{"LengthAndChunked",
             "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
             "chunked\r\n\r\nabc",
             "400"},
        Case{"BrokenChunk",
             "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
             "400"},
        Case{"LongChunkExtension", Chunked("1;" + std::string(60'000, 'e') + "\r\nb\r\n0\r\n\r\n"),
             "200"},
        Case{"EndlessChunkExtension", Chunked("1;" + std::string(300'000, 'e')), "400"},
        Case{"EndlessTrailer", Chunked("0\r\nX: " + std::string(300'000, 't')), "400"},
        Case{"LongestBody",
             "POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" +
                 std::string(1'000, 'b'),
             "200"},
        Case{"BodyOverTheLimit", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n",
             "413"},
        Case{"ChunkedBodyOverTheLimit",
             "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                 std::string(1'001, 'b') + "\r\n0\r\n\r\n",
             "413"},
        Case{"HeaderOverTheLimit",
             "GET /echo/1 HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'h') + "\r\n\r\n",
             "431"},
        Case{"UnknownPath", "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404"},
        Case{"OtherMethod", "DELETE /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405"},
        Case{"OldHttp", "GET /echo/1 HTTP/1.0\r\n\r\n", "200"}),
    CaseName{});

TEST(HttpServerStartTest, SaysWhyItCannotStart) {
  Server named{{.address = "localhost"}};
  EXPECT_EQ(named.Start().error().reason, "ADDRESS_INVALID");
  Server first{{}};
  ASSERT_TRUE(first.Start());
  // reuse_address lets nobody share a port that is listened on
  Server second{{.port = first.port()}};
  EXPECT_EQ(second.Start().error().reason, "BIND_FAILED");
  Server untrusted{{.tls = ServerTls{.certificate_pem = "no", .key_pem = "no"}}};
  EXPECT_EQ(untrusted.Start().error().reason, "TLS_INVALID");
}

TEST(HttpBlockingTest, AFullPoolAnswers503) {
  WorkerPool pool{{.threads = 1, .waiting = 1}};
  std::mutex held;
  held.lock();
  std::atomic<int> started{0};
  Server server{{}};
  server.Route("GET", "/slow", Blocking(pool, [&](const Request&) {
                 ++started;
                 const std::lock_guard wait{held};
                 return Response::Text(200, "done");
               }));
  ASSERT_TRUE(server.Start());
  const std::string ask = "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  RawSocket running{server.port()};
  running.Say(ask);
  ASSERT_TRUE(Eventually([&] { return started == 1; }));
  RawSocket waiting{server.port()};
  waiting.Say(ask);
  ASSERT_TRUE(Eventually([&] { return pool.waiting() == 1; }));
  RawSocket refused{server.port()};
  refused.Say(ask);
  EXPECT_TRUE(refused.HearAll().starts_with("HTTP/1.1 503"));
  held.unlock();
  EXPECT_TRUE(running.HearAll().ends_with("done"));
  EXPECT_TRUE(waiting.HearAll().ends_with("done"));
  server.Stop();
}

}  // namespace
}  // namespace sauda::http
