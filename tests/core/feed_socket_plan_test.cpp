#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/socket_plan.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<InstrumentId> Ids(std::size_t count, std::size_t from = 0) {
  std::vector<InstrumentId> ids(count);
  std::iota(ids.begin(), ids.end(), static_cast<InstrumentId>(from));
  return ids;
}

struct Wish {
  std::size_t keys;
  Mode mode;
};

struct PackCase {
  std::string name;
  std::size_t sockets;
  std::vector<Wish> wishes;  // each of new keys
  bool taken;                // the last of them; the others are
  std::vector<KeysByMode> loads;
};

class PackTest : public testing::TestWithParam<PackCase> {};

TEST_P(PackTest, FillsConnectionsWithinTheirLimits) {
  const auto& row = GetParam();
  SocketPlan plan{row.sockets};
  std::size_t known = 0;
  for (const Wish& wish : row.wishes) {
    const bool last = &wish == &row.wishes.back();
    const auto taken = plan.Want(Ids(wish.keys, known), wish.mode, false);
    ASSERT_EQ(taken.has_value(), row.taken || !last);
    if (!taken) {
      EXPECT_EQ(taken.error().reason, "SUBSCRIPTION_LIMIT");
      EXPECT_EQ(plan.size(), known) << "all or nothing";
      continue;
    }
    known += wish.keys;
  }
  for (std::size_t socket = 0; socket < row.loads.size(); ++socket) {
    EXPECT_EQ(plan.LoadOf(socket), row.loads[socket]) << "connection " << socket;
  }
}

