#include <future>
#include <random>

#include <gtest/gtest.h>

#include "libs/journal/catalog.hpp"
#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/scan.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/journal_files.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::journal {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kDayNs = 86'400'000'000'000;

class JournalWriterTest : public testing::Test {
 protected:
  Writer::Options OptionsOf(const std::string& instance = "i") const {
    return {.root = temp_.path(), .instance = instance, .account = "A1"};
  }
  std::unique_ptr<Writer> Start(Writer::Options options, Writer::Events events = {}) {
    auto writer = Writer::Start(std::move(options), clock_, std::move(events));
    Check(writer.has_value(), "the writer starts");
    return std::move(*writer);
  }
  std::vector<Read> All(const std::string& instance = "i") const {
    return ReadAll(directory(), instance);
  }
  std::filesystem::path directory() const { return AccountDirectory(temp_.path(), "A1"); }

  ManualClock clock_;
  TempDirectory temp_;
};

/// Holds the writing thread when it has begun a segment, so that what is pushed waits.
struct Held {
  std::promise<void> reached;
  std::promise<void> go;

  std::function<void(std::uint64_t)> AtFirst() {
    return [this](std::uint64_t number) {
      if (number != 1) return;
      reached.set_value();
      go.get_future().wait();
    };
  }
};

TEST_F(JournalWriterTest, WritesEverythingInOrder) {
  std::vector<Record> frames;
  {
    const auto writer = Start(OptionsOf());
    for (std::uint64_t n = 1; n <= 1'000; ++n) {
      frames.push_back(FrameOf(n));
      PushFrame(*writer, frames.back(), "nothing yet");
    }
    writer->Stop();
    EXPECT_EQ(writer->written_records(), 1'000U);
    EXPECT_EQ(writer->lost_records(), 0U);
    EXPECT_EQ(writer->waiting_records(), 0U);
    EXPECT_FALSE(writer->stopped());
  }
  const auto all = All();
  EXPECT_EQ(all.front().record, StateOf("nothing yet"));
  EXPECT_EQ(Only(Kind::kFrame, all), frames);
  EXPECT_EQ(all.back().what, Follower::What::kEnd);
}

TEST_F(JournalWriterTest, HeaderSaysWhoAndWhat) {
  auto options = OptionsOf("feed/7");
  options.account = "..";
  options.clock = MarketClock::Source::kBroker;
  const auto writer = Start(options);
  ASSERT_TRUE(writer->PushState({.received_ns = kFirstNs, .simulated = true}));
  writer->Stop();
  const auto reader = SegmentReader::Open(temp_.path() / "%2E." / "feed%2F7-000001.saudaj");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->header(), (SegmentHeader{.instance = "feed/7",
                                             .account = "..",
                                             .simulated = true,
                                             .clock = MarketClock::Source::kBroker,
                                             .created_ns = kFirstNs,
                                             .number = 1}));
}

TEST_F(JournalWriterTest, WritesAtOnce) {
  const auto writer = Start(OptionsOf());
  Follower follower{{.directory = directory(), .instance = "i"}};
  for (std::uint64_t n = 1; n <= 20; ++n) {
    PushFrame(*writer, FrameOf(n));
    const auto item = follower.Next(10s);
    ASSERT_TRUE(item);
    ASSERT_EQ(item->what, Follower::What::kRecord);
    EXPECT_EQ(Copy(item->record), FrameOf(n));
  }
  EXPECT_GT(writer->TakeLongestWait(), 0ns);
  EXPECT_EQ(writer->TakeLongestWait(), 0ns);
}

TEST_F(JournalWriterTest, StateStandsAtTheHeadOfEverySegment) {
  auto options = OptionsOf();
  options.limits.segment_bytes = 1'000;
  const auto writer = Start(options);
  for (std::uint64_t n = 1; n <= 500; ++n) {
    PushFrame(*writer, FrameOf(n), "before " + std::to_string(n));
    if (n % 20 != 0) continue;  // one state waits at a time
    ASSERT_TRUE(Eventually([&] { return writer->waiting_records() == 0; }));
  }
  writer->Stop();
  const auto all = All();
  ASSERT_EQ(Only(Kind::kFrame, all).size(), 500U);
  EXPECT_GT(all.back().segment, 20U);
  std::uint64_t segment = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const bool first = std::exchange(segment, all[i].segment) != all[i].segment;
    ASSERT_EQ(all[i].record.kind == Kind::kState, first);
    if (first) {
      ASSERT_EQ(all[i].record.payload,
                "before " + std::to_string(all[i + 1].record.first_seq / 2 + 1));
    }
  }
}

