#pragma once

#include <string>

#include "libs/calendar/calendar.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/orders/v1alpha1/portfolio.grpc.pb.h"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/portfolio_desk.hpp"
#include "services/orders/src/rpc/profit_hub.hpp"

namespace sauda::orders {

/// The rpcs of portfolio.proto. Unary calls block for the database at most; WatchProfit takes no
/// thread. All parts outlive it.
class PortfolioService final : public v1alpha1::PortfolioService::WithCallbackMethod_WatchProfit<
                                   v1alpha1::PortfolioService::Service> {
 public:
  struct Parts {
    PortfolioDesk& portfolio;
    Ledger& ledger;
    const calendar::CalendarKeeper& calendar;
    ProfitHub& hub;
    rpc::Calls& calls;
    std::string account_id;
  };

  explicit PortfolioService(Parts parts) : parts_{std::move(parts)} {}

  grpc::Status ListTrades(grpc::ServerContext* context, const v1alpha1::ListTradesRequest* request,
                          v1alpha1::ListTradesResponse* response) override;
  grpc::Status GetPositions(grpc::ServerContext* context,
                            const v1alpha1::GetPositionsRequest* request,
                            v1alpha1::Positions* response) override;
  grpc::Status GetHoldings(grpc::ServerContext* context,
                           const v1alpha1::GetHoldingsRequest* request,
                           v1alpha1::Holdings* response) override;
  grpc::Status GetProfit(grpc::ServerContext* context, const v1alpha1::GetProfitRequest* request,
                         v1alpha1::Profit* response) override;
  grpc::Status GetPnlReport(grpc::ServerContext* context,
                            const v1alpha1::GetPnlReportRequest* request,
                            v1alpha1::PnlReport* response) override;
  grpc::ServerWriteReactor<v1alpha1::ProfitUpdate>* WatchProfit(
      grpc::CallbackServerContext* context, const v1alpha1::WatchProfitRequest* request) override;

  /// Tells those who watch what the profit is now. Called by the portfolio's thread.
  void TellProfit();

 private:
  Result<void> CheckAccount(const std::string& asked) const;
  Result<Portfolio> Look(const std::string& account) const;

  const Parts parts_;
};

}  // namespace sauda::orders
