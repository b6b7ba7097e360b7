#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/ingest.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Reads frames like `A B C`: one delta for each letter, priced by its place; `!` is garbage.
class LetterDecoder final : public FrameDecoder {
 public:
  Result<FrameHead> Decode(std::string_view bytes, DeltaSink& sink) override {
    if (bytes == "!") return Error{Code::kInvalidArgument, "FRAME_MALFORMED", "garbage"};
    FrameHead head{.broker_ms = 42};
    if (bytes == "info") {
      head.type = FrameType::kMarketInfo;
      head.segments["NSE_EQ"] = "NORMAL_OPEN";
      return head;
    }
    sink.OnHead(head);
    double price = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      Delta delta;
      delta.key = bytes.substr(i, 1);
      delta.last = LastTrade{.price = ++price};
      sink.OnDelta(delta);
    }
    return head;
  }
};

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    for (const char* key : {"A", "B"}) {
      listings_.counts(listings_.Add({.key = key, .instrument_id = 5})).wanted = true;
    }
    (void)listings_.Add({.key = "UNWANTED"});
  }
  void Frame(std::string_view bytes) { ingest_.OnFrame({.bytes = bytes, .received_ns = 1'000}); }

  LetterDecoder decoder_;
  TextEncoder encoder_;
  Listings listings_;
  std::vector<std::string> published_;
  std::vector<Tick> stored_;
  std::vector<std::string> bad_;
  SegmentStatus segments_;
  Ingest ingest_{
      decoder_,
      encoder_,
      listings_,
      {.publish =
           [this](std::span<const Update> updates) {
             std::string frame;
             for (const auto& update : updates) frame += *update.bytes;
             published_.push_back(frame);
             return true;
           },
       .store =
           [this](std::vector<Tick> ticks) {
             for (auto& tick : ticks) stored_.push_back(std::move(tick));
           },
       .on_market_status = [this](const SegmentStatus& s) { segments_ = s; },
       .on_bad_frame = [this](const Error& e, std::size_t) { bad_.push_back(e.reason); }}};
};

TEST_F(IngestTest, NumbersTicksWithoutHolesOverFrames) {
  Frame("A B");
  Frame("A");
  EXPECT_THAT(published_, ElementsAre("0:1 1:2 ", "0:3 "));
  ASSERT_EQ(stored_.size(), 3U);
  EXPECT_EQ(stored_[1].listing->key, "B");
  EXPECT_EQ(stored_[1].last->price, 2);
  EXPECT_EQ(stored_[1].broker_ms, 42);
  EXPECT_EQ(stored_[1].received_ns, 1'000);
  EXPECT_EQ(ingest_.ticks(), 3U);
  EXPECT_EQ(listings_.counts(0).ticks, 2U);
  EXPECT_EQ(listings_.counts(0).last_received_ns, 1'000);
}

TEST_F(IngestTest, KeysThatNobodyWantsTakeNoNumber) {
  Frame("Z A");
  listings_.counts(0).wanted = false;
  Frame("A B");
  EXPECT_THAT(published_, ElementsAre("0:1 ", "1:2 "));
  EXPECT_EQ(ingest_.skipped_entries(), 2U);
}

TEST_F(IngestTest, BadFrameIsCountedAndTheNextOneCounts) {
  Frame("!");
  Frame("A");
  EXPECT_THAT(bad_, ElementsAre("FRAME_MALFORMED"));
  EXPECT_EQ(ingest_.bad_frames(), 1U);
  EXPECT_THAT(published_, ElementsAre("0:1 "));
}

TEST_F(IngestTest, MarketStatusMakesNoTick) {
  Frame("info");
  EXPECT_EQ(segments_.at("NSE_EQ"), "NORMAL_OPEN");
  EXPECT_THAT(published_, IsEmpty());
}

TEST_F(IngestTest, MarkOfTheSimulatorIsOnEveryTick) {
  Frame("A");
  ingest_.SetSimulated(true);
  Frame("A");
  EXPECT_FALSE(stored_[0].simulated);
  EXPECT_TRUE(stored_[1].simulated);
}

}  // namespace
}  // namespace sauda::feed
