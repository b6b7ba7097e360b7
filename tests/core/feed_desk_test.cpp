#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/desk.hpp"
#include "services/feed/src/plain_waiting.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

/// The instruments service is away.
struct NoDirectory final : InstrumentDirectory {
  Result<std::vector<std::optional<Listing>>> Find(const std::vector<std::string>& /*names*/,
                                                   const std::string& /*request_id*/) override {
    ++calls;
    return Error{Code::kUnavailable, "INSTRUMENTS_DOWN", "away"};
  }
  Result<FoundListings> List(const InstrumentQuery& /*query*/,
                             const std::string& /*request_id*/) override {
    ++calls;
    return Error{Code::kUnavailable, "INSTRUMENTS_DOWN", "away"};
  }
  int calls = 0;
};

Connector::Events NoEvents() {
  return {.on_frame = [](const BrokerFrame&) {}, .on_wanted = [](std::size_t) {}};
}

class DeskTest : public testing::Test {
 protected:
  static Listing Of(const std::string& key, const std::string& symbol, Kind kind = Kind::kEquity) {
    return {.key = key, .instrument_id = 1, .symbol = symbol, .kind = kind};
  }
  /// What an earlier run had kept.
  void Restore(const std::vector<Listing>& listings) {
    std::vector<KeptSubscription> kept;
    for (const Listing& each : listings) kept.push_back({.listing = each});
    ASSERT_EQ(desk_.Restore(kept), 0U);
  }
  std::vector<std::string> Unsubscribe(const std::vector<std::string>& names) {
    std::vector<std::string> keys;
    for (const InstrumentId id : desk_.Unsubscribe(names)) keys.push_back(desk_.KeyOf(id));
    return keys;
  }

  SystemClock clock_;
  Listings listings_;
  TextEncoder encoder_;
  ScriptedBroker broker_;
  MemorySubscriptionStore store_;
  NoDirectory directory_;
  PlainWaiting waiting_;
  Publisher publisher_{waiting_, encoder_, {}, nullptr};
  HandOver hand_over_;
  Connector connector_{{broker_}, listings_, hand_over_, clock_, {}, NoEvents()};
  StateKeeper keeper_{store_, {}, {.on_loaded = [](const KeptState&) {}}};
  Desk desk_{directory_, listings_, connector_, publisher_, keeper_, {}, [](FeedState&) {}};
};

struct NameCase {
  std::string name;
  std::vector<std::string> names;
  std::vector<std::string> ended;
};

class UnsubscribeTest : public DeskTest, public testing::WithParamInterface<NameCase> {};

