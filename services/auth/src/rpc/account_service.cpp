#include "services/auth/src/rpc/account_service.hpp"

#include <string>
#include <vector>

namespace sauda::auth {
namespace {

namespace pb = v1alpha1;

void EncodeProfile(const UserProfile& profile, pb::Profile& out) {
  out.set_user_id(profile.user_id);
  out.set_user_name(profile.user_name);
  out.set_email(profile.email);
  out.set_user_type(profile.user_type);
  for (const auto& each : profile.exchanges) out.add_exchanges(each);
  for (const auto& each : profile.products) out.add_products(each);
  for (const auto& each : profile.order_types) out.add_order_types(each);
  out.set_poa(profile.poa);
  out.set_ddpi(profile.ddpi);
  out.set_is_active(profile.is_active);
  out.set_simulated(profile.simulated);
}

void EncodeMargin(const SegmentMargin& margin, pb::Margin& out) {
  out.set_available(margin.available.ToString());
  out.set_used(margin.used.ToString());
  out.set_payin(margin.payin.ToString());
  out.set_span(margin.span.ToString());
  out.set_adhoc(margin.adhoc.ToString());
  out.set_notional_cash(margin.notional_cash.ToString());
  out.set_exposure(margin.exposure.ToString());
}

void EncodeFunds(const AccountFunds& funds, pb::Funds& out) {
  EncodeMargin(funds.equity, *out.mutable_equity());
  EncodeMargin(funds.commodity, *out.mutable_commodity());
  for (const auto& figure : funds.figures) {
    auto* const added = out.add_figures();
    added->set_path(figure.path);
    added->set_amount(figure.amount.ToString());
  }
  out.set_simulated(funds.simulated);
}

pb::IpVerdict ToProto(IpVerdict verdict) {
  switch (verdict) {
    case IpVerdict::kUnknown:
      return pb::IP_VERDICT_UNKNOWN;
    case IpVerdict::kMatches:
      return pb::IP_VERDICT_MATCHES;
    case IpVerdict::kDiffers:
      return pb::IP_VERDICT_DIFFERS;
    case IpVerdict::kNoneRegistered:
      break;
  }
  return pb::IP_VERDICT_NONE_REGISTERED;
}

void EncodeIp(const RegisteredIp& ip, pb::StaticIp& out) {
  out.set_primary_ip(ip.primary);
  out.set_secondary_ip(ip.secondary);
  out.set_primary_updated_at(ip.primary_updated_at);
  out.set_secondary_updated_at(ip.secondary_updated_at);
  out.set_seen_ip(ip.seen);
  out.set_verdict(ToProto(Judge(ip)));
  out.set_simulated(ip.simulated);
}

void EncodeSwitch(const BrokerKillSwitch& all, pb::KillSwitch& out) {
  for (const auto& each : all.segments) {
    auto* const segment = out.add_segments();
    segment->set_segment(each.segment);
    segment->set_active(each.active);
    segment->set_killed(each.killed);
  }
  out.set_simulated(all.simulated);
}

}  // namespace

template <typename Call, typename Answer, typename Response>
grpc::Status AccountService::Ask(grpc::ServerContext* context, const char* method,
                                 const std::string& account_id, const Call& call,
                                 void (*encode)(const Answer&, Response&), Response* response) {
  return calls_.Run(*context, method, [&](const std::string&) -> Result<void> {
    const auto account = logins_.Resolve(account_id);
    if (!account) return account.error();
    const auto token = logins_.Get(*account, TokenUse::kOrders);  // the other kinds may not ask
    if (!token) return token.error();
    const Result<Answer> answer = call(token->text);
    if (!answer) return answer.error();
    encode(*answer, *response);
    response->set_account_id(*account);
    return {};
  });
}

grpc::Status AccountService::GetProfile(grpc::ServerContext* context,
                                        const pb::GetProfileRequest* request,
                                        pb::Profile* response) {
  return Ask(
      context, "GetProfile", request->account_id(),
      [this](const Secret& token) { return broker_.Profile(token); }, &EncodeProfile, response);
}

grpc::Status AccountService::GetFunds(grpc::ServerContext* context,
                                      const pb::GetFundsRequest* request, pb::Funds* response) {
  return Ask(
      context, "GetFunds", request->account_id(),
      [this](const Secret& token) { return broker_.Funds(token); }, &EncodeFunds, response);
}

grpc::Status AccountService::GetStaticIp(grpc::ServerContext* context,
                                         const pb::GetStaticIpRequest* request,
                                         pb::StaticIp* response) {
  return Ask(
      context, "GetStaticIp", request->account_id(),
      [this](const Secret& token) { return broker_.StaticIp(token); }, &EncodeIp, response);
}

grpc::Status AccountService::GetKillSwitch(grpc::ServerContext* context,
                                           const pb::GetKillSwitchRequest* request,
                                           pb::KillSwitch* response) {
  return Ask(
      context, "GetKillSwitch", request->account_id(),
      [this](const Secret& token) { return broker_.KillSwitch(token); }, &EncodeSwitch, response);
}

}  // namespace sauda::auth
