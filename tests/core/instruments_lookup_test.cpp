#include <set>
#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/core/lookup.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/memory_instrument_store.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kNow = 1'765'771'200'000;

/// Puts rows into a store: "segment|name", type, symbol.
struct Row {
  std::string key;
  std::string type;
  std::string symbol;
};

Kind KindOf(const Instrument& instrument) {
  switch (kSegments[instrument.segment].kind) {
    case SegmentClass::kCash:
      return Kind::kEquity;
    case SegmentClass::kIndex:
      return Kind::kIndex;
    default:
      return instrument.type == "FUT" ? Kind::kFuture : Kind::kOption;
  }
}

void Fill(InstrumentStore& store, const std::vector<Row>& rows) {
  auto transaction = std::move(*store.Begin(*store.StartRun(0, "test")));
  for (const auto& [key, type, symbol] : rows) {
    Instrument instrument;
    instrument.key = key;
    instrument.segment = *FindSegment(key.substr(0, key.find('|')));
    instrument.type = type;
    instrument.kind = KindOf(instrument);
    instrument.symbol = symbol;
    instrument.name = "Name of " + symbol;
    ASSERT_TRUE(transaction->Insert(instrument, Digest(instrument)));
  }
  const auto report = transaction->Apply({});
  ASSERT_TRUE(report);
  ASSERT_TRUE(transaction->Commit(*report));
}

class LookupTest : public testing::Test {
 protected:
  void SetUp() override {
    Fill(store_, {{"BSE_EQ|INE1", "A", "INFY"},
                  {"NSE_EQ|INE1", "EQ", "INFY"},
                  {"NSE_EQ|INE2", "N0", "INFY"},
                  {"NSE_INDEX|Nifty 50", "INDEX", "NIFTY"},
                  {"NCD_FO|7", "FUT", "USDINR FUT"},
                  {"BCD_FO|7", "FUT", "USDINR FUT"},
                  {"BSE_EQ|INE5", "B", "TWICE"},
                  {"BSE_EQ|INE6", "B", "TWICE"},
                  {"NSE_FO|9", "CE", "NIFTY 22200 CE"}});
    ASSERT_TRUE(catalogs_.Refresh());
  }
  MemoryInstrumentStore store_;
  CatalogKeeper catalogs_{store_};
  Lookup lookup_{catalogs_, store_};
};

struct NameCase {
  std::string name;
  std::string asked;
  std::string key;  // or the reason
};
class GetTest : public LookupTest, public testing::WithParamInterface<NameCase> {};

TEST_P(GetTest, FindsOrSaysWhyNot) {
  const auto found = lookup_.Get(GetParam().asked);
  EXPECT_EQ(found ? found->instrument.key : found.error().reason, GetParam().key);
}

INSTANTIATE_TEST_SUITE_P(
    Names, GetTest,
    testing::Values(NameCase{"Key", "BSE_EQ|INE1", "BSE_EQ|INE1"},
                    NameCase{"SymbolPrefersNseAndSeriesEq", "INFY", "NSE_EQ|INE1"},
                    NameCase{"Index", "NIFTY", "NSE_INDEX|Nifty 50"},
                    NameCase{"Derivative", "USDINR FUT", "NCD_FO|7"},
                    NameCase{"Ambiguous", "TWICE", "SYMBOL_AMBIGUOUS"},
                    NameCase{"UnknownKey", "NSE_EQ|NONE", "INSTRUMENT_UNKNOWN"},
                    NameCase{"UnknownSymbol", "NONE", "INSTRUMENT_UNKNOWN"},
                    NameCase{"Nothing", "", "NO_INSTRUMENT_NAMED"}),
    CaseName{});

TEST_F(LookupTest, AmbiguityNamesTheKeys) {
  EXPECT_NE(lookup_.Get("TWICE").error().message.find("BSE_EQ|INE5, BSE_EQ|INE6"),
            std::string::npos);
}

TEST_F(LookupTest, BatchKeepsTheOrderAndNamesTheUnknown) {
  const auto named = lookup_.BatchGet({"NIFTY", "NONE", "BSE_EQ|INE1", "TWICE", "NIFTY"});
  ASSERT_TRUE(named);
  ASSERT_EQ(named->found.size(), 3U);
  EXPECT_EQ(named->found[0].name, "NIFTY");
  EXPECT_EQ(named->found[1].found.instrument.key, "BSE_EQ|INE1");
  EXPECT_EQ(named->found[2].found.instrument.key, "NSE_INDEX|Nifty 50");
  EXPECT_EQ(named->unknown, (std::vector<std::string>{"NONE", "TWICE"}));
}

TEST_F(LookupTest, BatchIsBounded) {
  EXPECT_EQ(lookup_.BatchGet({}).error().reason, "NO_INSTRUMENT_NAMED");
  EXPECT_EQ(lookup_.BatchGet({"INFY", ""}).error().reason, "NO_INSTRUMENT_NAMED");
  EXPECT_TRUE(lookup_.BatchGet(std::vector<std::string>(5'000, "INFY")));
  EXPECT_EQ(lookup_.BatchGet(std::vector<std::string>(5'001, "INFY")).error().reason,
            "TOO_MANY_INSTRUMENTS");
}

struct SearchCase {
  std::string name;
  SearchRequest request;
  std::string reason;
};
class SearchRulesTest : public LookupTest, public testing::WithParamInterface<SearchCase> {};

TEST_P(SearchRulesTest, GivesTheReason) {
  const auto page = lookup_.Search(GetParam().request, kNow);
  EXPECT_EQ(page ? "" : page.error().reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, SearchRulesTest,
    testing::Values(
        SearchCase{"Good", {.query = "nifty"}, ""},
        SearchCase{"Empty", {.query = ""}, "QUERY_EMPTY"},
        SearchCase{"OnlySigns", {.query = " |&.' "}, "QUERY_EMPTY"},
        SearchCase{"Longest", {.query = std::string(100, 'a')}, ""},
        SearchCase{"TooLong", {.query = std::string(101, 'a')}, "QUERY_TOO_LONG"},
        SearchCase{"LargestPage", {.query = "a", .page_size = 500}, ""},
        SearchCase{"PageTooLarge", {.query = "a", .page_size = 501}, "PAGE_SIZE_INVALID"},
        SearchCase{"PageNegative", {.query = "a", .page_size = -1}, "PAGE_SIZE_INVALID"},
        SearchCase{"UnknownSegment", {.query = "a", .segment = "XYZ"}, "SEGMENT_UNKNOWN"},
        SearchCase{"OddType", {.query = "a", .type = "ce"}, "TYPE_UNKNOWN"},
        SearchCase{"OddToken", {.query = "a", .page_token = "5"}, "PAGE_TOKEN_INVALID"}),
    CaseName{});

TEST_F(LookupTest, SearchPagesToTheEnd) {
  SearchRequest request{.query = "name", .page_size = 4};
  std::vector<std::string> keys;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = lookup_.Search(request, kNow);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& row : page->found) keys.push_back(row.instrument.key);
    request.page_token = page->next_page_token;
  }
  EXPECT_EQ(keys.size(), 9U);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 9U);
  EXPECT_TRUE(request.page_token.empty());
}

TEST_F(LookupTest, PageTokenBelongsToItsQuery) {
  const auto page = lookup_.Search({.query = "name", .page_size = 4}, kNow);
  ASSERT_TRUE(page);
  const auto other = lookup_.Search({.query = "infy", .page_token = page->next_page_token}, kNow);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().reason, "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace sauda::instruments
