#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"
#include "tests/support/instrument_makers.hpp"
#include "tests/support/memory_instrument_store.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kNow = 1'765'771'200'000;
constexpr std::int64_t kDay = 86'400'000;

/// A small market: two shares and two indices with contracts on NSE, one of them on BSE too.
std::vector<Instrument> SmallMarket() {
  std::vector<Instrument> all;
  const auto contract = [&](const std::string& key, Kind kind, const char* type, int days,
                            std::int64_t strike, const Instrument& of) {
    Instrument it = Call(key.substr(key.find('|') + 1), kNow + days * kDay);
    it.key = key;
    it.segment = *FindSegment(key.substr(0, key.find('|')));
    it.kind = kind;
    it.type = type;
    it.strike = Decimal::FromUnits(strike);
    it.symbol = of.symbol + " " + type + " " + key;
    it.underlying_key = of.key;
    it.underlying_symbol = of.symbol;
    all.push_back(it);
  };
  Instrument nifty = Share("x", "NIFTY");
  nifty.key = "NSE_INDEX|Nifty 50";
  nifty.segment = *FindSegment("NSE_INDEX");
  nifty.kind = Kind::kIndex;
  nifty.type = "INDEX";
  Instrument midcap = nifty;
  midcap.key = "NSE_INDEX|Midcap";
  midcap.symbol = "MIDCPNIFTY";
  Instrument tcs = Share("TCS", "TCS");
  Instrument bond = Share("BOND", "AAA");
  bond.type = "GB";
  const Instrument infy = Share("INFY", "INFY");
  all = {nifty, midcap, tcs, bond, infy, Share("OTHER", "OTHER")};
  contract("NSE_FO|1", Kind::kFuture, "FUT", 30, 0, nifty);
  contract("NSE_FO|2", Kind::kFuture, "FUT", 2, 0, nifty);
  contract("NSE_FO|3", Kind::kFuture, "FUT", 2, 0, infy);
  contract("NSE_FO|4", Kind::kFuture, "FUT", 0, 0, tcs);  // expires now
  contract("NSE_FO|5", Kind::kOption, "PE", 2, 100, nifty);
  contract("NSE_FO|6", Kind::kOption, "CE", 2, 100, nifty);
  contract("NSE_FO|7", Kind::kOption, "CE", 2, 110, nifty);
  contract("NSE_FO|8", Kind::kOption, "CE", 2, 120, nifty);
  contract("NSE_FO|9", Kind::kOption, "CE", 9, 110, nifty);
  contract("NSE_FO|10", Kind::kOption, "CE", 2, 90, midcap);
  contract("BSE_FO|11", Kind::kOption, "CE", 1, 115, nifty);
  return all;
}

/// Numbers the instruments from 1 in the order given.
Catalog Cataloged(const std::vector<Instrument>& instruments) {
  CatalogBuilder builder;
  std::int64_t id = 0;
  for (const Instrument& each : instruments) {
    EXPECT_TRUE(builder.Add({.id = ++id, .instrument = each, .listed = true, .version = id}));
  }
  return builder.Build();
}

TEST(CatalogTest, GivesBackEveryField) {
  auto future = Call("7", kNow);
  future.type = "FUT";
  future.kind = Kind::kFuture;
  future.strike = {};
  future.symbol = "NIFTY FUT 15 DEC 25";
  auto made = Call("8", kNow);
  made.symbol = "NIFTY 22200.5 CE 15 DEC 25";
  auto global = Share("x", "DOW");
  global.key = "GLOBAL_INDEX|DOW";
  global.segment = *FindSegment("GLOBAL_INDEX");
  global.exchange = "SOMEWHERE";
  const std::vector<Instrument> all{Share("INE1", "M&M"), Call("46913", kNow), future, made,
                                    global};
  const Catalog catalog = Cataloged(all);
  ASSERT_EQ(catalog.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto place = catalog.FindKey(all[i].key);
    ASSERT_TRUE(place) << all[i].key;
    const auto id = static_cast<std::int64_t>(i) + 1;
    EXPECT_EQ(catalog.Get(*place), (StoredInstrument{id, all[i], true, id}));
  }
}

TEST(CatalogTest, FindsWhatIsThereOnly) {
  const Catalog catalog = Cataloged(
      {Share("INE1", "TCS"), Share("INE2", "TCS"), Call("1", kNow + kDay), Call("1", kNow)});
  EXPECT_EQ(catalog.FindSymbol("TCS").size(), 2U);
  EXPECT_EQ(catalog.FindSymbol("tcs").size(), 0U);
  EXPECT_EQ(catalog.FindSymbol("").size(), 0U);
  EXPECT_FALSE(catalog.FindKey("NSE_EQ|INE3"));
  EXPECT_FALSE(catalog.FindKey(""));
  EXPECT_EQ(catalog.row(*catalog.FindKey("NSE_FO|1")).id, 4) << "the newest of a key";
  EXPECT_EQ(Cataloged({}).FindSymbol("TCS").size(), 0U);
}

