#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/store_follower.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Failure = MemoryTickStore::Failure;

constexpr Backoff::Limits kSoon{1ms, 2ms};
constexpr const char* kOwn = "own";

void ExpectAllOnce(const std::vector<Tick>& ticks, std::uint64_t first, std::uint64_t last) {
  ASSERT_EQ(ticks.size(), last - first + 1);
  for (std::size_t i = 0; i < ticks.size(); ++i) ASSERT_EQ(ticks[i].seq, first + i);
}

/// What a follower tells.
struct Told {
  StoreFollower::Events Events() {
    return {.on_written = [this](std::span<const Tick> ticks) { own_ticks += ticks.size(); },
            .on_failure = [this](const Error&) { ++failures; },
            .on_gap =
                [this](const std::string& instance, const Gap& gap) {
                  const std::lock_guard lock{mutex};
                  gaps.push_back(instance + " " + gap.cause);
                },
            .on_journal_failure = [this](const Error&) { ++journal_failures; }};
  }
  std::vector<std::string> AllGaps() {
    const std::lock_guard lock{mutex};
    return gaps;
  }
  std::atomic<std::uint64_t> own_ticks{0};
  std::atomic<int> failures{0};
  std::atomic<int> journal_failures{0};
  std::mutex mutex;  // guards gaps
  std::vector<std::string> gaps;
};

class StoreFollowerTest : public testing::Test {
 protected:
  StoreFollowerTest() { journal_.Of(kOwn); }
  std::unique_ptr<StoreFollower> Start(StoreFollower::Options options = {.linger = 0ms,
                                                                         .backoff = kSoon}) {
    options.instance = kOwn;
    return std::make_unique<StoreFollower>(store_, journal_, decoder_, options, told_.Events());
  }

  MemoryTickStore store_;
  MemoryJournal journal_;
  LetterDecoder decoder_;
  Told told_;
};

TEST_F(StoreFollowerTest, WritesEverythingInOrderAndThatItWasAll) {
  for (std::uint64_t i = 0; i < 100; ++i) journal_.Frame("A B C", 3 * i + 1);
  journal_.End();
  const auto follower = Start({.batch_ticks = 7, .linger = 1ms});
  EXPECT_TRUE(follower->Stop(10s));
  ExpectAllOnce(store_.ticks(), 1, 300);
  EXPECT_EQ(store_.ticks()[1].listing->key, "B");
  EXPECT_EQ(store_.ticks()[1].listing->instrument_id, 5);
  EXPECT_EQ(store_.ticks()[1].last->price, 2);
  EXPECT_EQ(store_.ticks()[1].broker_ms, 42);
  EXPECT_EQ(follower->written(), 300U);
  EXPECT_EQ(follower->stored_seq(), 300U);
  EXPECT_EQ(told_.own_ticks, 300U);
  EXPECT_TRUE((*store_.Progress())[kOwn].complete);
}

TEST_F(StoreFollowerTest, GathersWhatComesWithinTheLinger) {
  const auto follower = Start({.linger = 60s});
  journal_.Frame("A", 1);
  journal_.Frame("A B", 2);
  journal_.End();
  EXPECT_TRUE(follower->Stop(10s)) << "the end is not waited for any longer";
  ExpectAllOnce(store_.ticks(), 1, 3);
  EXPECT_EQ(store_.calls(), 2) << "the ticks, and that it was all";
}

TEST_F(StoreFollowerTest, WaitsWhileTheStoreIsAway) {
  store_.Fail(Failure::kDown);
  const auto follower = Start();
  journal_.Frames(1, 50);
  EXPECT_TRUE(Eventually([&] { return told_.failures > 3; }));
  EXPECT_EQ(follower->written(), 0U);
  store_.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return follower->written() == 50; }));
  ExpectAllOnce(store_.ticks(), 1, 50);
}

TEST_F(StoreFollowerTest, BatchInDoubtIsNotDoubled) {
  const auto follower = Start();
  EXPECT_TRUE(Eventually([&] { return store_.Progress().has_value(); }));
  store_.Fail(Failure::kInDoubt);
  journal_.Frames(1, 20);
  EXPECT_TRUE(Eventually([&] { return follower->stored_seq() == 20; }));
  ExpectAllOnce(store_.ticks(), 1, 20);
}

