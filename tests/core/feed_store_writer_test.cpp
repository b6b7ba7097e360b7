#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/store_writer.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using Failure = MemoryTickStore::Failure;

constexpr Backoff::Limits kSoon{1ms, 2ms};

std::vector<Tick> Ticks(std::uint64_t first, std::uint64_t last) {
  std::vector<Tick> ticks;
  for (auto seq = first; seq <= last; ++seq) ticks.push_back(TickOf(seq));
  return ticks;
}

void ExpectAllOnce(const std::vector<Tick>& ticks, std::uint64_t count) {
  ASSERT_EQ(ticks.size(), count);
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(ticks[i].seq, i + 1);
}

TEST(StoreWriterTest, WritesEverythingInOrder) {
  MemoryTickStore store;
  StoreWriter writer{store, {.batch_ticks = 7, .linger = 1ms}, {}};
  for (std::uint64_t i = 0; i < 100; ++i) writer.Push(Ticks(i * 10 + 1, i * 10 + 10));
  EXPECT_EQ(writer.Stop(10s), 0U);
  ExpectAllOnce(store.ticks(), 1'000);
  EXPECT_EQ(writer.written(), 1'000U);
  EXPECT_EQ(writer.lost(), 0U);
}

TEST(StoreWriterTest, GathersWhatComesWithinTheLinger) {
  MemoryTickStore store;
  StoreWriter writer{store, {.linger = 60s}, {}};
  writer.Push(Ticks(1, 1));
  writer.Push(Ticks(2, 3));
  EXPECT_EQ(writer.Stop(10s), 0U) << "a stop does not wait for more";
  ExpectAllOnce(store.ticks(), 3);
  EXPECT_EQ(store.calls(), 1);
}

TEST(StoreWriterTest, KeepsWhatWaitsWhileTheStoreIsAway) {
  MemoryTickStore store;
  store.Fail(Failure::kDown);
  StoreWriter writer{store, {.batch_ticks = 10, .linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 50));
  EXPECT_TRUE(Eventually([&] { return store.calls() > 3; }));
  EXPECT_EQ(writer.waiting(), 50U);
  store.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return writer.written() == 50; }));
  ExpectAllOnce(store.ticks(), 50);
}

TEST(StoreWriterTest, BatchInDoubtIsNotDoubled) {
  MemoryTickStore store;
  store.Fail(Failure::kInDoubt);
  StoreWriter writer{store, {.linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 20));
  EXPECT_TRUE(Eventually([&] { return writer.written() == 20; }));
  ExpectAllOnce(store.ticks(), 20);
}

TEST(StoreWriterTest, WhatDoesNotFitIsCountedAndBecomesAGap) {
  MemoryTickStore store;
  store.Fail(Failure::kDown);
  StoreWriter writer{
      store, {.queue_bytes = 10 * MemoryOf(TickOf(1)), .linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 15));
  EXPECT_EQ(writer.lost(), 5U);
  EXPECT_EQ(writer.waiting(), 10U);
  store.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return !store.gaps().empty(); })) << "without a newer tick";
  const Gap gap = store.gaps().front();
  EXPECT_EQ(gap.cause, "STORE_OVERFLOW");
  EXPECT_EQ(gap.ticks, 5U);
  EXPECT_EQ(gap.number, 1U);
  EXPECT_EQ(gap.from_ns, TickOf(10).received_ns);
  EXPECT_EQ(gap.to_ns, TickOf(15).received_ns);
  writer.Push(Ticks(16, 16));
  EXPECT_TRUE(Eventually([&] { return writer.written() == 11; }));
}

TEST(StoreWriterTest, TickThatCannotBeStoredDoesNotHoldUpTheRest) {
  MemoryTickStore store;
  store.Refuse(37);
  StoreWriter writer{store, {.linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 100));
  EXPECT_TRUE(Eventually([&] { return writer.written() == 99; }));
  EXPECT_EQ(writer.Stop(10s), 0U);
  EXPECT_EQ(store.ticks().size(), 99U);
  ASSERT_EQ(store.gaps().size(), 1U);
  EXPECT_EQ(store.gaps().front().cause, "STORE_REFUSED");
  EXPECT_EQ(store.gaps().front().from_ns, TickOf(37).received_ns);
  EXPECT_EQ(writer.lost(), 1U);
}

TEST(StoreWriterTest, StoreThatRefusesEverythingLosesNothing) {
  MemoryTickStore store;
  store.Fail(Failure::kRefusing);
  StoreWriter writer{store, {.batch_ticks = 20, .linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 50));
  writer.RecordGap({.from_ns = 1, .to_ns = 2, .cause = "RESTART"});
  EXPECT_TRUE(Eventually([&] { return store.calls() > 100; }));
  EXPECT_EQ(writer.lost(), 0U);
  EXPECT_EQ(writer.waiting(), 50U);
  store.Fail(Failure::kNone);
  EXPECT_TRUE(Eventually([&] { return writer.written() == 50; }));
  EXPECT_EQ(writer.Stop(10s), 0U);
  ExpectAllOnce(store.ticks(), 50);
  ASSERT_EQ(store.gaps().size(), 1U);
  EXPECT_EQ(store.gaps().front().cause, "RESTART");
}