TEST_F(JournalWriterTest, NewDayInIndiaIsANewSegment) {
  const auto writer = Start(OptionsOf());
  constexpr std::int64_t kMidnightNs = kFirstNs + kDayNs - 34'200'000'000'000;  // 09:30 after it
  for (const std::int64_t at_ns : {kFirstNs, kMidnightNs - 1, kMidnightNs, kMidnightNs + 1}) {
    Record frame = FrameOf(1);
    frame.received_ns = at_ns;
    PushFrame(*writer, frame);
    ASSERT_TRUE(Eventually([&] { return writer->waiting_records() == 0; }));
  }
  writer->Stop();
  std::vector<std::uint64_t> segments;
  for (const Read& read : All()) {
    if (read.what == Follower::What::kRecord) segments.push_back(read.segment);
  }
  EXPECT_EQ(segments, (std::vector<std::uint64_t>{1, 1, 2, 2}));
}

TEST_F(JournalWriterTest, StateOfManyRecordsAndOfNoneBeginsASegment) {
  const auto writer = Start(OptionsOf());
  ASSERT_TRUE(writer->PushState({.received_ns = kFirstNs}));
  ASSERT_TRUE(Eventually([&] { return !std::filesystem::is_empty(directory()); }));
  const auto begun = [&] {
    return writer
        ->PushState(
            {.received_ns = kFirstNs, .records = {StateOf("a"), StateOf("b"), StateOf("c")}})
        .has_value();
  };
  ASSERT_TRUE(Eventually(begun)) << "one state waits at a time";
  writer->Stop();
  const auto listing = List(directory());
  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->segments.size(), 2U);
  EXPECT_EQ(listing->segments[0].seal, Seal{});
  EXPECT_EQ(listing->segments[1].seal, (Seal{.last = true, .records = 3}));
}

TEST_F(JournalWriterTest, FramesBeforeAnyStateAreLostAndTold) {
  const auto writer = Start(OptionsOf());
  writer->Push(FrameOf(1));
  EXPECT_EQ(writer->lost_records(), 1U);
  PushFrame(*writer, FrameOf(2));
  writer->Stop();
  const auto gaps = Only(Kind::kGap, All());
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(ParseStretch(gaps[0].payload)->cause, "STATE_MISSING");
  EXPECT_EQ(Only(Kind::kFrame, All()), std::vector{FrameOf(2)});
}

TEST_F(JournalWriterTest, AGapThatCannotBeWrittenDownIsPartOfWhatIsLost) {
  const auto writer = Start(OptionsOf());
  const std::int64_t lost_at_ns = FrameOf(1).received_ns - 5'000'000'000;
  writer->Push(
      {.kind = Kind::kNotice,
       .received_ns = FrameOf(1).received_ns,
       .payload = Encode(GapPayload{
           .from_ns = lost_at_ns, .to_ns = FrameOf(1).received_ns, .cause = "CONNECTION_LOST"})});
  writer->Push({.kind = Kind::kNotice,
                .received_ns = FrameOf(1).received_ns,
                .payload = Encode(GapPayload{})});  // none is open any more
  PushFrame(*writer, FrameOf(2));
  writer->Stop();
  const auto gaps = Only(Kind::kGap, All());
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(ParseStretch(gaps[0].payload)->from_ns, lost_at_ns);
  EXPECT_EQ(ParseStretch(gaps[0].payload)->to_ns, FrameOf(1).received_ns);
}

TEST_F(JournalWriterTest, FullRingLosesAStretchAndGoesOnAfterAGap) {
  Held held;
  std::vector<std::pair<Stretch, bool>> told;
  auto options = OptionsOf();
  options.limits.ring_records = 10;
  const auto writer = Start(
      options, {.on_segment = held.AtFirst(), .on_lost = [&](const Stretch& lost, bool in_journal) {
                  told.emplace_back(lost, in_journal);
                }});
  ASSERT_TRUE(writer->PushState({.received_ns = kFirstNs}));
  held.reached.get_future().wait();
  for (std::uint64_t n = 1; n <= 14; ++n) PushFrame(*writer, FrameOf(n));
  EXPECT_EQ(writer->waiting_records(), 10U);
  EXPECT_EQ(writer->lost_records(), 4U);
  held.go.set_value();
  ASSERT_TRUE(Eventually([&] { return writer->waiting_records() == 0; }));
  PushFrame(*writer, FrameOf(15), "as of 14");
  writer->Stop();

  const Stretch expected{.from_ns = FrameOf(11).received_ns,
                         .to_ns = FrameOf(14).received_ns,
                         .records = 4,
                         .ticks = 8,
                         .first_seq = FrameOf(11).first_seq,
                         .bytes = 4 * BytesOf(FrameOf(11)),
                         .cause = "RING_FULL"};
  EXPECT_EQ(told, (std::vector{std::pair{expected, true}}));
  const auto all = All();
  const auto kinds = [&] {
    std::vector<Kind> last;
    for (std::size_t i = all.size() - 4; i + 1 < all.size(); ++i)
      last.push_back(all[i].record.kind);
    return last;
  }();
  EXPECT_EQ(kinds, (std::vector{Kind::kGap, Kind::kState, Kind::kFrame}));
  EXPECT_EQ(ParseStretch(Only(Kind::kGap, all)[0].payload), expected);
  EXPECT_EQ(Only(Kind::kFrame, all).size(), 11U);
}

