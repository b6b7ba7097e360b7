#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/core/universe.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/memory_instrument_store.hpp"
#include "tests/support/memory_list_store.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kNow = 1'765'771'200'000;

/// Calls of NIFTY with the strikes 100, 101, …
class UniverseTest : public testing::Test {
 protected:
  void SetUp() override {
    auto transaction = std::move(*store_.Begin(*store_.StartRun(0, "test")));
    for (int i = 0; i < 7; ++i) {
      Instrument call;
      call.key = "NSE_FO|" + std::to_string(i);
      call.segment = *FindSegment("NSE_FO");
      call.type = "CE";
      call.kind = Kind::kOption;
      call.expiry_ms = kNow + 1;
      call.strike = Decimal::FromUnits(100 + i);
      call.underlying_key = "NSE_INDEX|Nifty 50";
      call.underlying_symbol = "NIFTY";
      ASSERT_TRUE(transaction->Insert(call, Digest(call)));
    }
    const auto report = transaction->Apply({});
    ASSERT_TRUE(report);
    ASSERT_TRUE(transaction->Commit(*report));
    ASSERT_TRUE(catalogs_.Refresh());
  }
  MemoryInstrumentStore store_;
  CatalogKeeper catalogs_{store_};
  MemoryListStore list_store_;
  ListKeeper lists_{list_store_};
  Universe universe_{catalogs_, lists_};
};

struct ListCase {
  std::string name;
  ListRequest request;
  std::string reason;
};
class ListRulesTest : public UniverseTest, public testing::WithParamInterface<ListCase> {};

TEST_P(ListRulesTest, GivesTheReason) {
  const auto page = universe_.List(GetParam().request, kNow);
  EXPECT_EQ(page ? "" : page.error().reason, GetParam().reason);
}

std::vector<std::string> Names(std::size_t count) { return {count, "A"}; }

