#include "simulator/src/rest/user_routes.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "simulator/src/core/ist.hpp"
#include "simulator/src/rest/envelope.hpp"
#include "simulator/src/rest/user_json.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

json Segment(double used, double available) {
  return {{"used_margin", used},   {"payin_amount", 0.0},  {"span_margin", 0.0},
          {"adhoc_margin", 0.0},   {"notional_cash", 0.0}, {"available_margin", available},
          {"exposure_margin", 0.0}};
}

json DeliveryMargin() { return {{"total", 0.0}, {"equity", 0.0}, {"fo_settlement", 0.0}}; }

json FundsV3(const Brokerage& brokerage) {
  const double used = brokerage.used_margin().ToDouble();
  const double available = brokerage.available_margin().ToDouble();
  const double opening = brokerage.opening_cash().ToDouble();
  const json cash = {{"opening_balance", opening},
                     {"added_today", 0.0},
                     {"withdrawn_today", 0.0},
                     {"amount_from_stock_sale", 0.0},
                     {"unpaid_charges", 0.0}};
  const json margin_used = {{"total", used},
                            {"mtf", 0.0},
                            {"loss", {{"total", 0.0}, {"realised", 0.0}, {"unrealised", 0.0}}},
                            {"span_exposure", 0.0},
                            {"cash_margin_var_elm", used},
                            {"premium_present", 0.0},
                            {"delivery_margin", DeliveryMargin()}};
  const json pledged = {{"total", 0.0}, {"equity", 0.0}, {"mutual_funds", 0.0}};
  const json pledge_used = {{"total", 0.0},           {"mtf", 0.0},
                            {"span_exposure", 0.0},   {"cash_margin_var_elm", 0.0},
                            {"premium_present", 0.0}, {"delivery_margin", 0.0}};
  return {{"available_to_trade",
           {{"total", available},
            {"cash_available_to_trade",
             {{"total", available}, {"cash", cash}, {"margin_used", margin_used}}},
            {"pledge_available_to_trade",
             {{"total", 0.0}, {"margin_from_pledge", pledged}, {"margin_used", pledge_used}}}}},
          {"unavailable_to_trade",
           {{"cash_unavailable_to_trade",
             {{"unsettled_profit", {{"todays_profit", 0.0}, {"previous_days", 0.0}}}}},
            {"pledge_unavailable_to_trade", {{"equity", 0.0}, {"mutual_funds", 0.0}}}}}};
}

/// The registered addresses: those of the settings, as if set long ago.
json StaticIp(const std::string& primary) {
  const bool set = !primary.empty();
  return {{"primary_ip", set ? json(primary) : json()},
          {"secondary_ip", nullptr},
          {"primary_ip_updated_at", set ? json("2026-04-01 10:00:00") : json()},
          {"secondary_ip_updated_at", nullptr},
          {"primary_ip_family_members", json::array()},
          {"secondary_ip_family_members", json::array()}};
}

/// Every segment trades, and nobody has stopped one.
json KillSwitch() {
  json segments = json::array();
  for (const char* segment : {"NSE_EQ", "BSE_EQ", "NSE_FO", "BSE_FO", "NCD_FO", "BCD_FO", "MCX_FO",
                              "NSE_COM", "BSE_MF"}) {
    segments.push_back(
        {{"segment", segment}, {"segment_status", "ACTIVE"}, {"kill_switch_enabled", false}});
  }
  return segments;
}

http::Response Closed() {
  return Failure({.http = 423,
                  .code = "UDAPI100072",
                  .message = "The Funds service is accessible from 5:30 AM to 12:00 AM IST"});
}

}  // namespace

void AddUserRoutes(http::Server& server, Guard& guard, const Logins& logins,
                   const Brokerage& brokerage, const std::string& static_ip) {
  const auto add = [&](const char* path, Guard::Handle handle) {
    server.Route("GET", path,
                 guard.Wrap(FaultTarget::kRest, Guard::Access::kToken, std::move(handle)));
  };
  add("/v2/user/profile", [&logins](const http::Request& request, const Moment&) {
    const auto claims = logins.ClaimsOf(Guard::BearerOf(request));
    return claims ? Success(ProfileJson(claims->subject)) : Failure(InvalidToken());
  });
  add("/v2/user/get-funds-and-margin",
      [&brokerage](const http::Request& request, const Moment& at) {
        if (!InServiceWindow(at.market_ms)) return Closed();
        const std::string segment{request.Query("segment")};
        if (!segment.empty() && segment != "SEC" && segment != "COM") {
          return Failure({.http = 400,
                          .code = "UDAPI1019",
                          .message = "The 'segment' must be SEC or COM",
                          .property = "segment",
                          .invalid_value = segment});
        }
        json data = json::object();
        if (segment != "COM") {
          data["equity"] =
              Segment(brokerage.used_margin().ToDouble(), brokerage.available_margin().ToDouble());
        }
        if (segment != "SEC") data["commodity"] = Segment(0, 0);  // pooled in equity
        return Success(std::move(data));
      });
  add("/v2/user/ip",
      [static_ip](const http::Request&, const Moment&) { return Success(StaticIp(static_ip)); });
  add("/v2/user/kill-switch",
      [](const http::Request&, const Moment&) { return Success(KillSwitch()); });
  add("/v3/user/get-funds-and-margin", [&brokerage](const http::Request&, const Moment& at) {
    return InServiceWindow(at.market_ms) ? Success(FundsV3(brokerage)) : Closed();
  });
}

}  // namespace sauda::sim