TEST(StoreWriterTest, StoreThatRefusesEverythingIsNotMetAtFullSpeed) {
  MemoryTickStore store;
  store.Fail(Failure::kRefusing);
  StoreWriter writer{
      store, {.batch_ticks = 20, .linger = 0ms, .backoff = {.first = 24h, .most = 24h}}, {}};
  writer.Push(Ticks(1, 50));
  EXPECT_FALSE(Eventually([&] { return store.calls() > 30; }, 100ms));
  EXPECT_EQ(writer.lost(), 0U);
  EXPECT_EQ(writer.Stop(0ms), 50U);
}

struct RefusedCase {
  std::string name;
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t lost;
};

class RefusedTicksTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedTicksTest, AreGivenUpOnceALaterOneWasTaken) {
  MemoryTickStore store;
  for (auto seq = GetParam().first; seq <= GetParam().last; ++seq) store.Refuse(seq);
  StoreWriter writer{store, {.linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 100));
  const std::uint64_t last = GetParam().lost > 0 ? 100 : GetParam().first - 1;
  EXPECT_TRUE(Eventually([&] { return writer.written() == last - GetParam().lost; }));
  const int calls = store.calls();
  EXPECT_TRUE(GetParam().lost > 0 || Eventually([&] { return store.calls() > calls + 50; }));
  EXPECT_EQ(writer.lost(), GetParam().lost);
  EXPECT_EQ(writer.waiting(), 100 - last);
}

INSTANTIATE_TEST_SUITE_P(Runs, RefusedTicksTest,
                         testing::Values(RefusedCase{"One", 37, 37, 1},
                                         RefusedCase{"AsManyAsMayBeToBlame", 37, 43, 7},
                                         RefusedCase{"OneMore", 37, 44, 0},
                                         RefusedCase{"TheNewest", 100, 100, 0}),
                         CaseName{});

TEST(StoreWriterTest, GapThatCannotBeStoredCostsNoTick) {
  MemoryTickStore store;
  store.RefuseGaps("BAD");
  StoreWriter writer{store, {.linger = 0ms, .backoff = kSoon}, {}};
  writer.RecordGap({.from_ns = 1, .to_ns = 2, .cause = "BAD"});
  writer.Push(Ticks(1, 100));
  EXPECT_TRUE(Eventually([&] { return writer.written() == 100; }));
  writer.RecordGap({.from_ns = 1, .to_ns = 2, .cause = "GOOD"});
  EXPECT_TRUE(Eventually([&] { return store.gaps().size() == 1; }));
  EXPECT_EQ(writer.lost(), 0U);
  EXPECT_EQ(writer.Stop(10s), 0U);
}

TEST(StoreWriterTest, CountsAreUpToDateWhenItTellsWhatIsWritten) {
  MemoryTickStore store;
  std::atomic<std::uint64_t> waiting{99};
  StoreWriter* made = nullptr;
  std::mutex mutex;  // guards made
  StoreWriter writer{store, {.linger = 0ms}, {.on_written = [&](std::span<const Tick>) {
                       const std::lock_guard lock{mutex};
                       waiting = made->waiting();
                     }}};
  {
    const std::lock_guard lock{mutex};
    made = &writer;
  }
  writer.Push(Ticks(1, 10));
  EXPECT_EQ(writer.Stop(10s), 0U);
  EXPECT_EQ(waiting, 0U);
}

TEST(StoreWriterTest, GapsAreWrittenWithoutTicks) {
  MemoryTickStore store;
  StoreWriter writer{store, {}, {}};
  writer.RecordGap({.from_ns = 1, .to_ns = 2, .cause = "RESTART"});
  writer.RecordGap({.from_ns = 3, .to_ns = 4, .cause = "CONNECTION_LOST"});
  EXPECT_TRUE(Eventually([&] { return store.gaps().size() == 2; }));
  EXPECT_EQ(store.gaps()[1].number, 2U);
}

TEST(StoreWriterTest, StopGivesUpAtItsLimit) {
  MemoryTickStore store;
  store.Fail(Failure::kDown);
  StoreWriter writer{store, {.linger = 0ms, .backoff = kSoon}, {}};
  writer.Push(Ticks(1, 3));
  EXPECT_EQ(writer.Stop(20ms), 3U);
}

}  // namespace
}  // namespace sauda::feed
