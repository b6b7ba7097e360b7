#include "services/gateway/src/core/access.hpp"

#include <algorithm>
#include <array>

namespace sauda::gateway {
namespace {

using keys::Scope;

// Open are the page's own files, what probes ask, the broker's redirect, which `state` guards,
// its notice of a token, whose path is the secret, and where the page brings a key and gives it
// back.
constexpr std::array kRules{
    RouteRule{"GET", "/", {}},
    RouteRule{"GET", "/app.js", {}},
    RouteRule{"GET", "/app.css", {}},
    RouteRule{"GET", "/healthz", {}},
    RouteRule{"GET", "/readyz", {}},
    RouteRule{"GET", "/api/integrations/upstox/callback", {}, Touch::kNone, Limited::kCallback},
    RouteRule{"GET", "/api/v1/auth/callback", {}, Touch::kNone, Limited::kCallback},
    RouteRule{
        "POST", "/api/integrations/upstox/notifier/{key}", {}, Touch::kNone, Limited::kCallback},
    RouteRule{"POST", "/api/v1/session", {}, Touch::kNone, Limited::kLogin},
    RouteRule{"DELETE", "/api/v1/session", {}},

    RouteRule{"GET", "/api/v1/auth/login", Scope::kAdmin, Touch::kQuery, Limited::kLogin},
    RouteRule{"GET", "/api/v1/auth/status", Scope::kRead, Touch::kQuery},
    RouteRule{"POST", "/api/v1/auth/logout", Scope::kAdmin, Touch::kQuery, Limited::kLogin},
    RouteRule{"POST", "/api/v1/auth/token", Scope::kAdmin, Touch::kBody, Limited::kLogin},
    RouteRule{"POST", "/api/v1/auth/approval", Scope::kAdmin, Touch::kBody, Limited::kLogin},

    RouteRule{"GET", "/api/v1/account/profile", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/account/funds", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/account/static-ip", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/account/kill-switch", Scope::kRead, Touch::kQuery},

    RouteRule{"GET", "/api/v1/instruments", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/suspended", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/{name}/expired", Scope::kRead},
    RouteRule{"POST", "/api/v1/instruments/sync", Scope::kAdmin},
    RouteRule{"GET", "/api/v1/instruments/status", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/search", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/sync", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/syncs", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/changes", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/{name}", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/{name}/expiries", Scope::kRead},
    RouteRule{"GET", "/api/v1/instruments/{name}/chain", Scope::kRead},

    RouteRule{"GET", "/api/v1/market/status", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/holidays", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/timings", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/timings/{date}", Scope::kRead},
    RouteRule{"POST", "/api/v1/market/calendar/refresh", Scope::kAdmin},

    // Whoever reads the market subscribes what it reads; who disconnects ends what others follow.
    RouteRule{"POST", "/api/v1/market/market-feed/connect", Scope::kRead},
    RouteRule{"POST", "/api/v1/market/market-feed/disconnect", Scope::kAdmin},
    RouteRule{"GET", "/api/v1/market/market-feed/status", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/market-feed/indices", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/market-feed/equity/prices", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/market-feed/futures/prices", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/market-feed/options/prices", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/market-feed/all/prices", Scope::kRead},
    RouteRule{"GET", "/api/v1/market/stream", Scope::kRead},
    RouteRule{"GET", "/api/v1/websocket/status", Scope::kRead},
    RouteRule{"GET", "/api/v1/websocket/subscriptions", Scope::kRead},
    RouteRule{"GET", "/api/v1/websocket/latest-ticks", Scope::kRead},

    RouteRule{"POST", "/api/v1/orders", Scope::kTrade, Touch::kBody},
    RouteRule{"GET", "/api/v1/orders", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/orders/{id}", Scope::kRead, Touch::kQuery},
    RouteRule{"PUT", "/api/v1/orders/{id}", Scope::kTrade, Touch::kBody},
    RouteRule{"DELETE", "/api/v1/orders/{id}", Scope::kTrade, Touch::kQuery},

    // Whoever may trade may stop trading; only who administers lets it go on.
    RouteRule{"POST", "/api/v1/kill", Scope::kTrade, Touch::kBody},
    RouteRule{"GET", "/api/v1/kill", Scope::kRead, Touch::kQuery},
    RouteRule{"POST", "/api/v1/kill/keep-alive", Scope::kTrade, Touch::kQuery},
    RouteRule{"POST", "/api/v1/kill/rearm", Scope::kAdmin, Touch::kBody},

    RouteRule{"GET", "/api/v1/portfolio/trades", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/portfolio/positions", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/portfolio/holdings", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/portfolio/profit", Scope::kRead, Touch::kQuery},
    RouteRule{"GET", "/api/v1/portfolio/pnl", Scope::kRead, Touch::kQuery},

    RouteRule{"POST", "/api/v1/keys", Scope::kAdmin, Touch::kAll, Limited::kKeys},
    RouteRule{"GET", "/api/v1/keys", Scope::kAdmin, Touch::kAll, Limited::kKeys},
    RouteRule{"DELETE", "/api/v1/keys/{id}", Scope::kAdmin, Touch::kAll, Limited::kKeys},
    RouteRule{"GET", "/api/v1/audit", Scope::kAdmin, Touch::kAll, Limited::kKeys},
    RouteRule{"GET", "/api/v1/audit/verify", Scope::kAdmin, Touch::kAll, Limited::kKeys},
};

Error Denied(const char* reason, std::string message) {
  return {Code::kPermissionDenied, reason, std::move(message)};
}

}  // namespace

std::span<const RouteRule> RouteRules() { return kRules; }

const RouteRule* FindRule(std::string_view method, std::string_view path) {
  const auto* const found = std::find_if(kRules.begin(), kRules.end(), [&](const RouteRule& rule) {
    return rule.method == method && rule.path == path;
  });
  return found == kRules.end() ? nullptr : found;
}

Result<void> CheckRule(const RouteRule& rule, const Caller& caller) {
  if (!rule.scope) return {};
  if (!caller.scopes.Has(*rule.scope)) {
    const std::string scope{keys::NameOf(*rule.scope)};
    return Denied("SCOPE_MISSING", "this needs a key with the scope '" + scope +
                                       "'; this one has " + keys::TextOf(caller.scopes));
  }
  if (rule.touch == Touch::kAll && !caller.accounts.empty()) {
    return Denied(
        "ACCOUNT_NOT_ALLOWED",
        "this is about every account, and this key is bound to some: use one that is not");
  }
  return {};
}

Result<std::string> AccountFor(const Caller& caller, std::string_view asked) {
  const auto& accounts = caller.accounts;
  if (asked.empty() && accounts.size() > 1) {
    return Error{Code::kInvalidArgument, "ACCOUNT_MISSING",
                 "this key may touch several accounts: name one"};
  }
  if (asked.empty()) return accounts.empty() ? std::string{} : accounts.front();
  if (accounts.empty() || std::find(accounts.begin(), accounts.end(), asked) != accounts.end()) {
    return std::string{asked};
  }
  return Denied("ACCOUNT_NOT_ALLOWED",
                "this key may not touch account '" + std::string{asked.substr(0, 64)} + "'");
}

}  // namespace sauda::gateway
