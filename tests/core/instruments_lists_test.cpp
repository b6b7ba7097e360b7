#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/lists/list_book.hpp"
#include "services/instruments/src/core/lists/list_sync.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/memory_list_store.hpp"

namespace sauda::instruments {
namespace {

/// A record of a list: the share of that ISIN, and more members with a comma before them.
std::string Record(const std::string& isin, const std::string& more = "") {
  return R"({"instrument_key":"NSE_EQ|)" + isin + R"(","trading_symbol":"S","name":"N")" + more +
         "}";
}
std::string Mis(const std::string& isin, const std::string& margin, const std::string& leverage) {
  return Record(isin, R"(,"intraday_margin":)" + margin + R"(,"intraday_leverage":)" + leverage);
}

struct RecordCase {
  std::string name;
  ListKind list;
  std::string record;
  std::string reason;  // empty: it is a row
};
class ListRecordTest : public testing::TestWithParam<RecordCase> {};

TEST_P(ListRecordTest, IsARowOrGivesTheReason) {
  SimdjsonRecordParser parser;
  ListReader reader{GetParam().list, parser};
  ASSERT_TRUE(reader.Feed(Array({GetParam().record})));
  ASSERT_TRUE(reader.Finish());
  EXPECT_EQ(reader.records(), 1);
  EXPECT_EQ(reader.first_bad().substr(0, reader.first_bad().find(',')), GetParam().reason);
  EXPECT_EQ(reader.rows().size(), GetParam().reason.empty() ? 1U : 0U);
  EXPECT_EQ(reader.bad(), GetParam().reason.empty() ? 0 : 1);
}

std::string BracketOf(const std::string& text) {
  return Record("INE1", R"(,"mtf_bracket":)" + text);
}

INSTANTIATE_TEST_SUITE_P(
    Records, ListRecordTest,
    testing::Values(
        RecordCase{"Mtf", ListKind::kMtf, BracketOf("26.5"), ""},
        RecordCase{"MtfWithoutBracket", ListKind::kMtf, Record("INE1"), ""},
        RecordCase{"MtfOfZero", ListKind::kMtf, BracketOf("0"), ""},
        RecordCase{"MtfBelowZero", ListKind::kMtf, BracketOf("-0.1"), "FIELD_INVALID"},
        RecordCase{"MtfOfText", ListKind::kMtf, BracketOf("\"20\""), "FIELD_INVALID"},
        RecordCase{"MtfTooFine", ListKind::kMtf, BracketOf("0.0000000001"), "FIELD_INVALID"},
        RecordCase{"Mis", ListKind::kNseMis, Mis("INE1", "20.0", "5.0"), ""},
        RecordCase{"MisWithoutMargin", ListKind::kNseMis,
                   Record("INE1", R"(,"intraday_leverage":5)"), "FIELD_MISSING"},
        RecordCase{"MisWithoutLeverage", ListKind::kBseMis,
                   Record("INE1", R"(,"intraday_margin":20)"), "FIELD_MISSING"},
        RecordCase{"MisBelowZero", ListKind::kBseMis, Mis("INE1", "20", "-5"), "FIELD_INVALID"},
        RecordCase{"Suspended", ListKind::kSuspended, Record("INE1"), ""},
        RecordCase{"NoKey", ListKind::kSuspended, R"({"name":"N"})", "KEY_MISSING"},
        RecordCase{"KeyOfNoBar", ListKind::kMtf, R"({"instrument_key":"NSE_EQ"})", "KEY_MALFORMED"},
        RecordCase{"KeyOfNoSegment", ListKind::kMtf, R"({"instrument_key":"X|1"})",
                   "SEGMENT_UNKNOWN"},
        RecordCase{"NameOfControls", ListKind::kSuspended, Record("INE1", R"(,"isin":"\u001b")"),
                   "FIELD_INVALID"},
        RecordCase{"NoObject", ListKind::kMtf, "7", "RECORD_MALFORMED"},
        RecordCase{"TooLong", ListKind::kMtf,
                   Record("INE1", ",\"x\":\"" + std::string(70'000, 'x') + "\""),
                   "RECORD_MALFORMED"}),
    CaseName{});

TEST(ListReaderTest, KeepsAllFieldsWhateverThePieces) {
  const std::string text = Array({Record(
      "INE1",
      R"(,"instrument_type":"BE","isin":"INE1","exchange_token":"7","mtf_bracket":20.25)")});
  SimdjsonRecordParser parser;
  ListReader reader{ListKind::kMtf, parser};
  for (const char c : text) ASSERT_TRUE(reader.Feed({&c, 1}));
  ASSERT_TRUE(reader.Finish());
  const ListRow row{.key = "NSE_EQ|INE1",
                    .symbol = "S",
                    .name = "N",
                    .type = "BE",
                    .isin = "INE1",
                    .token = "7",
                    .margin_percent = *Decimal::Parse("20.25")};
  EXPECT_EQ(reader.rows(), std::vector<ListRow>{row});
}

TEST(ListReaderTest, OfOneKeyTheFirstCountsAndEverySuspendedOne) {
  for (const ListKind list : {ListKind::kMtf, ListKind::kSuspended}) {
    SimdjsonRecordParser parser;
    ListReader reader{list, parser};
    ASSERT_TRUE(reader.Feed(Array({Record("INE1"), Record("INE1")})));
    const bool suspended = list == ListKind::kSuspended;
    EXPECT_EQ(reader.rows().size(), suspended ? 2U : 1U);
    EXPECT_EQ(reader.first_bad().find("KEY_REPEATED") == 0, !suspended);
  }
}

TEST(ListReaderTest, WhatIsSaidToBeOffIsOnNoList) {
  SimdjsonRecordParser parser;
  ListReader reader{ListKind::kMtf, parser};
  ASSERT_TRUE(reader.Feed(Array(
      {Record("INE1", R"(,"mtf_enabled":false)"), Record("INE2", R"(,"mtf_enabled":true)")})));
  ASSERT_EQ(reader.rows().size(), 1U);
  EXPECT_EQ(reader.rows()[0].key, "NSE_EQ|INE2");
  EXPECT_EQ(reader.bad(), 0);
}

TEST(ListReaderTest, IsBoundedInRows) {
  SimdjsonRecordParser parser;
  ListReader reader{ListKind::kSuspended, parser};
  ASSERT_TRUE(reader.Feed("["));
  for (std::size_t i = 0; i < ListReader::kMostRows; ++i) ASSERT_TRUE(reader.Feed("{},"));
  const auto fed = reader.Feed("{},");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().reason, "LIST_TOO_LARGE");
}

TEST(ListReaderTest, IsBoundedInBytes) {
  SimdjsonRecordParser parser;
  ListReader reader{ListKind::kSuspended, parser};
  const std::string spaces(1'000'000, ' ');
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(reader.Feed(spaces));
  const auto fed = reader.Feed(" ");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().reason, "LIST_TOO_LARGE");
}

/// Lists of a source that the test fills, and what is kept of them.
class ListSyncTest : public testing::Test {
 protected:
  /// The outcome of one list.
  ListOutcome Sync(ListKind list) {
    const auto outcomes =
        sync_.Run({.sync_id = ++syncs_, .market_ms = 1'000 * syncs_, .may_go_on = [this] {
                     return may_go_on_;
                   }});
    EXPECT_EQ(outcomes.size(), kLists.size());
    EXPECT_TRUE(keeper_.Refresh());
    return outcomes.at(IndexOf(list));
  }
  ListMarks Marks(const std::string& isin, const std::string& token = "1", bool simulated = false) {
    return keeper_.Current()->Of("NSE_EQ|" + isin, token, simulated);
  }

