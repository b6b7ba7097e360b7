#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/history_pager.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/memory_history.hpp"

namespace sauda::feed {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Tick TickAt(std::int64_t received_ns, std::uint64_t seq, const std::string& key) {
  Tick tick = TickOf(seq, key);
  tick.received_ns = received_ns;
  return tick;
}

/// What a pager reads, place by place, and in how many pages.
struct Reading {
  std::vector<TickPlace> places;
  int pages = 0;
};

Reading ReadAll(MemoryHistory& history, TickRange range) {
  Reading reading;
  HistoryPager pager{std::move(range)};
  while (!pager.done()) {
    const TickRange next = pager.Next();
    EXPECT_LE(next.limit, HistoryPager::kPageTicks);
    const auto page = pager.Read(history);
    if (!page) {
      ADD_FAILURE() << page.error().reason;
      break;
    }
    for (const StoredTick& each : *page) reading.places.push_back(each.place());
    ++reading.pages;
  }
  return reading;
}

struct Case {
  std::string name;
  std::vector<std::string> keys;
  std::uint64_t limit;
};

class HistoryPagerTest : public testing::TestWithParam<Case> {};

TEST_P(HistoryPagerTest, GivesWhatOneReadGives) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  MemoryHistory history;
  std::int64_t now = 0;
  std::vector<Tick> ticks[2];
  for (std::uint64_t seq = 1; seq <= 6'000; ++seq) {
    // Bursts of the same instant, and silences longer than any stretch.
    if (random() % 3 == 0) now += static_cast<std::int64_t>(random() % kSecond) / 100;
    if (random() % 1'000 == 0) now += 3'600 * kSecond;
    ticks[random() % 50 == 0 ? 1 : 0].push_back(
        TickAt(now, seq, "K" + std::to_string(random() % 3)));
  }
  history.Put("a", ticks[0]);
  history.Put("b", ticks[1]);
  TickRange range{.keys = GetParam().keys, .from_ns = 5, .to_ns = now, .limit = 1'000'000};
  auto expected = *history.Ticks(range);
  if (GetParam().limit > 0 && expected.size() > GetParam().limit) {
    expected.resize(GetParam().limit);
  }
  range.limit = GetParam().limit;
  const Reading reading = ReadAll(history, range);
  ASSERT_EQ(reading.places.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(reading.places[i], expected[i].place()) << i;
  }
  if (expected.size() < 10) return;
  range.after = expected[expected.size() / 2].place();
  range.limit = 0;
  const Reading rest = ReadAll(history, range);
  ASSERT_FALSE(rest.places.empty());
  EXPECT_EQ(rest.places.front(), expected[expected.size() / 2 + 1].place());
}

INSTANTIATE_TEST_SUITE_P(Ranges, HistoryPagerTest,
                         testing::Values(Case{"OneKey", {"K1"}, 0},
                                         Case{"TwoKeys", {"K0", "K2"}, 0}, Case{"EveryKey", {}, 0},
                                         Case{"Nobody", {"K9"}, 0}, Case{"LimitBelowAPage", {}, 7},
                                         Case{"LimitOfAPage", {"K1"}, HistoryPager::kPageTicks},
                                         Case{"LimitOverAPage", {}, HistoryPager::kPageTicks + 1}),
                         CaseName{});

TEST(HistoryPagerStretchTest, OneKeyIsReadByCountAndSeveralByStretch) {
  const TickRange day{.keys = {"A"}, .from_ns = 0, .to_ns = 86'400 * kSecond};
  EXPECT_EQ(HistoryPager{day}.Next().to_ns, day.to_ns);
  TickRange all = day;
  all.keys.clear();
  EXPECT_EQ(HistoryPager{all}.Next().to_ns, HistoryPager::kFirstStretchNs);
}

TEST(HistoryPagerStretchTest, SilenceIsCrossedInFewPages) {
  MemoryHistory history;
  history.Put("a", {TickAt(0, 1, "A"), TickAt(86'400 * kSecond, 2, "A")});
  const Reading reading = ReadAll(history, {.from_ns = 0, .to_ns = 86'401 * kSecond});
  EXPECT_EQ(reading.places.size(), 2U);
  EXPECT_LT(reading.pages, 310);
}

TEST(HistoryPagerStretchTest, DaysOfNothingCostOnePage) {
  MemoryHistory history;
  const std::int64_t day = 86'400 * kSecond;
  history.Put("a", {TickAt(20'000 * day + 5, 1, "A"), TickAt(20'003 * day, 2, "A")});
  const Reading reading = ReadAll(history, {.from_ns = 0, .to_ns = 30'000 * day});
  EXPECT_EQ(reading.places.size(), 2U);
  EXPECT_LT(reading.pages, 650) << "two days in stretches, no more";
}

/// An opening of 100 ticks a second, 17 hours after the last tick.
void PutANight(MemoryHistory& history) {
  std::vector<Tick> ticks{TickAt(0, 1, "A")};
  for (std::uint64_t i = 0; i < 40'000; ++i) {
    ticks.push_back(
        TickAt(std::int64_t{17} * 3'600 * kSecond + static_cast<std::int64_t>(i) * kSecond / 100,
               i + 2, "A"));
  }
  history.Put("a", ticks);
}

TEST(HistoryPagerStretchTest, WhatEndsASilenceIsNotHalfTheSilence) {
  MemoryHistory history;
  PutANight(history);
  history.SetMostSorted(30'000);  // five minutes of the opening
  const Reading reading = ReadAll(history, {.from_ns = 0, .to_ns = 86'400 * kSecond});
  EXPECT_EQ(reading.places.size(), 40'001U);
  EXPECT_EQ(history.timeouts(), 0);
}

TEST(HistoryPagerStretchTest, WhatTakesTooLongIsTakenByHalves) {
  MemoryHistory history;
  PutANight(history);
  history.SetMostSorted(2'000);
  const Reading reading = ReadAll(history, {.from_ns = 0, .to_ns = 86'400 * kSecond});
  EXPECT_EQ(reading.places.size(), 40'001U);
  EXPECT_LT(reading.pages, 600);
  EXPECT_GT(history.timeouts(), 0);
  EXPECT_LT(history.timeouts(), 10);
}

TEST(HistoryPagerStretchTest, WhatTakesTooLongAtTheLeastIsTold) {
  MemoryHistory history;
  history.Put("a", {TickAt(5, 1, "A"), TickAt(5, 2, "A")});
  history.SetMostSorted(1);
  HistoryPager pager{{.from_ns = 0, .to_ns = 10 * kSecond}};
  std::string reason;
  for (int i = 0; i < 50 && reason.empty(); ++i) {
    if (const auto page = pager.Read(history); !page) reason = page.error().reason;
  }
  EXPECT_EQ(reason, "STATEMENT_TIMEOUT");
  history.SetMostSorted(2);
  EXPECT_EQ(pager.Read(history)->size(), 2U) << "the place is kept";
}

TEST(HistoryPagerStretchTest, AllOfTimeIsARange) {
  MemoryHistory history;
  history.Put("a", {TickAt(0, 1, "A")});
  const Reading reading = ReadAll(history, {.from_ns = std::numeric_limits<std::int64_t>::min(),
                                            .to_ns = std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(reading.places.size(), 1U);
  EXPECT_LT(reading.pages, 310);
}

struct PlaceCase {
  std::string name;
  TickPlace after;
  std::int64_t from_ns;
  bool kept;
};

class HistoryPagerAfterTest : public testing::TestWithParam<PlaceCase> {};

TEST_P(HistoryPagerAfterTest, GoesOnAfterAPlaceInTheRange) {
  const HistoryPager pager{{.from_ns = 10, .to_ns = 20, .after = GetParam().after}};
  ASSERT_FALSE(pager.done());
  EXPECT_EQ(pager.Next().from_ns, GetParam().from_ns);
  EXPECT_EQ(pager.Next().after.has_value(), GetParam().kept);
}

INSTANTIATE_TEST_SUITE_P(Places, HistoryPagerAfterTest,
                         testing::Values(PlaceCase{"Before", {9, "a", 1}, 10, false},
                                         PlaceCase{"AtTheBegin", {10, "a", 1}, 10, true},
                                         PlaceCase{"Inside", {15, "a", 1}, 15, true}),
                         CaseName{});

TEST(HistoryPagerStretchTest, APlaceAtTheEndLeavesNothing) {
  EXPECT_TRUE((HistoryPager{{.from_ns = 10, .to_ns = 20, .after = TickPlace{20, "a", 1}}}.done()));
}

}  // namespace
}  // namespace sauda::feed
