#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <gtest/gtest.h>

#include "libs/http/server.hpp"
#include "libs/http/web_socket_client.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TestCertificates& Certificates() {
  static const TestCertificates made = TestCertificates::Make();
  return made;
}

/// What one side of a WebSocket has heard.
struct Heard {
  WebSocketEvents Events() {
    WebSocketEvents events;
    events.on_open = [this] { ++opens; };
    events.on_message = [this](std::string_view bytes, FrameKind kind) {
      const std::lock_guard lock{mutex};
      total += bytes.size();
      messages.emplace_back((kind == FrameKind::kBinary ? "b:" : "t:") +
                            std::string{bytes.substr(0, 100)});
    };
    events.on_ping = [this](std::string_view) { ++pings; };
    events.on_pong = [this](std::string_view) { ++pongs; };
    events.on_drained = [this] { ++drains; };
    events.on_closed = [this](std::uint16_t closing_code, std::string_view why) {
      const std::lock_guard lock{mutex};
      reason = why;
      code = closing_code;
      ++closes;
    };
    return events;
  }
  std::size_t Count() {
    const std::lock_guard lock{mutex};
    return messages.size();
  }
  std::mutex mutex;
  std::deque<std::string> messages;  // guarded by mutex
  std::size_t total = 0;             // guarded by mutex
  std::string reason;                // guarded by mutex
  std::atomic<int> opens{0}, pings{0}, pongs{0}, drains{0}, closes{0}, code{0};
};

class WebSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.RouteWebSocket("/feed", [this](const Request& request, const auto& upgrade) {
      if (request.query.contains("refuse")) {
        return upgrade->Refuse(Response::Text(401, "no token"));
      }
      if (request.query.contains("redirect")) {
        return upgrade->Refuse(Response::Redirect(Url("/feed?code=1")));
      }
      const std::lock_guard lock{mutex_};
      if (request.query.contains("keep")) kept_ = upgrade;
      asked_ = request;
      side_ = upgrade->Accept({{"X-Market", "1"}}, server_side_, there_.Events());
    });
    ASSERT_TRUE(server_.Start());
    auto made = WebSocketClient::Make({.ca = {.pem = Certificates().ca_pem},
                                       .allowed = {"127.0.0.1:" + std::to_string(server_.port())},
                                       .connect_deadline = seconds{5},
                                       .follow_redirect = true});
    ASSERT_TRUE(made);
    client_ = std::move(*made);
  }
  void TearDown() override {
    client_.reset();
    server_.Stop(seconds{2});
  }
  std::string Url(const std::string& target) const {
    return "wss://127.0.0.1:" + std::to_string(server_.port()) + target;
  }
  void Open(const std::string& target = "/feed") {
    auto opened = client_->Open(
        Url(target), {{"Authorization", "Bearer x"}}, client_side_, here_.Events(),
        [this](const Headers& headers, const auto&) { market_ = headers.Get("X-Market"); });
    ASSERT_TRUE(opened) << opened.error().error.message;
    socket_ = *opened;
    ASSERT_TRUE(Eventually([this] { return there_.opens == 1; }));
  }
  WebSocket& side() {
    const std::lock_guard lock{mutex_};
    return *side_;
  }

  Heard here_;
  Heard there_;
  WebSocketOptions server_side_{.max_message_bytes = 10'000,
                                .max_buffered_bytes = 100'000,
                                .deflate = true,
                                .send_buffer_bytes = 16'384};
  WebSocketOptions client_side_{.deflate = true};
  std::string market_;
  std::mutex mutex_;
  Request asked_;                    // guarded by mutex_
  std::shared_ptr<WebSocket> side_;  // guarded by mutex_
  std::shared_ptr<Upgrade> kept_;    // guarded by mutex_
  Server server_{{.tls = ServerTls{.certificate_pem = Certificates().certificate_pem,
                                   .key_pem = Certificates().key_pem}}};
  std::unique_ptr<WebSocketClient> client_;
  std::shared_ptr<WebSocket> socket_;
};

