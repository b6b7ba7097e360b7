#include <atomic>
#include <mutex>

#include <gtest/gtest.h>

#include "libs/http/client.hpp"
#include "libs/http/client_connection.hpp"
#include "libs/http/client_tls.hpp"
#include "libs/http/server.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_listener.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TestCertificates& Certificates() {
  static const TestCertificates made = TestCertificates::Make();
  return made;
}

/// A TLS server of this machine and a client that trusts it.
class HttpClientTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.Route("GET", "/hello", [this](const Request& request, const Respond& respond) {
      ++asked_;
      respond(Response::Text(200, "hello " + std::string{request.Query("name")} +
                                      std::string{request.headers.Get("X-One")}));
    });
    server_.Route("POST", "/body", [](const Request& request, const Respond& respond) {
      respond(Response::Text(201, request.body));
    });
    server_.Route("GET", "/status", [](const Request& request, const Respond& respond) {
      Response answer = Response::Text(std::stoi(std::string{request.Query("code")}), "as asked");
      if (request.query.contains("wait")) {
        answer.headers.Set("Retry-After", std::string{request.Query("wait")});
      }
      respond(std::move(answer));
    });
    server_.Route("GET", "/large", [](const Request&, const Respond& respond) {
      Response answer;
      answer.shared_body = std::make_shared<const std::string>(5'000'000, 'x');
      respond(std::move(answer));
    });
    server_.Route("POST", "/drop", [](const Request&, const Respond& respond) {
      Response dropped;
      dropped.drop = true;
      respond(std::move(dropped));
    });
    server_.Route("GET", "/never", [this](const Request&, const Respond& respond) {
      const std::lock_guard lock{mutex_};
      kept_.push_back(respond);
    });
    ASSERT_TRUE(server_.Start());
    client_ = MakeClient(Certificates().ca_pem);
  }

  static ServerOptions Tls() {
    return {.tls = ServerTls{.certificate_pem = Certificates().certificate_pem,
                             .key_pem = Certificates().key_pem},
            .idle_deadline = seconds{60}};
  }
  std::unique_ptr<Client> MakeClient(const std::string& ca_pem) {
    const std::string port = std::to_string(server_.port());
    auto made = Client::Make(
        {.ca = {.pem = ca_pem},
         .allowed = {"127.0.0.1:" + port, "localhost:" + port, "127.0.0.2:" + port, "127.0.0.1:1"},
         .max_response_bytes = 1'000'000,
         .breaker = {.failures = 3, .open_for = seconds{10}}},
        clock_);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  SendResult Get(const std::string& target, milliseconds deadline = seconds{10}) {
    return client_->Send({.url = server_.url() + target}, deadline);
  }

  ManualClock clock_;
  std::atomic<int> asked_{0};
  std::mutex mutex_;
  std::vector<Respond> kept_;  // guarded by mutex_
  Server server_{Tls()};
  std::unique_ptr<Client> client_;
};

TEST_F(HttpClientTest, AHostWhoseNameTlsCannotCheckIsNotAsked) {
  const auto tls = MakeClientTls({.pem = Certificates().ca_pem});
  ASSERT_TRUE(tls);
  const Url url{.scheme = "https",
                .host = std::string(300, 'a'),  // OpenSSL refuses it
                .port = static_cast<std::uint16_t>(server_.port()),
                .target = "/"};
  ClientConnection connection{url, **tls};
  const auto opened = connection.Open({{net::ip::make_address("127.0.0.1"), url.port}},
                                      std::chrono::steady_clock::now() + seconds{10});
  ASSERT_FALSE(opened) << "anybody with a certificate could have answered";
  EXPECT_EQ(opened.error().reason, "TLS_FAILED");
}

TEST_F(HttpClientTest, AsksOverTlsAndKeepsTheConnection) {
  for (int i = 0; i < 3; ++i) {
    const auto answer = client_->Send(
        {.url = server_.url() + "/hello?name=a%20b", .headers = {{"X-One", "!"}}}, seconds{10});
    ASSERT_TRUE(answer) << answer.error().error.message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello a b!");
    EXPECT_EQ(answer->headers.Get("content-type"), "text/plain; charset=utf-8");
  }
  EXPECT_EQ(client_->Stats().front().connects, 1U);
  EXPECT_EQ(client_->Stats().front().sent, 3U);
}