  TextLists source_;
  MemoryListStore store_;
  ListSync sync_{{source_, store_, [] { return std::make_unique<SimdjsonRecordParser>(); }}};
  ListKeeper keeper_{store_};
  Result<void> may_go_on_;
  std::int64_t syncs_ = 0;
};

TEST_F(ListSyncTest, IsNotRunWhereThereAreNone) {
  EXPECT_TRUE(sync_.Run({.may_go_on = [] { return Result<void>{}; }}).empty());
}

TEST_F(ListSyncTest, MarksWhatIsOnTheLists) {
  source_.texts = {
      {ListKind::kMtf, Gzipped(Array({BracketOf("26.5")}))},
      {ListKind::kNseMis, Array({Mis("INE1", "20", "5")})},
      {ListKind::kBseMis, "[]"},
      {ListKind::kSuspended, Array({Record("INE2", R"(,"exchange_token":"7")"), Record("INE3")})}};
  EXPECT_EQ(Sync(ListKind::kMtf), (ListOutcome{.list = ListKind::kMtf, .rows = 1, .bad = 0}));
  EXPECT_EQ(Marks("INE1"), (ListMarks{.mtf = true,
                                      .mtf_margin_percent = *Decimal::Parse("26.5"),
                                      .mis = true,
                                      .mis_margin_percent = Decimal::FromUnits(20),
                                      .mis_leverage = Decimal::FromUnits(5)}));
  EXPECT_TRUE(Marks("INE2", "7").suspended);
  EXPECT_FALSE(Marks("INE2", "8").suspended) << "another series of the ISIN";
  EXPECT_TRUE(Marks("INE3", "8").suspended) << "the list names no token";
  EXPECT_EQ(Marks("INE4"), ListMarks{});
  EXPECT_EQ(Marks("INE1", "1", true), ListMarks{}) << "a simulated share, a real list";
  EXPECT_EQ(keeper_.Current()->index(ListKind::kBseMis)->head().rows, 0) << "had, and empty";
}

TEST_F(ListSyncTest, ReplacesTheWholeListAndReadsOnlyWhatChanged) {
  source_.texts = {{ListKind::kMtf, Array({Record("INE1")})}};
  source_.tagged = true;
  (void)Sync(ListKind::kMtf);
  source_.texts[ListKind::kMtf] = Array({Record("INE2")});
  EXPECT_EQ(Sync(ListKind::kMtf).state, ListOutcome::State::kReplaced);
  EXPECT_FALSE(Marks("INE1").mtf);
  EXPECT_TRUE(Marks("INE2").mtf);
  const int reads = store_.reads();
  const auto again = Sync(ListKind::kMtf);
  EXPECT_EQ(again.state, ListOutcome::State::kNotModified);
  EXPECT_EQ(again.rows, 1);
  EXPECT_EQ(store_.reads(), reads);
  EXPECT_EQ(keeper_.Current()->index(ListKind::kMtf)->head().market_ms, 2'000);
}

struct Unbelievable {
  std::string name;
  std::string text;
  std::string reason;
};
class UnbelievableListTest : public ListSyncTest,
                             public testing::WithParamInterface<Unbelievable> {};

TEST_P(UnbelievableListTest, LeavesTheOldOneAndReadsTheOthers) {
  source_.texts = {{ListKind::kMtf, Array({Record("INE1")})}};
  (void)Sync(ListKind::kMtf);
  source_.texts = {{ListKind::kMtf, GetParam().text},
                   {ListKind::kNseMis, Array({Mis("INE1", "50", "2")})}};
  const auto outcome = Sync(ListKind::kMtf);
  EXPECT_EQ(outcome.state, ListOutcome::State::kFailed);
  EXPECT_EQ(outcome.failure.substr(0, outcome.failure.find(':')), GetParam().reason);
  EXPECT_TRUE(Marks("INE1").mtf);
  EXPECT_TRUE(Marks("INE1").mis);
}

std::vector<std::string> WithOneBad(int good) {
  std::vector<std::string> records{"{}"};
  for (int i = 0; i < good; ++i) records.push_back(Record("INE1" + std::to_string(i)));
  return records;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, UnbelievableListTest,
    testing::Values(Unbelievable{"Empty", "[]", "LIST_EMPTY"},
                    Unbelievable{"Truncated", "[" + Record("INE2"), "MASTER_TRUNCATED"},
                    Unbelievable{"Nothing", "", "MASTER_TRUNCATED"},
                    Unbelievable{"Page", "<html>", "MASTER_MALFORMED"},
                    Unbelievable{"DamagedGzip", Gzipped("[]").substr(0, 15), "MASTER_TRUNCATED"},
                    Unbelievable{"OneOfNineteenBad", Array(WithOneBad(18)),
                                 "TOO_MANY_BAD_RECORDS"}),
    CaseName{});

TEST_F(ListSyncTest, AFewBadRecordsAreLeftOutAndCounted) {
  source_.texts = {{ListKind::kMtf, Array(WithOneBad(19))}};
  EXPECT_EQ(Sync(ListKind::kMtf), (ListOutcome{.list = ListKind::kMtf, .rows = 19, .bad = 1}));
}

TEST_F(ListSyncTest, WhatMayNotGoOnKeepsNothing) {
  source_.texts = {{ListKind::kMtf, Array({Record("INE1")})}};
  may_go_on_ = Error{Code::kFailedPrecondition, "LOCK_LOST", "another sync"};
  EXPECT_EQ(Sync(ListKind::kMtf).failure, "LOCK_LOST: another sync");
  EXPECT_EQ(keeper_.Current()->index(ListKind::kMtf), nullptr);
}

}  // namespace
}  // namespace sauda::instruments