TEST_F(JournalWriterTest, RingIsBoundedInBytesToo) {
  Held held;
  auto options = OptionsOf();
  options.limits.ring_bytes = 64UL << 10U;
  const auto writer = Start(options, {.on_segment = held.AtFirst()});
  ASSERT_TRUE(writer->PushState({.received_ns = kFirstNs}));
  held.reached.get_future().wait();
  const std::size_t half = (32UL << 10U) - kRecordBytesWithoutText;
  writer->Push(FrameOf(1, half));
  writer->Push(FrameOf(2, half));
  EXPECT_EQ(writer->lost_records(), 0U);
  EXPECT_FALSE(writer->PushState({.received_ns = kFirstNs})) << "more than half full";
  writer->Push(FrameOf(3));
  EXPECT_EQ(writer->lost_records(), 1U);
  held.go.set_value();
}

TEST_F(JournalWriterTest, LossThatIsOpenAtTheStopIsWrittenDown) {
  Held held;
  bool in_journal = false;
  auto options = OptionsOf();
  options.limits.ring_records = 2;
  const auto writer =
      Start(options, {.on_segment = held.AtFirst(),
                      .on_lost = [&](const Stretch&, bool written) { in_journal = written; }});
  ASSERT_TRUE(writer->PushState({.received_ns = kFirstNs}));
  held.reached.get_future().wait();
  for (std::uint64_t n = 1; n <= 3; ++n) writer->Push(FrameOf(n));
  held.go.set_value();
  writer->Stop();
  EXPECT_TRUE(in_journal);
  EXPECT_EQ(Only(Kind::kGap, All()).size(), 1U);
}

TEST_F(JournalWriterTest, LargestPayloadFitsAndOneByteMoreIsLost) {
  const auto writer = Start(OptionsOf());
  PushFrame(*writer, FrameOf(1, kMaxPayloadBytes));
  ASSERT_TRUE(Eventually([&] { return writer->written_records() == 1; }));
  PushFrame(*writer, FrameOf(2, kMaxPayloadBytes + 1));
  PushFrame(*writer, FrameOf(3));
  writer->Stop();
  const auto all = All();
  EXPECT_EQ(Only(Kind::kFrame, all), (std::vector{FrameOf(1, kMaxPayloadBytes), FrameOf(3)}));
  EXPECT_EQ(ParseStretch(Only(Kind::kGap, all).at(0).payload)->cause, "RECORD_TOO_LARGE");
}

TEST_F(JournalWriterTest, TooLargeAStateIsRefused) {
  auto options = OptionsOf();
  options.limits.state_bytes = 100;
  const auto writer = Start(options);
  const auto give = [&](std::size_t bytes) {
    const auto given =
        writer->PushState({.received_ns = kFirstNs, .records = {StateOf(std::string(bytes, 's'))}});
    return given ? "" : given.error().reason;
  };
  EXPECT_EQ(give(60), "STATE_TOO_LARGE");
  EXPECT_EQ(give(59), "");
}

