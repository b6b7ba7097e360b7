#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/orders/src/rpc/portfolio_service.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

namespace wire = v1alpha1;

class OnePrice final : public LivePrices {
 public:
  void Follow(const std::set<std::string>&) override {}
  std::optional<LivePrice> Of(const std::string&) override {
    if (!live) return std::nullopt;
    return LivePrice{.price = D("26004"), .close = D("25900")};
  }
  bool live = true;
};

class PortfolioServiceTest : public testing::Test, protected DeskFixture {
 protected:
  PortfolioServiceTest() {
    EXPECT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&service_}));
    stub_ = wire::PortfolioService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(server_.port()), grpc::InsecureChannelCredentials()));
    Order order{.request = BuyOneLot("c1"),
                .terms = {.quantity = 1'000},
                .tag = "c1",
                .version = 1,
                .route = Route::kLive,
                .simulated = true};
    EXPECT_TRUE(ledger.Begin(order));
  }
  void TearDown() override {
    hub_.EndAll({Code::kUnavailable, "SHUTTING_DOWN", "the test ends"});
    server_.Stop();
  }
  void Traded(const char* id, Side side, std::int64_t quantity, const char* price,
              std::int64_t market_ms = kMondayMs) {
    Deal deal = FutureDeal(id, quantity, price, market_ms);
    deal.trade.side = side;
    const auto kept = ledger.Apply({"main", "c1"}, orders::Traded{{deal}}, 77);
    ASSERT_TRUE(kept) << kept.error().message;
    portfolio_.OnDeals(kept->deals);
  }
  /// One call; the answer, or why not.
  template <typename Answer, typename Method, typename Request>
  Result<Answer> Ask(Method method, const Request& request) {
    grpc::ClientContext context;
    Answer answer;
    const auto status = (stub_.get()->*method)(&context, request, &answer);
    if (!status.ok()) return rpc::FromStatus(status);
    return answer;
  }
  Result<wire::ListTradesResponse> List(const wire::ListTradesRequest& request) {
    return Ask<wire::ListTradesResponse>(&wire::PortfolioService::Stub::ListTrades, request);
  }
  Result<wire::Profit> Profit() {
    return Ask<wire::Profit>(&wire::PortfolioService::Stub::GetProfit, wire::GetProfitRequest{});
  }
  Result<wire::PnlReport> Report(const wire::GetPnlReportRequest& request) {
    return Ask<wire::PnlReport>(&wire::PortfolioService::Stub::GetPnlReport, request);
  }

  OnePrice prices_;
  calendar::CalendarKeeper calendar_;
  prometheus::Registry registry_;
  rpc::Calls calls_{registry_, "orders"};
  ProfitHub hub_{calls_};
  PortfolioDesk portfolio_{{.account_id = "main",
                            .ledger = ledger,
                            .venue = venue,
                            .prices = prices_,
                            .market_clock = market_clock,
                            .calendar = calendar_}};
  PortfolioService service_{{.portfolio = portfolio_,
                             .ledger = ledger,
                             .calendar = calendar_,
                             .hub = hub_,
                             .calls = calls_,
                             .account_id = "main"}};
  rpc::Server server_;
  std::unique_ptr<wire::PortfolioService::Stub> stub_;
};

TEST_F(PortfolioServiceTest, BeforeTheTradesAreReadItSaysSo) {
  EXPECT_EQ(Profit().error().reason, "PORTFOLIO_NOT_READY");
  EXPECT_EQ(Profit().error().code, Code::kUnavailable);
  EXPECT_EQ(List({}).error().reason, "PORTFOLIO_NOT_READY");
  EXPECT_EQ(Report({}).error().reason, "PORTFOLIO_NOT_READY");
}

TEST_F(PortfolioServiceTest, ListsTradesOfTheDayOfAnOrderAndOfDays) {
  constexpr std::int64_t kDay = 86'400'000;
  Traded("old", Side::kBuy, 75, "25000", kMondayMs - kDay * 3);
  Traded("t1", Side::kBuy, 75, "26000.05");
  Traded("t2", Side::kSell, 50, "26010");
  ASSERT_TRUE(portfolio_.Refresh());
  const auto today = List({});
  ASSERT_TRUE(today) << today.error().message;
  ASSERT_EQ(today->trades_size(), 2);
  const wire::Trade& trade = today->trades(0);
  EXPECT_EQ(trade.account_id(), "main");
  EXPECT_EQ(trade.trade_id(), "t1");
  EXPECT_EQ(trade.client_order_id(), "c1");
  EXPECT_EQ(trade.contract().instrument_key(), "NSE_FO|53001");
  EXPECT_EQ(trade.contract().multiplier(), 1);
  EXPECT_EQ(trade.side(), wire::SIDE_BUY);
  EXPECT_EQ(trade.product(), wire::PRODUCT_INTRADAY);
  EXPECT_EQ(trade.quantity(), 75);
  EXPECT_EQ(trade.price(), "26000.05");
  EXPECT_EQ(trade.charges(), "47.25");
  EXPECT_EQ(trade.market_ms(), kMondayMs);
  EXPECT_EQ(trade.market_date(), "2025-12-15");
  EXPECT_EQ(trade.recorded_ms(), 77);
  EXPECT_EQ(trade.route(), wire::ORDER_ROUTE_LIVE);
  EXPECT_TRUE(trade.simulated());
  wire::ListTradesRequest of_order;
  of_order.set_client_order_id("c1");
  EXPECT_EQ(List(of_order)->trades_size(), 3);
  wire::ListTradesRequest days;
  days.set_to_date("2025-12-14");
  EXPECT_EQ(List(days)->trades(0).trade_id(), "old");
  days.set_from_date("2025-12-13");
  EXPECT_EQ(List(days)->trades_size(), 0);
}

