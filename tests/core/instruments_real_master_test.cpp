#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/adapters/inflater.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/master_reader.hpp"
#include "tests/support/search_queries.hpp"

namespace sauda::instruments {
namespace {

/// Path of a file of the real data, which is not part of the repository.
std::string RealFile(const std::string& name) {
  const char* const folder = std::getenv("SAUDA_REAL_DATA");
  return std::string{folder != nullptr ? folder : SAUDA_REAL_DATA_DEFAULT} + "/instruments/" + name;
}

using Counts = std::map<std::string, std::int64_t, std::less<>>;

/// Reads a whole master, none of whose records is bad. False: it is not there.
bool ReadMaster(const std::string& name, const std::function<void(const Instrument&)>& take) {
  std::ifstream file{RealFile(name), std::ios::binary};
  if (!file) return false;
  SimdjsonRecordParser parser;
  MasterReader reader{parser, [&](Instrument& instrument) -> Result<void> {
                        take(instrument);
                        return {};
                      }};
  Inflater inflater{[&](std::string_view bytes) { return reader.Feed(bytes); }};
  std::string piece(65'536, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const auto fed =
        inflater.Feed(std::string_view{piece}.substr(0, static_cast<std::size_t>(file.gcount())));
    EXPECT_TRUE(fed) << fed.error().message;
    if (!fed) return true;
  }
  EXPECT_TRUE(inflater.Finish());
  EXPECT_TRUE(reader.Finish());
  EXPECT_EQ(reader.bad_count(), 0);
  for (const auto& [reason, bad] : reader.bad()) ADD_FAILURE() << reason << " " << bad.first;
  return true;
}

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
