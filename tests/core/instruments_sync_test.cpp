#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/lookup.hpp"
#include "services/instruments/src/core/master_sync.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_instrument_store.hpp"
#include "tests/support/memory_list_store.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kDay = 86'400'000;

/// A sync over memory, with a market clock that the test moves.
class MasterSyncTest : public testing::Test {
 protected:
  Result<SyncReport> Sync(const std::string& text, bool allow = false) {
    source_.text = text;
    return sync_.Run({.allow_mass_deactivation = allow});
  }
  std::string ReasonOf(const std::string& text) {
    const auto report = Sync(text);
    return report ? "" : report.error().reason;
  }
  std::int64_t Now() const { return market_.NowMs(); }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TextSource source_;
  LocalLock lock_;
  MemoryInstrumentStore store_;
  MasterSync sync_{{source_, lock_, store_, clock_, market_,
                    [] { return std::make_unique<SimdjsonRecordParser>(); }},
                   {}};
};

TEST_F(MasterSyncTest, FirstInsertsSecondWritesNothing) {
  const auto first = Sync(Array(Shares(100)));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->inserted, 100);
  EXPECT_EQ(first->records, 100);
  EXPECT_EQ(first->segments[*FindSegment("NSE_EQ")], 100);
  const auto second = Sync(Gzipped(Array(Shares(100))));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->inserted + second->updated + second->deactivated, 0);
  EXPECT_EQ(second->unchanged, 100);
  EXPECT_GT(second->sync_id, first->sync_id);
}

TEST_F(MasterSyncTest, CountsByTypeAndStillDoesWhenNothingCame) {
  source_.tag = "v1";
  auto records = Shares(3);
  records.push_back(CallJson(1, Now() + kDay));
  const auto first = Sync(Array(records));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->types, (TypeCounts{3, 0, 0, 1, 0, 0}));
  const auto second = Sync(Array(records));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->not_modified);
  EXPECT_EQ(second->types, first->types);
}

TEST_F(MasterSyncTest, WhatIsKeptForABadRecordIsCountedByTypeToo) {
  auto records = Shares(30);
  ASSERT_TRUE(Sync(Array(records)));
  records[7].replace(records[7].find("\"lot_size\":1"), 12, "\"lot_size\":0");
  const auto report = Sync(Array(records));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->bad.size(), 1U);
  EXPECT_EQ(report->types, (TypeCounts{30, 0, 0, 0, 0, 0}));
}

struct Warned {
  std::string name;
  int shares;
  int calls;
  std::vector<std::string> codes;
};
class WarningTest : public MasterSyncTest, public testing::WithParamInterface<Warned> {};

TEST_P(WarningTest, AMasterThatLacksAWholeKindIsCommittedWithAWarning) {
  auto records = Shares(GetParam().shares);
  for (int i = 0; i < GetParam().calls; ++i) records.push_back(CallJson(i, Now() + kDay));
  if (records.empty()) {
    records.push_back(
        R"({"segment":"NSE_INDEX","name":"Nifty 50","exchange":"NSE","instrument_type":"INDEX",)"
        R"("instrument_key":"NSE_INDEX|Nifty 50","exchange_token":"1","trading_symbol":"NIFTY"})");
  }
  const auto report = Sync(Array(records));
  ASSERT_TRUE(report) << report.error().message;
  std::vector<std::string> codes;
  for (const SyncWarning& each : report->warnings) codes.push_back(each.code);
  EXPECT_EQ(codes, GetParam().codes);
  EXPECT_EQ(store_.Status()->last_sync->warnings, report->warnings);
}

INSTANTIATE_TEST_SUITE_P(
    Masters, WarningTest,
    testing::Values(Warned{"Whole", 1, 1, {}}, Warned{"NoFno", 1, 0, {"NO_FNO_AFTER_SYNC"}},
                    Warned{"NoEquity", 0, 1, {"NO_EQUITY_AFTER_SYNC"}},
                    Warned{"Neither", 0, 0, {"NO_FNO_AFTER_SYNC", "NO_EQUITY_AFTER_SYNC"}}),
    CaseName{});

/// The same with lists beside the master.
class ListedMasterSyncTest : public MasterSyncTest {
 protected:
  TextLists list_source_;
  MemoryListStore list_store_;
  ListSync lists_{
      {list_source_, list_store_, [] { return std::make_unique<SimdjsonRecordParser>(); }}};
  MasterSync listed_{{source_, lock_, store_, clock_, market_,
                      [] { return std::make_unique<SimdjsonRecordParser>(); }, &lists_},
                     {}};
};

