// What StoreFollower has CandleKeeper make of a journal.
#include <atomic>

#include <gtest/gtest.h>

#include "services/feed/src/store_follower.hpp"
#include "tests/support/candle_script.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/memory_candles.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOwn = "own";
constexpr const char* kKey = "GLOBAL_INDEX|1";  // has a session all day
constexpr Backoff::Limits kSoon{1ms, 2ms};

/// Each frame is a trade a minute after that of the frame before; `!` is garbage.
class MinuteDecoder final : public FrameDecoder {
 public:
  Result<FrameHead> Decode(std::string_view bytes, DeltaSink& sink) override {
    if (bytes == "!") return Error{Code::kInvalidArgument, "FRAME_MALFORMED", "garbage"};
    now_ms_ += calendar::kMsPerMinute;
    const FrameHead head{.broker_ms = now_ms_};
    sink.OnHead(head);
    Delta delta;
    delta.key = kKey;
    delta.last = LastTrade{.price = 100, .time_ms = now_ms_};
    sink.OnDelta(delta);
    return head;
  }

 private:
  std::int64_t now_ms_ = At("09:20:10");
};

class StoreCandlesTest : public testing::Test {
 protected:
  StoreCandlesTest()
      : keeper_{candles_,
                {.retry_after = 1ms, .most_waiting = 2'000},
                {.on_written = [](std::size_t) {},
                 .on_failure =
                     [this](const Error&, std::size_t lost) {
                       ++failures_;
                       lost_ += lost;
                     }}} {
    journal_.Of(kOwn);
  }
  std::unique_ptr<StoreFollower> Start() {
    return std::make_unique<StoreFollower>(
        store_, journal_, decoder_,
        StoreFollower::Options{
            .instance = kOwn, .linger = 0ms, .retain_every = 1ms, .backoff = kSoon},
        StoreFollower::Events{.on_written = [](std::span<const Tick>) {},
                              .on_failure = [](const Error&) {},
                              .on_gap = [](const std::string&, const Gap&) {},
                              .on_journal_failure = [](const Error&) {}},
        &keeper_);
  }
  /// By minute, oldest first: which bars are marked.
  std::vector<bool> Marks() const {
    std::vector<bool> marks;
    for (const Candle& bar : keeper_.Read(kKey, Interval::k1m, 9)) marks.push_back(bar.gap);
    return marks;
  }

  MemoryTickStore store_;
  MemoryJournal journal_;
  MinuteDecoder decoder_;
  MemoryCandles candles_;
  std::atomic<int> failures_{0};
  std::atomic<std::size_t> lost_{0};
  CandleKeeper keeper_;
};

TEST_F(StoreCandlesTest, WhatTheCandlesAloneReadAgainIsStoredOnTheWay) {
  ASSERT_TRUE(store_.Append({.instance = kOwn, .segment = 1, .ticks = std::vector{TickOf(5'000)}}));
  journal_.Frames(1, 5'000);
  journal_.End();
  EXPECT_TRUE(Start()->Stop(60s));
  EXPECT_EQ(candles_.bars().size(), 4'999U);
  EXPECT_EQ(lost_, 0U);
  EXPECT_LE(candles_.most_at_once(), 1'100U);
}

TEST_F(StoreCandlesTest, WhatTheCandlesAloneReadAgainWaitsForTheStore) {
  ASSERT_TRUE(store_.Append({.instance = kOwn, .segment = 1, .ticks = std::vector{TickOf(5'000)}}));
  journal_.Frames(1, 5'000);
  journal_.End();
  candles_.FailAppends(Error{Code::kUnavailable, "DATABASE_DOWN", "no database"});
  const auto follower = Start();
  ASSERT_TRUE(Eventually([&] { return failures_ > 20; }));
  candles_.FailAppends(std::nullopt);
  EXPECT_TRUE(Eventually([&] { return candles_.bars().size() == 4'999U; }));
  EXPECT_TRUE(follower->Stop(60s));
  EXPECT_EQ(lost_, 0U);
}

TEST_F(StoreCandlesTest, AFrameThatCannotBeReadMarksTheBarOfItsTime) {
  journal_.Frame("A", 1);
  journal_.Frame("A", 2);
  journal_.Frame("!", 3);
  journal_.Frame("A", 4);
  journal_.Frame("A", 5);
  journal_.End();
  EXPECT_TRUE(Start()->Stop(10s));
  EXPECT_EQ(Marks(), (std::vector{false, true, false, false}));
}

TEST_F(StoreCandlesTest, WhatWasRemovedAfterItWasReadMarksNothing) {
  journal_.Frames(1, 2);
  const auto follower = Start();
  ASSERT_TRUE(Eventually([&] { return Marks().size() == 2; }));
  const std::int64_t now_ns = TickOf(2).received_ns;
  journal_.Plan({.file = "own-1",
                 .instance = kOwn,
                 .unread = {{.gap = {.from_ns = now_ns, .to_ns = now_ns}, .last_seq = 2}}});
  EXPECT_TRUE(Eventually([&] { return journal_.removed().size() == 1; }));
  EXPECT_EQ(Marks(), (std::vector{false, false}));
}

TEST_F(StoreCandlesTest, WhatWasRemovedBeforeItWasReadMarksTheBarsOfItsTime) {
  journal_.Frames(1, 2);
  const auto follower = Start();
  ASSERT_TRUE(Eventually([&] { return Marks().size() == 2; }));
  const std::int64_t now_ns = TickOf(2).received_ns;
  journal_.Plan({.file = "old-2",
                 .instance = "old",
                 .unread = {{.gap = {.from_ns = now_ns, .to_ns = now_ns}, .last_seq = 1}}});
  EXPECT_TRUE(Eventually([&] { return Marks() == std::vector{false, true}; }));
  journal_.Frames(3, 3);
  journal_.End();
  EXPECT_TRUE(follower->Stop(10s));
  EXPECT_EQ(Marks(), (std::vector{false, true, false})) << "though the store had them";
  EXPECT_EQ(keeper_.SegmentOf(kOwn), 1U) << "it is still this run that is read";
}

}  // namespace
}  // namespace sauda::feed