INSTANTIATE_TEST_SUITE_P(
    Requests, ListRulesTest,
    testing::Values(
        ListCase{"Kind", {.kind = Kind::kEquity}, ""},
        ListCase{"KindOfASegment", {.kind = Kind::kEquity, .segment = "BSE_EQ"}, ""},
        ListCase{"Nothing", {}, "KIND_MISSING"},
        ListCase{"UnderlyingAlone", {.underlying = "NIFTY"}, "KIND_MISSING"},
        ListCase{"Futures", {.kind = Kind::kFuture, .underlying = "NIFTY"}, ""},
        ListCase{"SharesOfAnUnderlying",
                 {.kind = Kind::kEquity, .underlying = "NIFTY"},
                 "SELECTION_INVALID"},
        ListCase{"UnknownSegment", {.kind = Kind::kEquity, .segment = "X"}, "SEGMENT_UNKNOWN"},
        ListCase{"Universe", {.universe = true}, ""},
        ListCase{"UniverseOfOptions", {.kind = Kind::kOption, .universe = true}, ""},
        ListCase{"UniverseAndUnderlying",
                 {.kind = Kind::kFuture, .underlying = "NIFTY", .universe = true},
                 "SELECTION_INVALID"},
        ListCase{
            "UniverseAndSegment", {.segment = "NSE_FO", .universe = true}, "SELECTION_INVALID"},
        ListCase{"MostExcluded", {.universe = true, .exclude = Names(500)}, ""},
        ListCase{
            "TooManyExcluded", {.universe = true, .exclude = Names(501)}, "TOO_MANY_INSTRUMENTS"},
        ListCase{"ExcludedOfNoUniverse",
                 {.kind = Kind::kEquity, .exclude = Names(1)},
                 "SELECTION_INVALID"},
        ListCase{
            "NearPrice", {.kind = Kind::kOption, .underlying = "NIFTY", .near_price = "0.05"}, ""},
        ListCase{"NearNothing",
                 {.kind = Kind::kOption, .underlying = "NIFTY", .near_price = "0"},
                 "PRICE_INVALID"},
        ListCase{"NearNoNumber",
                 {.kind = Kind::kOption, .underlying = "NIFTY", .near_price = "nan"},
                 "PRICE_INVALID"},
        ListCase{"NearPriceOfFutures",
                 {.kind = Kind::kFuture, .underlying = "NIFTY", .near_price = "1"},
                 "SELECTION_INVALID"},
        ListCase{"NearPriceOfAllOptions",
                 {.kind = Kind::kOption, .near_price = "1"},
                 "SELECTION_INVALID"},
        ListCase{"MtfThatWasNeverHad", {.kind = Kind::kOption, .mtf = true}, "LIST_UNKNOWN"},
        ListCase{"MisThatWasNeverHad", {.kind = Kind::kOption, .mis = true}, "LIST_UNKNOWN"},
        ListCase{"LargestPage", {.kind = Kind::kOption, .page_size = 5'000}, ""},
        ListCase{"PageTooLarge", {.kind = Kind::kOption, .page_size = 5'001}, "PAGE_SIZE_INVALID"},
        ListCase{"PageNegative", {.kind = Kind::kOption, .page_size = -1}, "PAGE_SIZE_INVALID"},
        ListCase{"OddToken", {.kind = Kind::kOption, .page_token = "5"}, "PAGE_TOKEN_INVALID"}),
    CaseName{});

TEST_F(UniverseTest, OnlyWhatIsOnTheListsThatAreAskedFor) {
  const auto list = [](int i) { return ListRow{.key = "NSE_FO|" + std::to_string(i)}; };
  ASSERT_TRUE(list_store_.ReplaceList({.list = ListKind::kMtf}, {list(2), list(4), list(99)}));
  ASSERT_TRUE(list_store_.ReplaceList({.list = ListKind::kNseMis}, {list(3)}));
  ASSERT_TRUE(list_store_.ReplaceList({.list = ListKind::kBseMis}, {list(4)}));
  ASSERT_TRUE(lists_.Refresh());
  const auto keys = [&](bool mtf, bool mis) {
    std::string found;
    const auto page = universe_.List({.kind = Kind::kOption, .mtf = mtf, .mis = mis}, kNow);
    for (const auto& row : page->found) found += row.instrument.key.back();
    EXPECT_EQ(page->total, static_cast<std::int64_t>(found.size()));
    return found;
  };
  EXPECT_EQ(keys(true, false), "24");
  EXPECT_EQ(keys(false, true), "34");
  EXPECT_EQ(keys(true, true), "4");
}

TEST_F(UniverseTest, PagesToTheEndAndTellsTheWhole) {
  ListRequest request{.kind = Kind::kOption, .underlying = "NIFTY", .page_size = 3};
  std::string keys;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = universe_.List(request, kNow);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->total, 7);
    for (const auto& row : page->found) keys += row.instrument.key.substr(7);
    request.page_token = page->next_page_token;
  }
  EXPECT_EQ(keys, "0123456");
  EXPECT_EQ(request.page_token, "");
}

TEST_F(UniverseTest, PageTokenBelongsToItsRequest) {
  const ListRequest request{.kind = Kind::kOption, .underlying = "NIFTY", .page_size = 3};
  const auto page = universe_.List(request, kNow);
  ASSERT_TRUE(page);
  for (const ListRequest& other :
       {ListRequest{.kind = Kind::kFuture, .underlying = "NIFTY"}, ListRequest{.universe = true},
        ListRequest{.kind = Kind::kOption, .underlying = "NIFTY", .near_price = "1"},
        ListRequest{.kind = Kind::kOption, .underlying = "NIFTY", .mtf = true},
        ListRequest{.kind = Kind::kOption, .underlying = "NIFTY", .mis = true},
        ListRequest{.kind = Kind::kOption, .segment = "NSE_FO", .underlying = "NIFTY"}}) {
    ListRequest asked = other;
    asked.page_token = page->next_page_token;
    const auto refused = universe_.List(asked, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "PAGE_TOKEN_INVALID");
  }
}

TEST_F(UniverseTest, UnderlyingIsAKeyOrASymbol) {
  for (const std::string name : {"NIFTY", "NSE_INDEX|Nifty 50"}) {
    EXPECT_EQ(universe_.List({.kind = Kind::kOption, .underlying = name}, kNow)->total, 7) << name;
  }
  EXPECT_EQ(universe_.List({.kind = Kind::kOption, .underlying = "nifty"}, kNow)->total, 0);
  EXPECT_EQ(universe_.List({.kind = Kind::kOption, .underlying = "NIFTY"}, kNow + 1)->total, 0)
      << "expired by then";
}

}  // namespace
}  // namespace sauda::instruments
