#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/instrument_store.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {

/// What every InstrumentStore promises. `Factory::Make()` gives an empty store, or null when its
/// backend is not there (test skipped).
template <typename Factory>
class InstrumentStoreContract : public testing::Test {
 public:
  static constexpr std::int64_t kNow = 1'765'771'200'000;
  static constexpr std::int64_t kDay = 86'400'000;

  static Instrument Share(const std::string& isin, const std::string& symbol) {
    Instrument share;
    share.key = "NSE_EQ|" + isin;
    share.segment = *FindSegment("NSE_EQ");
    share.exchange = "NSE";
    share.type = "EQ";
    share.kind = Kind::kEquity;
    share.symbol = symbol;
    share.name = "The \"" + symbol + "\" & Co.";
    share.token = "1";
    share.isin = isin;
    share.lot_size = 1;
    share.freeze_quantity = 100'000;
    share.tick_size = Decimal::FromNanos(50'000'000);
    return share;
  }

  static Instrument Call(const std::string& token, std::int64_t expiry_ms) {
    Instrument call = Share(token, "NIFTY 22200 CE " + token);
    call.key = "NSE_FO|" + token;
    call.segment = *FindSegment("NSE_FO");
    call.type = "CE";
    call.kind = Kind::kOption;
    call.isin.clear();
    call.expiry_ms = expiry_ms;
    call.strike = Decimal::FromNanos(22'200'500'000'000);
    call.quantity_multiplier = Decimal::FromUnits(1);
    call.underlying_key = "NSE_INDEX|Nifty 50";
    call.underlying_symbol = "NIFTY";
    call.weekly = true;
    call.simulated = true;
    return call;
  }

 protected:
  void SetUp() override {
    store_ = factory_.Make();
    if (!store_) GTEST_SKIP() << kNoStores;
  }

  std::unique_ptr<SyncTransaction> Begin() {
    sync_id_ = *store_->StartRun(kNow, "test");
    return std::move(*store_->Begin(sync_id_));
  }

  /// Inserts and commits.
  void Keep(const std::vector<Instrument>& instruments) {
    auto transaction = Begin();
    for (const auto& it : instruments) ASSERT_TRUE(transaction->Insert(it, Digest(it)));
    Finish(*transaction);
  }

  SyncReport Finish(SyncTransaction& transaction, const std::vector<std::int64_t>& gone = {}) {
    auto report = transaction.Apply(gone);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    if (!report) return {};
    report->sync_id = sync_id_;
    report->bad["KEY_MISSING"] = {2, "record 7: \"x\"\xff"};
    const auto committed = transaction.Commit(*report);
    EXPECT_TRUE(committed) << (committed ? "" : committed.error().message);
    return *report;
  }

  StoredInstrument One(const std::string& key) {
    const auto rows = store_->FindByKeys({key});
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
    EXPECT_EQ(rows->size(), 1U) << key;
    return rows->empty() ? StoredInstrument{} : rows->back();
  }

  std::vector<KnownInstrument> Known(SyncTransaction& transaction) {
    std::vector<KnownInstrument> known;
    const auto told =
        transaction.ForEachKnown(kNow, [&](const KnownInstrument& one) { known.push_back(one); });
    EXPECT_TRUE(told) << (told ? "" : told.error().message);
    return known;
  }

  Factory factory_;
  std::unique_ptr<InstrumentStore> store_;
  std::int64_t sync_id_ = 0;
};

TYPED_TEST_SUITE_P(InstrumentStoreContract);

TYPED_TEST_P(InstrumentStoreContract, KeepsEveryField) {
  const auto call = this->Call("46913", this->kNow + this->kDay);
  const auto share = this->Share("INE1", "M&M");
  this->Keep({call, share});
  EXPECT_EQ(this->One(call.key).instrument, call);
  EXPECT_EQ(this->One(share.key).instrument, share);
  EXPECT_TRUE(this->One(call.key).listed);
  EXPECT_EQ(this->One(call.key).version, 1);
}

TYPED_TEST_P(InstrumentStoreContract, TellsWhatItKnows) {
  const auto call = this->Call("46913", this->kNow + this->kDay);
  this->Keep({call});
  auto transaction = this->Begin();
  const auto known = this->Known(*transaction);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].identity, IdentityHash(call));
  EXPECT_EQ(known[0].digest, Digest(call));
  EXPECT_EQ(known[0].id, this->One(call.key).id);
  EXPECT_EQ(known[0].expiry_ms, call.expiry_ms);
  EXPECT_EQ(known[0].segment, call.segment);
  EXPECT_TRUE(known[0].listed);
}

TYPED_TEST_P(InstrumentStoreContract, DoesNotTellExpiredRowsThatAreGone) {
  const auto expired = this->Call("1", this->kNow);
  const auto alive = this->Call("2", this->kNow + 1);
  this->Keep({expired, alive});
  auto transaction = this->Begin();
  this->Finish(*transaction, {this->One(expired.key).id, this->One(alive.key).id});
  transaction = this->Begin();
  const auto known = this->Known(*transaction);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].id, this->One(alive.key).id);
  EXPECT_FALSE(known[0].listed);
}

