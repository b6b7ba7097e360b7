#include <map>

#include "tests/support/simulator.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {
namespace {

using com::upstox::marketdatafeederv3udapi::rpc::proto::FeedResponse;
using nlohmann::json;

constexpr int kElements = 3'000;
constexpr const char* kFirst = "NSE_EQ|INE027H01010";
constexpr const char* kSecond = "NSE_FO|60166";

/// Two elements of the first key for one of the second, a microsecond apart; ltp counts them.
/// them.
std::string MadeCapture() {
  json elements = json::array();
  for (int i = 0; i < kElements; ++i) {
    const std::string ms = std::to_string(100'000 + i % 900'000);
    elements.push_back(
        {{"fullFeed", {{"marketFF", {{"ltpc", {{"ltp", i + 1}, {"ltt", "1765771370000"}}}}}}},
         {"requestMode", "full_d5"},
         {"instrumentKey", i % 3 == 2 ? kSecond : kFirst},
         {"_insertion_time", "2025-12-15 09:32:" + std::to_string(49 + i / 900) + "." + ms}});
  }
  return elements.dump();
}

class SimulatorReplay : public SimulatorTest {
 protected:
  void Replay(const std::string& speed) {
    Start({});  // makes the folder
    std::ofstream{folder_ + "/capture.json"} << MadeCapture();
    Config config;
    config.market = "replay";
    config.captures = {folder_ + "/capture.json"};
    config.speed = speed;
    config.count_by_key = true;
    Start(config);
    LogIn();
  }
  void SetUp() override {}

  static void Subscribe(http::WebSocket& socket, const std::vector<std::string>& keys) {
    const json request = {
        {"guid", "g"}, {"method", "sub"}, {"data", {{"mode", "full"}, {"instrumentKeys", keys}}}};
    EXPECT_EQ(socket.Send(request.dump(), http::FrameKind::kBinary), http::Offer::kTaken);
  }
  auto Connect(Inbox& inbox) {
    return Open(AuthorizedAddress("/v3/feed/market-data-feed/authorize"), inbox);
  }
  json Status() { return Admin("GET", "/status").json["data"]; }
};

TEST_F(SimulatorReplay, DeliversEveryElementOnceAndThenTellsTheEnd) {
  Replay("max");
  Inbox inbox;
  const auto socket = Connect(inbox);
  ASSERT_TRUE(socket) << socket.error().error.message;
  Subscribe(**socket, {kFirst});
  EXPECT_TRUE(
      Eventually([this] { return Status()["feed_sessions"][0]["subscribed"]["full"] == 1; }));
  EXPECT_EQ(Status()["phase"], "waiting") << "one key is not subscribed yet";
  Subscribe(**socket, {kSecond});

  std::map<double, int> seen;
  bool ended = false;
  int infos = 0;
  while (!ended) {
    const std::string bytes = inbox.Next();
    ASSERT_FALSE(bytes.empty()) << "after " << seen.size() << " elements";
    FeedResponse message;
    ASSERT_TRUE(message.ParseFromString(bytes));
    for (const auto& [key, feed] : message.feeds()) {
      EXPECT_EQ(message.type(), 1);
      ++seen[feed.fullfeed().marketff().ltpc().ltp()];
    }
    if (message.type() == 2) ended = ++infos == 2;
    if (ended) {
      EXPECT_EQ(message.marketinfo().segmentstatus().at("NSE_EQ"), 3) << "NORMAL_CLOSE";
    }
  }
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(kElements));
  for (const auto& [ltp, times] : seen) EXPECT_EQ(times, 1) << ltp;

  const json status = Status();
  EXPECT_EQ(status["phase"], "ended");
  EXPECT_EQ(status["replay"]["served"], kElements);
  EXPECT_EQ(status["feed_sessions"][0]["live_by_key"],
            (json{{kFirst, kElements / 3 * 2}, {kSecond, kElements / 3}}));
}

TEST_F(SimulatorReplay, GivesALateSubscriberWhatIsKnown) {
  Replay("max");
  EXPECT_EQ(Admin("POST", "/replay/start").status, 200);
  EXPECT_TRUE(Eventually([this] { return Status()["phase"] == "ended"; }));
  Inbox inbox;
  const auto socket = Connect(inbox);
  ASSERT_TRUE(socket);
  inbox.Next();  // market_info
  Subscribe(**socket, {kFirst, kSecond});
  FeedResponse snapshot;
  ASSERT_TRUE(snapshot.ParseFromString(inbox.Next()));
  EXPECT_EQ(snapshot.type(), 0);
  EXPECT_EQ(snapshot.feeds().at(kSecond).fullfeed().marketff().ltpc().ltp(), kElements);
  EXPECT_EQ(snapshot.feeds_size(), 2);
}

TEST_F(SimulatorReplay, KeepsTheClockOfTheRecording) {
  Replay("1");
  const SimAnswer answer = Get("/v2/user/profile");
  EXPECT_EQ(answer.headers.Get("X-Sauda-Market-Time"), "1765771370000")
      << "as far ahead of the recorder as the newest trade was";
  EXPECT_EQ(answer.headers.Get("X-Sauda-Market-Speed"), "0") << "waits for subscribers";
}

TEST_F(SimulatorReplay, RefusesABrokenCaptureAtTheStart) {
  Start({});
  std::ofstream{folder_ + "/capture.json"} << R"([{"ltpc":{"ltp":1}}])";
  Config config;
  config.listen = "127.0.0.1:0";
  config.state_dir = folder_ + "/state";
  config.market = "replay";
  config.captures = {folder_ + "/capture.json"};
  App app{config};
  const auto started = app.Start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("element 1: no instrumentKey"), std::string::npos)
      << started.error().message;
}

}  // namespace
}  // namespace sauda::sim
