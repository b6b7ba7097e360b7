#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/feed/src/connector.hpp"
#include "services/feed/src/ingest.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_exchange.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {

inline BrokerToken TokenOf(std::uint64_t version) {
  return {.text = Secret{"token"}, .version = version};
}

/// Writes down each key's numbers as they are published. Thread-safe.
class NumberKeeper final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    const std::lock_guard lock{mutex_};
    numbers_[tick.listing->key].push_back(tick.last->quantity);
    return {.instrument = id, .seq = tick.seq};
  }
  Update AsSnapshot(const Update& update) const override { return update; }
  std::vector<std::int64_t> Of(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return numbers_[key];
  }
  std::int64_t LastOf(const std::string& key) {
    const auto numbers = Of(key);
    return numbers.empty() ? 0 : numbers.back();
  }

 private:
  std::mutex mutex_;  // guards numbers_
  std::map<std::string, std::vector<std::int64_t>> numbers_;
};

/// A pool and everything between its sockets and the encoder.
class PoolFixture : public testing::Test {
 protected:
  void Make(const Pool::Brokers& brokers, Connector::Options options = {}) {
    options.backoff = {.first = std::chrono::milliseconds{1}, .most = std::chrono::milliseconds{2}};
    ingest_ = std::make_unique<Ingest>(
        decoder_, encoder_, listings_, hand_over_, journal_,
        Ingest::Outlets{.publish = [](std::span<const Update>) { return true; },
                        .on_broker_time = [](const Ingest::Times&) {},
                        .on_market_status = [](const SegmentStatus&) {},
                        .on_bad_frame = [](const Error&, std::size_t) {}});
    connector_ = std::make_unique<Connector>(
        brokers, listings_, hand_over_, clock_, options,
        Connector::Events{.on_frame = [this](const BrokerFrame& f) { ingest_->OnFrame(f); },
                          .on_wanted = [](std::size_t) {},
                          .on_open = [](bool) {},
                          .on_state = [](ConnectionState) {},
                          .on_gap =
                              [this](const Gap& gap) {
                                const std::lock_guard lock{mutex_};
                                gaps_.push_back(gap);
                              },
                          .on_attempt_failed = [](const Error&) {},
                          .on_alert = [](bool) {},
                          .on_token_refused = [](std::uint64_t) {},
                          .on_lost = [](const std::string&) {}});
    connector_->SetToken(TokenOf(1), "");
    connector_->Start(true);
  }
  std::vector<InstrumentId> Want(std::size_t count, Mode mode) {
    std::vector<InstrumentId> ids;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string key = KeyOf(ids_.size() + i);
      ids.push_back(listings_.Add({.key = key}));
    }
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    EXPECT_TRUE(connector_->Want(ids, mode, false));
    return ids;
  }
  /// `a`, `b`, …, `ba`, …
  static std::string KeyOf(std::size_t number) {
    std::string key{static_cast<char>('a' + number % 26)};
    return number < 26 ? key : KeyOf(number / 26) + key;
  }
  std::vector<Gap> Gaps() {
    const std::lock_guard lock{mutex_};
    return gaps_;
  }

  SystemClock clock_;
  NumberDecoder decoder_;
  NumberKeeper encoder_;
  Listings listings_;
  HandOver hand_over_;
  std::vector<InstrumentId> ids_;
  std::mutex mutex_;  // guards gaps_
  std::vector<Gap> gaps_;
  /// Counts instead of writing lines, of which there would be very many.
  struct NoJournal final : FrameJournal {
    bool WantsState(std::int64_t) const override { return false; }
    void PushState(const LatestTicks&) override {}
    void PushFrame(const JournaledFrame& frame) override { ticks += frame.ticks(); }
    void SetOpenGap(std::uint32_t, std::optional<std::int64_t>) override {}
    void PushGap(const Gap&) override {}
    std::uint64_t ticks = 0;
  } journal_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<Connector> connector_;  // last: its events use the rest
};

/// A pool with sockets that the test plays.
class PoolTest : public PoolFixture {
 protected:
  void Begin(std::size_t keys, Connector::Options options = {}) {
    Make({first_, second_}, options);
    (void)Want(keys, Mode::kFull);
    ASSERT_TRUE(Eventually([&] { return first_.sent().size() == 1; }));
  }
  void BeginRelay() {
    connector_->SetToken(TokenOf(2), "");
    ASSERT_TRUE(Eventually([&] { return second_.sent().size() == 1; }));
  }
  bool OwnedBy(HandOver::Socket socket) {
    return Eventually([&] {
      return std::all_of(ids_.begin(), ids_.end(),
                         [&](InstrumentId id) { return hand_over_.OwnerOf(id) == socket; });
    });
  }

  void TearDown() override { connector_.reset(); }  // before its brokers

  ScriptedBroker first_;
  ScriptedBroker second_;
};

}  // namespace sauda::feed