TEST_F(WebSocketTest, CarriesFramesBothWaysWithHeaders) {
  Open();
  EXPECT_EQ(market_, "1");
  EXPECT_EQ(asked_.headers.Get("authorization"), "Bearer x");
  EXPECT_EQ(socket_->Send("{\"method\":\"sub\"}", FrameKind::kBinary), Offer::kTaken);
  EXPECT_EQ(side().Send("text back", FrameKind::kText), Offer::kTaken);
  ASSERT_TRUE(Eventually([this] { return there_.Count() == 1 && here_.Count() == 1; }));
  EXPECT_EQ(there_.messages.front(), "b:{\"method\":\"sub\"}");
  EXPECT_EQ(here_.messages.front(), "t:text back");
}

TEST_F(WebSocketTest, PingsAreAnsweredAndSeen) {
  Open();
  socket_->Ping("a");
  side().Ping("b");
  EXPECT_TRUE(Eventually([this] {
    return there_.pings == 1 && here_.pings == 1 && here_.pongs == 1 && there_.pongs == 1;
  }));
}

TEST_F(WebSocketTest, BothSidesHearTheCloseCode) {
  Open();
  side().Send("last words", FrameKind::kText);
  side().Close(4001, "token expired");
  ASSERT_TRUE(Eventually([this] { return here_.closes == 1 && there_.closes == 1; }));
  EXPECT_EQ(here_.Count(), 1U);
  EXPECT_EQ(here_.code, 4001);
  EXPECT_EQ(here_.reason, "token expired");
  EXPECT_EQ(socket_->Send("late", FrameKind::kText), Offer::kGone);
}

TEST_F(WebSocketTest, AClientDoesNotWaitForTheEndOfAClosingHandshake) {
  Open();
  side().Stall(true);  // never answers
  socket_->Close(1000, "done");
  const auto began = std::chrono::steady_clock::now();
  client_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, client_side_.handshake_deadline / 2);
  EXPECT_EQ(here_.closes, 1);
  side().Drop();
}

TEST_F(WebSocketTest, ADroppedConnectionIs1006) {
  Open();
  side().Drop();
  ASSERT_TRUE(Eventually([this] { return here_.closes == 1; }));
  EXPECT_EQ(here_.code, 1006);
}