TEST_F(PortfolioServiceTest, GivesTradesInPages) {
  for (const char* id : {"t1", "t2", "t3"}) Traded(id, Side::kBuy, 10, "26000");
  ASSERT_TRUE(portfolio_.Refresh());
  wire::ListTradesRequest request;
  request.set_page_size(2);
  std::string seen;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = List(request);
    ASSERT_TRUE(page);
    for (const auto& trade : page->trades()) seen += trade.trade_id() + " ";
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  EXPECT_EQ(seen, "t1 t2 t3 ");
}

TEST_F(PortfolioServiceTest, ShowsPositionsAndTheProfitOfTheDay) {
  ASSERT_TRUE(portfolio_.Refresh());
  Traded("t1", Side::kBuy, 75, "26000");
  Traded("t2", Side::kSell, 50, "26010");
  const auto positions = Ask<wire::Positions>(&wire::PortfolioService::Stub::GetPositions,
                                              wire::GetPositionsRequest{});
  ASSERT_TRUE(positions);
  ASSERT_EQ(positions->positions_size(), 1);
  const wire::Position& position = positions->positions(0);
  EXPECT_EQ(position.quantity(), 25);
  EXPECT_EQ(position.average_price(), "26000");
  EXPECT_EQ(position.last_price(), "26004");
  EXPECT_EQ(position.realised(), "500");
  EXPECT_EQ(position.unrealised(), "100");
  EXPECT_EQ(position.charges(), "94.5");
  EXPECT_TRUE(position.simulated());
  EXPECT_EQ(positions->market_date(), "2025-12-15");
  auto profit = Profit();
  EXPECT_EQ(profit->net(), "505.5");
  EXPECT_EQ(profit->trades(), 2);
  EXPECT_TRUE(profit->simulated());
  prices_.live = false;
  profit = Profit();
  EXPECT_EQ(profit->realised(), "500");
  EXPECT_EQ(profit->net(), "");
  EXPECT_EQ(profit->unpriced(0), "NSE_FO|53001");
}

TEST_F(PortfolioServiceTest, ReportsWhatWasMade) {
  constexpr std::int64_t kDay = 86'400'000;
  Traded("t1", Side::kBuy, 75, "25000", kMondayMs - kDay * 300);  // in the year before
  Traded("t2", Side::kSell, 25, "25100", kMondayMs - kDay * 299);
  Traded("t3", Side::kSell, 50, "26000");
  ASSERT_TRUE(portfolio_.Refresh());
  const auto all = Report({});
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->rows_size(), 2);
  EXPECT_EQ(all->profit(), "52500");
  EXPECT_EQ(all->charges(), "141.75");
  EXPECT_EQ(all->net(), "52358.25");
  EXPECT_TRUE(all->simulated());
  wire::GetPnlReportRequest year;
  year.set_financial_year("2526");
  const auto this_year = Report(year);
  ASSERT_EQ(this_year->rows_size(), 1);
  EXPECT_EQ(this_year->rows(0).profit(), "50000");
  EXPECT_EQ(this_year->rows(0).closed_on(), "2025-12-15");
  EXPECT_EQ(this_year->trades(), 1);
  wire::GetPnlReportRequest shares;
  shares.set_segment(wire::PNL_SEGMENT_EQUITY);
  EXPECT_EQ(Report(shares)->rows_size(), 0);
  EXPECT_EQ(Report(shares)->profit(), "0");
  wire::GetPnlReportRequest page;
  page.set_page_size(1);
  const auto first = Report(page);
  EXPECT_EQ(first->rows_size(), 1);
  EXPECT_EQ(first->profit(), "52500");  // of all rows
  page.set_page_token(first->next_page_token());
  EXPECT_EQ(Report(page)->rows(0).closed_on(), "2025-12-15");
  EXPECT_TRUE(Report(page)->next_page_token().empty());
}