TYPED_TEST_P(InstrumentStoreContract, UpdatesDeactivatesAndReactivates) {
  auto share = this->Share("INE1", "INFY");
  this->Keep({share, this->Share("INE2", "TCS")});
  const auto id = this->One(share.key).id;
  auto transaction = this->Begin();
  share.lot_size = 5;
  ASSERT_TRUE(transaction->Update(id, share, Digest(share)));
  auto report = this->Finish(*transaction, {this->One("NSE_EQ|INE2").id});
  EXPECT_EQ(report.updated, 1);
  EXPECT_EQ(report.reactivated, 0);
  EXPECT_EQ(this->One(share.key).instrument.lot_size, 5);
  EXPECT_EQ(this->One(share.key).version, 2);
  EXPECT_FALSE(this->One("NSE_EQ|INE2").listed);
  transaction = this->Begin();
  const auto tcs = this->Share("INE2", "TCS");
  ASSERT_TRUE(transaction->Update(this->One("NSE_EQ|INE2").id, tcs, Digest(tcs)));
  report = this->Finish(*transaction);
  EXPECT_EQ(report.updated, 1);
  EXPECT_EQ(report.reactivated, 1);
  EXPECT_TRUE(this->One("NSE_EQ|INE2").listed);
}

TYPED_TEST_P(InstrumentStoreContract, UpsertFindsOutWhatIsNeeded) {
  const auto kept = this->Call("1", this->kNow - this->kDay);
  this->Keep({kept});
  auto changed = kept;
  auto transaction = this->Begin();
  const auto fresh = this->Call("2", this->kNow - this->kDay);
  ASSERT_TRUE(transaction->Upsert(kept, Digest(kept)));
  ASSERT_TRUE(transaction->Upsert(fresh, Digest(fresh)));
  auto report = this->Finish(*transaction);
  EXPECT_EQ(report.unchanged, 1);
  EXPECT_EQ(report.inserted, 1);
  EXPECT_EQ(report.updated, 0);
  transaction = this->Begin();
  changed.lot_size = 9;
  ASSERT_TRUE(transaction->Upsert(changed, Digest(changed)));
  report = this->Finish(*transaction, {this->One(fresh.key).id});
  EXPECT_EQ(report.updated, 1);
  transaction = this->Begin();
  ASSERT_TRUE(transaction->Upsert(fresh, Digest(fresh)));
  report = this->Finish(*transaction);
  EXPECT_EQ(report.reactivated, 1);
  EXPECT_EQ(this->One(fresh.key).instrument, fresh);
}

TYPED_TEST_P(InstrumentStoreContract, DroppedTransactionChangesNothing) {
  this->Keep({this->Share("INE1", "INFY")});
  {
    auto transaction = this->Begin();
    const auto tcs = this->Share("INE2", "TCS");
    ASSERT_TRUE(transaction->Insert(tcs, Digest(tcs)));
    ASSERT_TRUE(transaction->Apply({this->One("NSE_EQ|INE1").id}));
  }
  EXPECT_TRUE(this->One("NSE_EQ|INE1").listed);
  EXPECT_TRUE(this->store_->FindByKeys({"NSE_EQ|INE2"})->empty());
}

TYPED_TEST_P(InstrumentStoreContract, NewerRunFencesAnOlderOne) {
  auto older = this->Begin();
  const auto older_id = this->sync_id_;
  const auto share = this->Share("INE1", "INFY");
  ASSERT_TRUE(older->Insert(share, Digest(share)));
  ASSERT_TRUE(older->Apply({}));
  EXPECT_GT(*this->store_->StartRun(this->kNow, "another"), older_id);
  const auto committed = older->Commit({.sync_id = older_id});
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().reason, "LOCK_LOST");
  older.reset();
  EXPECT_EQ(this->store_->Status()->total, 0);
}

TYPED_TEST_P(InstrumentStoreContract, FindsManyInOneCall) {
  this->Keep({this->Share("INE1", R"(A "quoted" \ {name})"), this->Share("INE2", "TCS"),
              this->Share("INE3", "TCS")});
  EXPECT_EQ(this->store_->FindByKeys({"NSE_EQ|INE1", "NSE_EQ|INE3", "NSE_EQ|NONE"})->size(), 2U);
  EXPECT_EQ(this->store_->FindBySymbols({"TCS", R"(A "quoted" \ {name})"})->size(), 3U);
  EXPECT_TRUE(this->store_->FindBySymbols({"'; DROP TABLE instruments; --"})->empty());
}

TYPED_TEST_P(InstrumentStoreContract, SymbolsAreThoseOfListedRows) {
  this->Keep({this->Share("INE1", "TCS")});
  auto transaction = this->Begin();
  this->Finish(*transaction, {this->One("NSE_EQ|INE1").id});
  EXPECT_TRUE(this->store_->FindBySymbols({"TCS"})->empty());
  EXPECT_EQ(this->store_->FindByKeys({"NSE_EQ|INE1"})->size(), 1U);
}

