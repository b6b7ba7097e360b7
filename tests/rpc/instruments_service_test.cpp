#include <functional>

#include "tests/support/case_name.hpp"
#include "tests/support/instruments_server.hpp"

namespace sauda::instruments {
namespace {

TEST_F(InstrumentsServiceTest, SyncReportsAndCounts) {
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  EXPECT_EQ(report.records(), 32);
  EXPECT_EQ(report.inserted(), 32);
  EXPECT_EQ(report.segments_size(), 2);
  EXPECT_GT(report.bytes(), 1'000);
  EXPECT_EQ(metrics_.committed.Value(), 1);
  EXPECT_EQ(metrics_.active[*FindSegment("NSE_EQ")]->Value(), 30);
  wire::InstrumentsStatus status;
  ASSERT_EQ(Call(&wire::InstrumentsService::Stub::GetStatus, wire::GetStatusRequest{}, &status),
            Error{});
  EXPECT_EQ(status.active(), 32);
  EXPECT_EQ(status.last_sync().sync_id(), report.sync_id());
  EXPECT_FALSE(status.sync_running());
}

TEST_F(InstrumentsServiceTest, RefusedSyncCarriesItsReasonAndShowsInStatusAndMetrics) {
  source_.text = "[{}";
  wire::SyncReport report;
  const Error error = Sync(&report);
  EXPECT_EQ(error.code, Code::kFailedPrecondition);
  EXPECT_EQ(error.reason, "MASTER_TRUNCATED");
  EXPECT_EQ(metrics_.failed.Value(), 1);
  EXPECT_EQ(metrics_.last_failed.Value(), 1);
  wire::InstrumentsStatus status;
  ASSERT_EQ(Call(&wire::InstrumentsService::Stub::GetStatus, wire::GetStatusRequest{}, &status),
            Error{});
  EXPECT_TRUE(status.last_failure().starts_with("MASTER_TRUNCATED: "));
}

TEST_F(InstrumentsServiceTest, TheShareOfBadRecordsShowsForAMasterThatIsRefusedForIt) {
  auto records = Shares(19);
  records.emplace_back("{}");
  source_.text = Array(records);
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{}) << "5 % are let through";
  EXPECT_DOUBLE_EQ(metrics_.last_bad_ratio.Value(), 0.05);
  records.emplace_back("{}");
  source_.text = Array(records);
  EXPECT_EQ(Sync(&report).reason, "TOO_MANY_BAD_RECORDS");
  EXPECT_DOUBLE_EQ(metrics_.last_bad_ratio.Value(), 2.0 / 21);
}

TEST_F(InstrumentsServiceTest, GivesEveryFieldOfAnOption) {
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  wire::Instrument call;
  ASSERT_EQ(Get("NSE_FO|46913", &call), Error{});
  EXPECT_GT(call.instrument_id(), 0);
  EXPECT_EQ(call.instrument_key(), "NSE_FO|46913");
  EXPECT_EQ(call.segment(), "NSE_FO");
  EXPECT_EQ(call.exchange(), "NSE");
  EXPECT_EQ(call.instrument_type(), "CE");
  EXPECT_EQ(call.kind(), wire::INSTRUMENT_KIND_OPTION);
  EXPECT_EQ(call.trading_symbol(), "NIFTY 22200 CE 46913");
  EXPECT_EQ(call.lot_size(), 65);
  EXPECT_EQ(call.freeze_quantity(), 1755);
  EXPECT_EQ(call.tick_size(), "0.05");
  EXPECT_EQ(call.quantity_multiplier(), "1");
  EXPECT_EQ(call.strike_price(), "22200");
  EXPECT_EQ(call.expiry_ms(), market_.NowMs() + 86'400'000);
  EXPECT_EQ(call.underlying_key(), "NSE_INDEX|Nifty 50");
  EXPECT_EQ(call.underlying_symbol(), "NIFTY");
  EXPECT_TRUE(call.weekly());
  EXPECT_TRUE(call.active());
  EXPECT_FALSE(call.simulated());
}

TEST_F(InstrumentsServiceTest, ActiveFollowsTheMarketClock) {
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  wire::Instrument call;
  ASSERT_EQ(Get("NSE_FO|46914", &call), Error{});
  EXPECT_FALSE(call.active()) << "listed, but expired";
  clock_.Advance(std::chrono::hours{25});
  ASSERT_EQ(Get("NSE_FO|46913", &call), Error{});
  EXPECT_FALSE(call.active());
}

TEST_F(InstrumentsServiceTest, BatchAnswersFiveThousandNames) {
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  wire::BatchGetInstrumentsRequest request;
  for (int i = 0; i < 5'000; ++i) request.add_names("SHARE" + std::to_string(100'000 + i % 40));
  wire::BatchGetInstrumentsResponse response;
  ASSERT_EQ(Call(&wire::InstrumentsService::Stub::BatchGetInstruments, request, &response),
            Error{});
  EXPECT_EQ(response.instruments_size(), 3'750);
  EXPECT_EQ(response.unknown_names_size(), 1'250);
  EXPECT_EQ(response.instruments(1).name(), "SHARE100001");
}

TEST_F(InstrumentsServiceTest, SearchPages) {
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  wire::SearchInstrumentsRequest request;
  request.set_query("SHARE comp");
  request.set_segment("NSE_EQ");
  request.set_page_size(20);
  wire::SearchInstrumentsResponse page;
  const auto search = &wire::InstrumentsService::Stub::SearchInstruments;
  ASSERT_EQ(Call(search, request, &page), Error{});
  EXPECT_EQ(page.instruments_size(), 20);
  request.set_page_token(page.next_page_token());
  ASSERT_EQ(Call(search, request, &page), Error{});
  EXPECT_EQ(page.instruments_size(), 10);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(InstrumentsServiceTest, ListsTheContractsOfAnUnderlyingThatAreActive) {
  source_.text = Array({CallJson(1, market_.NowMs() + 86'400'000, "22300"),
                        CallJson(2, market_.NowMs() + 86'400'000, "22200"),
                        CallJson(3, market_.NowMs() - 86'400'000, "22100")});
  wire::SyncReport report;
  ASSERT_EQ(Sync(&report), Error{});
  wire::ListInstrumentsRequest request;
  request.set_kind(wire::INSTRUMENT_KIND_OPTION);
  request.set_underlying("NIFTY");
  request.set_near_price("22290.5");
  request.set_page_size(1);
  wire::ListInstrumentsResponse page;
  const auto list = &wire::InstrumentsService::Stub::ListInstruments;
  ASSERT_EQ(Call(list, request, &page), Error{});
  ASSERT_EQ(page.instruments_size(), 1);
  EXPECT_EQ(page.instruments(0).strike_price(), "22300");
  EXPECT_EQ(page.total_size(), 2);
  request.set_page_token(page.next_page_token());
  ASSERT_EQ(Call(list, request, &page), Error{});
  ASSERT_EQ(page.instruments_size(), 1);
  EXPECT_EQ(page.instruments(0).strike_price(), "22200");
  EXPECT_EQ(page.next_page_token(), "");
}

struct ListRefusal {
  std::string name;
  std::function<void(wire::ListInstrumentsRequest&)> change;
  std::string reason;
};
class ListRefusalTest : public InstrumentsServiceTest,
                        public testing::WithParamInterface<ListRefusal> {};

TEST_P(ListRefusalTest, NamesTheReason) {
  wire::ListInstrumentsRequest request;
  request.set_universe(wire::UNIVERSE_FO);
  GetParam().change(request);
  wire::ListInstrumentsResponse page;
  const Error error = Call(&wire::InstrumentsService::Stub::ListInstruments, request, &page);
  EXPECT_EQ(error.reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, ListRefusalTest,
    testing::Values(
        ListRefusal{"Good", [](auto&) {}, ""},
        ListRefusal{"Kind", [](auto& it) { it.set_kind(static_cast<wire::InstrumentKind>(9)); },
                    "KIND_UNKNOWN"},
        ListRefusal{"Universe", [](auto& it) { it.set_universe(static_cast<wire::Universe>(9)); },
                    "UNIVERSE_UNKNOWN"},
        ListRefusal{"Nul", [](auto& it) { it.add_exclude(std::string("a\0b", 3)); },
                    "NO_INSTRUMENT_NAMED"},
        ListRefusal{"NothingAsked", [](auto& it) { it.clear_universe(); }, "KIND_MISSING"}),
    CaseName{});

struct Refusal {
  std::string name;
  std::string asked;
  Code code;
  std::string reason;
};
class RefusalTest : public InstrumentsServiceTest, public testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, NamesCodeAndReason) {
  wire::Instrument found;
  const Error error = Get(GetParam().asked, &found);
  EXPECT_EQ(error.code, GetParam().code);
  EXPECT_EQ(error.reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Names, RefusalTest,
    testing::Values(Refusal{"Empty", "", Code::kInvalidArgument, "NO_INSTRUMENT_NAMED"},
                    Refusal{"Nul", std::string("a\0b", 3), Code::kInvalidArgument,
                            "NO_INSTRUMENT_NAMED"},
                    Refusal{"Unknown", "NSE_EQ|NONE", Code::kNotFound, "INSTRUMENT_UNKNOWN"}),
    CaseName{});

}  // namespace
}  // namespace sauda::instruments
