// A journal of sauda-feed, served again by sauda-sim.
#include <array>
#include <map>

#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/writer.hpp"
#include "tests/support/simulator.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {
namespace {

namespace pb = com::upstox::marketdatafeederv3udapi::rpc::proto;
using nlohmann::json;

constexpr const char* kShare = "NSE_EQ|INE027H01010";
constexpr const char* kIndex = "NSE_INDEX|Nifty 50";
constexpr std::int64_t kFirstMs = 1'765'771'370'000;             // the broker's: 2025-12-15
constexpr std::int64_t kReceivedNs = 1'795'000'000'000'000'000;  // of the machine, a year later
constexpr std::int64_t kNsPerMs = 1'000'000;

pb::Feed Share(int i) {
  pb::Feed feed;
  feed.set_requestmode(pb::full_d5);
  pb::MarketFullFeed& full = *feed.mutable_fullfeed()->mutable_marketff();
  if (i % 4 != 3) {  // else a message of some parts only
    full.mutable_ltpc()->set_ltp(100.25 + i);
    full.mutable_ltpc()->set_ltt(kFirstMs + i);
    full.mutable_ltpc()->mutable_iep()->set_value(99.5);
  }
  for (std::int64_t level = 0; level < 5; ++level) {
    pb::Quote& quote = *full.mutable_marketlevel()->add_bidaskquote();
    quote.set_bidq(level * 10);
    quote.set_bidp(100.0 - static_cast<double>(level));
    quote.set_askq(level * 20);
    quote.set_askp(101.0 + static_cast<double>(level));
  }
  if (i % 2 == 0) {
    full.mutable_optiongreeks()->set_delta(0.5);
    full.mutable_optiongreeks()->set_rho(-16.25);
    pb::OHLC& bar = *full.mutable_marketohlc()->add_ohlc();
    bar.set_interval("1d");
    bar.set_open(99);
    bar.set_vol(1'000 + i);
    bar.set_ts(kFirstMs - 1'000);
  }
  full.set_vtt(1'000 + i);
  full.set_oi(7);
  full.set_iv(0.25);
  full.set_iep(1);
  full.set_iiqm(-5);
  full.set_caseligible(true);
  return feed;
}

pb::Feed Index(int i) {
  pb::Feed feed;
  feed.set_requestmode(pb::full_d5);
  feed.mutable_fullfeed()->mutable_indexff()->mutable_ltpc()->set_ltp(25'000.5 + i);
  return feed;
}

/// Writes journals, and serves them.
class SimulatorJournal : public SimulatorTest {
 protected:
  static constexpr int kFrames = 40;

  void SetUp() override { Start({}); }

  /// One run of `account`: kFrames frames in two segments.
  void Write(const std::string& account, const std::string& instance = "run1") {
    auto made = journal::Writer::Start({.root = Dir(), .instance = instance, .account = account},
                                       clock_, {});
    ASSERT_TRUE(made) << made.error().message;
    journal::Writer& writer = **made;
    for (int i = 0; i < kFrames; ++i) {
      if (i % (kFrames / 2) == 0) {
        // What a state says is not served: it repeats what came before. It waits for the one
        // before.
        ASSERT_TRUE(Eventually([&writer] {
          journal::Writer::State state{.received_ns = kReceivedNs, .simulated = true};
          state.records.push_back(
              {.received_ns = kReceivedNs, .payload = Payload(0, 9'000, {5, 6})});
          return writer.PushState(std::move(state)).has_value();
        }));
      }
      writer.Push({.received_ns = kReceivedNs + i * kNsPerMs,
                   .first_seq = static_cast<std::uint64_t>(2 * i + 1),
                   .ticks = 2,
                   .payload = Payload(i, i, {5, 6})});
      // The same keys over another connection, which does not speak for them.
      writer.Push({.received_ns = kReceivedNs + i * kNsPerMs,
                   .payload = Payload(i, i / 2, {journal::kUnwanted, journal::kUnwanted})});
    }
    writer.Push({.received_ns = kReceivedNs, .payload = "no frame of the broker's"});
    writer.Push({.kind = journal::Kind::kNotice,
                 .received_ns = kReceivedNs,
                 .payload = Encode(
                     journal::GapPayload{.from_ns = 1, .to_ns = 2, .cause = "CONNECTION_LOST"})});
    writer.Stop();
  }

  static std::string Payload(int i, int content, std::array<std::int64_t, 2> instruments) {
    pb::FeedResponse frame;
    frame.set_type(pb::live_feed);
    frame.set_currentts(kFirstMs + i * std::int64_t{1'000});
    (*frame.mutable_feeds())[kShare] = Share(content);
    (*frame.mutable_feeds())[kIndex] = Index(content);
    const std::string bytes = frame.SerializeAsString();
    return Encode(
        journal::FramePayload{.simulated = true, .instruments = instruments, .bytes = bytes});
  }

  std::string Dir() const { return folder_ + "/journal"; }
  std::string Segment(int number, const std::string& account = "main") const {
    return journal::AccountDirectory(Dir(), account) /
           journal::FileName({"run1", static_cast<std::uint64_t>(number)});
  }

  void Serve(const std::string& path) {
    Config config;
    config.market = "journal:" + path;
    config.speed = "max";
    Start(config);
    LogIn();
  }

  std::string RefusalOf(const std::string& path) {
    Config config;
    config.listen = "127.0.0.1:0";
    config.state_dir = folder_ + "/state";
    config.metrics_listen.clear();
    config.market = "journal:" + path;
    const auto started = App{config}.Start();
    return started ? "" : started.error().reason + ": " + started.error().message;
  }

  /// Every message of each key until the end of the recording, as the broker's bytes.
  std::map<std::string, std::vector<std::string>> Read() {
    std::map<std::string, std::vector<std::string>> read;
    Inbox inbox;
    const auto socket = Open(AuthorizedAddress("/v3/feed/market-data-feed/authorize"), inbox);
    EXPECT_TRUE(socket);
    if (!socket) return read;
    const json request = {{"guid", "g"},
                          {"method", "sub"},
                          {"data", {{"mode", "full"}, {"instrumentKeys", {kShare, kIndex}}}}};
    EXPECT_EQ((*socket)->Send(request.dump(), http::FrameKind::kBinary), http::Offer::kTaken);
    for (int infos = 0; infos < 2;) {
      pb::FeedResponse message;
      const std::string bytes = inbox.Next();
      EXPECT_FALSE(bytes.empty()) << "nothing came";
      if (bytes.empty() || !message.ParseFromString(bytes)) return read;
      if (message.type() == pb::market_info) ++infos;
      for (const auto& [key, feed] : message.feeds()) {
        read[key].push_back(feed.SerializeAsString());
      }
    }
    return read;
  }

  static std::map<std::string, std::vector<std::string>> Sent(int from = 0) {
    std::map<std::string, std::vector<std::string>> sent;
    for (int i = from; i < kFrames; ++i) {
      sent[kShare].push_back(Share(i).SerializeAsString());
      sent[kIndex].push_back(Index(i).SerializeAsString());
    }
    return sent;
  }
};

TEST_F(SimulatorJournal, GivesEveryFramesContentAgain) {
  Write("main");
  Serve(Dir());
  EXPECT_EQ(Read(), Sent());
}

TEST_F(SimulatorJournal, AnAccountsFolderAndOneFileAreJournalsToo) {
  Write("main");
  Write("other");
  Serve(Dir() + "/main");
  EXPECT_EQ(Read(), Sent());
  Serve(Segment(2));
  EXPECT_EQ(Read(), Sent(kFrames / 2));
}

TEST_F(SimulatorJournal, RunsFollowOneAnother) {
  Write("main", "run1");
  Write("main", "run2");
  Serve(Dir());
  const auto read = Read();
  ASSERT_EQ(read.at(kShare).size(), std::size_t{2} * kFrames);
  EXPECT_EQ(read.at(kShare).front(), read.at(kShare).at(kFrames));
}

TEST_F(SimulatorJournal, KeepsTheBrokersClock) {
  Write("main");
  Serve(Dir());
  EXPECT_EQ(Get("/v2/user/profile").headers.Get("X-Sauda-Market-Time"), std::to_string(kFirstMs));
}

TEST_F(SimulatorJournal, WhatFollowsDamageInASegmentIsLeftOut) {
  Write("main");
  std::fstream file{Segment(1), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(200);
  file.put('!');
  file.close();
  Serve(Dir());
  EXPECT_EQ(Read(), Sent(kFrames / 2));
}

TEST_F(SimulatorJournal, SaysWhatIsNoJournal) {
  const std::string empty = folder_ + "/empty";
  std::filesystem::create_directories(empty + "/main");
  EXPECT_EQ(RefusalOf(empty),
            "JOURNAL_NOT_FOUND: " + empty + " is neither a journal's folder nor a segment of one");
  EXPECT_EQ(RefusalOf("/nowhere").substr(0, 17), "JOURNAL_NOT_FOUND");
  EXPECT_EQ(RefusalOf(folder_ + "/master.json").substr(0, 13), "NOT_A_JOURNAL");
  Write("a");
  Write("b");
  const std::string two = RefusalOf(Dir());
  EXPECT_EQ(two.substr(0, 17), "JOURNAL_AMBIGUOUS");
  EXPECT_NE(two.find(Dir() + "/a, " + Dir() + "/b"), std::string::npos) << two;
}

}  // namespace
}  // namespace sauda::sim
