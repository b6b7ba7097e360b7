#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/ingest.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    for (const char* key : {"A", "B"}) {
      listings_.counts(listings_.Add({.key = key, .instrument_id = 5})).wanted = true;
    }
    (void)listings_.Add({.key = "UNWANTED"});
  }
  void Frame(std::string_view bytes, std::uint32_t connection = 0) {
    ingest_.OnFrame({.bytes = bytes, .received_ns = 1'000, .connection = connection});
  }

  LetterDecoder decoder_;
  KeepingEncoder encoder_;
  Listings listings_;
  HandOver hand_over_;
  std::vector<std::string> published_;
  std::vector<std::string> seen_;
  RecordingJournal journal_;
  std::int64_t broker_ms_ = 0;
  std::int64_t trade_ms_ = -1;
  std::vector<std::string> bad_;
  SegmentStatus segments_;
  Ingest ingest_{
      decoder_,
      encoder_,
      listings_,
      hand_over_,
      journal_,
      {.on_tick =
           [this](InstrumentId id, const Tick& tick) {
             seen_.push_back(std::to_string(id) + ":" + std::to_string(tick.seq));
           },
       .publish =
           [this](std::span<const Update> updates) {
             std::string frame;
             for (const auto& update : updates) frame += *update.bytes;
             published_.push_back(frame);
             return true;
           },
       .on_broker_time =
           [this](const Ingest::Times& times) {
             broker_ms_ = times.broker_ms;
             trade_ms_ = times.trade_ms;
           },
       .on_market_status = [this](const SegmentStatus& s) { segments_ = s; },
       .on_bad_frame = [this](const Error& e, std::size_t) { bad_.push_back(e.reason); }}};
};

TEST_F(IngestTest, NumbersTicksWithoutHolesOverFrames) {
  Frame("A B");
  Frame("A");
  EXPECT_THAT(published_, ElementsAre("0:1 1:2 ", "0:3 "));
  EXPECT_THAT(seen_, ElementsAre("0:1", "1:2", "0:3"));
  ASSERT_EQ(encoder_.ticks.size(), 3U);
  EXPECT_EQ(encoder_.ticks[1].listing->key, "B");
  EXPECT_EQ(encoder_.ticks[1].last->price, 2);
  EXPECT_EQ(encoder_.ticks[1].broker_ms, 42);
  EXPECT_EQ(encoder_.ticks[1].received_ns, 1'000);
  EXPECT_EQ(broker_ms_, 42);
  EXPECT_EQ(ingest_.ticks(), 3U);
  EXPECT_EQ(listings_.counts(0).ticks, 2U);
  EXPECT_EQ(listings_.counts(0).last_received_ns, 1'000);
}

TEST_F(IngestTest, TimeNeverGoesBackInTheOrderOfSeqUnlessTheClockWasSet) {
  const std::int64_t base = 1'000'000'000'000;
  const std::int64_t limit = 5'000'000'000;
  for (const std::int64_t at :
       {base, base - 1, base + 5, base + 5 - limit, base + 7, base + 6 - limit, base + 8 - limit}) {
    ingest_.OnFrame({.bytes = "A", .received_ns = at});
  }
  std::vector<std::int64_t> times;
  for (const Tick& tick : encoder_.ticks) times.push_back(tick.received_ns - base);
  EXPECT_THAT(times, ElementsAre(0, 0, 5, 5, 7, 6 - limit, 8 - limit));
}

TEST_F(IngestTest, KeysThatNobodyWantsTakeNoNumber) {
  Frame("Z A");
  listings_.counts(0).wanted = false;
  Frame("A B");
  EXPECT_THAT(published_, ElementsAre("0:1 ", "1:2 "));
  EXPECT_EQ(ingest_.skipped_entries(), 2U);
}

TEST_F(IngestTest, TellsTheTimeOfTheNewestTradeThatIsNews) {
  const auto trade = [this](std::int64_t at_ms, bool snapshot, const char* frame) {
    decoder_.trade_ms = at_ms;
    decoder_.snapshot = snapshot;
    Frame(frame);
    return trade_ms_;
  };
  EXPECT_EQ(trade(100, false, "A"), 0) << "the first that is heard of may be old";
  EXPECT_EQ(trade(100, false, "A"), 0) << "the same again";
  EXPECT_EQ(trade(150, false, "B A"), 150);
  EXPECT_EQ(trade(200, true, "A"), 0) << "a snapshot";
  EXPECT_EQ(trade(190, false, "A"), 0) << "older than what is known";
  EXPECT_EQ(trade(201, false, "A"), 201);
}

TEST_F(IngestTest, MarkOfTheSimulatorIsOnEveryTick) {
  Frame("A");
  ingest_.SetSimulated(true);
  Frame("A");
  EXPECT_FALSE(encoder_.ticks[0].simulated);
  EXPECT_TRUE(encoder_.ticks[1].simulated);
}

TEST_F(IngestTest, EachFrameIsJournaledWithWhatWasMadeOfIt) {
  Frame("A Z B");
  Frame("!");
  Frame("info");
  ingest_.SetSimulated(true);
  Frame("B");
  EXPECT_THAT(journal_.lines, ElementsAre("A Z B from 1: 5 -1 5",
                                          "! from 3:", "info from 3:", "B from 3: 5 simulated"));
}

TEST_F(IngestTest, AJournalThatBeginsAnewLearnsWhatWasBeforeTheFrame) {
  journal_.wants_state = true;
  Frame("A B");
  journal_.wants_state = true;
  Frame("A");
  EXPECT_THAT(journal_.lines,
              ElementsAre("state", "A B from 1: 5 5", "state A1 B2", "A from 3: 5"));
}

TEST_F(IngestTest, BadFrameIsCountedAndTheNextOneCounts) {
  Frame("!");
  Frame("A");
  EXPECT_THAT(bad_, ElementsAre("FRAME_MALFORMED"));
  EXPECT_EQ(ingest_.bad_frames(), 1U);
  EXPECT_THAT(published_, ElementsAre("0:1 "));
}

TEST_F(IngestTest, WhatAnotherConnectionSpeaksForIsJournaledAsUnwanted) {
  hand_over_.Give(0, 0);
  Frame("A B", 1);
  Frame("A", 0);
  Frame("A", 1);
  EXPECT_THAT(published_, ElementsAre("1:1 ", "0:2 "));
  EXPECT_THAT(journal_.lines,
              ElementsAre("A B from 1: -1 5 by 1", "A from 2: 5", "A from 3: -1 by 1"));
  EXPECT_EQ(ingest_.skipped_entries(), 2U);
}

TEST_F(IngestTest, LearnsHowOftenAKeyTicks) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(listings_.counts(0).p99_spacing_ns == 0, i <= 112) << "after " << i;
    ingest_.OnFrame({.bytes = "A", .received_at = Monotonic{i * std::chrono::seconds{1}}});
  }
  EXPECT_GE(listings_.counts(0).p99_spacing_ns, 1'000'000'000);
  EXPECT_LE(listings_.counts(0).p99_spacing_ns, 1'200'000'000);
  EXPECT_EQ(listings_.counts(1).p99_spacing_ns, 0);
}

TEST_F(IngestTest, MarketStatusMakesNoTick) {
  Frame("info");
  EXPECT_EQ(segments_.at("NSE_EQ"), "NORMAL_OPEN");
  EXPECT_THAT(published_, IsEmpty());
}

}  // namespace
}  // namespace sauda::feed