TEST_F(ListedMasterSyncTest, ListsFollowTheMasterAndAreInItsReport) {
  source_.text = Array({ShareJson(1), CallJson(1, Now() + kDay)});
  list_source_.texts = {{ListKind::kMtf, Array({ShareJson(1)})}};
  const auto report = listed_.Run({});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->lists.size(), kLists.size());
  EXPECT_EQ(report->lists[0], (ListOutcome{.list = ListKind::kMtf, .rows = 1}));
  ASSERT_EQ(report->warnings.size(), 3U) << "one a list that cannot be had";
  EXPECT_EQ(report->warnings[0].code, "LIST_NOT_READ");
  EXPECT_EQ(report->warnings[0].message, "nse_mis: SOURCE_DOWN: answered 403");
  EXPECT_EQ(store_.Status()->last_sync, *report) << "as it is kept";
  EXPECT_EQ(list_store_.KeptLists()->front().sync_id, report->sync_id);
  EXPECT_EQ(list_store_.KeptLists()->front().market_ms, Now());
}

TEST_F(ListedMasterSyncTest, OnlyTheBrokersOwnMasterHasLists) {
  source_.text = Array({ShareJson(1)});
  list_source_.texts = {{ListKind::kMtf, Array({ShareJson(1)})}};
  EXPECT_TRUE(listed_.Run({.file = "a.json"})->lists.empty());
  EXPECT_TRUE(listed_.Run({.sample = true})->lists.empty());
  source_.text = "[{}";
  EXPECT_FALSE(listed_.Run({}));
  EXPECT_TRUE(list_store_.KeptLists()->empty());
}

TEST_F(ListedMasterSyncTest, AListThatComesWhenTheLockIsLostIsNotKept) {
  source_.text = Array({ShareJson(1)});
  list_source_.texts = {{ListKind::kMtf, Array({ShareJson(1)})}};
  list_source_.before = [this] { lock_.lost = true; };
  const auto report = listed_.Run({});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->lists[0].failure, "LOCK_LOST: another sync may be running");
  EXPECT_TRUE(list_store_.KeptLists()->empty());
}

TEST_F(MasterSyncTest, IsTheSameWhateverThePieces) {
  source_.piece = 1;
  ASSERT_TRUE(Sync(Gzipped(Array(Shares(20)))));
  source_.piece = 7;
  const auto again = Sync(Array(Shares(20)));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->unchanged, 20);
}

TEST_F(MasterSyncTest, UpdatesDeactivatesAndReactivates) {
  ASSERT_TRUE(Sync(Array(Shares(10))));
  const std::int64_t id = (*store_.FindByKeys({"NSE_EQ|INE100009018"}))[0].id;
  auto shares = Shares(9);
  shares[3] = ShareJson(3, 50);
  const auto changed = Sync(Array(shares));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->updated, 1);
  EXPECT_EQ(changed->deactivated, 1);
  EXPECT_FALSE((*store_.FindByKeys({"NSE_EQ|INE100009018"}))[0].listed);
  const auto back = Sync(Array(Shares(10)));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->updated, 2);
  EXPECT_EQ(back->reactivated, 1);
  EXPECT_EQ((*store_.FindByKeys({"NSE_EQ|INE100009018"}))[0].id, id) << "the same instrument";
}

TEST_F(MasterSyncTest, TokenAfterExpiryIsAnotherInstrument) {
  ASSERT_TRUE(Sync(Array({CallJson(48704, Now() + kDay)})));
  clock_.Advance(std::chrono::hours{25});
  const auto report = Sync(Array({CallJson(48704, Now() + 5 * kDay)}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->inserted, 1);
  EXPECT_EQ(report->deactivated, 1);
  EXPECT_EQ(store_.FindByKeys({"NSE_FO|48704"})->size(), 2U);
}

TEST_F(MasterSyncTest, ExpiredContractsInTheFileAreKeptOnce) {
  const auto file = Array({CallJson(1, Now() - 30 * kDay), CallJson(2, Now() + kDay)});
  ASSERT_TRUE(Sync(file));
  ASSERT_TRUE(Sync(Array({CallJson(2, Now() + kDay)})));
  const auto again = Sync(file);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->inserted, 0);
  EXPECT_EQ(again->reactivated, 1);
}

