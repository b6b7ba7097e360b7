#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace pb = auth::v1alpha1;
using nlohmann::json;
using pb::AccountService;

/// The broker is asked: it may take longer than a call between services.
std::chrono::milliseconds LimitOf(const Peers& peers) {
  return peers.call_limit + std::chrono::seconds{25};
}

json Texts(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  json list = json::array();
  for (const auto& each : texts) list.push_back(each);
  return list;
}

http::Response Profile(const Peers& peers, const Asked& request) {
  pb::GetProfileRequest ask;
  ask.set_account_id(request.account);
  const auto profile = Call<pb::Profile>(*peers.account, &AccountService::Stub::GetProfile, ask,
                                         LimitOf(peers), request.request_id);
  if (!profile) return Refusal(profile.error(), request.request_id);
  return Success({{"account_id", profile->account_id()},
                  {"user_id", profile->user_id()},
                  {"user_name", profile->user_name()},
                  {"email", profile->email()},
                  {"user_type", profile->user_type()},
                  {"exchanges", Texts(profile->exchanges())},
                  {"products", Texts(profile->products())},
                  {"order_types", Texts(profile->order_types())},
                  {"poa", profile->poa()},
                  {"ddpi", profile->ddpi()},
                  {"is_active", profile->is_active()},
                  {"simulated", profile->simulated()}},
                 request.request_id);
}

json MarginJson(const pb::Margin& margin) {
  return {{"available_margin", margin.available()}, {"used_margin", margin.used()},
          {"payin_amount", margin.payin()},         {"span_margin", margin.span()},
          {"adhoc_margin", margin.adhoc()},         {"notional_cash", margin.notional_cash()},
          {"exposure_margin", margin.exposure()}};
}

http::Response Funds(const Peers& peers, const Asked& request) {
  pb::GetFundsRequest ask;
  ask.set_account_id(request.account);
  const auto funds = Call<pb::Funds>(*peers.account, &AccountService::Stub::GetFunds, ask,
                                     LimitOf(peers), request.request_id);
  if (!funds) return Refusal(funds.error(), request.request_id);
  json figures = json::object();
  for (const auto& each : funds->figures()) figures[each.path()] = each.amount();
  return Success({{"account_id", funds->account_id()},
                  {"equity", MarginJson(funds->equity())},
                  {"commodity", MarginJson(funds->commodity())},
                  {"figures", figures},
                  {"simulated", funds->simulated()}},
                 request.request_id);
}

http::Response StaticIp(const Peers& peers, const Asked& request) {
  pb::GetStaticIpRequest ask;
  ask.set_account_id(request.account);
  const auto ip = Call<pb::StaticIp>(*peers.account, &AccountService::Stub::GetStaticIp, ask,
                                     LimitOf(peers), request.request_id);
  if (!ip) return Refusal(ip.error(), request.request_id);
  return Success({{"account_id", ip->account_id()},
                  {"primary_ip", ip->primary_ip()},
                  {"secondary_ip", ip->secondary_ip()},
                  {"primary_updated_at", ip->primary_updated_at()},
                  {"secondary_updated_at", ip->secondary_updated_at()},
                  {"seen_ip", ip->seen_ip()},
                  {"verdict", Word(pb::IpVerdict_Name(ip->verdict()), "IP_VERDICT_")},
                  {"simulated", ip->simulated()}},
                 request.request_id);
}

http::Response KillSwitch(const Peers& peers, const Asked& request) {
  pb::GetKillSwitchRequest ask;
  ask.set_account_id(request.account);
  const auto all = Call<pb::KillSwitch>(*peers.account, &AccountService::Stub::GetKillSwitch, ask,
                                        LimitOf(peers), request.request_id);
  if (!all) return Refusal(all.error(), request.request_id);
  json segments = json::array();
  for (const auto& each : all->segments()) {
    segments.push_back(
        {{"segment", each.segment()}, {"active", each.active()}, {"killed", each.killed()}});
  }
  return Success(
      {{"account_id", all->account_id()}, {"segments", segments}, {"simulated", all->simulated()}},
      request.request_id);
}

}  // namespace

void AddAccountRoutes(const Context& context) {
  const auto add = [&](const char* path, http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add("GET", path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("/api/v1/account/profile", Profile);
  add("/api/v1/account/funds", Funds);
  add("/api/v1/account/static-ip", StaticIp);
  add("/api/v1/account/kill-switch", KillSwitch);
}

}  // namespace sauda::gateway
