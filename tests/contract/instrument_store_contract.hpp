#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::instruments {

/// What every InstrumentStore promises. `Factory::Make()` gives an empty store, or null when its
/// backend is not there (test skipped).
template <typename Factory>
class InstrumentStoreContract : public testing::Test {
 protected:
  static constexpr std::int64_t kNow = 1'765'771'200'000;
  static constexpr std::int64_t kDay = 86'400'000;

  void SetUp() override {
    store_ = factory_.Make();
    if (!store_) GTEST_SKIP() << "backend not available";
  }

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
                            StatusTellsCountsReportAndFailure);

}  // namespace sauda::instruments