TEST_F(MasterSyncTest, SkipsAndCountsAFewBadRecords) {
  auto records = Shares(95);
  records.emplace_back("{}");
  records.emplace_back("17");
  records.push_back(ShareJson(3));
  records.emplace_back(R"({"instrument_key":"XYZ|1"})");
  records.push_back(R"({"a":")" + std::string(70'000, 'x') + R"("})");
  const auto report = Sync(Array(records));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->inserted, 95);
  EXPECT_EQ(report->records, 100);
  ASSERT_EQ(report->bad.size(), 4U);
  EXPECT_EQ(report->bad.at("KEY_MISSING").first, "record 96: instrument_key is missing");
  EXPECT_EQ(report->bad.at("RECORD_MALFORMED").count, 2);
  EXPECT_EQ(report->bad.at("KEY_REPEATED").count, 1);
  EXPECT_EQ(report->bad.at("SEGMENT_UNKNOWN").count, 1);
}

TEST_F(MasterSyncTest, ABadRecordTakesNothingOffTheList) {
  ASSERT_TRUE(Sync(Array(Shares(40))));
  auto shares = Shares(40);
  shares[7] = ShareJson(7, 0);  // no lot: unusable, and it names its share
  const auto report = Sync(Array(shares));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->bad.at("FIELD_INVALID").count, 1);
  EXPECT_EQ(report->deactivated, 0);
  EXPECT_EQ(report->segments[*FindSegment("NSE_EQ")], 40);
  EXPECT_TRUE((*store_.FindByKeys({"NSE_EQ|INE100007018"}))[0].listed);
  EXPECT_EQ((*store_.FindByKeys({"NSE_EQ|INE100007018"}))[0].instrument.lot_size, 1);
  shares.erase(shares.begin() + 7);
  EXPECT_EQ(Sync(Array(shares))->deactivated, 1) << "now it is gone";
}

TEST_F(MasterSyncTest, BadRecordsAreNoMassDeactivation) {
  auto records = Shares(100);
  records.push_back(CallJson(1, Now() + kDay));
  records.push_back(CallJson(2, Now() + kDay));
  ASSERT_TRUE(Sync(Array(records)));
  records.back() = CallJson(2, Now() + kDay, "0");
  EXPECT_EQ(ReasonOf(Array(records)), "") << "half of NSE_FO, but none is gone";
  records.pop_back();
  EXPECT_EQ(ReasonOf(Array(records)), "TOO_MANY_DEACTIVATIONS");
}

TEST_F(MasterSyncTest, TakesAMarkAtTheStartInPiecesOfAnySize) {
  for (const std::size_t piece : {1UL, 2UL, 3UL, 1'000UL}) {
    source_.piece = piece;
    EXPECT_TRUE(Sync("\xEF\xBB\xBF" + Array(Shares(2)))) << "pieces of " << piece;
    EXPECT_FALSE(Sync(" \xEF\xBB\xBF" + Array(Shares(2)))) << "not behind something";
  }
}

TEST_F(MasterSyncTest, MarksWhatIsSimulated) {
  source_.simulated = true;
  const auto report = Sync(Array(Shares(1)));
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->simulated);
  EXPECT_TRUE((*store_.FindByKeys({"NSE_EQ|INE100000018"}))[0].instrument.simulated);
}

TEST_F(MasterSyncTest, MassDeactivationNeedsAWord) {
  ASSERT_TRUE(Sync(Array(Shares(10))));
  EXPECT_EQ(ReasonOf(Array(Shares(7))), "TOO_MANY_DEACTIVATIONS");
  EXPECT_EQ(store_.Status()->active, 10) << "the last good master stays";
  const auto allowed = Sync(Array(Shares(7)), true);
  ASSERT_TRUE(allowed) << allowed.error().message;
  EXPECT_EQ(allowed->deactivated, 3);
}

TEST_F(MasterSyncTest, SecondSyncAtTheSameTimeIsRefused) {
  std::string inner;
  source_.between = [&] {
    source_.between = nullptr;
    const auto second = sync_.Run({});
    inner = second ? "" : second.error().reason;
  };
  ASSERT_TRUE(Sync(Array(Shares(1))));
  EXPECT_EQ(inner, "SYNC_RUNNING");
}