TYPED_TEST_P(InstrumentStoreContract, SearchGivesTheBestFirst) {
  auto index = this->Share("INDEX", "NIFTY");
  index.kind = Kind::kIndex;
  this->Keep({this->Call("2", this->kNow + 2 * this->kDay),
              this->Call("1", this->kNow + this->kDay), this->Share("INE1", "NIFTYBEES"), index,
              this->Share("INE9", "OTHER")});
  const auto keys = [&](const SearchQuery& query) {
    std::vector<std::string> found;
    const auto rows = this->store_->Search(query);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
    for (const auto& row : *rows) found.push_back(row.instrument.key);
    return found;
  };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys({.words = {"nifty"}}),
            (Keys{"NSE_EQ|INDEX", "NSE_EQ|INE1", "NSE_FO|1", "NSE_FO|2"}));
  EXPECT_EQ(keys({.words = {"nifty", "222"}}), (Keys{"NSE_FO|1", "NSE_FO|2"}));
  EXPECT_EQ(keys({.words = {"nifty"}, .segment = FindSegment("NSE_FO"), .offset = 1, .limit = 1}),
            Keys{"NSE_FO|2"});
  EXPECT_EQ(keys({.words = {"nifty"}, .type = "CE"}), (Keys{"NSE_FO|1", "NSE_FO|2"}));
  EXPECT_EQ(keys({.words = {"fty"}}), Keys{}) << "words match from their beginning";
}

/// A small market: two shares and two indices with contracts on NSE, one of them on BSE too.
template <typename Test>
std::vector<Instrument> SmallMarket(const Test& test) {
  std::vector<Instrument> all;
  const auto contract = [&](const std::string& key, Kind kind, const char* type, int days,
                            std::int64_t strike, const Instrument& of) {
    Instrument it = test.Call(key.substr(key.find('|') + 1), test.kNow + days * test.kDay);
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
  Instrument nifty = test.Share("x", "NIFTY");
  nifty.key = "NSE_INDEX|Nifty 50";
  nifty.segment = *FindSegment("NSE_INDEX");
  nifty.kind = Kind::kIndex;
  nifty.type = "INDEX";
  Instrument midcap = nifty;
  midcap.key = "NSE_INDEX|Midcap";
  midcap.symbol = "MIDCPNIFTY";
  Instrument tcs = test.Share("TCS", "TCS");
  Instrument bond = test.Share("BOND", "AAA");
  bond.type = "GB";
  const Instrument infy = test.Share("INFY", "INFY");
  all = {nifty, midcap, tcs, bond, infy, test.Share("OTHER", "OTHER")};
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

TYPED_TEST_P(InstrumentStoreContract, ListsInTheTradersOrder) {
  auto market = SmallMarket(*this);
  auto gone = this->Share("GONE", "AAB");
  market.push_back(gone);
  this->Keep(market);
  auto transaction = this->Begin();
  this->Finish(*transaction, {this->One(gone.key).id});
  const auto list = [&](ListQuery query, std::int64_t total) {
    query.market_now_ms = this->kNow;
    const auto found = this->store_->List(query);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    std::string keys;
    if (!found) return keys;
    EXPECT_EQ(found->total, total);
    for (const auto& row : found->rows) {
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

TYPED_TEST_P(InstrumentStoreContract, StatusTellsCountsReportAndFailure) {
  auto status = this->store_->Status();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_FALSE(status->last_sync);
  auto transaction = this->Begin();
  const auto share = this->Share("INE1", "INFY");
  ASSERT_TRUE(transaction->Insert(share, Digest(share)));
  const auto report = this->Finish(*transaction);
  status = this->store_->Status();
  EXPECT_EQ(status->active, 1);
  EXPECT_EQ(status->total, 1);
  EXPECT_EQ(status->segments[share.segment], 1);
  ASSERT_TRUE(status->last_sync);
  EXPECT_EQ(status->last_sync->inserted, 1);
  EXPECT_EQ(status->last_sync->bad.at("KEY_MISSING").count, 2);
  EXPECT_EQ(status->last_failure, "");
  const auto failed = *this->store_->StartRun(this->kNow, "test");
  ASSERT_TRUE(this->store_->FailRun(failed, {Code::kUnavailable, "SOURCE_DOWN", "refused"}));
  status = this->store_->Status();
  EXPECT_EQ(status->last_failure, "SOURCE_DOWN: refused");
  EXPECT_EQ(status->last_sync->sync_id, report.sync_id);
}

REGISTER_TYPED_TEST_SUITE_P(InstrumentStoreContract, KeepsEveryField, TellsWhatItKnows,
                            DoesNotTellExpiredRowsThatAreGone, UpdatesDeactivatesAndReactivates,
                            UpsertFindsOutWhatIsNeeded, DroppedTransactionChangesNothing,
                            NewerRunFencesAnOlderOne, FindsManyInOneCall,
                            SymbolsAreThoseOfListedRows, SearchGivesTheBestFirst,
                            ListsInTheTradersOrder, StatusTellsCountsReportAndFailure);

}  // namespace sauda::instruments
