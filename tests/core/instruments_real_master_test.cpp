#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/real_master.hpp"
#include "tests/support/search_queries.hpp"

namespace sauda::instruments {
namespace {

using Counts = std::map<std::string, std::int64_t, std::less<>>;

/// Instruments by segment.
void ExpectCounts(const std::string& name, const Counts& expected) {
  Counts counts;
  const auto count = [&](const Instrument& instrument) {
    ++counts[std::string{kSegments[instrument.segment].name}];
  };
  if (!ReadMaster(name, count)) GTEST_SKIP() << RealFile(name) << " is not there (SAUDA_REAL_DATA)";
  EXPECT_EQ(counts, expected);
}

TEST(RealMasterTest, ReadsEveryRecordOfTheJson) {
  ExpectCounts("upstox_complete_2025-11-24.json.gz", {{"NSE_EQ", 8'488},
                                                      {"NSE_INDEX", 134},
                                                      {"NSE_FO", 38'752},
                                                      {"NCD_FO", 8'754},
                                                      {"NSE_COM", 18'866},
                                                      {"BSE_EQ", 12'689},
                                                      {"BSE_INDEX", 70},
                                                      {"BSE_FO", 4'843},
                                                      {"BCD_FO", 9'168},
                                                      {"MCX_FO", 25'214}});
}

TEST(RealMasterTest, ReadsEveryRowOfTheCsv) {
  ExpectCounts("upstox_complete_2025-08-14.csv.gz", {{"NSE_EQ", 8'102},
                                                     {"NSE_INDEX", 124},
                                                     {"NSE_FO", 31'285},
                                                     {"NCD_FO", 8'992},
                                                     {"NSE_COM", 7'798},
                                                     {"BSE_EQ", 12'373},
                                                     {"BSE_INDEX", 70},
                                                     {"BSE_FO", 4'311},
                                                     {"BCD_FO", 8'942},
                                                     {"MCX_FO", 13'849}});
}

TEST(RealMasterTest, HasWhatTheSearchQueriesAreToFindOnce) {
  Counts found;
  const auto look = [&](const Instrument& instrument) {
    for (const test::SearchQuery& each : test::kSearchQueries) {
      if (each.symbol != instrument.symbol) continue;
      if (each.segment == kSegments[instrument.segment].name) ++found[std::string{each.query}];
    }
  };
  const std::string name = "upstox_complete_2025-11-24.json.gz";
  if (!ReadMaster(name, look)) GTEST_SKIP() << RealFile(name) << " is not there (SAUDA_REAL_DATA)";
  for (const test::SearchQuery& each : test::kSearchQueries) {
    EXPECT_EQ(found[std::string{each.query}], 1) << each.query << " -> " << each.symbol;
  }
}

}  // namespace
}  // namespace sauda::instruments
