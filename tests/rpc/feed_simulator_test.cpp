// The feed's connections against the simulator's: what one socket that never changes gets, the pool
// publishes, whatever moves meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/market_clock.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_feed.hpp"
#include "services/feed/src/connector.hpp"
#include "services/feed/src/ingest.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/simulator.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

/// Everything that a tick says, but for where it came from.
bool SameTick(const Tick& one, const Tick& other) {
  return one.mode == other.mode && one.last == other.last && one.depth == other.depth &&
         one.greeks == other.greeks && one.bars == other.bars && one.totals == other.totals &&
         one.auction == other.auction;
}

/// Keeps each key's ticks. Thread-safe.
class TickKeeper final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    const std::lock_guard lock{mutex_};
    ticks_[tick.listing->key].push_back(tick);
    return {.instrument = id, .seq = tick.seq};
  }
  Update AsSnapshot(const Update& update) const override { return update; }
  std::vector<Tick> Of(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return ticks_[key];
  }

 private:
  std::mutex mutex_;  // guards ticks_
  std::map<std::string, std::vector<Tick>> ticks_;
};

struct NoJournal final : FrameJournal {
  bool WantsState(std::int64_t) const override { return false; }
  void PushState(const LatestTicks&) override {}
  void PushFrame(const JournaledFrame&) override {}
  void SetOpenGap(std::uint32_t, std::optional<std::int64_t>) override {}
  void PushGap(const Gap&) override {}
};

/// From a frame to its ticks.
struct Pipeline final : BrokerFeedEvents {
  explicit Pipeline(const Listings& listings)
      : ingest{decoder,
               ticks,
               listings,
               hand_over,
               journal,
               {.publish = [](std::span<const Update>) { return true; },
                .on_broker_time = [](const Ingest::Times&) {},
                .on_market_status = [](const SegmentStatus&) {},
                .on_bad_frame = [](const Error&, std::size_t) {}}} {}
  void OnFrame(const BrokerFrame& frame) override { ingest.OnFrame(frame); }
  void OnClosed(std::string) override {}

  UpstoxDecoder decoder;
  TickKeeper ticks;
  HandOver hand_over;
  NoJournal journal;
  Ingest ingest;
};

class FeedOnSimulatorTest : public sim::SimulatorTest {
 protected:
  static constexpr const char* kOption = "NSE_FO|46913";

  void SetUp() override {
    Start({.rate = 100, .plus_plan = true});
    LogIn();
    for (const char* key : {kReliance, kOption}) {
      ids_.push_back(listings_.Add({.key = key}));
      listings_.counts(ids_.back()).wanted = true;
    }
    reference_ = NewSocket();
    for (int i = 0; i < 2; ++i) sockets_.push_back(NewSocket());
    connector_ =
        std::make_unique<Connector>(Pool::Brokers{*sockets_[0], *sockets_[1]}, listings_,
                                    pool_.hand_over, clock_, Connector::Options{}, Events());
    ASSERT_FALSE(reference_->Open(NewToken(), expected_).failure);
    ASSERT_TRUE(reference_->Send({.mode = Mode::kFull, .keys = {kReliance, kOption}}));
    ASSERT_TRUE(Eventually([&] { return !expected_.ticks.Of(kOption).empty(); }));
    connector_->SetToken(NewToken(), "");
    ASSERT_TRUE(connector_->Want(ids_, Mode::kFull, false));
    connector_->Start(true);
    ExpectTicks();
  }
  void TearDown() override {
    connector_.reset();
    sockets_.clear();
    reference_.reset();
    SimulatorTest::TearDown();
  }

  BrokerToken NewToken() { return {.text = Secret{token_}, .version = ++version_}; }
  std::size_t Sessions() { return Admin("GET", "/status").json["data"]["feed_sessions"].size(); }
  /// Many more of each key.
  void ExpectTicks() {
    for (const char* key : {kReliance, kOption}) {
      const std::size_t before = pool_.ticks.Of(key).size();
      EXPECT_TRUE(Eventually([&] { return pool_.ticks.Of(key).size() >= before + 30; })) << key;
    }
  }
  /// The pool's ticks are the reference's without a hole, from where the pool began.
  void ExpectAllThatTheReferenceGot(const std::string& key) {
    const auto got = pool_.ticks.Of(key);
    const auto reference = [&] { return expected_.ticks.Of(key); };
    ASSERT_TRUE(Eventually([&] {  // it may be a moment behind
      const auto all = reference();
      return std::any_of(all.rbegin(), all.rend(),
                         [&](const Tick& tick) { return SameTick(tick, got.back()); });
    }));
    const auto expected = reference();
    const auto found =
        std::search(expected.begin(), expected.end(), got.begin(), got.end(), SameTick);
    EXPECT_NE(found, expected.end()) << key << ": " << got.size() << " ticks";
  }

  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kBroker};
  Listings listings_;
  std::vector<InstrumentId> ids_;
  std::uint64_t version_ = 0;
  Pipeline expected_{listings_};
  Pipeline pool_{listings_};
  std::vector<Gap> gaps_;  // once the connector has stopped
  std::unique_ptr<UpstoxFeed> reference_;
  std::vector<std::unique_ptr<UpstoxFeed>> sockets_;
  std::unique_ptr<Connector> connector_;

 private:
  std::unique_ptr<UpstoxFeed> NewSocket() {
    return std::make_unique<UpstoxFeed>(
        UpstoxFeed::Options{.url = app_->url(), .ca_file = folder_ + "/state/ca.pem"}, market_,
        clock_);
  }
  Connector::Events Events() {
    return {.on_frame = [this](const BrokerFrame& frame) { pool_.ingest.OnFrame(frame); },
            .on_wanted = [](std::size_t) {},
            .on_open = [](bool) {},
            .on_state = [](ConnectionState) {},
            .on_gap = [this](const Gap& gap) { gaps_.push_back(gap); },
            .on_attempt_failed = [](const Error&) {},
            .on_alert = [](bool) {},
            .on_token_refused = [](std::uint64_t) {},
            .on_lost = [](const std::string&) {}};
  }
};

TEST_F(FeedOnSimulatorTest, ANewTokenLosesAndDoublesNoTick) {
  for (std::uint64_t connects = 2; connects <= 6; ++connects) {
    connector_->SetToken(NewToken(), "");
    ASSERT_TRUE(Eventually([&] { return connector_->Status().connects == connects; }));
    ASSERT_TRUE(Eventually([&] { return Sessions() == 2; })) << "the reference's and one";
    ExpectTicks();
  }
  connector_->Stop();
  ExpectAllThatTheReferenceGot(kReliance);
  ExpectAllThatTheReferenceGot(kOption);
  EXPECT_THAT(gaps_, IsEmpty());
}

}  // namespace
}  // namespace sauda::feed