TEST(CatalogTest, ListsInTheTradersOrder) {
  const Catalog catalog = Cataloged(SmallMarket());
  const auto list = [&](ListQuery query, std::int64_t total) {
    query.market_now_ms = kNow;
    const auto found = catalog.List(query);
    EXPECT_EQ(found.total, total);
    std::string keys;
    for (const auto& row : found.rows) {
      const std::string& key = row.instrument.key;
      keys += key.substr(key.find('|') + 1) + " ";
    }
    return keys;
  };
  const Decimal near = Decimal::FromUnits(111);
  const auto bse = FindSegment("BSE_FO");
  const std::vector<std::string> none;
  EXPECT_EQ(list({.kind = Kind::kEquity}, 4), "INFY OTHER TCS BOND ") << "EQ, then by symbol";
  EXPECT_EQ(list({.kind = Kind::kEquity, .offset = 1, .limit = 2}, 4), "OTHER TCS ");
  EXPECT_EQ(list({.kind = Kind::kIndex}, 2), "Midcap Nifty 50 ");
  EXPECT_EQ(list({.kind = Kind::kFuture}, 3), "3 2 1 ") << "nearest first, expired ones not";
  EXPECT_EQ(list({.kind = Kind::kOption}, 7), "10 6 5 7 8 9 11 ") << "NSE before BSE";
  EXPECT_EQ(list({.kind = Kind::kOption, .segment = bse}, 1), "11 ");
  EXPECT_EQ(list({.kind = Kind::kFuture, .underlying_symbol = "NIFTY"}, 2), "2 1 ");
  EXPECT_EQ(list({.kind = Kind::kOption, .underlying_key = "NSE_INDEX|Midcap"}, 1), "10 ");
  EXPECT_EQ(list({.kind = Kind::kOption, .underlying_symbol = "NONE"}, 0), "");
  EXPECT_EQ(list({.kind = Kind::kOption, .underlying_symbol = "NIFTY", .near = near}, 6),
            "7 8 6 5 9 11 ")
      << "strikes nearest first, in each expiry";
  EXPECT_EQ(list({.universe_without = none}, 3), "INFY Midcap Nifty 50 ") << "TCS has expired";
  EXPECT_EQ(list({.universe_without = {{"NIFTY"}}}, 2), "INFY Midcap ");
  EXPECT_EQ(list({.kind = Kind::kIndex, .universe_without = {{"NSE_INDEX|Nifty 50"}}}, 1),
            "Midcap ");
  EXPECT_EQ(list({.kind = Kind::kFuture, .universe_without = {{"NIFTY"}}}, 1), "3 ");
  EXPECT_EQ(list({.kind = Kind::kOption, .universe_without = {{"a\"b\\", "NIFTY"}}}, 1), "10 ");
}

TEST(CatalogTest, TellsMoreTicksThanItCanHoldApart) {
  CatalogBuilder builder;
  Result<void> added;
  for (int i = 1; added && i < 70'000; ++i) {
    auto share = Share(std::to_string(i), "S");
    share.tick_size = Decimal::FromNanos(i);
    added = builder.Add({.id = i, .instrument = share});
  }
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().reason, "CATALOG_FULL");
}

class CatalogKeeperTest : public testing::Test {
 protected:
  void Keep(const Instrument& instrument) {
    auto transaction = std::move(*store_.Begin(*store_.StartRun(kNow, "test")));
    ASSERT_TRUE(transaction->Insert(instrument, Digest(instrument)));
    const auto report = transaction->Apply({});
    ASSERT_TRUE(report && transaction->Commit(*report));
  }
  MemoryInstrumentStore store_;
  CatalogKeeper keeper_{store_};
};

TEST_F(CatalogKeeperTest, HasNothingBeforeItHasRead) {
  EXPECT_EQ(keeper_.Current(), nullptr);
  const auto needed = keeper_.Need();
  ASSERT_FALSE(needed);
  EXPECT_EQ(needed.error().reason, "DATABASE_DOWN");
  ASSERT_TRUE(keeper_.Refresh());
  EXPECT_EQ((*keeper_.Need())->catalog.size(), 0U) << "no sync yet is no failure";
}

TEST_F(CatalogKeeperTest, ReadsAnewOnlyWhatChanged) {
  Keep(Share("INE1", "TCS"));
  ASSERT_TRUE(keeper_.Refresh());
  const auto first = keeper_.Current();
  EXPECT_EQ(first->catalog.size(), 1U);
  ASSERT_TRUE(keeper_.Refresh());
  EXPECT_EQ(keeper_.Current(), first);
  Keep(Share("INE2", "INFY"));
  ASSERT_TRUE(keeper_.Refresh());
  EXPECT_EQ(keeper_.Current()->catalog.size(), 2U);
  EXPECT_EQ(first->catalog.size(), 1U) << "who has taken it goes on with it";
}

}  // namespace
}  // namespace sauda::instruments
