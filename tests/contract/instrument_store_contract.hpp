#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/instrument_store.hpp"
#include "tests/support/instrument_makers.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {

/// What every InstrumentStore promises. `Factory::Make()` gives an empty store, or null when its
/// backend is not there (test skipped).
template <typename Factory>
class InstrumentStoreContract : public testing::Test {
 public:
  static constexpr std::int64_t kNow = 1'765'771'200'000;
  static constexpr std::int64_t kDay = 86'400'000;

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
    report->market_ms = market_ms_;
    report->deactivated = static_cast<std::int64_t>(gone.size());
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
  std::int64_t market_ms_ = kNow;
};

TYPED_TEST_SUITE_P(InstrumentStoreContract);

TYPED_TEST_P(InstrumentStoreContract, KeepsEveryField) {
  const auto call = Call("46913", this->kNow + this->kDay);
  const auto share = Share("INE1", "M&M");
  this->Keep({call, share});
  EXPECT_EQ(this->One(call.key).instrument, call);
  EXPECT_EQ(this->One(share.key).instrument, share);
  EXPECT_TRUE(this->One(call.key).listed);
  EXPECT_EQ(this->One(call.key).version, 1);
}

TYPED_TEST_P(InstrumentStoreContract, TellsWhatItKnows) {
  const auto call = Call("46913", this->kNow + this->kDay);
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

TYPED_TEST_P(InstrumentStoreContract, IsEmptyUntilItHasEvenAnExpiredRow) {
  {
    const auto transaction = this->Begin();
    EXPECT_TRUE(transaction->IsEmpty().value());
  }
  const auto expired = Call("1", this->kNow);
  this->Keep({expired});
  auto transaction = this->Begin();
  this->Finish(*transaction, {this->One(expired.key).id});
  transaction = this->Begin();
  EXPECT_TRUE(this->Known(*transaction).empty());
  EXPECT_FALSE(transaction->IsEmpty().value());
}

TYPED_TEST_P(InstrumentStoreContract, DoesNotTellExpiredRowsThatAreGone) {
  const auto expired = Call("1", this->kNow);
  const auto alive = Call("2", this->kNow + 1);
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
  auto share = Share("INE1", "INFY");
  this->Keep({share, Share("INE2", "TCS")});
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
  const auto tcs = Share("INE2", "TCS");
  ASSERT_TRUE(transaction->Update(this->One("NSE_EQ|INE2").id, tcs, Digest(tcs)));
  report = this->Finish(*transaction);
  EXPECT_EQ(report.updated, 1);
  EXPECT_EQ(report.reactivated, 1);
  EXPECT_TRUE(this->One("NSE_EQ|INE2").listed);
}

TYPED_TEST_P(InstrumentStoreContract, UpsertFindsOutWhatIsNeeded) {
  const auto kept = Call("1", this->kNow - this->kDay);
  this->Keep({kept});
  auto changed = kept;
  auto transaction = this->Begin();
  const auto fresh = Call("2", this->kNow - this->kDay);
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
  this->Keep({Share("INE1", "INFY")});
  {
    auto transaction = this->Begin();
    const auto tcs = Share("INE2", "TCS");
    ASSERT_TRUE(transaction->Insert(tcs, Digest(tcs)));
    ASSERT_TRUE(transaction->Apply({this->One("NSE_EQ|INE1").id}));
  }
  EXPECT_TRUE(this->One("NSE_EQ|INE1").listed);
  EXPECT_TRUE(this->store_->FindByKeys({"NSE_EQ|INE2"})->empty());
}

TYPED_TEST_P(InstrumentStoreContract, NewerRunFencesAnOlderOne) {
  auto older = this->Begin();
  const auto older_id = this->sync_id_;
  const auto share = Share("INE1", "INFY");
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
  this->Keep({Share("INE1", R"(A "quoted" \ {name})"), Share("INE2", "TCS"), Share("INE3", "TCS")});
  EXPECT_EQ(this->store_->FindByKeys({"NSE_EQ|INE1", "NSE_EQ|INE3", "NSE_EQ|NONE"})->size(), 2U);
  EXPECT_TRUE(this->store_->FindByKeys({"'; DROP TABLE instruments; --"})->empty());
}

TYPED_TEST_P(InstrumentStoreContract, TellsEveryListedRow) {
  std::vector<Instrument> all;
  for (int i = 0; i < 4'100; ++i) all.push_back(Share("INE" + std::to_string(i), "S"));
  this->Keep(all);
  auto transaction = this->Begin();
  this->Finish(*transaction, {this->One("NSE_EQ|INE7").id});
  std::set<std::string> keys;
  const auto told = this->store_->ForEachListed([&](const StoredInstrument& row) -> Result<void> {
    EXPECT_TRUE(row.listed);
    EXPECT_TRUE(keys.insert(row.instrument.key).second);
    return {};
  });
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(keys.size(), 4'099U);
  EXPECT_EQ(keys.count("NSE_EQ|INE7"), 0U);
  int calls = 0;
  const auto stopped = this->store_->ForEachListed([&](const StoredInstrument&) -> Result<void> {
    ++calls;
    return Error{Code::kInternal, "CATALOG_FULL", "enough"};
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().reason, "CATALOG_FULL");
  EXPECT_EQ(calls, 1);
}

TYPED_TEST_P(InstrumentStoreContract, RevisionRisesWithWhatIsWritten) {
  EXPECT_EQ(this->store_->Revision().value_or(-1), 0);
  auto share = Share("INE1", "INFY");
  this->Keep({share});
  EXPECT_EQ(this->store_->Revision().value_or(-1), this->sync_id_);
  const auto first = this->sync_id_;
  auto transaction = this->Begin();
  this->Finish(*transaction);
  EXPECT_EQ(this->store_->Revision().value_or(-1), first) << "nothing was written";
  transaction = this->Begin();
  const auto report = this->Finish(*transaction, {this->One(share.key).id});
  EXPECT_EQ(this->store_->Revision().value_or(-1), report.sync_id) << "one is gone";
}

TYPED_TEST_P(InstrumentStoreContract, StatusTellsCountsReportAndFailure) {
  auto status = this->store_->Status();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_FALSE(status->last_sync);
  auto transaction = this->Begin();
  const auto share = Share("INE1", "INFY");
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

/// `SYMBOL lot version listed` of each.
inline std::string Shown(const std::vector<StoredInstrument>& rows) {
  std::string shown;
  for (const StoredInstrument& row : rows) {
    shown += (shown.empty() ? "" : ", ") + row.instrument.symbol + " " +
             std::to_string(row.instrument.lot_size) + " v" + std::to_string(row.version) +
             (row.listed ? "" : " gone");
  }
  return shown;
}

TYPED_TEST_P(InstrumentStoreContract, TellsWhatRowsWereOnADay) {
  const auto as_of = [&](const std::string& name, std::int64_t days) {
    const auto found = this->store_->FindAsOf(name, this->kNow + days * this->kDay);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found && *found ? Shown(**found) : "no sync";
  };
  auto share = Share("INE1", "OLD");
  this->market_ms_ = this->kNow;
  this->Keep({share});
  const auto id = this->One(share.key).id;
  this->market_ms_ = this->kNow + 2 * this->kDay;
  auto transaction = this->Begin();
  share.lot_size = 5;
  share.symbol = "NEW";
  const auto later = Share("INE2", "LATER");
  ASSERT_TRUE(transaction->Update(id, share, Digest(share)));
  ASSERT_TRUE(transaction->Insert(later, Digest(later)));
  this->Finish(*transaction);
  this->market_ms_ = this->kNow + 4 * this->kDay;
  transaction = this->Begin();
  this->Finish(*transaction, {id});
  EXPECT_EQ(as_of(share.key, -1), "no sync");
  EXPECT_EQ(as_of(share.key, 0), "OLD 1 v1");
  EXPECT_EQ(as_of(share.key, 1), "OLD 1 v1");
  EXPECT_EQ(as_of(share.key, 2), "NEW 5 v2");
  EXPECT_EQ(as_of(share.key, 4), "NEW 5 v3 gone");
  EXPECT_EQ(as_of(later.key, 1), "") << "not there yet";
  EXPECT_EQ(as_of(later.key, 9), "LATER 1 v1");
  EXPECT_EQ(as_of("OLD", 1), "OLD 1 v1");
  EXPECT_EQ(as_of("OLD", 3), "") << "it went by another symbol then";
  EXPECT_EQ(as_of("NEW", 1), "");
  EXPECT_EQ(as_of("NEW", 3), "NEW 5 v2");
  EXPECT_EQ(as_of("NEW", 5), "NEW 5 v3 gone");
}

TYPED_TEST_P(InstrumentStoreContract, TellsWhatChanged) {
  const auto shown = [&](const ChangeQuery& query) {
    const auto changes = this->store_->Changes(query);
    EXPECT_TRUE(changes) << (changes ? "" : changes.error().message);
    std::vector<std::string> all;
    std::int64_t sequence = query.after;
    for (const auto& each : *changes) {
      EXPECT_GT(each.sequence, sequence);
      sequence = each.sequence;
      EXPECT_EQ(each.market_ms, this->kNow + each.sync_id % 2);
      all.push_back(each.key + " " + std::to_string(static_cast<int>(each.change)) + " " +
                    each.before + ">" + each.after);
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto keep_time = [&] { this->market_ms_ = this->kNow + (this->sync_id_ + 1) % 2; };
  auto call = Call("1", this->kNow + this->kDay);
  auto share = Share("INE1", "OLD");
  keep_time();
  this->Keep({call, share});
  EXPECT_TRUE(shown({}).empty()) << "the first of all";
  const auto call_id = this->One(call.key).id;
  const auto share_id = this->One(share.key).id;
  keep_time();
  auto transaction = this->Begin();
  call.lot_size = 5;
  call.freeze_quantity = 7;
  call.tick_size = Decimal::FromNanos(100'000'000);
  call.expiry_ms += this->kDay;
  call.name = "of no interest";
  share.symbol = "NEW";
  const auto fresh = Share("INE2", "FRESH");
  ASSERT_TRUE(transaction->Update(call_id, call, Digest(call)));
  ASSERT_TRUE(transaction->Update(share_id, share, Digest(share)));
  ASSERT_TRUE(transaction->Insert(fresh, Digest(fresh)));
  this->Finish(*transaction);
  const auto day = [](std::int64_t ms) { return calendar::IstDate::Of(ms).ToString(); };
  const std::vector<std::string> second{
      "NSE_EQ|INE1 6 OLD>NEW",
      "NSE_EQ|INE2 0 >",
      "NSE_FO|1 3 1>5",
      "NSE_FO|1 4 100000>7",
      "NSE_FO|1 5 0.05>0.1",
      "NSE_FO|1 7 " + day(call.expiry_ms - this->kDay) + ">" + day(call.expiry_ms)};
  EXPECT_EQ(shown({}), second);
  const auto last = this->store_->Changes({})->back().sequence;
  keep_time();
  transaction = this->Begin();
  this->Finish(*transaction, {share_id});
  keep_time();
  transaction = this->Begin();
  ASSERT_TRUE(transaction->Update(share_id, share, Digest(share)));
  this->Finish(*transaction);
  EXPECT_EQ(shown({.after = last}),
            (std::vector<std::string>{"NSE_EQ|INE1 1 >", "NSE_EQ|INE1 2 >"}));
  EXPECT_EQ(shown({.key = "NSE_EQ|INE2"}), std::vector<std::string>{"NSE_EQ|INE2 0 >"});
  EXPECT_EQ(shown({.limit = 2}).size(), 2U);
}

TYPED_TEST_P(InstrumentStoreContract, TellsHowSyncsWent) {
  this->Keep({Share("INE1", "INFY")});
  const auto kept = this->sync_id_;
  const auto failed = *this->store_->StartRun(this->kNow, "file:x");
  ASSERT_TRUE(this->store_->FailRun(failed, {Code::kUnavailable, "SOURCE_DOWN", "refused"}));
  const auto dead = *this->store_->StartRun(this->kNow + 1, "test");
  const auto running = *this->store_->StartRun(this->kNow + 2, "test");
  const auto runs = this->store_->Runs(0, 10);
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 4U);
  EXPECT_EQ((*runs)[0].sync_id, running);
  EXPECT_EQ((*runs)[0].state, SyncRun::State::kRunning);
  EXPECT_EQ((*runs)[1].sync_id, dead);
  EXPECT_EQ((*runs)[1].state, SyncRun::State::kFailed);
  EXPECT_TRUE((*runs)[1].failure.starts_with("ABANDONED: "));
  EXPECT_EQ((*runs)[2].failure, "SOURCE_DOWN: refused");
  EXPECT_EQ((*runs)[2].source, "file:x");
  EXPECT_EQ((*runs)[3].state, SyncRun::State::kCommitted);
  ASSERT_TRUE((*runs)[3].report);
  EXPECT_EQ((*runs)[3].report->inserted, 1);
  EXPECT_EQ((*runs)[3].started_ms, this->kNow);
  EXPECT_EQ(this->store_->Runs(failed, 10)->front().sync_id, kept);
  EXPECT_EQ(this->store_->Runs(0, 2)->size(), 2U);
}

TYPED_TEST_P(InstrumentStoreContract, AmendsTheReportOfACommittedRun) {
  this->Keep({Share("INE1", "INFY")});
  SyncReport report = *this->store_->Status()->last_sync;
  report.types = {1, 2, 3, 4, 5, 6};
  report.warnings = {{"LIST_NOT_READ", "mtf: \"403\""}, {"NO_FNO_AFTER_SYNC", "none"}};
  report.lists = {
      {.list = ListKind::kMtf, .state = ListOutcome::State::kFailed, .failure = "SOURCE_DOWN: x"},
      {.list = ListKind::kNseMis, .state = ListOutcome::State::kNotModified, .rows = 7},
      {.list = ListKind::kSuspended, .rows = 33'930, .bad = 2}};
  const auto amended = this->store_->AmendReport(report);
  ASSERT_TRUE(amended) << amended.error().message;
  EXPECT_EQ(this->store_->Status()->last_sync, report);
  EXPECT_EQ(this->store_->Runs(0, 1)->front().report, report);
  SyncReport other;
  other.sync_id = *this->store_->StartRun(0, "test");
  EXPECT_TRUE(this->store_->AmendReport(other));
  EXPECT_FALSE(this->store_->Runs(0, 1)->front().report) << "it is not committed";
}

TYPED_TEST_P(InstrumentStoreContract, StatusCountsByType) {
  auto put = Call("2", this->kNow + this->kDay);
  put.type = "PE";
  auto future = Call("3", this->kNow + this->kDay);
  future.type = "FUT";
  future.kind = Kind::kFuture;
  future.strike = {};
  auto spot = Share("INE9", "GOLD");
  spot.kind = Kind::kSpot;
  auto index = Share("INE8", "NIFTY");
  index.kind = Kind::kIndex;
  this->Keep({Share("INE1", "INFY"), Call("1", this->kNow + this->kDay), put, future, spot, index});
  EXPECT_EQ(this->store_->Status()->types, (TypeCounts{1, 1, 1, 1, 1, 1}));
}

TYPED_TEST_P(InstrumentStoreContract, TellsExpiredContractsNewestFirst) {
  const auto of = [](const std::string& token, std::int64_t expiry_ms, std::int64_t strike) {
    Instrument call = Call(token, expiry_ms);
    call.strike = Decimal::FromUnits(strike);
    return call;
  };
  auto future = of("4", this->kNow, 0);
  future.kind = Kind::kFuture;
  future.type = "FUT";
  auto put = of("5", this->kNow, 100);
  put.type = "PE";
  auto other = of("6", this->kNow, 100);
  other.underlying_key = "NSE_INDEX|Nifty Bank";
  other.underlying_symbol = "BANKNIFTY";
  const std::vector<Instrument> all{of("1", this->kNow - this->kDay, 100),
                                    put,
                                    of("2", this->kNow, 200),
                                    of("3", this->kNow, 100),
                                    future,
                                    other,
                                    of("7", this->kNow, 300),
                                    of("8", this->kNow + 1, 100)};
  this->Keep(all);
  std::vector<std::int64_t> gone;
  for (const auto& it : all) {
    if (it.key != "NSE_FO|7") gone.push_back(this->One(it.key).id);
  }
  auto transaction = this->Begin();
  this->Finish(*transaction, gone);
  const auto tokens = [&](ExpiredQuery query) {
    if (query.underlying.empty()) query.underlying = "NIFTY";
    if (query.until_ms == 0) query.until_ms = this->kNow + 1;
    const auto rows = this->store_->Expired(query);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
    std::string found;
    for (const auto& row : *rows) {
      found += row.instrument.key.back();
      EXPECT_FALSE(row.listed);
    }
    return found;
  };
  EXPECT_EQ(tokens({}), "43521") << "by expiry, strike, call before put; without those listed";
  EXPECT_EQ(tokens({.underlying = "NSE_INDEX|Nifty 50"}), "43521");
  EXPECT_EQ(tokens({.underlying = "BANKNIFTY"}), "6");
  EXPECT_EQ(tokens({.until_ms = this->kNow + 2}), "843521");
  EXPECT_EQ(tokens({.until_ms = this->kNow}), "1");
  EXPECT_EQ(tokens({.from_ms = this->kNow}), "4352");
  EXPECT_EQ(tokens({.kind = Kind::kFuture}), "4");
  EXPECT_EQ(tokens({.kind = Kind::kOption}), "3521");
  EXPECT_EQ(tokens({.segment = *FindSegment("NSE_FO")}), "43521");
  EXPECT_EQ(tokens({.segment = *FindSegment("BSE_FO")}), "");
  EXPECT_EQ(tokens({.offset = 1, .limit = 2}), "35");
  EXPECT_EQ(tokens({.offset = 9, .limit = 2}), "");
}

REGISTER_TYPED_TEST_SUITE_P(InstrumentStoreContract, AmendsTheReportOfACommittedRun,
                            StatusCountsByType, TellsExpiredContractsNewestFirst, KeepsEveryField,
                            TellsWhatItKnows, IsEmptyUntilItHasEvenAnExpiredRow,
                            DoesNotTellExpiredRowsThatAreGone, UpdatesDeactivatesAndReactivates,
                            UpsertFindsOutWhatIsNeeded, DroppedTransactionChangesNothing,
                            NewerRunFencesAnOlderOne, FindsManyInOneCall, TellsEveryListedRow,
                            RevisionRisesWithWhatIsWritten, TellsWhatRowsWereOnADay,
                            TellsWhatChanged, TellsHowSyncsWent, StatusTellsCountsReportAndFailure);

}  // namespace sauda::instruments
