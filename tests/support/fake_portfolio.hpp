#pragma once

#include <grpcpp/grpcpp.h>

#include "libs/rpc/status.hpp"
#include "sauda/orders/v1alpha1/portfolio.grpc.pb.h"

namespace sauda {

/// A portfolio of one future, that remembers what it was asked.
class FakePortfolio final : public orders::v1alpha1::PortfolioService::Service {
 public:
  grpc::Status ListTrades(grpc::ServerContext*, const orders::v1alpha1::ListTradesRequest* request,
                          orders::v1alpha1::ListTradesResponse* out) override {
    listed = *request;
    auto* const trade = out->add_trades();
    trade->set_trade_id("t1");
    trade->set_side(orders::v1alpha1::SIDE_SELL);
    trade->set_product(orders::v1alpha1::PRODUCT_DELIVERY);
    trade->set_price("26000.05");
    trade->set_route(orders::v1alpha1::ORDER_ROUTE_PAPER);
    trade->set_simulated(true);
    Fill(trade->mutable_contract());
    out->set_next_page_token("2025-12-15:7");
    return grpc::Status::OK;
  }
  grpc::Status GetPositions(grpc::ServerContext*, const orders::v1alpha1::GetPositionsRequest*,
                            orders::v1alpha1::Positions* out) override {
    auto* const position = out->add_positions();
    Fill(position->mutable_contract());
    position->set_product(orders::v1alpha1::PRODUCT_INTRADAY);
    position->set_quantity(-75);
    position->set_realised("12.5");
    position->set_simulated(true);
    out->set_market_date("2025-12-15");
    out->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetHoldings(grpc::ServerContext*, const orders::v1alpha1::GetHoldingsRequest*,
                           orders::v1alpha1::Holdings* out) override {
    auto* const holding = out->add_holdings();
    Fill(holding->mutable_contract());
    holding->set_quantity(5);
    holding->set_t1_quantity(2);
    holding->set_simulated(true);
    out->set_invested("7000");
    out->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetProfit(grpc::ServerContext*, const orders::v1alpha1::GetProfitRequest* request,
                         orders::v1alpha1::Profit* out) override {
    if (!request->account_id().empty()) {
      return rpc::ToStatus({Code::kUnavailable, "PORTFOLIO_NOT_READY", "ask again"},
                           "orders.sauda");
    }
    out->set_realised("100.5");
    out->add_unpriced("NSE_FO|53001");
    out->set_trades(3);
    out->set_uncharged_trades(1);
    out->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetPnlReport(grpc::ServerContext*,
                            const orders::v1alpha1::GetPnlReportRequest* request,
                            orders::v1alpha1::PnlReport* out) override {
    reported = *request;
    Fill(out->add_rows()->mutable_contract());
    out->mutable_rows(0)->set_profit("-40");
    out->set_net("-63.25");
    out->set_simulated(true);
    return grpc::Status::OK;
  }

  orders::v1alpha1::ListTradesRequest listed;
  orders::v1alpha1::GetPnlReportRequest reported;

 private:
  static void Fill(orders::v1alpha1::Contract* contract) {
    contract->set_instrument_key("NSE_FO|53001");
    contract->set_trading_symbol("NIFTY FUT");
    contract->set_segment("NSE_FO");
  }
};

}  // namespace sauda