class PortfolioRefusal : public PortfolioServiceTest {
 public:
  template <typename Request>
  std::string ListReason(Request change) {
    wire::ListTradesRequest request;
    change(request);
    const auto page = List(request);
    return page ? "" : page.error().reason;
  }
  template <typename Request>
  std::string ReportReason(Request change) {
    wire::GetPnlReportRequest request;
    change(request);
    const auto report = Report(request);
    return report ? "" : report.error().reason;
  }
};

TEST_F(PortfolioRefusal, NamesWhatIsWrong) {
  ASSERT_TRUE(portfolio_.Refresh());
  EXPECT_EQ(ListReason([](auto& r) { r.set_account_id("other"); }), "ACCOUNT_UNKNOWN");
  EXPECT_EQ(ListReason([](auto& r) { r.set_page_size(1'000); }), "");
  EXPECT_EQ(ListReason([](auto& r) { r.set_page_size(1'001); }), "PAGE_SIZE_INVALID");
  EXPECT_EQ(ListReason([](auto& r) { r.set_page_size(-1); }), "PAGE_SIZE_INVALID");
  EXPECT_EQ(ListReason([](auto& r) { r.set_page_token("2025-12-15:1"); }), "");
  for (const char* token : {"x", "2025-12-15", "2025-12-15:", "2025-12-15:0", "2025-13-15:1",
                            "2025-12-15:1x", "2025-12-15 1"}) {
    EXPECT_EQ(ListReason([&](auto& r) { r.set_page_token(token); }), "PAGE_TOKEN_INVALID") << token;
  }
  EXPECT_EQ(ListReason([](auto& r) { r.set_from_date("15-12-2025"); }), "DATE_MALFORMED");
  EXPECT_EQ(ListReason([](auto& r) {
              r.set_from_date("2025-12-16");
              r.set_to_date("2025-12-15");
            }),
            "DATES_INVALID");
  EXPECT_EQ(ReportReason([](auto& r) { r.set_account_id("other"); }), "ACCOUNT_UNKNOWN");
  EXPECT_EQ(ReportReason([](auto& r) { r.set_segment(static_cast<wire::PnlSegment>(5)); }),
            "SEGMENT_UNKNOWN");
  EXPECT_EQ(ReportReason([](auto& r) { r.set_financial_year("2527"); }), "FINANCIAL_YEAR_INVALID");
  EXPECT_EQ(ReportReason([](auto& r) { r.set_to_date("x"); }), "DATE_MALFORMED");
  EXPECT_EQ(ReportReason([](auto& r) {
              r.set_financial_year("2526");
              r.set_to_date("2025-03-31");
            }),
            "DATES_INVALID");
  EXPECT_EQ(ReportReason([](auto& r) { r.set_page_token("-1"); }), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReportReason([](auto& r) { r.set_page_size(1'001); }), "PAGE_SIZE_INVALID");
  ledger.Break(2);
  EXPECT_EQ(ListReason([](auto&) {}), "DATABASE_DOWN");
  EXPECT_EQ(ReportReason([](auto&) {}), "DATABASE_DOWN");
}

TEST_F(PortfolioServiceTest, WhoWatchesHearsTheProfitWhenItChanges) {
  ASSERT_TRUE(portfolio_.Refresh());
  grpc::ClientContext context;
  const auto stream = stub_->WatchProfit(&context, {});
  ASSERT_TRUE(Eventually([&] { return hub_.watched(); }));
  service_.TellProfit();
  wire::ProfitUpdate update;
  ASSERT_TRUE(stream->Read(&update));
  EXPECT_EQ(update.profit().realised(), "0");
  service_.TellProfit();  // the same again: nobody hears it
  Traded("t1", Side::kBuy, 75, "26000");
  service_.TellProfit();
  ASSERT_TRUE(stream->Read(&update));
  EXPECT_EQ(update.profit().trades(), 1);
  EXPECT_TRUE(update.profit().simulated());
  hub_.EndAll({Code::kUnavailable, "SHUTTING_DOWN", "the test ends"});
  EXPECT_FALSE(stream->Read(&update));
  EXPECT_EQ(rpc::FromStatus(stream->Finish()).reason, "SHUTTING_DOWN");
  EXPECT_TRUE(Eventually([&] { return !hub_.watched(); }));
}

TEST_F(PortfolioServiceTest, AWatcherOfAnotherAccountIsTurnedAway) {
  grpc::ClientContext context;
  wire::WatchProfitRequest request;
  request.set_account_id("other");
  const auto stream = stub_->WatchProfit(&context, request);
  wire::ProfitUpdate update;
  EXPECT_FALSE(stream->Read(&update));
  EXPECT_EQ(rpc::FromStatus(stream->Finish()).reason, "ACCOUNT_UNKNOWN");
  EXPECT_FALSE(hub_.watched());
}

}  // namespace
}  // namespace sauda::orders