TEST_F(StoreFollowerTest, GoesOnWhereAnEarlierRunStopped) {
  ASSERT_TRUE(store_.Append({.instance = "old", .segment = 2, .ticks = std::vector{TickOf(5)}}));
  ASSERT_TRUE(store_.Append({.instance = "older", .complete = true}));
  journal_.Of("older");
  journal_.Frames(1, 3);
  journal_.End();
  journal_.Of("old");
  journal_.Frames(1, 3, 1);
  journal_.State("A", 2);
  journal_.Frames(4, 9, 2);
  journal_.End();
  journal_.Of(kOwn);
  journal_.Frames(1, 2);
  journal_.End();
  EXPECT_TRUE(Start()->Stop(10s));
  std::vector<std::uint64_t> seqs;
  for (const Tick& tick : store_.ticks()) seqs.push_back(tick.seq);
  EXPECT_THAT(seqs, ElementsAre(5, 6, 7, 8, 9, 1, 2)) << "old's own 5, its rest, then this run";
  EXPECT_EQ(told_.own_ticks, 2U);
  EXPECT_TRUE((*store_.Progress())["old"].complete);
}

TEST_F(StoreFollowerTest, AnEarlierRunThatStillRunsHoldsUpNobody) {
  journal_.Of("other");
  journal_.Frames(1, 3);
  journal_.Of(kOwn);
  journal_.Frames(1, 2);
  journal_.End();
  EXPECT_TRUE(Start()->Stop(10s));
  EXPECT_EQ(store_.ticks().size(), 5U);
  EXPECT_FALSE((*store_.Progress())["other"].complete);
}

TEST_F(StoreFollowerTest, ProgressNamesTheSegmentWhereTheRestBegins) {
  const auto follower = Start();
  journal_.Frames(1, 3, 1);
  journal_.State("A", 2);
  journal_.Frames(4, 5, 2);
  EXPECT_TRUE(Eventually([&] { return follower->stored_seq() == 5; }));
  EXPECT_EQ((*store_.Progress())[kOwn], (StoreProgress{.last_seq = 5, .segment = 2}));
}

TEST_F(StoreFollowerTest, AFrameThatIsNotWhatItWasIsAGapAndTheNextOneCounts) {
  journal_.Frame("A", 1);
  journal_.Frame("!", 2);
  journal_.Frame("A", 3);
  journal_.End();
  EXPECT_TRUE(Start()->Stop(10s));
  ASSERT_EQ(store_.gaps().size(), 1U);
  EXPECT_EQ(store_.gaps()[0].cause, "JOURNAL_MISMATCH");
  EXPECT_EQ(store_.gaps()[0].ticks, 1U);
  EXPECT_EQ(store_.ticks().size(), 2U);
}

TEST_F(StoreFollowerTest, GapsAreWrittenWithoutTicks) {
  const auto follower = Start();
  journal_.Lost({.number = 1, .from_ns = 1, .to_ns = 2, .cause = "RESTART"});
  journal_.Lost({.number = 2, .from_ns = 3, .to_ns = 4, .cause = "CONNECTION_LOST", .ticks = 7});
  EXPECT_TRUE(Eventually([&] { return store_.gaps().size() == 2; }));
  EXPECT_TRUE(Eventually([&] { return follower->lost() == 7; }));
  EXPECT_THAT(told_.AllGaps(), ElementsAre("own RESTART", "own CONNECTION_LOST"));
}

TEST_F(StoreFollowerTest, AJournalThatCannotBeReadIsTriedAgain) {
  journal_.FailReads(true);
  const auto follower = Start();
  journal_.Frames(1, 3);
  EXPECT_TRUE(Eventually([&] { return told_.journal_failures > 3; }));
  journal_.FailReads(false);
  EXPECT_TRUE(Eventually([&] { return follower->stored_seq() == 3; }));
}

