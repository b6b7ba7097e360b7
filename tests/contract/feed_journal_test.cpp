// The journal gives back the ticks that were published: over real files and the broker's real
// schema.
#include <algorithm>
#include <filesystem>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/journal/names.hpp"
#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/journal_past.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/ingest.hpp"
#include "services/feed/src/store_follower.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/process.hpp"
#include "upstox/ordered_frame.pb.h"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;
namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr const char* kAccount = "main";

void ExpectSame(const Tick& a, const Tick& b) {
  EXPECT_EQ(a.listing->key, b.listing->key);
  EXPECT_EQ(a.listing->instrument_id, b.listing->instrument_id);
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.received_ns, b.received_ns);
  EXPECT_EQ(a.received_at, b.received_at);
  EXPECT_EQ(a.broker_ms, b.broker_ms);
  EXPECT_EQ(a.mode, b.mode);
  EXPECT_EQ(a.broker_snapshot, b.broker_snapshot);
  EXPECT_EQ(a.simulated, b.simulated);
  EXPECT_EQ(a.last, b.last);
  EXPECT_EQ(a.depth, b.depth);
  EXPECT_EQ(a.greeks, b.greeks);
  EXPECT_EQ(a.bars, b.bars);
  EXPECT_EQ(a.totals, b.totals);
  EXPECT_EQ(a.auction, b.auction);
}

/// Frames of every form, whole and with parts left out, zeros among the numbers.
class RandomFrames {
 public:
  explicit RandomFrames(std::uint32_t seed) : random_{seed} {}

  std::string Next() {
    if (Chance(20)) return "\xff garbage";
    wire::OrderedFeedResponse frame;
    frame.set_type(Chance(10) ? wire::initial_feed : wire::live_feed);
    frame.set_currentts(Chance(5) ? 0 : Number());
    const int entries = 1 + static_cast<int>(random_() % 5);
    for (int i = 0; i < entries; ++i) {
      wire::FeedEntry& entry = *frame.add_feeds();
      entry.set_key("NSE_FO|" + std::to_string(random_() % 6));
      if (!Chance(15)) Fill(*entry.mutable_value());  // else it says nothing
    }
    std::string bytes = frame.SerializeAsString();
    if (++made_ % 50 == 0 && padding_ > 0) Pad(bytes);
    return bytes;
  }

  /// Every fiftieth frame gets so many bytes more, in a field that readers do not know.
  void PadSome(std::size_t bytes) { padding_ = bytes; }