TEST_F(MasterSyncTest, LostLockRefusesTheCommit) {
  source_.between = [&] { lock_.lost = true; };
  EXPECT_EQ(ReasonOf(Array(Shares(1))), "LOCK_LOST");
  EXPECT_EQ(store_.Status()->total, 0);
}

TEST_F(MasterSyncTest, NewerRunFencesAnOlderOneEvenIfTheLockSeemsHeld) {
  source_.between = [&] { ASSERT_TRUE(store_.StartRun(0, "another instance")); };
  EXPECT_EQ(ReasonOf(Array(Shares(1))), "LOCK_LOST");
  EXPECT_EQ(store_.Status()->total, 0);
}

TEST_F(MasterSyncTest, SaysWhenTheLockOrTheSourceIsAway) {
  lock_.down = true;
  EXPECT_EQ(ReasonOf(Array(Shares(1))), "LOCK_DOWN");
  lock_.down = false;
  source_.failure = Error{Code::kUnavailable, "SOURCE_DOWN", "refused"};
  EXPECT_EQ(ReasonOf(""), "SOURCE_DOWN");
  EXPECT_EQ(store_.Status()->last_failure, "SOURCE_DOWN: refused");
}

struct BadFile {
  std::string name;
  std::string text;
  std::string reason;
};
class BadFileTest : public MasterSyncTest, public testing::WithParamInterface<BadFile> {};

TEST_P(BadFileTest, ChangesNothingAndSaysWhy) {
  ASSERT_TRUE(Sync(Array(Shares(20))));
  const auto before = *store_.FindByKeys({"NSE_EQ|INE100007018"});
  EXPECT_EQ(ReasonOf(GetParam().text), GetParam().reason);
  EXPECT_EQ(*store_.FindByKeys({"NSE_EQ|INE100007018"}), before);
  EXPECT_EQ(store_.Status()->active, 20);
  EXPECT_TRUE(store_.Status()->last_failure.starts_with(GetParam().reason));
}

/// Twenty records of which every lot differs from what is kept, so that a write would show.
std::string Changed(const std::string& last = "") {
  std::vector<std::string> records;
  for (int i = 0; i < 20; ++i) records.push_back(ShareJson(i, 25));
  if (!last.empty()) records.push_back(last);
  return Array(records);
}
std::string Cut(std::string text, std::size_t by) {
  text.resize(text.size() - by);
  return text;
}
std::string Flipped(std::string text) {
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 0x55);
  return text;
}
std::string Mostly(const std::string& bad, int count) {
  auto records = Shares(20);
  for (int i = 0; i < count; ++i) records.push_back(bad);
  return Array(records);
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadFileTest,
    testing::Values(
        BadFile{"Nothing", "", "MASTER_EMPTY"}, BadFile{"EmptyArray", "[]", "MASTER_EMPTY"},
        BadFile{"EmptyGzip", Gzipped(""), "MASTER_EMPTY"},
        BadFile{"TruncatedJson", Cut(Changed(), 1), "MASTER_TRUNCATED"},
        BadFile{"TruncatedInRecord", Cut(Changed(), 100), "MASTER_TRUNCATED"},
        BadFile{"TruncatedGzip", Cut(Gzipped(Changed()), 40), "MASTER_TRUNCATED"},
        BadFile{"TruncatedGzipTrailer", Cut(Gzipped(Changed()), 1), "MASTER_TRUNCATED"},
        BadFile{"GzipHeaderOnly", "\x1f\x8b", "MASTER_TRUNCATED"},
        BadFile{"DamagedGzip", Flipped(Gzipped(Changed())), "MASTER_MALFORMED"},
        BadFile{"TruncatedInsideGzip", Gzipped(Cut(Changed(), 1)), "MASTER_TRUNCATED"},
        BadFile{"Html", "<html><body>403</body></html>", "MASTER_MALFORMED"},
        BadFile{"Object", R"({"status":"error"})", "TOO_MANY_BAD_RECORDS"},  // a line without a key
        BadFile{"OtherCsv", "\"a\",\"b\"\n1,2\n", "MASTER_MALFORMED"},
        BadFile{"Binary", std::string("\x00\x01\x02", 3), "MASTER_MALFORMED"},
        BadFile{"TextBehind", Changed() + "[]", "MASTER_MALFORMED"},
        BadFile{"WrongTypes", Mostly(R"({"instrument_key":5})", 2), "TOO_MANY_BAD_RECORDS"},
        BadFile{"NaNPrices", Mostly(R"({"instrument_key":"NSE_EQ|A","tick_size":NaN})", 2),
                "TOO_MANY_BAD_RECORDS"},
        BadFile{"RepeatedKeys", Mostly(ShareJson(1, 25), 2), "TOO_MANY_BAD_RECORDS"},
        BadFile{"HugeRecords", Mostly("\"" + std::string(1'000'000, 'x') + "\"", 2),
                "TOO_MANY_BAD_RECORDS"},
        BadFile{"OtherShares", Array(Shares(20, 500)), "TOO_MANY_DEACTIVATIONS"}),
    CaseName{});