TEST_F(JournalWriterTest, OwnerWhoNeverGivesAStateGetsNoEndlessSegment) {
  auto options = OptionsOf();
  options.limits = {.ring_bytes = 64UL << 10U, .segment_bytes = 1'000};
  const auto writer = Start(options);
  ASSERT_TRUE(writer->PushState({.received_ns = kFirstNs}));
  std::uint64_t n = 0;
  while (writer->lost_records() == 0) {
    ASSERT_LT(n, 10'000U);
    writer->Push(FrameOf(++n));
    ASSERT_TRUE(Eventually([&] { return writer->waiting_records() == 0; }));
  }
  writer->Stop();
  EXPECT_LT(std::filesystem::file_size(directory() / FileName({"i", 1})), 70'000U);
  EXPECT_EQ(ParseStretch(Only(Kind::kGap, All()).at(0).payload)->cause, "STATE_MISSING");
}

TEST_F(JournalWriterTest, SyncsByEachSetting) {
  for (const Sync sync : {Sync::kNever, Sync::kEachSegment, Sync::kInterval}) {
    auto options = OptionsOf("s" + std::to_string(static_cast<int>(sync)));
    options.sync = sync;
    options.sync_interval = 1ms;
    options.limits.segment_bytes = 1'000;
    const auto writer = Start(options);
    for (std::uint64_t n = 1; n <= 100; ++n) PushFrame(*writer, FrameOf(n));
    writer->Stop();
    EXPECT_FALSE(writer->stopped());
    EXPECT_EQ(Only(Kind::kFrame, All(options.instance)).size(), 100U);
  }
}

TEST_F(JournalWriterTest, StopsOnceAndTakesNothingAfterwards) {
  const auto writer = Start(OptionsOf());
  PushFrame(*writer, FrameOf(1));
  writer->Stop();
  writer->Stop();
  EXPECT_FALSE(writer->WantsState(kFirstNs + 2 * kDayNs));
  writer->Push(FrameOf(2));
  EXPECT_EQ(writer->lost_records(), 1U);
  EXPECT_EQ(Only(Kind::kFrame, All()).size(), 1U);
}

struct RefusedCase {
  std::string name;
  std::function<void(Writer::Options&)> change;
  std::string reason;
};
class JournalStartTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(JournalStartTest, GivesTheReason) {
  const ManualClock clock;
  const TempDirectory temp;
  WriteFile(temp.path() / "A1" / "used-000003.saudaj", "x");
  WriteFile(temp.path() / "file", "x");
  Writer::Options options{.root = temp.path(), .instance = "i", .account = "A1"};
  GetParam().change(options);
  const auto writer = Writer::Start(options, clock, {});
  EXPECT_EQ(writer ? "" : writer.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Options, JournalStartTest,
    testing::Values(
        RefusedCase{"AsItIs", [](Writer::Options&) {}, ""},
        RefusedCase{"NoInstance", [](Writer::Options& o) { o.instance.clear(); }, "ID_INVALID"},
        RefusedCase{"NoAccount", [](Writer::Options& o) { o.account.clear(); }, "ID_INVALID"},
        RefusedCase{"UsedInstance", [](Writer::Options& o) { o.instance = "used"; },
                    "INSTANCE_REUSED"},
        RefusedCase{"SmallestRing", [](Writer::Options& o) { o.limits.ring_bytes = 65'536; }, ""},
        RefusedCase{"SmallerRing", [](Writer::Options& o) { o.limits.ring_bytes = 65'535; },
                    "LIMIT_INVALID"},
        RefusedCase{"NoSegment", [](Writer::Options& o) { o.limits.segment_bytes = 0; },
                    "LIMIT_INVALID"},
        RefusedCase{"NoBackoff", [](Writer::Options& o) { o.backoff.first = 0ms; },
                    "LIMIT_INVALID"},
        RefusedCase{"FileInTheWay", [](Writer::Options& o) { o.root /= "file"; }, "IO_FAILED"}),
    CaseName{});

// Whatever is pushed in whatever sizes: every record is in the journal or in a gap, in order.
TEST_F(JournalWriterTest, NothingIsMissingThatNoGapTellsOf) {
  const auto seed = std::random_device{}();
  std::mt19937 random{seed};
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (int round = 0; round < 20; ++round) {
    auto options = OptionsOf("r" + std::to_string(round));
    options.limits = {.ring_bytes = 64UL << 10U,
                      .ring_records = 2 + random() % 50,
                      .segment_bytes = 1 + random() % 20'000};
    const auto writer = Start(options);
    const std::uint64_t frames = 1 + random() % 2'000;
    for (std::uint64_t n = 1; n <= frames; ++n) PushFrame(*writer, FrameOf(n, random() % 500), "s");
    writer->Stop();
    std::uint64_t next = 1;
    for (const Read& read : All(options.instance)) {
      if (read.what == Follower::What::kEnd) break;
      ASSERT_EQ(read.what, Follower::What::kRecord);
      if (read.record.kind == Kind::kFrame) {
        ASSERT_EQ(read.record.first_seq, next * 2 - 1);
        ++next;
      } else if (read.record.kind == Kind::kGap) {
        const auto lost = ParseStretch(read.record.payload);
        ASSERT_TRUE(lost);
        ASSERT_EQ(lost->first_seq, next * 2 - 1);
        next += lost->records;
      }
    }
    ASSERT_EQ(next, frames + 1);
    ASSERT_EQ(writer->written_records() + writer->lost_records(), frames);
  }
}

}  // namespace
}  // namespace sauda::journal
