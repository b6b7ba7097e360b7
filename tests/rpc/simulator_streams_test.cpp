#include "simulator/src/stream_faults.hpp"
#include "tests/support/simulator.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {
namespace {

using com::upstox::marketdatafeederv3udapi::rpc::proto::FeedResponse;
using nlohmann::json;

constexpr const char* kAuthorize = "/v3/feed/market-data-feed/authorize";
constexpr const char* kDirect = "/v3/feed/market-data-feed";

class SimulatorFeed : public SimulatorTest {
 protected:
  void SetUp() override {
    SimulatorTest::SetUp();
    LogIn();
  }

  static FeedResponse Parse(const std::string& bytes) {
    FeedResponse response;
    EXPECT_FALSE(bytes.empty()) << "no message came";
    EXPECT_TRUE(response.ParseFromString(bytes));
    return response;
  }
  static void Subscribe(http::WebSocket& socket, const char* method = "sub",
                        const char* mode = "full") {
    const json request = {{"guid", "g"},
                          {"method", method},
                          {"data", {{"mode", mode}, {"instrumentKeys", {kReliance}}}}};
    EXPECT_EQ(socket.Send(request.dump(), http::FrameKind::kBinary), http::Offer::kTaken);
  }
  json Sessions() { return Admin("GET", "/status").json["data"]["feed_sessions"]; }
};

TEST_F(SimulatorFeed, AuthorizedAddressOpensOnce) {
  const std::string address = AuthorizedAddress(kAuthorize);
  Inbox inbox;
  const auto socket = Open(address, inbox);
  ASSERT_TRUE(socket) << socket.error().error.message;
  const FeedResponse info = Parse(inbox.Next());
  EXPECT_EQ(info.type(), FeedResponse::default_instance().type() + 2);  // market_info
  EXPECT_EQ(info.marketinfo().segmentstatus_size(), 11);
  Subscribe(**socket);
  const FeedResponse snapshot = Parse(inbox.Next());
  EXPECT_EQ(snapshot.type(), 0);
  EXPECT_TRUE(snapshot.feeds().contains(kReliance));
  const FeedResponse live = Parse(inbox.Next());
  EXPECT_EQ(live.type(), 1);
  EXPECT_GT(live.currentts(), 0);

  Inbox second;
  const auto again = Open(address, second);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().answer.status, 403);
}

TEST_F(SimulatorFeed, DirectUpgradeIsRedirected) {
  Inbox inbox;
  const auto socket = Open(Wss(kDirect), inbox);
  ASSERT_TRUE(socket) << socket.error().error.message;
  EXPECT_EQ(Parse(inbox.Next()).marketinfo().segmentstatus_size(), 11);
}

TEST_F(SimulatorFeed, BadTokenAndUnknownCodeAreRefused) {
  token_ = "bad";
  Inbox inbox;
  const auto direct = Open(Wss(kDirect), inbox);
  ASSERT_FALSE(direct);
  EXPECT_EQ(direct.error().answer.status, 401);
  const auto stale = Open(Wss("/market-data-feeder/v3/upstox-developer-api/feeds?code=x"), inbox);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().answer.status, 403);
}

TEST_F(SimulatorFeed, ThirdConnectionIsRefusedAndAnEndedOneMakesRoom) {
  Inbox inboxes[3];
  auto first = Open(AuthorizedAddress(kAuthorize), inboxes[0]);
  const auto second = Open(AuthorizedAddress(kAuthorize), inboxes[1]);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  const auto third = Open(AuthorizedAddress(kAuthorize), inboxes[2]);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().answer.status, 403);
  (*first)->Close(1000, "");
  EXPECT_TRUE(Eventually([this] { return Sessions().size() == 1; }));
  EXPECT_TRUE(Open(AuthorizedAddress(kAuthorize), inboxes[2]));
}

TEST_F(SimulatorFeed, UnsubscribedKeysFallSilentAndStatusCounts) {
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  Subscribe(**socket, "sub", "ltpc");
  Subscribe(**socket, "change_mode", "full");
  EXPECT_TRUE(Eventually([this] { return Sessions()[0]["subscribed"]["full"] == 1; }));
  Subscribe(**socket, "unsub");
  EXPECT_TRUE(Eventually([this] { return Sessions()[0]["subscribed"]["full"] == 0; }));
  EXPECT_GE(Sessions()[0]["initial"], 1);
  EXPECT_EQ((*socket)->Send(std::string{"no JSON"}, http::FrameKind::kBinary), http::Offer::kTaken);
  EXPECT_TRUE(Eventually([this] { return Sessions()[0]["refused"]["frames_malformed"] == 1; }));
}

TEST_F(SimulatorFeed, DropEndsTheConnectionWithoutACloseFrame) {
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  inbox.Next();
  Fault({{"target", "feed"}, {"kind", "drop"}});
  EXPECT_EQ(inbox.Closed(), 1006);
  EXPECT_TRUE(Admin("GET", "/faults").json["data"].empty());
}

TEST_F(SimulatorFeed, StallSilencesAndClearingBringsBack) {
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  inbox.Next();  // market_info: the session is there, and the fault finds it
  Fault({{"target", "feed"}, {"kind", "stall"}});
  Subscribe(**socket);
  EXPECT_TRUE(Eventually([this] { return Sessions()[0]["skipped"] > 2; }));
  EXPECT_EQ(inbox.waiting(), 0U);
  EXPECT_EQ(Admin("DELETE", "/faults").json["data"]["cleared"], 1);
  EXPECT_TRUE(Parse(inbox.Next()).feeds().contains(kReliance));
}

