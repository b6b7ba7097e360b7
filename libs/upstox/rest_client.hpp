#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "libs/http/client.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"
#include "libs/upstox/types.hpp"

namespace sauda::upstox {

/// The broker's own code in an error of a call here, such as UDAPI100067; empty when its answer had
/// none. With TOKEN_REJECTED it tells why.
std::string_view BrokerCodeOf(const Error& error);

/// The broker's REST calls that change no order. Each blocks until its answer or `deadline`, and
/// fails with the client's reasons (libs/http/client.hpp), with BROKER_ANSWER_MALFORMED, or with
///   TOKEN_REJECTED (kUnauthenticated), RATE_LIMITED (kResourceExhausted),
///   BROKER_UNAVAILABLE (kUnavailable), BROKER_<its code> or BROKER_REFUSED.
/// Thread-safe. Source: docs/upstox-api.md §1 to §7.
class RestClient {
 public:
  /// `client` and `observer` outlive it.
  RestClient(http::Client& client, Endpoints endpoints, BrokerObserver& observer,
             std::chrono::milliseconds deadline = std::chrono::seconds{10});

  /// Trades a login code for a token. A code works once, whatever the outcome: never repeat.
  Result<LoginToken> ExchangeCode(const CodeExchange& exchange);
  /// Has the person asked for consent in the broker's app; the token goes to the app's notifier.
  Result<TokenRequest> RequestToken(std::string_view client_id, const Secret& client_secret);
  Result<Profile> GetProfile(const Secret& token);
  Result<void> Logout(const Secret& token);
  /// Closed 00:00 to 05:30 IST: kFailedPrecondition / BROKER_UDAPI100072.
  Result<Funds> GetFunds(const Secret& token);
  /// The newer form of the same.
  Result<std::vector<FundsFigure>> GetFundsFigures(const Secret& token);
  Result<StaticIp> GetStaticIp(const Secret& token);
  Result<std::vector<SegmentSwitch>> GetKillSwitch(const Secret& token);

  /// The days of this year that are not regular. No token is needed.
  Result<std::vector<MarketHoliday>> GetMarketHolidays();
  /// The exchanges that trade on a day, `yyyy-MM-dd`; none on a holiday. No token is needed.
  Result<std::vector<ExchangeHours>> GetMarketTimings(std::string_view date);

  /// An address for one connection to the market feed (V3). It holds a one-time code.
  Result<Secret> AuthorizeMarketFeed(const Secret& token);
  /// The same for the portfolio stream. `update_types` as "order,position,holding".
  Result<Secret> AuthorizePortfolioStream(const Secret& token, std::string_view update_types);

  /// Every order of the day, its latest state.
  Result<std::vector<OrderRow>> GetOrderBook(const Secret& token);
  Result<OrderRow> GetOrder(const Secret& token, std::string_view order_id);
  /// One row for each change of state, oldest first as the broker sends them.
  Result<std::vector<OrderRow>> GetOrderHistory(const Secret& token, std::string_view order_id);
  Result<std::vector<OrderRow>> GetOrderHistoryByTag(const Secret& token, std::string_view tag);
  Result<std::vector<TradeRow>> GetTradesOfDay(const Secret& token);
  /// Shares bought for delivery on earlier days.
  Result<std::vector<HoldingRow>> GetHoldings(const Secret& token);

 private:
  Result<http::ClientResponse> Call(http::ClientRequest request, const Secret* token);
  Result<http::ClientResponse> Get(const std::string& target, const Secret& token);
  Result<Secret> Authorize(const std::string& target, const Secret& token);

  http::Client& client_;
  const Endpoints endpoints_;
  BrokerObserver& observer_;
  const std::chrono::milliseconds deadline_;
};

}  // namespace sauda::upstox
