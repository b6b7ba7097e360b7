#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_feed.hpp"
#include "services/feed/src/connector.hpp"
#include "services/feed/src/ingest.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/sent_updates.hpp"
#include "tests/support/simulator.hpp"

namespace sauda::feed {

/// Writes down which updates were published of each key, and in which order. Thread-safe.
class PublishedUpdates final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    const std::lock_guard lock{mutex_};
    if (id >= updates_.size()) updates_.resize(id + 1U);
    updates_[id].push_back({.number = tick.last ? tick.last->quantity : 0,
                            .received_ns = tick.received_ns,
                            .mode = tick.mode,
                            .snapshot = tick.broker_snapshot});
    return {.instrument = id, .seq = tick.seq};
  }
  Update AsSnapshot(const Update& update) const override { return update; }
  std::vector<PublishedUpdate> Of(InstrumentId id) const {
    const std::lock_guard lock{mutex_};
    return id < updates_.size() ? updates_[id] : std::vector<PublishedUpdate>{};
  }
  /// Whether the newest one is in this mode.
  bool Is(InstrumentId id, Mode mode) const {
    const std::lock_guard lock{mutex_};
    return id < updates_.size() && !updates_[id].empty() && updates_[id].back().mode == mode;
  }

 private:
  mutable std::mutex mutex_;                           // guards updates_
  std::vector<std::vector<PublishedUpdate>> updates_;  // by InstrumentId
};

/// A connection of somebody else, which takes one of the broker's places.
class Bystander final : public BrokerFeedEvents {
 public:
  void OnFrame(const BrokerFrame&) override {}
  void OnClosed(std::string) override {}
};

/// The feed's connections, from the sockets to the encoder, on the simulator of this process, which
/// numbers the updates of each key and writes down to whom it has sent them.
class NumberedFeedTest : public sim::SimulatorTest {
 protected:
  struct Setting {
    std::size_t listed = 0;   ///< keys that the broker has
    double rate = 0;          ///< updates a second of all keys together
    bool plus_plan = false;   ///< five connections instead of two, and FULL_D30
    std::size_t sockets = 2;  ///< that the feed may use
    SubscriptionBook::Pace pace;
  };

  void SetUp() override {}
  void TearDown() override {
    connector_.reset();
    brokers_.clear();
    SimulatorTest::TearDown();
    std::filesystem::remove_all(record_folder_);
  }

  std::vector<sim::Listing> Listed() const override { return sim::ManyShares(listed_); }
  static std::string KeyOf(std::size_t number) { return sim::ShareKey(number); }

  /// The simulator and a connector that has a token and wants nothing yet.
  void Begin(const Setting& setting) {
    listed_ = setting.listed;
    std::string name = std::filesystem::temp_directory_path() / "sauda-sent-XXXXXX";
    record_folder_ = mkdtemp(name.data());
    Start({.numbered = true,
           .record = record_folder_ + "/record",
           .rate = setting.rate,
           .plus_plan = setting.plus_plan});
    Pool::Brokers brokers;
    for (std::size_t i = 0; i < setting.sockets; ++i) {
      brokers_.push_back(NewSocket());
      brokers.emplace_back(*brokers_.back());
    }
    connector_ = std::make_unique<Connector>(brokers, listings_, hand_over_, clock_,
                                             Connector::Options{.pace = setting.pace}, Events());
    GiveNewToken();
    connector_->Start(true);
  }
  /// Wants keys that were not wanted before, and gives them.
  std::vector<InstrumentId> Add(std::size_t keys, Mode mode) {
    std::vector<InstrumentId> ids;
    for (std::size_t i = 0; i < keys; ++i) {
      ids.push_back(listings_.Add({.key = KeyOf(ids_.size() + i)}));
    }
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    Want(ids, mode);
    return ids;
  }
  void Want(std::span<const InstrumentId> ids, Mode mode) {
    const auto wanted = connector_->Want(ids, mode, false);
    EXPECT_TRUE(wanted) << wanted.error().message;
  }
  /// A login, and the feed is told.
  void GiveNewToken() {
    LogIn();
    connector_->SetToken(BrokerToken{.text = Secret{token_}, .version = ++token_version_}, "");
  }
  std::unique_ptr<UpstoxFeed> NewSocket() {
    return std::make_unique<UpstoxFeed>(
        UpstoxFeed::Options{.url = app_->url(), .ca_file = folder_ + "/state/ca.pem"}, market_,
        clock_);
  }
  /// Takes one of the broker's connections away.
  void OpenBystander() {
    auto socket = NewSocket();
    const auto opened = socket->Open({.text = Secret{token_}, .version = 1}, bystander_);
    ASSERT_FALSE(opened.failure) << opened.failure->message;
    brokers_.push_back(std::move(socket));
  }