TEST_F(SimulatorFeed, RecordTellsWhatBecameOfEachNumberedUpdate) {
  Config config;
  config.numbered = true;
  config.record = folder_ + "/record";
  Start(config);
  LogIn();
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  inbox.Next();
  Subscribe(**socket);
  ASSERT_TRUE(Parse(inbox.Next()).feeds().contains(kReliance)) << "the snapshot";
  std::vector<std::int64_t> received;
  for (int i = 0; i < 3; ++i) {
    const FeedResponse live = Parse(inbox.Next());
    received.push_back(live.feeds().at(kReliance).fullfeed().marketff().ltpc().ltq());
  }
  Fault({{"target", "feed"}, {"kind", "stall"}});
  EXPECT_TRUE(Eventually([this] { return Sessions()[0]["skipped"] > 2; }));
  (*socket)->Drop();
  EXPECT_TRUE(Eventually([&] {
    std::ifstream record{config.record};
    const std::string text{std::istreambuf_iterator<char>{record}, {}};
    return text.find("away") != std::string::npos;
  }));
  app_.reset();

  std::ifstream record{config.record};
  std::int64_t sent_ns = 0;
  std::int64_t number = 0;
  std::int64_t last = 0;
  std::uint64_t session = 0;
  std::string what;
  std::string key;
  std::map<std::string, std::vector<std::int64_t>> told;
  while (record >> sent_ns >> session >> what >> key >> number) {
    EXPECT_EQ(key, kReliance);
    EXPECT_EQ(session == 0, what == "away") << what;
    if (what != "snapshot") {
      EXPECT_EQ(number, ++last) << "none is left out";
    }
    told[what].push_back(number);
  }
  EXPECT_EQ(told["snapshot"].size(), 1U);
  ASSERT_GE(told["live"].size(), 3U);
  told["live"].resize(3);
  EXPECT_EQ(told["live"], received);
  EXPECT_GT(told["skipped"].size(), 2U);
  EXPECT_FALSE(told["away"].empty());
}

TEST_F(SimulatorFeed, HalfOpenAnswersNoPing) {
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  inbox.Next();
  (*socket)->Ping("1");
  EXPECT_TRUE(Eventually([&] { return inbox.pongs() == 1; }));
  Fault({{"target", "feed"}, {"kind", "half-open"}});
  (*socket)->Ping("2");
  EXPECT_FALSE(Eventually([&] { return inbox.pongs() == 2; }, std::chrono::milliseconds{300}));
  Admin("DELETE", "/faults");
  EXPECT_TRUE(Eventually([&] { return inbox.pongs() == 2; }));
}

TEST_F(SimulatorFeed, GarbageAndTruncatedFramesAreNoMessages) {
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  const std::string info = inbox.Next();
  FeedResponse response;
  Fault({{"target", "feed"}, {"kind", "garbage"}});
  EXPECT_FALSE(response.ParseFromString(inbox.Next()));
  Fault({{"target", "feed"}, {"kind", "truncated"}});
  EXPECT_EQ(inbox.Next(), info.substr(0, info.size() / 2));
}

TEST_F(SimulatorFeed, AUsedCodeIsRefusedAndTheNextOneTaken) {
  Fault({{"target", "feed"}, {"kind", "used-code"}});
  Inbox inbox;
  const auto refused = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().answer.status, 403);
  EXPECT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
}

TEST_F(SimulatorFeed, StallSilencesANewSessionToo) {
  Fault({{"target", "feed"}, {"kind", "stall"}});
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  Subscribe(**socket);
  EXPECT_TRUE(Eventually([this] { return Sessions()[0]["skipped"] > 2; }));
  EXPECT_EQ(inbox.waiting(), 0U);
  Admin("DELETE", "/faults");
  EXPECT_TRUE(Parse(inbox.Next()).feeds().contains(kReliance));
}

TEST_F(SimulatorFeed, BrokenFramesWaitForASessionAndComeAsOftenAsAsked) {
  Fault({{"target", "feed"}, {"kind", "garbage"}, {"count", 3}});
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  EXPECT_EQ(Parse(inbox.Next()).marketinfo().segmentstatus_size(), 11);
  FeedResponse response;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(response.ParseFromString(inbox.Next())) << i;
  EXPECT_TRUE(Admin("GET", "/faults").json["data"].empty());
}

TEST_F(SimulatorFeed, BrokenFramesOfADurationAreSpacedByTime) {
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  inbox.Next();
  const auto began = std::chrono::steady_clock::now();
  Fault({{"target", "feed"}, {"kind", "truncated"}, {"duration_ms", 450}});
  EXPECT_TRUE(Eventually([this] { return Admin("GET", "/faults").json["data"].empty(); }));
  const auto steps = (std::chrono::steady_clock::now() - began) / StreamFaults::kStep;
  EXPECT_GE(inbox.waiting(), 2U);
  EXPECT_LE(inbox.waiting(), static_cast<std::size_t>(steps) + 1);
}

TEST_F(SimulatorFeed, AuthorizeAndHandshakeTakeHttpFaults) {
  Fault({{"target", "feed"}, {"kind", "status"}, {"status", 403}});
  EXPECT_EQ(Get(kAuthorize).status, 403);
  const std::string address = AuthorizedAddress(kAuthorize);
  Fault({{"target", "feed"}, {"kind", "status"}, {"status", 401}});
  Inbox inbox;
  const auto socket = Open(address, inbox);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().answer.status, 401);
}

TEST_F(SimulatorFeed, ServerPingsWhenNothingMoves) {
  Config config;
  config.idle_limit = std::chrono::milliseconds{1'000};
  Start(config);
  Inbox inbox;
  ASSERT_TRUE(Open(AuthorizedAddress(kAuthorize), inbox));
  EXPECT_TRUE(Eventually([&] { return inbox.pings() > 1; }));
}

}  // namespace
}  // namespace sauda::sim
