#include "libs/upstox/rest_client.hpp"

#include <utility>

#include "libs/http/url.hpp"
#include "libs/upstox/answers.hpp"

namespace sauda::upstox {
namespace {

using nlohmann::json;

/// A list in `data`, each item made by `make`.
template <typename Row>
Result<std::vector<Row>> Rows(const http::ClientResponse& response,
                              Result<Row> (*make)(const json&)) {
  const auto data = DataOf(response);
  if (!data) return data.error();
  if (data->is_null()) return std::vector<Row>{};
  if (!data->is_array()) return Malformed("data is not a list");
  std::vector<Row> rows;
  rows.reserve(data->size());
  for (const json& item : *data) {
    auto row = make(item);
    if (!row) return row.error();
    rows.push_back(std::move(*row));
  }
  return rows;
}

template <typename Value>
Result<Value> One(const Result<http::ClientResponse>& response,
                  Result<Value> (*make)(const json&)) {
  if (!response) return response.error();
  const auto data = DataOf(*response);
  if (!data) return data.error();
  return make(*data);
}

}  // namespace

std::string_view BrokerCodeOf(const Error& error) {
  constexpr std::string_view kBefore = "the broker answered 000 ";  // as ToError words it
  const std::string_view text = error.message;
  if (!text.starts_with(kBefore.substr(0, kBefore.find('0'))) || text.size() < kBefore.size()) {
    return {};
  }
  const std::string_view code = text.substr(kBefore.size());
  return code.substr(0, code.find(':'));
}

RestClient::RestClient(http::Client& client, Endpoints endpoints, BrokerObserver& observer,
                       std::chrono::milliseconds deadline)
    : client_{client}, endpoints_{std::move(endpoints)}, observer_{observer}, deadline_{deadline} {}

Result<http::ClientResponse> RestClient::Call(http::ClientRequest request, const Secret* token) {
  request.headers.Set("Accept", "application/json");
  if (token != nullptr) request.headers.Set("Authorization", "Bearer " + token->Reveal());
  auto answer = client_.Send(request, deadline_);
  if (!answer) return answer.error().error;
  observer_.Observe(answer->headers);
  if (!answer->ok()) return ToError(*answer, token != nullptr);
  return std::move(*answer);
}

Result<http::ClientResponse> RestClient::Get(const std::string& target, const Secret& token) {
  return Call({.url = endpoints_.api + target}, &token);
}

Result<LoginToken> RestClient::ExchangeCode(const CodeExchange& exchange) {
  http::ClientRequest request{
      .method = "POST",
      .url = endpoints_.api + "/v2/login/authorization/token",
      .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
      .body = http::FormatFields({{"code", exchange.code.Reveal()},
                                  {"client_id", exchange.client_id},
                                  {"client_secret", exchange.client_secret.Reveal()},
                                  {"redirect_uri", exchange.redirect_uri},
                                  {"grant_type", "authorization_code"}})};
  const auto answer = Call(std::move(request), nullptr);
  if (!answer) return answer.error();
  // Not enveloped, unlike every other answer.
  const json body = json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  auto profile = ToProfile(body);
  if (!profile) return profile.error();
  FieldReader reader{body};
  LoginToken token{.profile = std::move(*profile),
                   .access_token = Secret{reader.Text("access_token")},
                   .extended_token = Secret{reader.Text("extended_token")}};
  if (!reader.problem().empty()) return Malformed("token field " + reader.problem());
  if (token.access_token.empty()) return Malformed("no access_token");
  return token;
}

Result<TokenRequest> RestClient::RequestToken(std::string_view client_id,
                                              const Secret& client_secret) {
  const json body{{"client_secret", client_secret.Reveal()}};
  const auto answer = Call(
      {.method = "POST",
       .url = endpoints_.api + "/v3/login/auth/token/request/" + http::PercentEncode(client_id),
       .headers = {{"Content-Type", "application/json"}},
       .body = body.dump(-1, ' ', false, json::error_handler_t::replace)},
      nullptr);
  if (!answer) return answer.error();
  const auto data = DataOf(*answer);
  if (!data) return data.error();
  FieldReader reader{*data};
  TokenRequest request{.expires_ms = reader.Whole("authorization_expiry", "authorizationExpiry"),
                       .notifier_url = reader.Text("notifier_url", "notifierUrl")};
  if (!reader.problem().empty()) return Malformed("token request field " + reader.problem());
  return request;
}

Result<Profile> RestClient::GetProfile(const Secret& token) {
  return One(Get("/v2/user/profile", token), &ToProfile);
}

Result<void> RestClient::Logout(const Secret& token) {
  const auto answer = Call({.method = "DELETE", .url = endpoints_.api + "/v2/logout"}, &token);
  if (!answer) return answer.error();
  return {};
}

Result<Funds> RestClient::GetFunds(const Secret& token) {
  return One(Get("/v2/user/get-funds-and-margin", token), &ToFunds);
}

Result<std::vector<FundsFigure>> RestClient::GetFundsFigures(const Secret& token) {
  return One(Get("/v3/user/get-funds-and-margin", token), &ToFundsFigures);
}

Result<StaticIp> RestClient::GetStaticIp(const Secret& token) {
  return One(Get("/v2/user/ip", token), &ToStaticIp);
}

Result<std::vector<SegmentSwitch>> RestClient::GetKillSwitch(const Secret& token) {
  const auto answer = Get("/v2/user/kill-switch", token);
  if (!answer) return answer.error();
  return Rows(*answer, &ToSegmentSwitch);
}

Result<std::vector<MarketHoliday>> RestClient::GetMarketHolidays() {
  const auto answer = Call({.url = endpoints_.api + "/v2/market/holidays"}, nullptr);
  if (!answer) return answer.error();
  return Rows(*answer, &ToMarketHoliday);
}

Result<std::vector<ExchangeHours>> RestClient::GetMarketTimings(std::string_view date) {
  const auto answer =
      Call({.url = endpoints_.api + "/v2/market/timings/" + http::PercentEncode(date)}, nullptr);
  if (!answer) return answer.error();
  return Rows(*answer, &ToExchangeHours);
}

Result<Secret> RestClient::Authorize(const std::string& target, const Secret& token) {
  const auto answer = Get(target, token);
  if (!answer) return answer.error();
  const auto data = DataOf(*answer);
  if (!data) return data.error();
  FieldReader reader{*data};
  Secret address{reader.Text("authorized_redirect_uri", "authorizedRedirectUri")};
  if (address.empty()) return Malformed("no authorized_redirect_uri");
  return address;
}

Result<Secret> RestClient::AuthorizeMarketFeed(const Secret& token) {
  return Authorize("/v3/feed/market-data-feed/authorize", token);
}

Result<Secret> RestClient::AuthorizePortfolioStream(const Secret& token,
                                                    std::string_view update_types) {
  return Authorize(
      "/v2/feed/portfolio-stream-feed/authorize?update_types=" + http::PercentEncode(update_types),
      token);
}

Result<std::vector<OrderRow>> RestClient::GetOrderBook(const Secret& token) {
  const auto answer = Get("/v2/order/retrieve-all", token);
  if (!answer) return answer.error();
  return Rows(*answer, &ToOrderRow);
}

Result<OrderRow> RestClient::GetOrder(const Secret& token, std::string_view order_id) {
  return One(Get("/v2/order/details?order_id=" + http::PercentEncode(order_id), token),
             &ToOrderRow);
}

Result<std::vector<OrderRow>> RestClient::GetOrderHistory(const Secret& token,
                                                          std::string_view order_id) {
  const auto answer = Get("/v2/order/history?order_id=" + http::PercentEncode(order_id), token);
  if (!answer) return answer.error();
  return Rows(*answer, &ToOrderRow);
}

Result<std::vector<OrderRow>> RestClient::GetOrderHistoryByTag(const Secret& token,
                                                               std::string_view tag) {
  const auto answer = Get("/v2/order/history?tag=" + http::PercentEncode(tag), token);
  if (!answer) return answer.error();
  return Rows(*answer, &ToOrderRow);
}

Result<std::vector<TradeRow>> RestClient::GetTradesOfDay(const Secret& token) {
  const auto answer = Get("/v2/order/trades/get-trades-for-day", token);
  if (!answer) return answer.error();
  return Rows(*answer, &ToTradeRow);
}

Result<std::vector<HoldingRow>> RestClient::GetHoldings(const Secret& token) {
  const auto answer = Get("/v2/portfolio/long-term-holdings", token);
  if (!answer) return answer.error();
  return Rows(*answer, &ToHoldingRow);
}

}  // namespace sauda::upstox
