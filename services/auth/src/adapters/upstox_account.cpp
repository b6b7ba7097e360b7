#include "services/auth/src/adapters/upstox_account.hpp"

#include <utility>

#include "libs/upstox/rest_client.hpp"
#include "services/auth/src/adapters/upstox_refusal.hpp"

namespace sauda::auth {
namespace {

SegmentMargin ToCore(const upstox::Margin& margin) {
  return {.available = margin.available,
          .used = margin.used,
          .payin = margin.payin,
          .span = margin.span,
          .adhoc = margin.adhoc,
          .notional_cash = margin.notional_cash,
          .exposure = margin.exposure};
}

Error ToCore(const Error& error) {
  if (auto of_app = RefusalOfApp(error)) return *std::move(of_app);
  switch (error.code) {
    case Code::kUnauthenticated:
      return {Code::kUnauthenticated, "TOKEN_REJECTED",
              "the broker does not take the token in hand: " + error.message};
    case Code::kPermissionDenied:
      return {Code::kPermissionDenied, "BROKER_REFUSED", error.message};
    default:
      return BrokerDown(error);
  }
}

}  // namespace

UpstoxAccount::UpstoxAccount(Connect connect, MarketClock& market, upstox::Endpoints endpoints,
                             std::chrono::milliseconds deadline)
    : connect_{std::move(connect)},
      endpoints_{std::move(endpoints)},
      deadline_{deadline},
      observer_{market} {}

UpstoxAccount::~UpstoxAccount() = default;

Result<upstox::RestClient*> UpstoxAccount::Connected() {
  const std::lock_guard lock{mutex_};
  if (!rest_) {
    auto client = connect_();
    if (!client) return BrokerDown(client.error());
    client_ = std::move(*client);
    rest_ = std::make_unique<upstox::RestClient>(*client_, endpoints_, observer_, deadline_);
  }
  return rest_.get();
}

Result<UserProfile> UpstoxAccount::Profile(const Secret& access_token) {
  const auto rest = Connected();
  if (!rest) return rest.error();
  auto profile = (*rest)->GetProfile(access_token);
  if (!profile) return ToCore(profile.error());
  return UserProfile{.user_id = std::move(profile->user_id),
                     .user_name = std::move(profile->user_name),
                     .email = std::move(profile->email),
                     .user_type = std::move(profile->user_type),
                     .exchanges = std::move(profile->exchanges),
                     .products = std::move(profile->products),
                     .order_types = std::move(profile->order_types),
                     .poa = profile->poa,
                     .ddpi = profile->ddpi,
                     .is_active = profile->is_active,
                     .simulated = observer_.simulated()};
}

Result<AccountFunds> UpstoxAccount::Funds(const Secret& access_token) {
  const auto closed = [](const Error& error) {
    if (upstox::BrokerCodeOf(error) != "UDAPI100072") return ToCore(error);
    return Error{Code::kFailedPrecondition, "FUNDS_CLOSED",
                 "the broker tells funds from 05:30 to 24:00 IST only"};
  };
  const auto rest = Connected();
  if (!rest) return rest.error();
  const auto segments = (*rest)->GetFunds(access_token);
  if (!segments) return closed(segments.error());
  const auto figures = (*rest)->GetFundsFigures(access_token);
  if (!figures) return closed(figures.error());
  AccountFunds funds{.equity = ToCore(segments->equity),
                     .commodity = ToCore(segments->commodity),
                     .figures = {},
                     .simulated = observer_.simulated()};
  for (const auto& figure : *figures) {
    funds.figures.push_back({.path = figure.path, .amount = figure.amount});
  }
  return funds;
}

Result<RegisteredIp> UpstoxAccount::StaticIp(const Secret& access_token) {
  const auto rest = Connected();
  if (!rest) return rest.error();
  auto ip = (*rest)->GetStaticIp(access_token);
  if (!ip && upstox::BrokerCodeOf(ip.error()) == "UDAPI1154") {
    return RegisteredIp{
        .seen = AddressIn(ip.error().message), .refused = true, .simulated = observer_.simulated()};
  }
  if (!ip) return ToCore(ip.error());
  return RegisteredIp{.primary = std::move(ip->primary),
                      .secondary = std::move(ip->secondary),
                      .primary_updated_at = std::move(ip->primary_updated_at),
                      .secondary_updated_at = std::move(ip->secondary_updated_at),
                      .seen = {},
                      .simulated = observer_.simulated()};
}

Result<BrokerKillSwitch> UpstoxAccount::KillSwitch(const Secret& access_token) {
  const auto rest = Connected();
  if (!rest) return rest.error();
  const auto segments = (*rest)->GetKillSwitch(access_token);
  if (!segments) return ToCore(segments.error());
  BrokerKillSwitch all{.segments = {}, .simulated = observer_.simulated()};
  for (const auto& each : *segments) {
    all.segments.push_back(
        {.segment = each.segment, .active = each.status == "ACTIVE", .killed = each.killed});
  }
  return all;
}

}  // namespace sauda::auth