  std::size_t Sessions() { return Admin("GET", "/status").json["data"]["feed_sessions"].size(); }
  bool OwnedBy(std::span<const InstrumentId> ids, HandOver::Socket socket) const {
    return std::all_of(ids.begin(), ids.end(),
                       [&](InstrumentId id) { return hand_over_.OwnerOf(id) == socket; });
  }
  /// Waits until each of the wanted keys has ticked so many times more.
  void AwaitTicks(std::uint64_t more) {
    std::map<InstrumentId, std::uint64_t> enough;
    for (const InstrumentId id : ids_) {
      if (listings_.counts(id).wanted) enough[id] = listings_.counts(id).ticks + more;
    }
    EXPECT_TRUE(Eventually(
        [&] {
          return std::all_of(enough.begin(), enough.end(), [&](const auto& each) {
            return listings_.counts(each.first).ticks >= each.second;
          });
        },
        std::chrono::seconds{30}));
  }
  /// From here on a key counts; what was before is not looked at.
  void BeginAt(InstrumentId id) { begins_[id] = published_.Of(id).size(); }
  std::vector<Gap> Gaps() {
    const std::lock_guard lock{mutex_};
    return gaps_;
  }

  /// Ends it all and compares what was published with what the simulator sent; prints a line.
  HandOverCount Count(const std::string& name) {
    connector_->Stop();
    app_.reset();
    SentUpdates sent;
    for (const InstrumentId id : ids_) {
      auto published = published_.Of(id);
      published.erase(published.begin(),
                      published.begin() + static_cast<std::ptrdiff_t>(begins_[id]));
      sent.Expect(listings_.At(id)->key, std::move(published));
    }
    sent.Read(record_folder_ + "/record");
    const HandOverCount count = sent.Compare(Gaps());
    std::printf("hand-over %s: %zu keys, %s\n", name.c_str(), ids_.size(), count.Text().c_str());
    return count;
  }

  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kBroker};
  Listings listings_;
  HandOver hand_over_;
  PublishedUpdates published_;
  std::vector<InstrumentId> ids_;  // in the order in which they were first wanted
  std::atomic<std::uint64_t> opens_{0};
  std::atomic<std::uint64_t> losses_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::unique_ptr<Connector> connector_;

 private:
  struct NoJournal final : FrameJournal {
    bool WantsState(std::int64_t) const override { return false; }
    void PushState(const LatestTicks&) override {}
    void PushFrame(const JournaledFrame&) override {}
    void SetOpenGap(std::uint32_t, std::optional<std::int64_t>) override {}
    void PushGap(const Gap&) override {}
  };

  Connector::Events Events() {
    return {.on_frame = [this](const BrokerFrame& frame) { ingest_.OnFrame(frame); },
            .on_wanted = [](std::size_t) {},
            .on_open = [this](bool) { ++opens_; },
            .on_state = [](ConnectionState) {},
            .on_gap =
                [this](const Gap& gap) {
                  const std::lock_guard lock{mutex_};
                  gaps_.push_back(gap);
                },
            .on_attempt_failed = [this](const Error&) { ++failures_; },
            .on_alert = [](bool) {},
            .on_token_refused = [](std::uint64_t) {},
            .on_lost = [this](const std::string&) { ++losses_; }};
  }

  std::size_t listed_ = 0;
  std::string record_folder_;
  std::uint64_t token_version_ = 0;
  std::map<InstrumentId, std::size_t> begins_;
  std::mutex mutex_;  // guards gaps_
  std::vector<Gap> gaps_;
  UpstoxDecoder decoder_;
  NoJournal journal_;
  Ingest ingest_{decoder_,
                 published_,
                 listings_,
                 hand_over_,
                 journal_,
                 {.publish = [](std::span<const Update>) { return true; },
                  .on_broker_time = [](const Ingest::Times&) {},
                  .on_market_status = [](const SegmentStatus&) {},
                  .on_bad_frame = [](const Error&, std::size_t) {}}};
  Bystander bystander_;
  std::vector<std::unique_ptr<UpstoxFeed>> brokers_;
};

}  // namespace sauda::feed