TEST_F(MasterSyncTest, FivePercentBadIsStillBelieved) {
  auto records = Shares(95);
  for (int i = 0; i < 5; ++i) records.emplace_back("{}");
  EXPECT_EQ(ReasonOf(Array(records)), "");
  records.emplace_back("{}");
  EXPECT_EQ(ReasonOf(Array(records)), "TOO_MANY_BAD_RECORDS");
}

bool IsAscii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

struct Foreign {
  std::string name;
  std::string text;
  std::string reason;
};
class ForeignBytesTest : public MasterSyncTest, public testing::WithParamInterface<Foreign> {};

TEST_P(ForeignBytesTest, AreNeitherKeptNorQuoted) {
  const auto report = Sync(GetParam().text);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().reason, GetParam().reason);
  EXPECT_TRUE(IsAscii(report.error().message)) << report.error().message;
}

/// A row of the old CSV.
std::string CsvRow(const std::string& key, const std::string& name) {
  return '"' + key + R"(","14294","JPYINR26MAR61CE",")" + name +
         R"(","3.0075","2026-03-27","61.0","0.25","1","OPTCUR","CE","NCD_FO")" + '\n';
}
const std::string kCsvHeader =
    "\"instrument_key\",\"exchange_token\",\"tradingsymbol\",\"name\",\"last_price\",\"expiry\","
    "\"strike\",\"tick_size\",\"lot_size\",\"instrument_type\",\"option_type\",\"exchange\"\n";

INSTANTIATE_TEST_SUITE_P(
    Files, ForeignBytesTest,
    testing::Values(
        Foreign{"Utf16", std::string("\xff\xfe[\0", 4), "MASTER_MALFORMED"},
        Foreign{"Name", kCsvHeader + CsvRow("NCD_FO|1", "JPY\xcdNR"), "TOO_MANY_BAD_RECORDS"},
        Foreign{"Key", kCsvHeader + CsvRow("NCD_FO|\xcd", "JPYINR"), "TOO_MANY_BAD_RECORDS"},
        Foreign{"Segment", kCsvHeader + CsvRow("\xcd|1", "JPYINR"), "TOO_MANY_BAD_RECORDS"},
        Foreign{"CutInTheMiddle",
                kCsvHeader + CsvRow("X" + std::string(58, 'x') + "\xc3\xbd|1", "JPYINR"),
                "TOO_MANY_BAD_RECORDS"}),
    CaseName{});

TEST_F(MasterSyncTest, ALatinByteIsOneBadRecord) {
  std::string file = kCsvHeader;
  for (int i = 0; i < 20; ++i) file += CsvRow("NCD_FO|" + std::to_string(i), "JPYINR");
  const auto report = Sync(file + CsvRow("NCD_FO|20", "JPY\xcdNR"));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->inserted, 20);
  EXPECT_EQ(report->bad.at("FIELD_INVALID").count, 1);
}

TEST_F(MasterSyncTest, ReadsTheOldCsv) {
  const auto report = Sync(Gzipped(
      "\"instrument_key\",\"exchange_token\",\"tradingsymbol\",\"name\",\"last_price\",\"expiry\","
      "\"strike\",\"tick_size\",\"lot_size\",\"instrument_type\",\"option_type\",\"exchange\"\n"
      "\"NCD_FO|14294\",\"14294\",\"JPYINR26MAR61CE\",\"JPYINR\",\"3.0075\",\"2026-03-27\","
      "\"61.0\",\"0.25\",\"1\",\"OPTCUR\",\"CE\",\"NCD_FO\"\n"));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->inserted, 1);
}

}  // namespace
}  // namespace sauda::instruments