TEST_F(WebSocketTest, AMessageOverTheLimitClosesWith1009) {
  Open();
  socket_->Send(std::string(10'000, 'x'), FrameKind::kText);
  ASSERT_TRUE(Eventually([this] { return there_.Count() == 1; }));
  socket_->Send(std::string(10'001, 'x'), FrameKind::kText);
  ASSERT_TRUE(Eventually([this] { return there_.closes == 1 && here_.closes == 1; }));
  EXPECT_EQ(here_.code, 1009);
}

TEST_F(WebSocketTest, GarbagePastTheFramingEndsTheConnection) {
  Open();
  side().SendRaw("\xff\xff this is no frame");
  ASSERT_TRUE(Eventually([this] { return here_.closes == 1; }));
}

TEST_F(WebSocketTest, ASlowPeerIsPacedByTheSocket) {
  server_side_.deflate = false;
  Open();
  socket_->Stall(true);
  const auto frame = std::make_shared<const std::string>(9'000, 'f');
  std::size_t sent = 0;
  ASSERT_TRUE(Eventually([&] {
    if (side().Send(frame, FrameKind::kBinary) == Offer::kFull) return true;
    ++sent;
    return false;
  }));
  EXPECT_FALSE(side().CanWrite());
  EXPECT_EQ(there_.drains, 0);
  socket_->Stall(false);
  ASSERT_TRUE(Eventually([this] { return there_.drains == 1; }));
  EXPECT_TRUE(Eventually([&] { return here_.Count() == sent; }));
  EXPECT_EQ(here_.total, sent * frame->size());
}

TEST_F(WebSocketTest, AHalfOpenPeerIsNoticedByItsMissingPong) {
  client_side_.ping_every = milliseconds{100};
  client_side_.pong_limit = milliseconds{200};
  Open();
  ASSERT_TRUE(Eventually([this] { return here_.pongs >= 2; }));
  EXPECT_EQ(here_.closes, 0);
  side().Stall(true);
  ASSERT_TRUE(Eventually([this] { return here_.closes == 1; }));
  EXPECT_EQ(here_.reason, "no pong in time");
}

TEST_F(WebSocketTest, APeerThatDiesAfterItsPongIsNoticedAtTheNextPing) {
  client_side_.ping_every = seconds{1};
  client_side_.pong_limit = seconds{1};
  Open();
  ASSERT_TRUE(Eventually([this] { return here_.pongs == 1; }));
  side().Stall(true);
  const auto died = std::chrono::steady_clock::now();
  ASSERT_TRUE(Eventually([this] { return here_.closes == 1; }));
  const auto took = std::chrono::steady_clock::now() - died;
  EXPECT_LT(took, milliseconds{2'700}) << "two seconds, and not a pong's limit more";
}

TEST_F(WebSocketTest, AStalledSideNeitherPingsNorClosesHoweverIdle) {
  server_side_.idle_limit = seconds{1};
  Open();
  ASSERT_TRUE(Eventually([this] { return here_.pings >= 1; }));
  side().Stall(true);
  // A ping may have been on its way.
  const int before = here_.pings + 1;
  EXPECT_FALSE(Eventually([&] { return here_.pings > before || here_.closes + there_.closes > 0; },
                          seconds{3}));
  side().Stall(false);
  const int stalled = here_.pings;
  EXPECT_TRUE(Eventually([&] { return here_.pings > stalled + 1; }));
  socket_->Stall(true);
  EXPECT_TRUE(Eventually([this] { return there_.closes == 1; })) << "the limit holds again";
}

TEST_F(WebSocketTest, ARefusedUpgradeSaysWhy) {
  const auto refused = client_->Open(Url("/feed?refuse"), {}, {}, here_.Events());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.reason, "UPGRADE_REFUSED");
  EXPECT_EQ(refused.error().answer.status, 401);
  EXPECT_EQ(refused.error().answer.body, "no token");
  EXPECT_EQ(here_.opens, 0);
  EXPECT_EQ(here_.closes, 0);
}

TEST_F(WebSocketTest, FollowsOneRedirectWithoutTheToken) {
  Open("/feed?redirect");
  EXPECT_EQ(asked_.target, "/feed?code=1");
  EXPECT_FALSE(asked_.headers.Has("Authorization"));
}

TEST_F(WebSocketTest, OpensNothingThatIsNotAllowedOrTrusted) {
  EXPECT_EQ(client_->Open("wss://127.0.0.1:1/", {}, {}, {}).error().error.reason, "EGRESS_REFUSED");
  auto stranger =
      WebSocketClient::Make({.ca = {.pem = TestCertificates::Make().ca_pem},
                             .allowed = {"127.0.0.1:" + std::to_string(server_.port())}});
  ASSERT_TRUE(stranger);
  EXPECT_EQ((*stranger)->Open(Url("/feed"), {}, {}, {}).error().error.reason, "TLS_FAILED");
}

TEST_F(WebSocketTest, GivesUpOnAnUpgradeThatIsNotAnswered) {
  std::shared_ptr<Upgrade> kept;
  Server silent{{}};
  silent.RouteWebSocket("/", [&](const Request&, const auto& upgrade) { kept = upgrade; });
  ASSERT_TRUE(silent.Start());
  const std::string port = std::to_string(silent.port());
  auto client = WebSocketClient::Make(
      {.allowed = {"127.0.0.1:" + port}, .connect_deadline = milliseconds{200}});
  ASSERT_TRUE(client);
  const auto opened = (*client)->Open("ws://127.0.0.1:" + port + "/", {}, {}, here_.Events());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error.reason, "TIMEOUT");
  EXPECT_EQ(here_.closes, 0);
  kept.reset();
  silent.Stop();
}

TEST_F(WebSocketTest, StoppingTheServerClosesWith1001) {
  Open();
  server_.Stop(seconds{5});
  ASSERT_TRUE(Eventually([this] { return here_.closes == 1; }));
  EXPECT_EQ(here_.code, 1001);
}

// A session lives on for a moment after it has given its connection away, and here for longer.
TEST_F(WebSocketTest, StoppingFindsASessionWithoutItsConnection) {
  Open("/feed?keep");
  server_.Stop(milliseconds{100});
  EXPECT_TRUE(Eventually([this] { return here_.closes == 1; }));
}

}  // namespace
}  // namespace sauda::http