 private:
  bool Chance(std::uint32_t one_in) { return random_() % one_in == 0; }
  std::int64_t Number() { return Chance(4) ? 0 : static_cast<std::int64_t>(random_() % 1'000); }
  double Real() { return static_cast<double>(Number()) * 0.05; }

  void Pad(std::string& bytes) const {
    bytes += "\xfa\x06";  // field 111, a text
    for (std::size_t left = padding_; left > 0; left >>= 7U) {
      bytes += static_cast<char>((left & 0x7fU) | (left > 0x7fU ? 0x80U : 0U));
    }
    bytes.append(padding_, 'x');
  }
  void Fill(wire::Feed& feed) {
    switch (random_() % 4) {
      case 0:
        return Fill(*feed.mutable_ltpc());
      case 1: {
        auto& first = *feed.mutable_firstlevelwithgreeks();
        if (!Chance(3)) Fill(*first.mutable_ltpc());
        if (!Chance(3)) Fill(*first.mutable_firstdepth());
        if (!Chance(3)) first.mutable_optiongreeks()->set_delta(Real());
        first.set_vtt(Number());
        first.set_iv(Real());
        feed.set_requestmode(wire::option_greeks);
        return;
      }
      case 2: {
        auto& index = *feed.mutable_fullfeed()->mutable_indexff();
        if (!Chance(3)) Fill(*index.mutable_ltpc());
        if (!Chance(3)) index.mutable_marketohlc()->add_ohlc()->set_close(Real());
        feed.set_requestmode(wire::full_d5);
        return;
      }
      default:
        feed.set_requestmode(Chance(3) ? wire::full_d30 : wire::full_d5);
        return Fill(*feed.mutable_fullfeed()->mutable_marketff());
    }
  }
  void Fill(wire::MarketFullFeed& market) {
    if (!Chance(3)) Fill(*market.mutable_ltpc());
    if (!Chance(3)) {
      for (int i = 0; i < 5; ++i) Fill(*market.mutable_marketlevel()->add_bidaskquote());
    }
    if (!Chance(3)) market.mutable_optiongreeks()->set_vega(Real());
    if (!Chance(3)) {
      auto& bar = *market.mutable_marketohlc()->add_ohlc();
      bar.set_interval("I1");
      bar.set_vol(Number());
    }
    market.set_vtt(Number());
    market.set_tbq(Real());
    if (Chance(4)) market.set_ieq(Number());
  }
  void Fill(wire::LTPC& last) {
    last.set_ltp(Real());
    last.set_ltt(Number());
    if (Chance(4)) last.mutable_iep()->set_value(Real());
  }
  void Fill(wire::Quote& quote) {
    quote.set_bidq(Number());
    quote.set_askp(Real());
  }

  std::mt19937 random_;
  std::size_t padding_ = 0;
  int made_ = 0;
};

class FeedJournalTest : public testing::Test {
 protected:
  FeedJournalTest() {
    for (int i = 0; i < 5; ++i) {
      const auto id =
          listings_.Add({.key = "NSE_FO|" + std::to_string(i), .instrument_id = 70 + i});
      listings_.counts(id).wanted = true;
    }
    (void)listings_.Add({.key = "NSE_FO|5"});
  }

  std::unique_ptr<FileJournal> Open(const std::string& instance,
                                    journal::Intake::Limits limits = {}) {
    auto journal = FileJournal::Start(
        {.root = folder_.path(), .instance = instance, .account = kAccount, .limits = limits},
        clock_, {});
    EXPECT_TRUE(journal) << journal.error().message;
    return std::move(*journal);
  }

  FileJournalReader MakeReader(journal::RetentionLimits limits = {}) {
    return {{.directory = journal::AccountDirectory(folder_.path(), kAccount), .retention = limits},
            clock_};
  }

  /// A run of the feed that gets these frames; one millisecond between two.
  void Run(FrameJournal& journal, RandomFrames& frames, int count) {
    UpstoxDecoder decoder;
    HandOver hand_over;
    Ingest ingest{decoder,
                  encoder_,
                  listings_,
                  hand_over,
                  journal,
                  {.publish = [](std::span<const Update>) { return true; },
                   .on_broker_time = [](const Ingest::Times&) {},
                   .on_market_status = [](const SegmentStatus&) {},
                   .on_bad_frame = [](const Error&, std::size_t) {}}};
    for (int i = 0; i < count; ++i) {
      ingest.SetSimulated(i % 3 == 0);
      received_ns_ += 1'000'000;
      ingest.OnFrame({.bytes = frames.Next(),
                      .received_ns = received_ns_,
                      .received_at = Monotonic{std::chrono::nanoseconds{received_ns_}}});
    }
  }

  /// What the store gets of this run, and of those before it.
  bool StoreAll(const std::string& own) {
    auto reader = MakeReader();
    UpstoxDecoder decoder;
    StoreFollower follower{
        store_,
        reader,
        decoder,
        {.instance = own, .linger = 0ms},
        {.on_written = [](std::span<const Tick>) {},
         .on_failure = [](const Error& why) { ADD_FAILURE() << why.message; },
         .on_gap = [](const std::string&, const Gap&) {},
         .on_journal_failure = [](const Error& why) { ADD_FAILURE() << why.message; }}};
    return follower.Stop(60s);
  }

  void ExpectStoredAsPublished() {
    const auto stored = store_.ticks();
    ASSERT_THAT(stored, SizeIs(encoder_.ticks.size()));
    for (std::size_t i = 0; i < stored.size(); ++i) ExpectSame(stored[i], encoder_.ticks[i]);
  }

  const test::TempFolder folder_;
  SystemClock clock_;
  Listings listings_;
  KeepingEncoder encoder_;
  MemoryTickStore store_;
  std::int64_t received_ns_ = 1'765'771'200'000'000'000;
};

TEST_F(FeedJournalTest, TicksComeBackFieldByFieldOverManySegments) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  RandomFrames frames{seed};
  const auto journal = Open("run", {.segment_bytes = 20'000});
  Run(*journal, frames, 3'000);
  journal->Stop();
  EXPECT_TRUE(StoreAll("run"));
  ExpectStoredAsPublished();
  EXPECT_THAT(store_.gaps(), IsEmpty());
  EXPECT_GT((*store_.Progress())["run"].segment, 10U) << "segments were small enough to matter";
}

TEST_F(FeedJournalTest, AnEarlierRunIsFinishedFromWhereItWasStored) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  RandomFrames frames{seed};
  const auto first = Open("a", {.segment_bytes = 20'000});
  Run(*first, frames, 1'000);
  first->Stop();
  const std::vector<Tick> published = encoder_.ticks;
  // Half of it is stored already, as far as a segment in the middle.
  std::uint64_t segment = 0;
  std::uint64_t last_seq = 0;
  {
    auto reader = MakeReader();
    reader.Open("a", 0);
    for (;;) {
      const auto item = reader.Next(0ms);
      ASSERT_TRUE(item);
      if (item->frame.first_seq > published.size() / 2 && item->frame.ticks() > 0) {
        segment = item->segment;
        last_seq = item->frame.first_seq;
        break;
      }
    }
  }
  const std::vector<Tick> half{published.begin(),
                               published.begin() + static_cast<std::ptrdiff_t>(last_seq)};
  ASSERT_TRUE(store_.Append({.instance = "a", .segment = segment, .ticks = half}));
  const auto second = Open("b");
  Run(*second, frames, 50);
  second->Stop();
  EXPECT_TRUE(StoreAll("b"));
  ExpectStoredAsPublished();
  EXPECT_TRUE((*store_.Progress())["a"].complete);
}

TEST_F(FeedJournalTest, GapsAreKeptBetweenTheFrames) {
  const auto journal = Open("run");
  RandomFrames frames{1};
  const Gap gap{.from_ns = 5,
                .to_ns = 6,
                .cause = "CONNECTION_LOST",
                .ticks = 7,
                .detail = "the broker went away"};
  journal->PushGap(gap);
  Run(*journal, frames, 10);
  journal->Stop();
  EXPECT_TRUE(StoreAll("run"));
  ASSERT_THAT(store_.gaps(), SizeIs(1));
  Gap stored = store_.gaps()[0];
  EXPECT_GT(std::exchange(stored.number, 0), 0U);
  EXPECT_EQ(stored, gap);
}

TEST_F(FeedJournalTest, AGapThatIsOpenAtTheEndOfARunIsKnownToTheNext) {
  const auto directory = journal::AccountDirectory(folder_.path(), kAccount);
  const auto past = [&] {
    const auto read = ReadJournalPast(directory);
    EXPECT_TRUE(read) << read.error().message;
    return read.value_or(JournalPast{});
  };
  EXPECT_EQ(past().last_ns, 0);
  EXPECT_EQ(past().open_gap_ns, std::nullopt);
  RandomFrames frames{1};
  const Gap gap{.from_ns = 500, .to_ns = 900, .cause = "RESTART"};

  const auto killed = Open("a", {.segment_bytes = 5'000});
  Run(*killed, frames, 10);
  killed->SetOpenGap(0, gap.from_ns);
  Run(*killed, frames, 1'000);
  killed->Stop();
  EXPECT_GT(std::distance(std::filesystem::directory_iterator{directory}, {}), 5) << "segments";
  EXPECT_EQ(past().last_ns, received_ns_);
  EXPECT_EQ(past().open_gap_ns, 500) << "told in its last segment too";

  const auto without_frames = Open("b");
  without_frames->SetOpenGap(0, gap.from_ns);
  without_frames->Stop();
  EXPECT_EQ(past().open_gap_ns, 500) << "of the run before";

  const auto of_two = Open("c");
  of_two->SetOpenGap(0, 700);
  of_two->SetOpenGap(1, gap.from_ns);
  Run(*of_two, frames, 10);
  of_two->PushGap({.from_ns = 700, .to_ns = 800, .cause = "CONNECTION_LOST"});
  of_two->SetOpenGap(0, std::nullopt);
  Run(*of_two, frames, 10);
  of_two->Stop();
  EXPECT_EQ(past().open_gap_ns, 500) << "the other connection's";

  const auto ended = Open("d");
  ended->SetOpenGap(0, gap.from_ns);
  Run(*ended, frames, 10);
  ended->PushGap(gap);
  ended->SetOpenGap(0, std::nullopt);
  Run(*ended, frames, 10);
  ended->Stop();
  EXPECT_EQ(past().open_gap_ns, std::nullopt);

  EXPECT_TRUE(StoreAll("d"));
  ASSERT_THAT(store_.gaps(), SizeIs(2)) << "a gap without an end is none yet";
  EXPECT_EQ(store_.gaps()[1].from_ns, 500);
}

TEST_F(FeedJournalTest, WhatTheRingCannotTakeIsAGapAndTheRestIsWhole) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  RandomFrames frames{seed};
  frames.PadSome(100'000);  // more than the whole ring
  const auto journal = Open("run", {.ring_bytes = 65'536, .ring_records = 8});
  Run(*journal, frames, 3'000);
  journal->Stop();
  EXPECT_TRUE(StoreAll("run"));
  std::uint64_t lost = 0;
  for (const Gap& gap : store_.gaps()) {
    EXPECT_EQ(gap.cause, "JOURNAL_LOST");
    lost += gap.ticks;
  }
  EXPECT_GT(lost, 0U);
  std::map<std::uint64_t, const Tick*> published;
  for (const Tick& tick : encoder_.ticks) published[tick.seq] = &tick;
  for (const Tick& tick : store_.ticks()) ExpectSame(tick, *published.at(tick.seq));
  EXPECT_EQ(store_.ticks().size() + lost, encoder_.ticks.size());
}

TEST_F(FeedJournalTest, StoredSegmentsGoByAgeAndOthersForRoomWithAGap) {
  RandomFrames frames{1};
  const auto first = Open("a", {.segment_bytes = 20'000});
  Run(*first, frames, 1'000);
  first->Stop();
  auto reader = MakeReader({.age = std::chrono::hours{0}, .bytes = 1});
  const auto plan = reader.PlanRetention({{"a", {.complete = true}}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_FALSE(plan->empty());
  for (const auto& removal : *plan) EXPECT_THAT(removal.gaps, IsEmpty()) << "it is stored";
  const auto behind = reader.PlanRetention({{"a", {.last_seq = encoder_.ticks.size()}}});
  ASSERT_TRUE(behind) << behind.error().message;
  std::uint64_t last_seq = 0;
  for (const auto& removal : *behind) {
    EXPECT_THAT(removal.gaps, IsEmpty()) << "it is stored, but somebody reads it again";
    for (const auto& each : removal.unread) last_seq = each.last_seq;
  }
  EXPECT_EQ(last_seq, encoder_.ticks.size());
  const auto unread = reader.PlanRetention({});
  ASSERT_TRUE(unread);
  std::uint64_t ticks = 0;
  for (const auto& removal : *unread) {
    EXPECT_EQ(removal.instance, "a");
    for (const Gap& gap : removal.gaps) {
      EXPECT_EQ(gap.cause, "JOURNAL_RETENTION");
      ticks += gap.ticks;
    }
    ASSERT_TRUE(reader.Remove(removal));
    ASSERT_TRUE(reader.Remove(removal)) << "one that is gone is no failure";
  }
  EXPECT_EQ(ticks, encoder_.ticks.size());
}

TEST_F(FeedJournalTest, WhatIsBeingReadStaysUntilItIsStored) {
  RandomFrames frames{1};
  const auto first = Open("a", {.segment_bytes = 20'000});
  Run(*first, frames, 1'000);
  first->Stop();
  auto reader = MakeReader({.age = std::chrono::hours{0}, .bytes = 1});
  const auto goes = [&](const std::map<std::string, StoreProgress>& stored) {
    const auto plan = reader.PlanRetention(stored);
    return plan && std::any_of(plan->begin(), plan->end(), [](const auto& removal) {
             return removal.file.ends_with("a-000001.saudaj");
           });
  };
  EXPECT_TRUE(goes({}));
  reader.Open("a", 0);
  ASSERT_TRUE(reader.Next(1s));
  EXPECT_FALSE(goes({})) << "its ticks will be stored, and a gap would say that they are missing";
  EXPECT_TRUE(goes({{"a", {.complete = true}}}));
}

}  // namespace
}  // namespace sauda::feed