TEST_F(StoreFollowerTest, TickThatCannotBeStoredDoesNotHoldUpTheRest) {
  store_.Refuse(37);
  const auto follower = Start();
  journal_.Frames(1, 100);
  EXPECT_TRUE(Eventually([&] { return follower->written() == 99; }));
  EXPECT_EQ(store_.ticks().size(), 99U);
  ASSERT_EQ(store_.gaps().size(), 1U);
  EXPECT_EQ(store_.gaps().front().cause, "STORE_REFUSED");
  EXPECT_EQ(store_.gaps().front().from_ns, TickOf(37).received_ns);
  EXPECT_EQ(follower->lost(), 1U);
}

TEST_F(StoreFollowerTest, LastTickThatIsRefusedIsGivenUpAtTheEnd) {
  store_.Refuse(3);
  journal_.Frames(1, 3);
  journal_.End();
  const auto follower = Start();
  EXPECT_TRUE(Eventually([&] { return (*store_.Progress())[kOwn].complete; }));
  EXPECT_EQ(store_.ticks().size(), 2U);
  ASSERT_EQ(store_.gaps().size(), 1U);
  EXPECT_EQ(store_.gaps().front().cause, "STORE_REFUSED");
}

TEST_F(StoreFollowerTest, StoreThatRefusesEverythingLosesNothing) {
  store_.Fail(Failure::kRefusing);
  const auto follower = Start({.batch_ticks = 20, .linger = 0ms, .backoff = kSoon});
  journal_.Frames(1, 50);
  EXPECT_TRUE(Eventually([&] { return store_.calls() > 100; }));
  EXPECT_EQ(follower->lost(), 0U);
  store_.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return follower->written() == 50; }));
  ExpectAllOnce(store_.ticks(), 1, 50);
  EXPECT_THAT(store_.gaps(), IsEmpty());
}

TEST_F(StoreFollowerTest, StoreThatRefusesEverythingLosesNoGap) {
  store_.Fail(Failure::kRefusing);
  const auto follower = Start();
  journal_.Lost({.number = 1, .from_ns = 1, .to_ns = 2, .cause = "CONNECTION_LOST"});
  EXPECT_TRUE(Eventually([&] { return store_.calls() > 10; })) << "no tick is there to be asked";
  journal_.Frames(1, 3);
  journal_.Lost({.number = 2, .from_ns = 5, .to_ns = 6, .cause = "CONNECTION_LOST"});
  const int calls = store_.calls();
  EXPECT_TRUE(Eventually([&] { return store_.calls() > calls + 50; }));
  store_.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return store_.gaps().size() == 2; }));
  EXPECT_TRUE(Eventually([&] { return follower->written() == 3; }));
}

TEST_F(StoreFollowerTest, ARunThatTheStoreRefusesDoesNotCountAsStored) {
  store_.Fail(Failure::kRefusing);
  journal_.Of("old");
  journal_.Lost({.number = 1, .from_ns = 1, .to_ns = 2, .cause = "CONNECTION_LOST"});
  journal_.End();
  const auto follower = Start({.linger = 0ms, .retain_every = 1ms, .backoff = kSoon});
  EXPECT_TRUE(Eventually([&] { return journal_.stored().contains("old"); }));
  EXPECT_FALSE(journal_.stored().at("old").complete);
}

TEST_F(StoreFollowerTest, TheJournalKeepsItsBoundsWhileTheStoreIsAway) {
  const auto follower = Start({.linger = 0ms, .retain_every = 1ms, .backoff = kSoon});
  journal_.Frames(1, 1);
  EXPECT_TRUE(Eventually([&] { return follower->written() == 1; }));
  store_.Fail(Failure::kDown);
  journal_.Frames(2, 3);
  const int calls = store_.calls();
  EXPECT_TRUE(Eventually([&] { return store_.calls() > calls; })) << "it waits for the store";
  journal_.Plan({.file = "old-1",
                 .instance = "old",
                 .gaps = {{.number = 9, .cause = "JOURNAL_RETENTION", .ticks = 12}}});
  EXPECT_TRUE(Eventually([&] { return !journal_.removed().empty(); }));
  EXPECT_THAT(store_.gaps(), IsEmpty());
  store_.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return store_.gaps().size() == 1; }));
  EXPECT_TRUE(Eventually([&] { return follower->written() == 3; }));
}

