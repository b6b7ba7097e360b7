#include <functional>

#include "libs/calendar/ist.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/instruments_server.hpp"

namespace sauda::instruments {
namespace {

using Stub = wire::InstrumentsService::Stub;

/// A share as a list of the broker has it.
std::string Listed(int number, const std::string& more) {
  std::string record = ShareJson(number);
  record.pop_back();
  return record + more + "}";
}

/// What is answered of the broker's lists and of what has expired.
class InstrumentsListsTest : public InstrumentsServiceTest {
 protected:
  void SyncWithLists() {
    list_source_.texts = {
        {ListKind::kMtf, Array({Listed(1, R"(,"mtf_bracket":26.5)"), ShareJson(2)})},
        {ListKind::kNseMis,
         Array({Listed(1, R"(,"intraday_margin":20.0,"intraday_leverage":5.0)")})},
        {ListKind::kBseMis, "[]"},
        {ListKind::kSuspended, Array({ShareJson(3), ShareJson(900), ShareJson(900)})}};
    wire::SyncReport report;
    ASSERT_EQ(Sync(&report), Error{});
  }
};

TEST_F(InstrumentsListsTest, TheReportCountsTypesAndSaysHowTheListsWent) {
  list_source_.texts = {{ListKind::kMtf, Array({ShareJson(1), "{}"})}, {ListKind::kBseMis, "[]"}};
  source_.text = Array(Shares(30));
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  EXPECT_EQ(report.types().equity(), 30);
  ASSERT_EQ(report.lists_size(), 4);
  EXPECT_EQ(report.lists(0).list(), "mtf");
  EXPECT_EQ(report.lists(0).state(), wire::LIST_SYNC_STATE_FAILED) << "half of it is bad";
  EXPECT_TRUE(report.lists(0).failure().starts_with("TOO_MANY_BAD_RECORDS: "));
  EXPECT_EQ(report.lists(2).state(), wire::LIST_SYNC_STATE_REPLACED);
  ASSERT_EQ(report.warnings_size(), 4);
  EXPECT_EQ(report.warnings(0).code(), "NO_FNO_AFTER_SYNC");
  EXPECT_EQ(report.warnings(1).code(), "LIST_NOT_READ");
  const auto warned = [&](std::string_view code) {
    const auto at = std::find(kWarningCodes.begin(), kWarningCodes.end(), code);
    return metrics_.warning[static_cast<std::size_t>(at - kWarningCodes.begin())]->Value();
  };
  EXPECT_EQ(warned(kNoFno), 1);
  EXPECT_EQ(warned(kNoEquity), 0);
  EXPECT_EQ(warned(kListNotRead), 1);
  wire::InstrumentsStatus status;
  ASSERT_EQ(Call(&Stub::GetStatus, wire::GetStatusRequest{}, &status), Error{});
  EXPECT_EQ(status.types().equity(), 30);
  EXPECT_EQ(status.last_sync().warnings_size(), 4);
  ASSERT_EQ(status.lists_size(), 1);
  EXPECT_EQ(status.lists(0).list(), "bse_mis");
  auto records = Shares(30);
  records.push_back(CallJson(1, market_.NowMs() + 86'400'000));
  source_.text = Array(records);
  list_source_.texts.clear();
  ASSERT_EQ(Sync(&report), Error{});
  EXPECT_EQ(report.warnings_size(), 0);
  EXPECT_EQ(warned(kNoFno) + warned(kListNotRead), 0) << "the next sync clears it";
}

TEST_F(InstrumentsListsTest, AnInstrumentSaysWhatTheListsSayOfIt) {
  SyncWithLists();
  wire::Instrument found;
  ASSERT_EQ(Get("SHARE100001", &found), Error{});
  EXPECT_TRUE(found.mtf());
  EXPECT_EQ(found.mtf_bracket(), "26.5");
  EXPECT_TRUE(found.mis());
  EXPECT_EQ(found.mis_margin(), "20");
  EXPECT_EQ(found.mis_leverage(), "5");
  EXPECT_FALSE(found.suspended());
  ASSERT_EQ(Get("SHARE100002", &found), Error{});
  EXPECT_TRUE(found.mtf());
  EXPECT_EQ(found.mtf_bracket(), "") << "the list says none";
  EXPECT_FALSE(found.mis());
  EXPECT_EQ(found.mis_margin(), "");
  ASSERT_EQ(Get("SHARE100003", &found), Error{});
  EXPECT_TRUE(found.suspended());
  EXPECT_EQ(metrics_.list_rows[IndexOf(ListKind::kSuspended)]->Value(), 3);
}

TEST_F(InstrumentsListsTest, ListsOnlyMtfOrMisShares) {
  SyncWithLists();
  wire::ListInstrumentsRequest request;
  request.set_kind(wire::INSTRUMENT_KIND_EQUITY);
  request.set_mtf(true);
  wire::ListInstrumentsResponse page;
  ASSERT_EQ(Call(&Stub::ListInstruments, request, &page), Error{});
  EXPECT_EQ(page.total_size(), 2);
  request.set_mis(true);
  ASSERT_EQ(Call(&Stub::ListInstruments, request, &page), Error{});
  ASSERT_EQ(page.total_size(), 1);
  EXPECT_EQ(page.instruments(0).trading_symbol(), "SHARE100001");
}

TEST_F(InstrumentsListsTest, SuspendedOnesComeInPages) {
  SyncWithLists();
  wire::ListSuspendedRequest request;
  request.set_page_size(2);
  wire::ListSuspendedResponse page;
  ASSERT_EQ(Call(&Stub::ListSuspended, request, &page), Error{});
  ASSERT_EQ(page.instruments_size(), 2);
  EXPECT_EQ(page.instruments(1).instrument_key(), "NSE_EQ|INE100900018");
  EXPECT_EQ(page.instruments(1).exchange_token(), "100900");
  EXPECT_FALSE(page.instruments(1).simulated());
  EXPECT_EQ(page.market_ms(), market_.NowMs());
  request.set_page_token(page.next_page_token());
  ASSERT_EQ(Call(&Stub::ListSuspended, request, &page), Error{});
  EXPECT_EQ(page.instruments_size(), 1);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_name("SHARE100900");
  EXPECT_EQ(Call(&Stub::ListSuspended, request, &page).reason, "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  ASSERT_EQ(Call(&Stub::ListSuspended, request, &page), Error{});
  EXPECT_EQ(page.instruments_size(), 2);
}

TEST_F(InstrumentsListsTest, SimulatedListsStayMarkedAndMarkNothingReal) {
  list_source_.simulated = true;
  SyncWithLists();
  wire::Instrument found;
  ASSERT_EQ(Get("SHARE100001", &found), Error{});
  EXPECT_FALSE(found.mtf() || found.mis());
  wire::ListSuspendedResponse page;
  ASSERT_EQ(Call(&Stub::ListSuspended, wire::ListSuspendedRequest{}, &page), Error{});
  EXPECT_TRUE(page.instruments(0).simulated());
}

TEST_F(InstrumentsListsTest, ExpiredContractsAreKept) {
  auto records = Shares(30);
  records.push_back(CallJson(46'913, market_.NowMs() + 86'400'000));
  source_.text = Array(records);
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  wire::ListExpiredContractsRequest request;
  request.set_underlying("NIFTY");
  wire::ListExpiredContractsResponse page;
  ASSERT_EQ(Call(&Stub::ListExpiredContracts, request, &page), Error{});
  EXPECT_EQ(page.contracts_size(), 0);
  clock_.Advance(std::chrono::hours{25});
  records.pop_back();
  source_.text = Array(records);
  ASSERT_EQ(Sync(&report), Error{});
  ASSERT_EQ(Call(&Stub::ListExpiredContracts, request, &page), Error{});
  ASSERT_EQ(page.contracts_size(), 1);
  EXPECT_EQ(page.contracts(0).instrument_key(), "NSE_FO|46913");
  EXPECT_FALSE(page.contracts(0).active());
  request.set_kind(wire::INSTRUMENT_KIND_FUTURE);
  ASSERT_EQ(Call(&Stub::ListExpiredContracts, request, &page), Error{});
  EXPECT_EQ(page.contracts_size(), 0);
}

struct ListsRefusal {
  std::string name;
  std::function<void(wire::ListSuspendedRequest&, wire::ListExpiredContractsRequest&)> change;
  std::string suspended;
  std::string expired;
};
class ListsRefusalTest : public InstrumentsListsTest,
                         public testing::WithParamInterface<ListsRefusal> {};

TEST_P(ListsRefusalTest, GivesTheReason) {
  wire::ListSuspendedRequest suspended;
  wire::ListExpiredContractsRequest expired;
  expired.set_underlying("NIFTY");
  GetParam().change(suspended, expired);
  wire::ListSuspendedResponse suspended_page;
  EXPECT_EQ(Call(&Stub::ListSuspended, suspended, &suspended_page).reason, GetParam().suspended);
  wire::ListExpiredContractsResponse expired_page;
  EXPECT_EQ(Call(&Stub::ListExpiredContracts, expired, &expired_page).reason, GetParam().expired);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, ListsRefusalTest,
    testing::Values(ListsRefusal{"NeverHad", [](auto&, auto&) {}, "LIST_UNKNOWN", ""},
                    ListsRefusal{"Nul",
                                 [](auto& a, auto& b) {
                                   a.set_name(std::string{"A\0", 2});
                                   b.set_underlying(std::string{"A\0", 2});
                                 },
                                 "NO_INSTRUMENT_NAMED", "NO_INSTRUMENT_NAMED"},
                    ListsRefusal{"PageTooLarge",
                                 [](auto& a, auto& b) {
                                   a.set_page_size(5'001);
                                   b.set_page_size(5'001);
                                 },
                                 "PAGE_SIZE_INVALID", "PAGE_SIZE_INVALID"},
                    ListsRefusal{"PageNegative",
                                 [](auto& a, auto& b) {
                                   a.set_page_size(-1);
                                   b.set_page_size(-1);
                                 },
                                 "PAGE_SIZE_INVALID", "PAGE_SIZE_INVALID"},
                    ListsRefusal{"OddToken",
                                 [](auto& a, auto& b) {
                                   a.set_page_token("7");
                                   b.set_page_token("7");
                                 },
                                 "PAGE_TOKEN_INVALID", "PAGE_TOKEN_INVALID"},
                    ListsRefusal{
                        "NoKind",
                        [](auto&, auto& b) { b.set_kind(static_cast<wire::InstrumentKind>(9)); },
                        "LIST_UNKNOWN", "KIND_UNKNOWN"}),
    CaseName{});

}  // namespace
}  // namespace sauda::instruments