TEST_P(UnsubscribeTest, NeedsNoInstrumentsService) {
  Restore({Of("BSE_EQ|1", "INFY"), Of("NSE_EQ|1", "INFY"), Of("NSE_INDEX|2", "SAME", Kind::kIndex),
           Of("NSE_EQ|2", "SAME"), Of("BSE_EQ|3", "ONLYBSE"), Of("NSE_EQ|4", "")});
  EXPECT_EQ(Unsubscribe(GetParam().names), GetParam().ended);
  EXPECT_EQ(connector_.Rows().size(), 6U - GetParam().ended.size());
  EXPECT_EQ(directory_.calls, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Names, UnsubscribeTest,
    testing::Values(NameCase{"Key", {"BSE_EQ|1"}, {"BSE_EQ|1"}},
                    NameCase{"SymbolMeansNseFirst", {"INFY"}, {"NSE_EQ|1"}},
                    NameCase{"SharesBeforeIndices", {"SAME"}, {"NSE_EQ|2"}},
                    NameCase{"SymbolOfWhatIsThere", {"ONLYBSE"}, {"BSE_EQ|3"}},
                    NameCase{"UnknownNames", {"NOBODY", "NSE_EQ|9", ""}, {}},
                    NameCase{"SomeKnown", {"NOBODY", "INFY", "NSE_EQ|4"}, {"NSE_EQ|1", "NSE_EQ|4"}},
                    NameCase{"TwiceCountsOnce", {"INFY", "INFY", "NSE_EQ|1"}, {"NSE_EQ|1"}}),
    CaseName{});

/// A desk whose instruments service has 3 futures and 6 options of everything, a share and an index
/// of the universe, and the names A and B.
class SelectTest : public DeskTest {
 protected:
  SelectTest() {
    there_.lists = {{Kind::kFuture, {"F1", "F2", "F3"}},
                    {Kind::kOption, {"O1", "O2", "O3", "O4", "O5", "O6"}},
                    {Kind::kEquity, {"E1"}},
                    {Kind::kIndex, {"I1"}}};
  }
  /// What is subscribed, in its order, and how much was taken.
  std::string Subscribe(const WantedNames& wanted) {
    const auto subscribed = selecting_.Subscribe(wanted, "request");
    if (!subscribed) return subscribed.error().reason;
    std::string text;
    for (const InstrumentId id : subscribed->ids) text += selecting_.KeyOf(id) + " ";
    for (const std::string& name : subscribed->unknown) text += "without " + name + " ";
    for (const Taken& each : subscribed->taken) {
      static constexpr const char* kBy[] = {"?", "", " by kind ", " by request "};
      text += "| " + std::to_string(each.taken) + " of " + std::to_string(each.total) +
              kBy[static_cast<int>(each.limited_by)] +
              (each.limit == 0 ? "" : std::to_string(each.limit)) + " ";
    }
    return text;
  }

  MemoryDirectory there_{{"A", "B"}};
  Desk selecting_{there_,
                  listings_,
                  connector_,
                  publisher_,
                  keeper_,
                  {.limits = {.index = 2, .equity = 2, .futures = 2, .options = 5},
                   .universe_exclude = {"NIFTY"}},
                  [](FeedState&) {}};
};

struct SelectCase {
  std::string name;
  WantedNames wanted;
  std::string outcome;
};
class SelectCaseTest : public SelectTest, public testing::WithParamInterface<SelectCase> {};

TEST_P(SelectCaseTest, TakesWhatTheLimitsAllowAndSaysHowMuch) {
  EXPECT_EQ(Subscribe(GetParam().wanted), GetParam().outcome);
}

WantedNames Select(const Selection& selection) { return {.selection = selection}; }

INSTANTIATE_TEST_SUITE_P(
    Selections, SelectCaseTest,
    testing::Values(
        SelectCase{"Kind", Select({.kind = Kind::kFuture}), "F1 F2 | 2 of 3 by kind 2 "},
        SelectCase{"KindThatFits", Select({.kind = Kind::kIndex}), "I1 | 1 of 1 "},
        SelectCase{"RequestLimit", Select({.kind = Kind::kOption, .limit = 4}),
                   "O1 O2 O3 O4 | 4 of 6 by request 4 "},
        SelectCase{"KindLimitFirst", Select({.kind = Kind::kOption, .limit = 6}),
                   "O1 O2 O3 O4 O5 | 5 of 6 by kind 5 "},
        SelectCase{"Underlying", Select({.underlying = "X"}),
                   "F1 F2 O1 O2 O3 O4 O5 | 2 of 3 by kind 2 | 5 of 6 by kind 5 "},
        SelectCase{"UnderlyingWithinALimit", Select({.underlying = "X", .limit = 3}),
                   "F1 F2 O1 | 2 of 3 by kind 2 | 1 of 6 by request 3 "},
        SelectCase{"LimitSpentByTheFirstKind", Select({.underlying = "X", .limit = 2}),
                   "F1 F2 | 2 of 3 by kind 2 | 0 of 6 by request 2 "},
        SelectCase{"Universe", Select({.universe = true}), "E1 I1 | 1 of 1 | 1 of 1 "},
        SelectCase{"NamesBeforeIt",
                   {.names = {"B", "A"}, .selection = Selection{.kind = Kind::kIndex}},
                   "B A I1 | 1 of 1 "},
        SelectCase{"UnknownName", {.names = {"A", "NO"}}, "INSTRUMENT_UNKNOWN"},
        SelectCase{"UnknownNameLeftOut",
                   {.names = {"NO", "A", "NOR"}, .skip_unknown = true},
                   "A without NO without NOR "},
        SelectCase{"AllNamesLeftOut", {.names = {"NO"}, .skip_unknown = true}, "without NO "},
        SelectCase{"Nothing", Select({}), "SELECTION_INVALID"},
        SelectCase{"LimitWithoutAnything", Select({.limit = 5}), "SELECTION_INVALID"},
        SelectCase{"LargestLimit", Select({.kind = Kind::kIndex, .limit = 5'000}), "I1 | 1 of 1 "},
        SelectCase{"LimitTooLarge", Select({.kind = Kind::kIndex, .limit = 5'001}),
                   "SELECTION_INVALID"},
        SelectCase{"SharesOfAnUnderlying", Select({.kind = Kind::kEquity, .underlying = "X"}),
                   "SELECTION_INVALID"},
        SelectCase{"UniverseAndUnderlying", Select({.underlying = "X", .universe = true}),
                   "SELECTION_INVALID"},
        SelectCase{"UniverseAndSegment", Select({.segment = "NSE_FO", .universe = true}),
                   "SELECTION_INVALID"},
        SelectCase{"ExcludedOfNoUniverse", Select({.kind = Kind::kIndex, .exclude = {"A"}}),
                   "SELECTION_INVALID"},
        SelectCase{"TooManyExcluded",
                   Select({.universe = true, .exclude = std::vector<std::string>(500, "A")}),
                   "SELECTION_INVALID"},
        SelectCase{"NearPriceOfFutures",
                   Select({.kind = Kind::kFuture, .underlying = "X", .near_price = 1}),
                   "SELECTION_INVALID"},
        SelectCase{"NearPriceBelowZero", Select({.underlying = "X", .near_price = -1}),
                   "SELECTION_INVALID"},
        SelectCase{
            "NearPriceNoNumber",
            Select({.underlying = "X", .near_price = std::numeric_limits<double>::quiet_NaN()}),
            "SELECTION_INVALID"}),
    CaseName{});

TEST_F(SelectTest, AnEmptySelectionIsAFailureUnlessWhatIsThereWillDo) {
  there_.lists.clear();
  WantedNames wanted{.names = {"A"}, .selection = Selection{.underlying = "X"}};
  EXPECT_EQ(Subscribe(wanted), "SELECTION_EMPTY");
  EXPECT_TRUE(connector_.Rows().empty());
  wanted.skip_unknown = true;
  EXPECT_EQ(Subscribe(wanted), "A | 0 of 0 | 0 of 0 ");
}

TEST_F(SelectTest, AsksForTheUniverseWithoutWhatTheSettingsExclude) {
  Subscribe(Select({.universe = true, .exclude = {"INFY"}}));
  ASSERT_EQ(there_.queries.size(), 2U);
  for (const InstrumentQuery& query : there_.queries) {
    EXPECT_TRUE(query.universe);
    EXPECT_THAT(query.exclude, testing::ElementsAre("INFY", "NIFTY"));
  }
}

TEST_F(SelectTest, NearPriceIsForOptions) {
  Subscribe(Select({.underlying = "X", .near_price = 24'150.5}));
  ASSERT_EQ(there_.queries.size(), 2U);
  EXPECT_EQ(there_.queries[0].near_price, 0);
  EXPECT_EQ(there_.queries[1].near_price, 24'150.5);
}

TEST_F(SelectTest, TheSameSelectionTwiceIsTheSameSubscriptions) {
  Subscribe(Select({.kind = Kind::kOption}));
  Subscribe(Select({.kind = Kind::kOption}));
  EXPECT_EQ(connector_.Rows().size(), 5U);
  EXPECT_EQ(desk_.List().front().listing.kind, Kind::kOption);
}

TEST_F(SelectTest, AFilterHasKeysAndTheUniverseOfTheMoment) {
  const auto filter = selecting_.FilterOf(
      {.kinds = {Kind::kOption}, .underlyings = {"B", "A"}, .universe = true}, "request");
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_THAT(filter->kinds, testing::ElementsAre(Kind::kOption));
  EXPECT_THAT(filter->underlyings, testing::Optional(testing::ElementsAre("A", "B")));
  EXPECT_THAT(filter->universe, testing::Optional(testing::ElementsAre("E1", "I1")));
  ASSERT_EQ(there_.queries.size(), 2U);
  for (const InstrumentQuery& query : there_.queries) {
    EXPECT_TRUE(query.universe);
    EXPECT_THAT(query.exclude, testing::ElementsAre("NIFTY"));
    EXPECT_EQ(query.limit, 5'000U) << "the limits of a selection are not of a filter";
  }
}

TEST_F(SelectTest, AFilterOfAnUnknownUnderlyingIsRefused) {
  const auto filter = selecting_.FilterOf({.underlyings = {"A", "NO"}}, "request");
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().reason, "INSTRUMENT_UNKNOWN");
  EXPECT_NE(filter.error().message.find("NO"), std::string::npos);
}

TEST_F(DeskTest, AFilterOfKindsNeedsNoInstrumentsService) {
  Restore({Of("NSE_FO|1", "F", Kind::kFuture)});
  ASSERT_TRUE(desk_.FilterOf({.kinds = {Kind::kFuture}}, "request"));
  EXPECT_EQ(directory_.calls, 0);
  EXPECT_EQ(desk_.FilterOf({.universe = true}, "request").error().reason, "INSTRUMENTS_DOWN");
}

// Earlier versions did not keep what a contract is written on.
TEST_F(SelectTest, WhatWasKeptWithoutItsUnderlyingIsAskedForToldAndKeptAnew) {
  there_.contracts = {{"B", "A"}};
  ASSERT_EQ(selecting_.Restore({{.listing = Of("B", "SYMBOL", Kind::kFuture)}}), 0U);
  std::vector<std::string> told;
  selecting_.Listen([&told](const std::vector<FreshKey>& fresh) {
    for (const FreshKey& each : fresh) told.push_back(each.listing->underlying);
  });
  ASSERT_TRUE(selecting_.FilterOf({.underlyings = {"A"}}, "request"));
  EXPECT_EQ(selecting_.List().front().listing.underlying, "A");
  EXPECT_THAT(told, testing::ElementsAre("A"));
  ASSERT_TRUE(selecting_.FilterOf({.underlyings = {"A"}}, "request"));
  EXPECT_EQ(told.size(), 1U) << "once";
  keeper_.Start();
  ASSERT_TRUE(Eventually([this] { return !store_.Load()->subscriptions.empty(); }));
  EXPECT_EQ(store_.Load()->subscriptions[0].listing.underlying, "A");
}

TEST_F(SelectTest, NeedsTheInstrumentsService) {
  const auto refused = desk_.Subscribe(Select({.kind = Kind::kOption}), "request");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "INSTRUMENTS_DOWN");
  EXPECT_TRUE(connector_.Rows().empty());
}

}  // namespace
}  // namespace sauda::feed