TEST_F(StoreFollowerTest, StoreThatRefusesEverythingIsNotMetAtFullSpeed) {
  store_.Fail(Failure::kRefusing);
  journal_.Frames(1, 50);
  const auto follower =
      Start({.batch_ticks = 20, .linger = 0ms, .backoff = {.first = 24h, .most = 24h}});
  EXPECT_FALSE(Eventually([&] { return store_.calls() > 30; }, 100ms));
  EXPECT_EQ(follower->lost(), 0U);
  EXPECT_FALSE(follower->Stop(0ms));
}

struct RefusedCase {
  std::string name;
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t lost;
};

class RefusedTicksTest : public StoreFollowerTest,
                         public testing::WithParamInterface<RefusedCase> {};

TEST_P(RefusedTicksTest, AreGivenUpOnceALaterOneWasTaken) {
  for (auto seq = GetParam().first; seq <= GetParam().last; ++seq) store_.Refuse(seq);
  const auto follower = Start();
  journal_.Frames(1, 100);
  const std::uint64_t last = GetParam().lost > 0 ? 100 : GetParam().first - 1;
  EXPECT_TRUE(Eventually([&] { return follower->written() == last - GetParam().lost; }));
  const int calls = store_.calls();
  EXPECT_TRUE(GetParam().lost > 0 || Eventually([&] { return store_.calls() > calls + 50; }));
  EXPECT_EQ(follower->lost(), GetParam().lost);
  EXPECT_EQ(follower->stored_seq(), last);
}

INSTANTIATE_TEST_SUITE_P(Runs, RefusedTicksTest,
                         testing::Values(RefusedCase{"One", 37, 37, 1},
                                         RefusedCase{"AsManyAsMayBeToBlame", 37, 43, 7},
                                         RefusedCase{"OneMore", 37, 44, 0},
                                         RefusedCase{"TheNewest", 100, 100, 0}),
                         CaseName{});

TEST_F(StoreFollowerTest, GapThatCannotBeStoredCostsNoTick) {
  store_.RefuseGaps("BAD");
  const auto follower = Start();
  journal_.Lost({.number = 1, .from_ns = 1, .to_ns = 2, .cause = "BAD"});
  journal_.Frames(1, 100);
  EXPECT_TRUE(Eventually([&] { return follower->written() == 100; }));
  journal_.Lost({.number = 2, .from_ns = 1, .to_ns = 2, .cause = "GOOD"});
  EXPECT_TRUE(Eventually([&] { return store_.gaps().size() == 1; }));
  EXPECT_EQ(follower->lost(), 0U);
}

TEST_F(StoreFollowerTest, WhatIsTooOldGoesAndWhatWasNotStoredIsAGap) {
  journal_.Plan({.file = "old-1", .instance = "old"});
  journal_.Plan({.file = "old-2",
                 .instance = "old",
                 .gaps = {{.number = 9, .cause = "JOURNAL_RETENTION", .ticks = 12}}});
  const auto follower = Start({.linger = 0ms, .retain_every = 1ms, .backoff = kSoon});
  EXPECT_TRUE(Eventually([&] { return journal_.removed().size() == 2; }));
  EXPECT_TRUE(Eventually([&] { return store_.gaps().size() == 1; }));
  EXPECT_EQ(follower->lost(), 12U);
  EXPECT_THAT(told_.AllGaps(), ElementsAre("old JOURNAL_RETENTION"));
}

TEST_F(StoreFollowerTest, StopDoesNotWaitForAStoreThatIsAway) {
  const auto follower = Start();
  EXPECT_TRUE(Eventually([&] { return store_.Progress().has_value(); }));
  store_.Fail(Failure::kDown);
  journal_.Frames(1, 3);
  journal_.End();
  EXPECT_FALSE(follower->Stop(24h));
}

}  // namespace
}  // namespace sauda::feed