TEST_F(HttpClientTest, VerifiesTheNameOfAHostGivenByName) {
  const auto answer = client_->Send(
      {.url = "https://localhost:" + std::to_string(server_.port()) + "/hello"}, seconds{10});
  ASSERT_TRUE(answer) << answer.error().error.message;
}

TEST_F(HttpClientTest, SendsABody) {
  const auto answer = client_->Send(
      {.method = "POST", .url = server_.url() + "/body", .body = "some text"}, seconds{10});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "some text");
}

TEST_F(HttpClientTest, SendsABodyOfManyTlsRecords) {
  for (const std::size_t size : {16'000U, 17'000U, 500'000U}) {
    const auto answer = client_->Send(
        {.method = "POST", .url = server_.url() + "/body", .body = std::string(size, 'b')},
        seconds{3});
    ASSERT_TRUE(answer) << size << ": " << answer.error().error.message;
    EXPECT_EQ(answer->body.size(), size);
  }
}

TEST_F(HttpClientTest, RefusesAnUnknownAuthority) {
  const auto stranger = MakeClient(TestCertificates::Make().ca_pem);
  const auto answer = stranger->Send({.url = server_.url() + "/hello"}, seconds{10});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "TLS_FAILED");
  EXPECT_FALSE(answer.error().maybe_sent);
  EXPECT_EQ(asked_, 0);
}

TEST_F(HttpClientTest, RefusesTheSystemsStoreForAPrivateAuthority) {
  const auto answer = MakeClient("")->Send({.url = server_.url() + "/hello"}, seconds{10});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "TLS_FAILED");
}

TEST_F(HttpClientTest, RefusesACertificateOfAnotherHost) {
  const TestCertificates other = TestCertificates::Make("DNS:elsewhere.example");
  Server server{
      {.tls = ServerTls{.certificate_pem = other.certificate_pem, .key_pem = other.key_pem}}};
  ASSERT_TRUE(server.Start());
  const std::string port = std::to_string(server.port());
  auto client = Client::Make(
      {.ca = {.pem = other.ca_pem}, .allowed = {"localhost:" + port, "127.0.0.1:" + port}}, clock_);
  ASSERT_TRUE(client);
  for (const char* const host : {"localhost", "127.0.0.1"}) {
    std::string url{"https://"};
    url.append(host).append(":").append(port).append("/");
    const auto answer = (*client)->Send({.url = url}, seconds{10});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error.reason, "TLS_FAILED") << answer.error().error.message;
  }
}

TEST_F(HttpClientTest, TellsAPortThatIsClosed) {
  const auto answer = client_->Send({.url = "https://127.0.0.1:1/"}, seconds{10});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "CONNECT_FAILED");
  EXPECT_FALSE(answer.error().maybe_sent);
}

TEST_F(HttpClientTest, RefusesWhatIsNotAllowedWithoutConnecting) {
  for (const std::string url :
       {"https://api.upstox.com/v2/order/place", "https://127.0.0.1:2/", "http://10.0.0.1/"}) {
    const auto answer = client_->Send({.url = url}, seconds{10});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error.reason, "EGRESS_REFUSED") << url;
    EXPECT_FALSE(answer.error().maybe_sent);
  }
}

TEST_F(HttpClientTest, GivesUpAtTheDeadlineAndSaysThatItMayHaveBeenSent) {
  const auto began = std::chrono::steady_clock::now();
  const auto answer = Get("/never", milliseconds{200});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "TIMEOUT");
  EXPECT_TRUE(answer.error().maybe_sent);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds{5});
}

TEST_F(HttpClientTest, AConnectionCutAfterSendingIsMaybeSent) {
  const auto answer =
      client_->Send({.method = "POST", .url = server_.url() + "/drop", .body = "x"}, seconds{10});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "PROTOCOL_ERROR");
  EXPECT_TRUE(answer.error().maybe_sent);
}

TEST_F(HttpClientTest, BoundsTheBody) {
  const auto answer = Get("/large");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "BODY_TOO_LARGE");
}

