#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "simulator/src/core/master.hpp"
#include "simulator/src/core/master_reference.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::sim {
namespace {

constexpr Date kDay{.year = 2025, .month = 12, .day = 15};
constexpr std::int64_t kDayMs = 1'765'737'000'000;  // 00:00 IST of that day

const Master& Made() {
  static const Master master{GenerateMaster(1, kDay)};
  return master;
}

TEST(SimulatorMasterTest, MakesTheSameFileForTheSameSeedAndDay) {
  const std::string file = ToJson(Made().listings());
  EXPECT_EQ(ToJson(GenerateMaster(1, kDay)), file);
  EXPECT_NE(ToJson(GenerateMaster(2, kDay)), file);
}

TEST(SimulatorMasterTest, HasAboutAHundredThousandListingsInEverySegment) {
  std::map<std::string, int> count;
  for (const Listing& listing : Made().listings()) ++count[listing.segment];
  EXPECT_GT(Made().size(), 95'000U);
  EXPECT_LT(Made().size(), 110'000U);
  const std::map<std::string, int> least = {
      {"NSE_EQ", 7'000},  {"BSE_EQ", 9'000}, {"NSE_INDEX", 100}, {"BSE_INDEX", 60},
      {"NSE_FO", 30'000}, {"BSE_FO", 3'000}, {"NCD_FO", 5'000},  {"BCD_FO", 5'000},
      {"MCX_FO", 8'000},  {"NSE_COM", 6'000}};
  EXPECT_EQ(count.size(), least.size());
  for (const auto& [segment, wanted] : least) EXPECT_GE(count[segment], wanted) << segment;
}

TEST(SimulatorMasterTest, HasOneListingPerKey) {
  std::set<std::string> keys;
  for (const Listing& listing : Made().listings()) {
    EXPECT_TRUE(keys.insert(listing.instrument_key).second) << listing.instrument_key;
    EXPECT_EQ(listing.instrument_key.rfind(listing.segment + '|', 0), 0U);
    EXPECT_FALSE(listing.trading_symbol.empty());
    EXPECT_FALSE(listing.name.empty());
    EXPECT_TRUE(std::all_of(listing.exchange_token.begin(), listing.exchange_token.end(),
                            [](char c) { return c >= '0' && c <= '9'; }));
  }
}

TEST(SimulatorMasterTest, WritesTextsThatAreJson) {
  Listing listing;
  listing.name = "A\t\"B\"\n\x1f\\";
  std::string text;
  AppendJson(listing, text);
  EXPECT_EQ(text, R"({"name":"A\u0009\"B\"\u000a\u001f\\"})");
}

TEST(SimulatorMasterTest, IndexFuturesHaveTheirRealTicks) {
  std::map<std::string, double> ticks;
  for (const Listing& listing : Made().listings()) {
    if (listing.segment == "NSE_FO" && listing.IsFuture() && listing.underlying_type == "INDEX") {
      ticks[listing.underlying_symbol] = listing.tick_size.value_or(0);
    }
  }
  EXPECT_EQ(ticks, (std::map<std::string, double>{{"NIFTY", 10},
                                                  {"BANKNIFTY", 20},
                                                  {"FINNIFTY", 10},
                                                  {"MIDCPNIFTY", 5},
                                                  {"NIFTYNXT50", 20}}));
}

TEST(SimulatorMasterTest, HasWellFormedIsins) {
  EXPECT_EQ(WithCheckDigit("INE002A0101"), "INE002A01018");
  EXPECT_EQ(WithCheckDigit("INE009A0102"), "INE009A01021");
  for (const Listing& listing : Made().listings()) {
    if (listing.segment != "NSE_EQ" && listing.segment != "BSE_EQ") continue;
    ASSERT_EQ(listing.isin.size(), 12U) << listing.trading_symbol;
    EXPECT_EQ(WithCheckDigit(listing.isin.substr(0, 11)), listing.isin) << listing.trading_symbol;
  }
}

TEST(SimulatorMasterTest, ListsOnlyContractsThatHaveNotExpired) {
  for (const Listing& listing : Made().listings()) {
    if (!listing.expiry_ms) continue;
    EXPECT_GT(*listing.expiry_ms, kDayMs) << listing.trading_symbol;
    EXPECT_EQ((*listing.expiry_ms - kDayMs) % 86'400'000, 86'399'000)
        << listing.trading_symbol << " does not end at 23:59:59 IST";
  }
}

TEST(SimulatorMasterTest, HasContractsOfListedUnderlyings) {
  for (const Listing& listing : Made().listings()) {
    if (listing.segment != "NSE_FO" && listing.segment != "BSE_FO") continue;
    ASSERT_TRUE(Made().Find(listing.underlying_key)) << listing.underlying_key;
    EXPECT_EQ(std::fmod(*listing.freeze_quantity, static_cast<double>(*listing.lot_size)), 0)
        << listing.trading_symbol;
  }
}

struct RecordCase {
  std::string name;
  std::string key;
  std::string json;
};
class SimulatorRecordTest : public testing::TestWithParam<RecordCase> {};

TEST_P(SimulatorRecordTest, IsWrittenAsTheBrokerWritesIt) {
  const auto id = Made().Find(GetParam().key);
  ASSERT_TRUE(id);
  std::string json;
  AppendJson(Made().at(*id), json);
  EXPECT_EQ(json, GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SimulatorRecordTest,
    testing::Values(
        RecordCase{"BseShare", "BSE_EQ|INE002A01018",
                   R"({"segment":"BSE_EQ","name":"RELIANCE INDUSTRIES LTD","exchange":"BSE",)"
                   R"("isin":"INE002A01018","instrument_type":"A",)"
                   R"("instrument_key":"BSE_EQ|INE002A01018","lot_size":1,)"
                   R"("freeze_quantity":100000.0,"exchange_token":"500325","tick_size":5.0,)"
                   R"("trading_symbol":"RELIANCE","qty_multiplier":1.0})"},
        RecordCase{"Index", "NSE_INDEX|Nifty Bank",
                   R"({"segment":"NSE_INDEX","name":"Nifty Bank","exchange":"NSE",)"
                   R"("instrument_type":"INDEX","instrument_key":"NSE_INDEX|Nifty Bank",)"
                   R"("exchange_token":"26009","trading_symbol":"BANKNIFTY"})"},
        RecordCase{"IndexFuture", "NSE_FO|35000",
                   R"({"weekly":false,"segment":"NSE_FO","name":"NIFTY","exchange":"NSE",)"
                   R"("expiry":1767119399000,"instrument_type":"FUT","asset_symbol":"NIFTY",)"
                   R"("underlying_symbol":"NIFTY","instrument_key":"NSE_FO|35000",)"
                   R"("lot_size":65,"freeze_quantity":1755.0,"exchange_token":"35000",)"
                   R"("minimum_lot":65,"asset_key":"NSE_INDEX|Nifty 50",)"
                   R"("underlying_key":"NSE_INDEX|Nifty 50","tick_size":10.0,)"
                   R"("asset_type":"INDEX","underlying_type":"INDEX",)"
                   R"("trading_symbol":"NIFTY FUT 30 DEC 25","strike_price":0.0,)"
                   R"("qty_multiplier":1.0})"}),
    CaseName{});

struct UnitsCase {
  std::string name;
  double tick_size;
  std::int64_t units;
};
class SimulatorTickTest : public testing::TestWithParam<UnitsCase> {};

TEST_P(SimulatorTickTest, IsCountedInTenThousandthsOfARupee) {
  Listing listing;
  listing.tick_size = GetParam().tick_size;
  EXPECT_EQ(listing.TickUnits(), GetParam().units);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SimulatorTickTest,
                         testing::Values(UnitsCase{"Currency", 0.25, 25},
                                         UnitsCase{"Option", 5, 500},
                                         UnitsCase{"CheapShare", 1, 100},
                                         UnitsCase{"AbsentMeansFivePaise", 0, 500}),
                         CaseName{});

TEST(SimulatorMasterTest, NamesAWeeklyOptionByItsDay) {
  const auto& listings = Made().listings();
  const auto weekly = std::find_if(listings.begin(), listings.end(), [](const Listing& listing) {
    return listing.underlying_symbol == "NIFTY" && listing.IsOption() && *listing.weekly;
  });
  ASSERT_NE(weekly, listings.end());
  EXPECT_EQ(weekly->trading_symbol, "NIFTY 21450 CE 16 DEC 25");
  EXPECT_FALSE(Made().Find("NSE_FO|nothing"));
}

}  // namespace
}  // namespace sauda::sim
