#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "simulator/src/core/master_lists.hpp"
#include "tests/support/small_master.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

constexpr Date kDay{.year = 2025, .month = 12, .day = 15};

json List(const Master& master, ListFile file) { return json::parse(ListJson(master, file)); }

TEST(SimulatorListsTest, AreOfTheMastersOwnSharesAndTheSuspendedOnesAreNot) {
  const Master master{GenerateMaster(1, kDay)};
  for (const ListFileName& each : kListFiles) {
    const json list = List(master, each.file);
    EXPECT_GT(list.size(), 30U) << each.name;
    EXPECT_TRUE(list == List(master, each.file)) << "the same of the same master";
    const bool suspended = each.file == ListFile::kSuspended;
    std::multiset<std::string> keys;
    for (const json& record : list) {
      const std::string key = record.at("instrument_key");
      keys.insert(key);
      EXPECT_EQ(master.Find(key).has_value(), !suspended) << key;
      EXPECT_EQ(key.substr(key.find('|') + 1), record.at("isin")) << key;
    }
    for (const std::string& key : keys) EXPECT_EQ(keys.count(key), suspended ? 2U : 1U) << key;
  }
}

TEST(SimulatorListsTest, SayMarginAndLeverage) {
  const Master master{GenerateMaster(1, kDay)};
  for (const json& record : List(master, ListFile::kMtf)) {
    EXPECT_TRUE(record.at("mtf_enabled").get<bool>());
    EXPECT_GE(record.at("mtf_bracket").get<double>(), 20);
  }
  std::set<std::pair<double, double>> pairs;
  for (const json& record : List(master, ListFile::kNseMis)) {
    EXPECT_EQ(record.at("segment"), "NSE_EQ");
    pairs.emplace(record.at("intraday_margin").get<double>(),
                  record.at("intraday_leverage").get<double>());
  }
  EXPECT_EQ(pairs, (std::set<std::pair<double, double>>{{20, 5}, {50, 2}}));
  for (const json& record : List(master, ListFile::kBseMis)) {
    EXPECT_EQ(record.at("segment"), "BSE_EQ");
  }
}

TEST(SimulatorListsTest, AMasterThatCallsNothingMtfHasTheSharesOfItsContracts) {
  auto listings = SmallMaster();
  EXPECT_TRUE(List(Master{listings}, ListFile::kMtf).empty());
  Listing future = listings.back();
  future.instrument_key = "NSE_FO|1";
  future.underlying_key = listings.front().instrument_key;
  for (const Listing& each : listings) {
    if (each.segment == "NSE_EQ") future.underlying_key = each.instrument_key;
  }
  listings.push_back(future);
  const json list = List(Master{listings}, ListFile::kMtf);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["instrument_key"], future.underlying_key);
  EXPECT_EQ(list[0]["mtf_bracket"], 20.0);
}

}  // namespace
}  // namespace sauda::sim