// Loads: LTPC, option greeks, full, full D30.
INSTANTIATE_TEST_SUITE_P(
    Plans, PackTest,
    testing::Values(
        PackCase{"OneIsEnough", 2, {{2'000, Mode::kFull}}, true, {{{0, 0, 2'000, 0}}, {}}},
        PackCase{"TheRestGoesToTheNext",
                 2,
                 {{2'001, Mode::kFull}},
                 true,
                 {{{0, 0, 2'000, 0}}, {{0, 0, 1, 0}}}},
        PackCase{"TwoTakeFourThousandFull", 2, {{4'000, Mode::kFull}}, true, {}},
        PackCase{"AndNoMore", 2, {{4'001, Mode::kFull}}, false, {}},
        PackCase{"LtpcAlone", 1, {{5'000, Mode::kLtpc}}, true, {{{5'000, 0, 0, 0}}}},
        PackCase{"LtpcOneMore", 1, {{5'001, Mode::kLtpc}}, false, {}},
        PackCase{"GreeksAlone", 1, {{3'000, Mode::kOptionGreeks}}, true, {}},
        PackCase{"GreeksOneMore", 1, {{3'001, Mode::kOptionGreeks}}, false, {}},
        PackCase{"D30Alone", 1, {{50, Mode::kFullD30}}, true, {}},
        PackCase{"D30OneMore", 1, {{51, Mode::kFullD30}}, false, {}},
        PackCase{"ModesShareOneUpToTheMixedLimits",
                 1,
                 {{1'500, Mode::kFull}, {2'000, Mode::kLtpc}},
                 true,
                 {{{2'000, 0, 1'500, 0}}}},
        PackCase{"MixedLtpcOneMore", 1, {{1'500, Mode::kFull}, {2'001, Mode::kLtpc}}, false, {}},
        PackCase{"MixedFullOneMore", 1, {{1, Mode::kLtpc}, {1'501, Mode::kFull}}, false, {}},
        PackCase{"ModesPartWhenOneIsFull",
                 2,
                 {{2'000, Mode::kFull}, {5'000, Mode::kLtpc}},
                 true,
                 {{{0, 0, 2'000, 0}}, {{5'000, 0, 0, 0}}}},
        PackCase{"PackedAnewWhenNothingElseFits",
                 2,
                 {{1'500, Mode::kFull}, {10, Mode::kLtpc}, {2'490, Mode::kFull}},
                 false,
                 {}},
        PackCase{"PackedAnewWhenThatHelps",
                 2,
                 {{1'500, Mode::kFull},
                  {2'000, Mode::kLtpc},
                  {500, Mode::kFull},
                  {1'000, Mode::kLtpc},
                  {2'000, Mode::kLtpc}},
                 true,
                 {{{5'000, 0, 0, 0}}, {{0, 0, 2'000, 0}}}},
        PackCase{"FiveTakeTenThousandFull", 5, {{10'000, Mode::kFull}}, true, {}}),
    CaseName{});

TEST(SocketPlanTest, NewKeysGoBesideOthersOfTheirMode) {
  SocketPlan plan{3};
  ASSERT_TRUE(plan.Want(Ids(2'000), Mode::kFull, false));
  ASSERT_TRUE(plan.Want(Ids(10, 2'000), Mode::kLtpc, false));
  EXPECT_EQ(plan.Of(2'005)->socket, 1U);
  ASSERT_TRUE(plan.Want(Ids(1, 3'000), Mode::kFull, false));
  EXPECT_EQ(plan.Of(3'000)->socket, 1U) << "beside others before a connection of its own";
  ASSERT_TRUE(plan.Want(Ids(1, 3'001), Mode::kLtpc, false));
  EXPECT_EQ(plan.Of(3'001)->socket, 1U);
  EXPECT_FALSE(plan.IsUsed(2));
}

TEST(SocketPlanTest, KeysMoveOnlyWhenTheyMust) {
  SocketPlan plan{2};
  ASSERT_TRUE(plan.Want(Ids(1'500), Mode::kFull, false));
  EXPECT_THAT(*plan.Want(Ids(1), Mode::kLtpc, false), ElementsAre(0)) << "in its place";
  EXPECT_EQ(plan.Of(0)->socket, 0U);
  ASSERT_TRUE(plan.Want(Ids(1), Mode::kFull, false));
  ASSERT_TRUE(plan.Want(Ids(500, 1'500), Mode::kFull, false));
  EXPECT_THAT(*plan.Want(Ids(1, 7), Mode::kLtpc, false), ElementsAre(7))
      << "beside 1 999 in another mode there is no room for it";
  EXPECT_EQ(plan.Of(7)->socket, 1U);
  EXPECT_THAT(*plan.Want(Ids(1, 7), Mode::kLtpc, true), IsEmpty());
}

TEST(SocketPlanTest, AConnectionIsFreedWhenTheOthersTakeItsKeys) {
  SocketPlan plan{2};
  ASSERT_TRUE(plan.Want(Ids(2'002), Mode::kFull, false));
  EXPECT_THAT(plan.FreeOne(), IsEmpty());
  EXPECT_THAT(plan.Drop(Ids(2)), SizeIs(2));
  EXPECT_THAT(plan.FreeOne(), ElementsAre(2'000, 2'001));
  EXPECT_FALSE(plan.IsUsed(1));
  EXPECT_THAT(plan.FreeOne(), IsEmpty());
}

TEST(SocketPlanTest, DroppedKeysAreGone) {
  SocketPlan plan{1};
  ASSERT_TRUE(plan.Want(Ids(2), Mode::kFull, false));
  EXPECT_THAT(plan.Drop(std::vector<InstrumentId>{1, 1, 9}), ElementsAre(1));
  EXPECT_FALSE(plan.Of(1));
  EXPECT_EQ(plan.LoadOf(0), (KeysByMode{0, 0, 1, 0}));
}

/// The loads as the places make them.
std::vector<KeysByMode> Count(const SocketPlan& plan) {
  std::vector<KeysByMode> loads(plan.sockets());
  for (const auto& [id, place] : plan.places()) {
    ++loads.at(place.socket).at(IndexOf(place.mode));
  }
  return loads;
}

TEST(SocketPlanTest, NoLimitIsEverExceededAndEveryKeyHasOnePlace) {
  for (const std::uint32_t seed : {1U, 2U, 3U, 4U, 5U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    const auto pick = [&](std::size_t below) { return random() % below; };
    SocketPlan plan{1 + pick(5)};
    std::map<InstrumentId, Mode> wanted;
    for (int step = 0; step < 150; ++step) {
      const auto ids = Ids(1 + pick(1'200), pick(9'000));
      const auto before = plan.places();
      if (pick(3) == 0) {
        for (const InstrumentId id : plan.Drop(ids)) wanted.erase(id);
      } else {
        const auto mode = static_cast<Mode>(pick(20) == 0 ? 4 : 1 + pick(3));
        const auto taken = plan.Want(ids, mode, false);
        if (taken) {
          for (const InstrumentId id : ids) wanted[id] = mode;
        } else {
          ASSERT_EQ(plan.places(), before) << "all or nothing";
        }
      }
      if (pick(4) == 0) (void)plan.FreeOne();
      ASSERT_EQ(plan.size(), wanted.size());
      for (const auto& [id, place] : plan.places()) ASSERT_EQ(place.mode, wanted.at(id));
      const auto loads = Count(plan);
      for (std::size_t socket = 0; socket < plan.sockets(); ++socket) {
        ASSERT_EQ(loads[socket], plan.LoadOf(socket));
        ASSERT_FALSE(OverLimit(loads[socket])) << "connection " << socket << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace sauda::feed