TEST_F(HttpClientTest, StreamsABodyInPieces) {
  std::size_t total = 0;
  const auto take = [&](std::string_view bytes) -> Result<void> {
    EXPECT_LE(bytes.size(), 65'536U);
    total += bytes.size();
    return {};
  };
  const auto answer =
      client_->Stream({.url = server_.url() + "/large"}, seconds{20}, 5'000'000, take);
  ASSERT_TRUE(answer) << answer.error().error.message;
  EXPECT_EQ(total, 5'000'000U);
  EXPECT_TRUE(answer->body.empty());
  const auto over =
      client_->Stream({.url = server_.url() + "/large"}, seconds{20}, 4'999'999, take);
  EXPECT_EQ(over.error().error.reason, "BODY_TOO_LARGE");
}

TEST_F(HttpClientTest, EndsAStreamWhenTheReceiverRefuses) {
  const auto answer =
      client_->Stream({.url = server_.url() + "/large"}, seconds{20}, 5'000'000,
                      [](std::string_view) -> Result<void> {
                        return Error{Code::kInvalidArgument, "BAD_RECORD", "not what was expected"};
                      });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "BAD_RECORD");
}

TEST_F(HttpClientTest, HonoursRetryAfter) {
  const auto limited = Get("/status?code=429&wait=2");
  ASSERT_TRUE(limited);
  EXPECT_EQ(limited->status, 429);
  EXPECT_EQ(limited->retry_after, seconds{2});
  const auto refused = Get("/hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.reason, "RATE_LIMITED");
  EXPECT_FALSE(refused.error().maybe_sent);
  EXPECT_EQ(refused.error().not_before, clock_.Now() + seconds{2});
  clock_.Advance(seconds{2});
  EXPECT_TRUE(Get("/hello"));
}

TEST_F(HttpClientTest, ABreakerOpensAndLetsOneTry) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("/status?code=500")->status, 500);
  const auto refused = Get("/hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.reason, "BREAKER_OPEN");
  EXPECT_EQ(refused.error().not_before, clock_.Now() + seconds{10});
  EXPECT_EQ(client_->Stats().front().breaker, Breaker::State::kOpen);
  clock_.Advance(seconds{10});
  EXPECT_EQ(client_->Stats().front().breaker, Breaker::State::kHalfOpen);
  EXPECT_TRUE(Get("/hello"));
  EXPECT_EQ(client_->Stats().front().breaker, Breaker::State::kClosed);
  EXPECT_EQ(client_->Stats().front().breaker_opened, 1U);
}

TEST_F(HttpClientTest, RefusesAHeaderWithALineBreak) {
  const auto answer = client_->Send(
      {.url = server_.url() + "/hello", .headers = {{"X-One", "a\r\nX-Two: b"}}}, seconds{10});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "HEADER_MALFORMED");
  EXPECT_EQ(asked_, 0);
}

TEST(HttpClientPeerTest, AsksAgainWhenAKeptConnectionWasClosedOnlyForReads) {
  const SystemClock clock;
  // Answers one request on each connection, then reads the next and closes without a word.
  RawListener peer{[](RawListener::Peer& socket) {
    if (socket.HearUntil("\r\n\r\n").empty()) return;
    socket.Say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    socket.HearUntil("\r\n\r\n");
  }};
  auto client = Client::Make({.allowed = {"127.0.0.1:" + std::to_string(peer.port())}}, clock);
  ASSERT_TRUE(client);
  const std::string url = "http://127.0.0.1:" + std::to_string(peer.port()) + "/";
  ASSERT_TRUE((*client)->Send({.url = url}, seconds{5}));
  EXPECT_TRUE((*client)->Send({.url = url}, seconds{5}));
  EXPECT_EQ((*client)->Stats().front().connects, 2U);
  const auto write = (*client)->Send({.method = "POST", .url = url, .body = "x"}, seconds{5});
  ASSERT_FALSE(write);
  EXPECT_EQ(write.error().error.reason, "PROTOCOL_ERROR");
  EXPECT_TRUE(write.error().maybe_sent);
}

TEST(HttpClientPeerTest, RefusesBytesThatAreNoHttp) {
  const SystemClock clock;
  RawListener peer{[](RawListener::Peer& socket) {
    socket.HearUntil("\r\n\r\n");
    socket.Say("SSH-2.0-OpenSSH\r\n\r\n");
  }};
  auto client = Client::Make({.allowed = {"127.0.0.1:" + std::to_string(peer.port())}}, clock);
  ASSERT_TRUE(client);
  const auto answer =
      (*client)->Send({.url = "http://127.0.0.1:" + std::to_string(peer.port()) + "/"}, seconds{5});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.reason, "PROTOCOL_ERROR");
}

}  // namespace
}  // namespace sauda::http
