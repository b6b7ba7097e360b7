#include "tests/support/simulator.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

constexpr const char* kAuthorize = "/v3/feed/market-data-feed/authorize";

class SimulatorRecording : public SimulatorTest {
 protected:
  /// A recording of one key: `count` trades, ten milliseconds apart, each of one rupee more.
  Config Recording(int count) {
    json elements = json::array();
    for (int i = 0; i < count; ++i) {
      const int ms = i * 10;
      const std::string time = "2025-12-15 09:" + std::to_string(30 + ms / 60'000) + ":" +
                               Padded(ms / 1'000 % 60, 2) + "." + Padded(ms % 1'000 * 1'000, 6);
      const json ltpc = {{"ltp", 100 + i},
                         {"ltt", std::to_string(1'765'771'200'000 + ms)},
                         {"ltq", "1"},
                         {"cp", 99.5}};
      elements.push_back({{"fullFeed", {{"marketFF", {{"ltpc", ltpc}, {"atp", 100.0}}}}},
                          {"requestMode", "full_d5"},
                          {"instrumentKey", kReliance},
                          {"_insertion_time", time}});
    }
    std::ofstream{folder_ + "/capture.json"} << elements.dump();
    Config config;
    config.market = "replay";
    config.captures = {folder_ + "/capture.json"};
    config.speed = "max";
    return config;
  }
  static std::string Padded(int number, std::size_t digits) {
    std::string text = std::to_string(number);
    text.insert(0, digits - text.size(), '0');
    return text;
  }
  void Subscribe(http::WebSocket& socket) {
    const json request = {{"guid", "g"},
                          {"method", "sub"},
                          {"data", {{"mode", "full"}, {"instrumentKeys", {kReliance}}}}};
    EXPECT_EQ(socket.Send(request.dump(), http::FrameKind::kBinary), http::Offer::kTaken);
  }
  json Status() { return Admin("GET", "/status").json["data"]; }
};

TEST_F(SimulatorRecording, WaitsForASlowReaderAndLosesNothing) {
  constexpr int kElements = 20'000;
  Start(Recording(kElements));
  LogIn();
  Inbox inbox;
  const auto socket = Open(AuthorizedAddress(kAuthorize), inbox);
  ASSERT_TRUE(socket);
  inbox.Next();
  Subscribe(**socket);
  inbox.Next();
  (*socket)->Stall(true);
  EXPECT_TRUE(Eventually([this] { return Status()["replay"]["served"] > 0; }));
  (*socket)->Stall(false);
  for (int i = 1; i < kElements; ++i) ASSERT_FALSE(inbox.Next().empty()) << i;
  EXPECT_EQ(Status()["feed_sessions"][0]["skipped"], 0);
  EXPECT_EQ(Status()["feed_sessions"][0]["live"], kElements);
}

TEST_F(SimulatorRecording, StartsByAdminWithoutSubscribers) {
  Start(Recording(20));
  EXPECT_EQ(Admin("POST", "/replay/start").status, 200);
  EXPECT_TRUE(Eventually([this] { return Status()["phase"] == "ended"; }));
  EXPECT_EQ(Admin("POST", "/replay/start").status, 409);
}

TEST_F(SimulatorRecording, SaysWhatIsWrongWithItsSettings) {
  const auto reason = [this](Config config) {
    config.state_dir = folder_ + "/state";
    config.listen = "127.0.0.1:0";
    config.metrics_listen.clear();
    const auto started = App{config}.Start();
    return started ? "" : started.error().reason;
  };
  Config none;
  none.market = "replay";
  EXPECT_EQ(reason(none), "SETTINGS_INVALID");
  Config gone = Recording(1);
  gone.instruments = folder_ + "/master.json";
  gone.captures = {folder_ + "/nothing.json"};
  EXPECT_EQ(reason(gone), "CAPTURE_UNREADABLE");
  Config no_master;
  no_master.instruments = folder_ + "/nothing.json";
  EXPECT_EQ(reason(no_master), "MASTER_UNREADABLE");
  Config too_fast;
  too_fast.speed = "max";
  EXPECT_EQ(reason(too_fast), "SETTINGS_INVALID");
  too_fast.speed = "1x";
  EXPECT_EQ(reason(too_fast), "SETTINGS_INVALID");
}

}  // namespace
}  // namespace sauda::sim
