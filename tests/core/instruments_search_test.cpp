#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"
#include "services/instruments/src/core/search/contract_wish.hpp"
#include "services/instruments/src/core/search/edit_distance.hpp"
#include "services/instruments/src/core/search/query_words.hpp"
#include "services/instruments/src/core/search/search.hpp"
#include "services/instruments/src/core/symbol_forms.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::instruments {
namespace {

using calendar::IstDate;
using Words = std::vector<std::string>;

constexpr IstDate kToday{2025, 11, 24};  // a Monday

TEST(SearchWordsTest, PartsAtSigns) {
  EXPECT_EQ(SearchWords("M&M  NSE_EQ|INE00"), (Words{"m", "m", "nse", "eq", "ine00"}));
  EXPECT_EQ(SearchWords("USDINR 87.75 LTD."), (Words{"usdinr", "87.75", "ltd"}));
  EXPECT_EQ(SearchWords(" .. \xE2\x82\xB9"), Words{});
}

TEST(SearchWordsTest, SplitsLettersFromDigits) {
  EXPECT_EQ(SplitWords({"nifty26000ce", "87.75pe", "x"}),
            (Words{"nifty", "26000", "ce", "87.75", "pe", "x"}));
}

TEST(SearchWordsTest, JoinsWhatIsLetterOrDigit) {
  EXPECT_EQ(Joined("Bajaj-Auto 2"), "bajajauto2");
  EXPECT_EQ(Joined(Words{"nifty", "87.75"}), "nifty8775");
}

struct DistanceCase {
  std::string name;
  std::string a;
  std::string b;
  int distance = 0;  // with 2 at most
};
class EditDistanceTest : public testing::TestWithParam<DistanceCase> {};

TEST_P(EditDistanceTest, CountsMistakes) {
  EXPECT_EQ(EditDistance(GetParam().a, GetParam().b, 2), GetParam().distance);
  EXPECT_EQ(EditDistance(GetParam().b, GetParam().a, 2), GetParam().distance);
}

INSTANTIATE_TEST_SUITE_P(
    Words, EditDistanceTest,
    testing::Values(DistanceCase{"Same", "infy", "infy", 0}, DistanceCase{"Empty", "", "ab", 2},
                    DistanceCase{"LeftOut", "relince", "reliance", 1},
                    DistanceCase{"Changed", "relianse", "reliance", 1},
                    DistanceCase{"Swapped", "relaince", "reliance", 1},
                    DistanceCase{"Two", "relanse", "reliance", 2},
                    DistanceCase{"TooMany", "relan", "reliance", 3},
                    DistanceCase{"SameAndLong", std::string(40, 'a'), std::string(40, 'a'), 0},
                    DistanceCase{"Long", std::string(40, 'a'), std::string(39, 'a'), 3}),
    CaseName{});

/// What the words say, in a line.
std::string Said(const ContractWish& wish) {
  std::string said;
  for (const std::string& name : wish.names) said += name + " ";
  const auto add = [&](bool holds, const std::string& text) { said += holds ? text + " " : ""; };
  add(true, "|");
  add(wish.future, "fut");
  add(wish.call, "ce");
  add(wish.put, "pe");
  add(wish.strike.has_value(), "at " + (wish.strike ? wish.strike->ToString() : ""));
  add(wish.day.has_value(), "day " + std::to_string(wish.day.value_or(0)));
  add(wish.day_or_year.has_value(), "or " + std::to_string(wish.day_or_year.value_or(0)));
  add(wish.month.has_value(), "month " + std::to_string(wish.month.value_or(0)));
  add(wish.year.has_value(), "year " + std::to_string(wish.year.value_or(0)));
  add(wish.weekly.has_value(), wish.weekly.value_or(false) ? "weekly" : "monthly");
  add(wish.skip_expiries > 0, "skip " + std::to_string(wish.skip_expiries));
  add(wish.month_of.has_value(), "in " + (wish.month_of ? wish.month_of->ToString() : ""));
  add(wish.week_from.has_value(), "from " + (wish.week_from ? wish.week_from->ToString() : ""));
  add(wish.on_day.has_value(), "on " + (wish.on_day ? wish.on_day->ToString() : ""));
  said.pop_back();
  return said;
}

struct WishCase {
  std::string name;
  std::string query;
  std::string said;
};
class ContractWishTest : public testing::TestWithParam<WishCase> {};

TEST_P(ContractWishTest, ReadsWhatIsSaid) {
  EXPECT_EQ(Said(ReadContractWish(SearchWords(GetParam().query), kToday)), GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, ContractWishTest,
    testing::Values(
        WishCase{"Name", "tata motors", "tata motors |"},
        WishCase{"Strike", "nifty 24000 ce", "nifty | ce at 24000"},
        WishCase{"AnyOrder", "26000 pe nifty 2 dec", "nifty | pe at 26000 day 2 month 12"},
        WishCase{"WholeWords", "reliance 1500 call", "reliance | ce at 1500"},
        WishCase{"Decimals", "usdinr 87.75 put", "usdinr | pe at 87.75"},
        WishCase{"Future", "infy fut dec", "infy | fut month 12"},
        WishCase{"FutureWithNumber", "nifty 50 fut", "nifty 50 | fut"},
        WishCase{"NumberAlone", "nifty 50", "nifty | at 50"},
        WishCase{"MonthBeforeStrike", "nifty dec 26000 ce", "nifty | ce at 26000 month 12"},
        WishCase{"DayOrYear", "infy fut dec 25", "infy | fut or 25 month 12"},
        WishCase{"DayAndYear", "nifty 30 dec 25 26000 ce",
                 "nifty | ce at 26000 day 30 month 12 year 2025"},
        WishCase{"MonthDayYear", "infy fut december 30 2025",
                 "infy | fut day 30 month 12 year 2025"},
        WishCase{"StrikeLikeAYear", "infy dec 2040 ce", "infy | ce at 2040 month 12"},
        WishCase{"Weekly", "nifty weekly 26000 pe", "nifty | pe at 26000 weekly"},
        WishCase{"NextExpiry", "nifty next expiry 26000 ce", "nifty | ce at 26000 skip 1"},
        WishCase{"NextFuture", "nifty next fut", "nifty | fut skip 1"},
        WishCase{"NextFifty", "next 50", "next | at 50"},
        WishCase{"NextMonth", "banknifty fut next month", "banknifty | fut in 2025-12-01"},
        WishCase{"ThisMonth", "infy this month fut", "infy | fut in 2025-11-24"},
        WishCase{"NextWeek", "nifty next week ce", "nifty | ce from 2025-12-01"},
        WishCase{"ThisWeek", "nifty this week ce", "nifty | ce from 2025-11-24"},
        WishCase{"Tomorrow", "nifty ce tomorrow", "nifty | ce on 2025-11-25"}),
    CaseName{});

std::int64_t EndOf(const IstDate& day) { return day.Plus(1).StartMs() - 1'000; }

Instrument Cash(const std::string& key, const std::string& symbol, const std::string& name,
                const std::string& type = "EQ") {
  Instrument it;
  it.key = key;
  it.segment = *FindSegment(key.substr(0, key.find('|')));
  it.type = type;
  it.kind = type == "INDEX" ? Kind::kIndex : Kind::kEquity;
  it.symbol = symbol;
  it.name = name;
  if (it.kind == Kind::kEquity) it.isin = key.substr(key.find('|') + 1);
  return it;
}

Instrument Contract(const std::string& segment, const Instrument& of, const std::string& type,
                    std::int64_t strike, const IstDate& day, bool weekly = false) {
  static int token = 0;
  Instrument it = Cash(segment + "|" + std::to_string(++token), "", of.symbol, type);
  it.isin.clear();
  it.token = std::to_string(token);
  it.kind = type == "FUT" ? Kind::kFuture : Kind::kOption;
  it.strike = Decimal::FromUnits(strike);
  it.expiry_ms = EndOf(day);
  it.weekly = weekly;
  it.underlying_key = of.key;
  it.underlying_symbol = of.symbol;
  it.symbol = ContractSymbol(of.symbol, ContractOf(it.kind, type), it.strike, day);
  return it;
}

/// A small market on 2025-11-24.
class SearchTest : public testing::Test {
 protected:
  static CatalogView Market() {
    const Instrument nifty = Cash("NSE_INDEX|Nifty 50", "NIFTY", "Nifty 50", "INDEX");
    const Instrument next = Cash("NSE_INDEX|Nifty Next 50", "NIFTYNXT50", "Nifty Next 50", "INDEX");
    const Instrument reliance = Cash("NSE_EQ|INE002A01018", "RELIANCE", "RELIANCE INDUSTRIES LTD");
    const Instrument abroad = Cash("BSE_EQ|INE002A01018", "RELIANCE", "RELIANCE LTD.", "A");
    Instrument zomato = Cash("NSE_EQ|INE758T01015", "ETERNAL", "ETERNAL LIMITED");
    zomato.short_name = "Zomato";
    Instrument gold = Cash("MCX_FO|1", "GOLD", "GOLD");
    gold.key = "";
    std::vector<Instrument> all{nifty,
                                next,
                                abroad,
                                reliance,
                                zomato,
                                Cash("NSE_EQ|INE614G01033", "RPOWER", "RELIANCE POWER LTD"),
                                Cash("NSE_EQ|INF204KB14I2", "NIFTYBEES", "NIP IND ETF NIFTY BEES"),
                                Cash("NSE_EQ|INE917I01010", "BAJAJ-AUTO", "BAJAJ AUTO LIMITED")};
    const IstDate first{2025, 11, 25};
    const IstDate second{2025, 12, 2};
    const IstDate third{2025, 12, 30};
    for (const std::int64_t strike : {24'000, 24'050, 26'000}) {
      for (const char* type : {"CE", "PE"}) {
        all.push_back(Contract("NSE_FO", nifty, type, strike, first));
        all.push_back(Contract("NSE_FO", nifty, type, strike, second, true));
        all.push_back(Contract("NSE_FO", nifty, type, strike, third));
      }
    }
    all.push_back(Contract("NSE_FO", nifty, "FUT", 0, third));
    all.push_back(Contract("NSE_FO", nifty, "FUT", 0, first));
    all.push_back(Contract("NSE_FO", nifty, "FUT", 0, {2025, 11, 20}));  // over
    all.push_back(Contract("NSE_FO", reliance, "FUT", 0, first));
    all.push_back(Contract("BSE_FO", reliance, "FUT", 0, {2025, 11, 24}));
    all.push_back(Contract("MCX_FO", gold, "FUT", 0, {2025, 12, 5}));
    CatalogBuilder builder;
    std::int64_t id = 0;
    for (const Instrument& each : all) {
      EXPECT_TRUE(builder.Add({.id = ++id, .instrument = each, .listed = true}));
    }
    return CatalogView{builder.Build(), 1};
  }

  std::string FindBy(const SearchQuery& query) const {
    std::string found;
    for (const Place place : Search(view_.catalog, view_.names, query)) {
      const bool bse = kSegments[view_.catalog.row(place).segment].exchange == "BSE";
      found += (found.empty() ? "" : ", ") + view_.catalog.SymbolOf(place) + (bse ? " (BSE)" : "");
    }
    return found;
  }
  std::string Find(const std::string& text, std::size_t most = 3) const {
    return FindBy({.text = text, .market_now_ms = kNow, .most = most});
  }

  static constexpr std::int64_t kNow = 1'763'965'800'000;  // noon of 2025-11-24 in India
  const CatalogView view_ = Market();
};

TEST_F(SearchTest, WhatIsNamedBestComesFirst) {
  EXPECT_EQ(Find("nifty", 1), "NIFTY");
  EXPECT_EQ(Find("Nifty 50", 1), "NIFTY");
  EXPECT_EQ(Find("next 50", 1), "NIFTYNXT50");
  EXPECT_EQ(Find("nifty bees", 1), "NIFTYBEES");
  EXPECT_EQ(Find("zomato", 2), "ETERNAL");
  EXPECT_EQ(Find("bajaj auto", 2), "BAJAJ-AUTO");
  EXPECT_EQ(Find("bajajauto", 2), "BAJAJ-AUTO");
  EXPECT_EQ(Find("INE758T01015", 2), "ETERNAL");
}

TEST_F(SearchTest, AShareHasItsExchangesThenItsFuturesThenItsLikes) {
  EXPECT_EQ(
      Find("reliance", 9),
      "RELIANCE, RELIANCE (BSE), RELIANCE FUT 25 NOV 25, RELIANCE FUT 24 NOV 25 (BSE), RPOWER");
}

TEST_F(SearchTest, MisspeltWordsCountWhenNothingElseDoes) {
  EXPECT_EQ(Find("relianse", 1), "RELIANCE");
  EXPECT_EQ(Find("zomatto", 1), "ETERNAL");
  EXPECT_EQ(Find("relaince powr", 1), "RPOWER");
  EXPECT_EQ(Find("xyzabc"), "");
  EXPECT_EQ(Find("ty"), "") << "words match from their beginning";
}

TEST_F(SearchTest, ContractsOfTheNearestExpiryComeFirst) {
  EXPECT_EQ(Find("nifty 24000 ce"),
            "NIFTY 24000 CE 25 NOV 25, NIFTY 24000 CE 02 DEC 25, NIFTY 24000 CE 30 DEC 25");
  EXPECT_EQ(Find("nifty 24000 ce dec", 2), "NIFTY 24000 CE 02 DEC 25, NIFTY 24000 CE 30 DEC 25");
  EXPECT_EQ(Find("nifty 24000 ce monthly dec", 1), "NIFTY 24000 CE 30 DEC 25");
  EXPECT_EQ(Find("nifty 24000 pe weekly", 1), "NIFTY 24000 PE 02 DEC 25");
  EXPECT_EQ(Find("nifty 24000 pe next expiry", 1), "NIFTY 24000 PE 02 DEC 25");
  EXPECT_EQ(Find("nifty fut", 2), "NIFTY FUT 25 NOV 25, NIFTY FUT 30 DEC 25") << "one is over";
  EXPECT_EQ(Find("nifty fut next month", 1), "NIFTY FUT 30 DEC 25");
  EXPECT_EQ(Find("reliance fut", 2), "RELIANCE FUT 25 NOV 25, RELIANCE FUT 24 NOV 25 (BSE)")
      << "NSE before BSE, which is nearer";
  EXPECT_EQ(Find("gold fut", 1), "GOLD FUT 05 DEC 25");
}

TEST_F(SearchTest, AStrikeMayBeTypedHalfOrBesideTheListedOnes) {
  EXPECT_EQ(Find("nifty 240 ce", 2), "NIFTY 24000 CE 25 NOV 25, NIFTY 24050 CE 25 NOV 25");
  EXPECT_EQ(Find("nifty 25900 ce", 2), "NIFTY 26000 CE 25 NOV 25, NIFTY 24050 CE 25 NOV 25");
  EXPECT_EQ(Find("nifty 26000", 1), "NIFTY 26000 CE 25 NOV 25");
  EXPECT_EQ(Find("nifty26000pe", 1), "NIFTY 26000 PE 25 NOV 25");
}

TEST_F(SearchTest, EverySymbolAndKeyIsFound) {
  EXPECT_EQ(Find("NIFTY 26000 PE 02 DEC 25", 2), "NIFTY 26000 PE 02 DEC 25");
  EXPECT_EQ(Find("nifty02dec2526000pe", 1), "NIFTY 26000 PE 02 DEC 25");
  EXPECT_EQ(Find("NFO:NIFTY25D0226000PE", 1), "NIFTY 26000 PE 02 DEC 25");
  EXPECT_EQ(Find("NIFTY25DEC26000PE", 1), "NIFTY 26000 PE 30 DEC 25") << "the monthly one";
  EXPECT_EQ(Find("BSE:RELIANCE", 1), "RELIANCE (BSE)");
  EXPECT_EQ(Find("NSE_INDEX|Nifty 50", 1), "NIFTY");
}

TEST_F(SearchTest, ANumberThatNamesNothingElseIsAToken) {
  const Instrument future =
      view_.catalog.Get(view_.catalog.FindSymbol("GOLD FUT 05 DEC 25")[0]).instrument;
  EXPECT_EQ(Find(future.token, 2), "GOLD FUT 05 DEC 25");
  EXPECT_EQ(Find("99999999"), "");
}

TEST_F(SearchTest, FiltersAndBounds) {
  const auto fo = FindSegment("NSE_FO");
  EXPECT_EQ(FindBy({.text = "nifty", .segment = fo, .market_now_ms = kNow, .most = 1}),
            "NIFTY FUT 25 NOV 25");
  EXPECT_EQ(FindBy({.text = "nifty", .type = "PE", .market_now_ms = kNow, .most = 1}),
            "NIFTY 24000 PE 25 NOV 25");
  EXPECT_EQ(Search(view_.catalog, view_.names, {.text = "n", .market_now_ms = kNow, .most = 1'000})
                .size(),
            23U)
      << "each once: two indices, a fund, eighteen options, two futures";
  EXPECT_EQ(Find("nifty", 0), "");
}

TEST(SymbolFormsTest, AreThoseOfTheirSources) {
  const Instrument nifty = Cash("NSE_INDEX|Nifty 50", "NIFTY", "Nifty 50", "INDEX");
  const auto future = Contract("NSE_FO", nifty, "FUT", 0, {2024, 11, 28});
  EXPECT_EQ(OpenAlgoSymbol(future), "NIFTY28NOV24FUT");
  EXPECT_EQ(CompactSymbol(future), "NIFTY24NOVFUT");
  const auto call = Contract("NSE_FO", nifty, "CE", 24'000, {2024, 11, 28});
  EXPECT_EQ(OpenAlgoSymbol(call), "NIFTY28NOV2424000CE");
  EXPECT_EQ(CompactSymbol(call), "NIFTY24NOV24000CE");
  auto put = Contract("NSE_FO", nifty, "PE", 24'500, {2025, 8, 21}, true);
  EXPECT_EQ(CompactSymbol(put), "NIFTY2582124500PE") << "as in the old CSV";
  put = Contract("NSE_FO", nifty, "PE", 24'500, {2025, 10, 7}, true);
  put.strike = Decimal::FromNanos(292'500'000'000);
  EXPECT_EQ(CompactSymbol(put), "NIFTY25O07292.5PE");
  EXPECT_EQ(OpenAlgoSymbol(put), "NIFTY07OCT25292.5PE");
  EXPECT_EQ(OpenAlgoSymbol(nifty), "NIFTY");
  EXPECT_EQ(OpenAlgoExchange(*FindSegment("NSE_FO")), "NFO");
  EXPECT_EQ(OpenAlgoExchange(*FindSegment("GLOBAL_INDEX")), "");
}

TEST_F(SearchTest, FormsOfNothingFindNothing) {
  for (const char* form : {"NIFTY", "NIFTY31NOV25FUT", "NIFTY00DEC25FUT", "NIFTY25NOV25XE",
                           "NIFTY25NOV25-1CE", "NIFTY25NOVCE", "NIFTY25X0226000CE", "FUT", ""}) {
    EXPECT_TRUE(FindByForm(view_.catalog, form).empty()) << form;
  }
}

}  // namespace
}  // namespace sauda::instruments
