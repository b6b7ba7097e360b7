#include <array>
#include <map>
#include <optional>
#include <set>

#include <google/protobuf/descriptor.h>

#include "sauda/auth/v1alpha1/account.pb.h"
#include "sauda/auth/v1alpha1/vault.pb.h"
#include "sauda/feed/v1alpha1/alerts.pb.h"
#include "sauda/feed/v1alpha1/history.pb.h"
#include "sauda/orders/v1alpha1/kill.pb.h"
#include "sauda/orders/v1alpha1/portfolio.pb.h"
#include "tests/rpc/gateway_keys_fixture.hpp"

namespace sauda::gateway {
namespace {

using keys::Scope;

/// What a path asks for, said here once more and not taken from the gateway's own table.
enum class Needs { kNothing, kRead, kTrade, kAdmin };

struct PathRow {
  const char* method;
  const char* path;
  Needs needs;
};
constexpr PathRow kPaths[] = {
    {"GET", "/", Needs::kNothing},
    {"GET", "/app.js", Needs::kNothing},
    {"GET", "/app.css", Needs::kNothing},
    {"GET", "/healthz", Needs::kNothing},
    {"GET", "/readyz", Needs::kNothing},
    {"GET", "/api/integrations/upstox/callback", Needs::kNothing},
    {"GET", "/api/v1/auth/callback", Needs::kNothing},
    {"POST", "/api/integrations/upstox/notifier/{key}", Needs::kNothing},
    {"POST", "/api/v1/session", Needs::kNothing},
    {"DELETE", "/api/v1/session", Needs::kNothing},
    {"GET", "/api/v1/auth/login", Needs::kAdmin},
    {"GET", "/api/v1/auth/status", Needs::kRead},
    {"POST", "/api/v1/auth/logout", Needs::kAdmin},
    {"POST", "/api/v1/auth/token", Needs::kAdmin},
    {"POST", "/api/v1/auth/approval", Needs::kAdmin},
    {"GET", "/api/v1/account/profile", Needs::kRead},
    {"GET", "/api/v1/account/funds", Needs::kRead},
    {"GET", "/api/v1/account/static-ip", Needs::kRead},
    {"GET", "/api/v1/account/kill-switch", Needs::kRead},
    {"GET", "/api/v1/instruments", Needs::kRead},
    {"GET", "/api/v1/instruments/suspended", Needs::kRead},
    {"GET", "/api/v1/instruments/{name}/expired", Needs::kRead},
    {"POST", "/api/v1/instruments/sync", Needs::kAdmin},
    {"GET", "/api/v1/instruments/sync", Needs::kRead},
    {"GET", "/api/v1/instruments/syncs", Needs::kRead},
    {"GET", "/api/v1/instruments/changes", Needs::kRead},
    {"GET", "/api/v1/instruments/status", Needs::kRead},
    {"GET", "/api/v1/instruments/search", Needs::kRead},
    {"GET", "/api/v1/instruments/{name}", Needs::kRead},
    {"GET", "/api/v1/instruments/{name}/expiries", Needs::kRead},
    {"GET", "/api/v1/instruments/{name}/chain", Needs::kRead},
    {"POST", "/api/v1/market/market-feed/connect", Needs::kRead},
    {"POST", "/api/v1/market/market-feed/disconnect", Needs::kAdmin},
    {"GET", "/api/v1/market/market-feed/status", Needs::kRead},
    {"GET", "/api/v1/market/market-feed/indices", Needs::kRead},
    {"GET", "/api/v1/market/market-feed/equity/prices", Needs::kRead},
    {"GET", "/api/v1/market/market-feed/futures/prices", Needs::kRead},
    {"GET", "/api/v1/market/market-feed/options/prices", Needs::kRead},
    {"GET", "/api/v1/market/market-feed/all/prices", Needs::kRead},
    {"GET", "/api/v1/market/status", Needs::kRead},
    {"GET", "/api/v1/market/holidays", Needs::kRead},
    {"GET", "/api/v1/market/timings", Needs::kRead},
    {"GET", "/api/v1/market/timings/{date}", Needs::kRead},
    {"POST", "/api/v1/market/calendar/refresh", Needs::kAdmin},
    {"GET", "/api/v1/market/stream", Needs::kRead},
    {"GET", "/api/v1/websocket/status", Needs::kRead},
    {"GET", "/api/v1/websocket/subscriptions", Needs::kRead},
    {"GET", "/api/v1/websocket/latest-ticks", Needs::kRead},
    {"POST", "/api/v1/orders", Needs::kTrade},
    {"GET", "/api/v1/orders", Needs::kRead},
    {"GET", "/api/v1/orders/{id}", Needs::kRead},
    {"PUT", "/api/v1/orders/{id}", Needs::kTrade},
    {"DELETE", "/api/v1/orders/{id}", Needs::kTrade},
    {"POST", "/api/v1/kill", Needs::kTrade},
    {"GET", "/api/v1/kill", Needs::kRead},
    {"POST", "/api/v1/kill/keep-alive", Needs::kTrade},
    {"POST", "/api/v1/kill/rearm", Needs::kAdmin},
    {"GET", "/api/v1/portfolio/trades", Needs::kRead},
    {"GET", "/api/v1/portfolio/positions", Needs::kRead},
    {"GET", "/api/v1/portfolio/holdings", Needs::kRead},
    {"GET", "/api/v1/portfolio/profit", Needs::kRead},
    {"GET", "/api/v1/portfolio/pnl", Needs::kRead},
    {"POST", "/api/v1/keys", Needs::kAdmin},
    {"GET", "/api/v1/keys", Needs::kAdmin},
    {"DELETE", "/api/v1/keys/{id}", Needs::kAdmin},
    {"GET", "/api/v1/audit", Needs::kAdmin},
    {"GET", "/api/v1/audit/verify", Needs::kAdmin},
};

/// An rpc, and the paths by which a client's key reaches it; none: it is for the services' own edge
/// (loopback or mutual TLS), where no key is looked at.
struct RpcRow {
  const char* rpc;
  std::vector<std::string> paths;
};
const RpcRow kRpcs[] = {
    {"auth.AuthService/BeginLogin", {"GET /api/v1/auth/login"}},
    {"auth.AuthService/CompleteLogin",
     {"GET /api/integrations/upstox/callback", "GET /api/v1/auth/callback"}},
    {"auth.AuthService/SubmitToken", {"POST /api/v1/auth/token"}},
    {"auth.AuthService/GetToken", {}},
    {"auth.AuthService/WatchToken", {}},
    {"auth.AuthService/Logout", {"POST /api/v1/auth/logout"}},
    {"auth.AuthService/GetStatus", {"GET /api/v1/auth/status", "GET /readyz"}},
    {"auth.AuthService/RequestApproval", {"POST /api/v1/auth/approval"}},
    {"auth.AuthService/DeliverToken", {"POST /api/integrations/upstox/notifier/{key}"}},
    {"auth.AccountService/GetProfile", {"GET /api/v1/account/profile"}},
    {"auth.AccountService/GetFunds", {"GET /api/v1/account/funds"}},
    {"auth.AccountService/GetStaticIp", {"GET /api/v1/account/static-ip"}},
    {"auth.AccountService/GetKillSwitch", {"GET /api/v1/account/kill-switch"}},
    {"auth.VaultService/RotateVault", {}},
    {"auth.KeysService/CreateKey", {"POST /api/v1/keys"}},
    {"auth.KeysService/ListKeys", {"GET /api/v1/keys"}},
    {"auth.KeysService/RevokeKey", {"DELETE /api/v1/keys/{id}"}},
    {"auth.KeysService/WatchKeys", {}},
    {"auth.KeysService/ReportUse", {}},
    {"auth.KeysService/Record",
     {"POST /api/v1/instruments/sync", "POST /api/v1/market/calendar/refresh", "POST /api/v1/kill",
      "POST /api/v1/kill/rearm"}},
    {"auth.KeysService/ListAudit", {"GET /api/v1/audit"}},
    {"auth.KeysService/VerifyAudit", {"GET /api/v1/audit/verify"}},
    {"instruments.InstrumentsService/Sync", {"POST /api/v1/instruments/sync"}},
    {"instruments.InstrumentsService/GetInstrument", {"GET /api/v1/instruments/{name}"}},
    {"instruments.InstrumentsService/WatchSync", {"GET /api/v1/instruments/sync"}},
    {"instruments.InstrumentsService/ListSyncs", {"GET /api/v1/instruments/syncs"}},
    {"instruments.InstrumentsService/ListChanges", {"GET /api/v1/instruments/changes"}},
    {"instruments.InstrumentsService/WatchChanges", {}},
    {"instruments.InstrumentsService/ListExpiries", {"GET /api/v1/instruments/{name}/expiries"}},
    {"instruments.InstrumentsService/GetOptionChain", {"GET /api/v1/instruments/{name}/chain"}},
    {"instruments.InstrumentsService/BatchGetInstruments", {}},
    {"instruments.InstrumentsService/SearchInstruments", {"GET /api/v1/instruments/search"}},
    {"instruments.InstrumentsService/ListInstruments", {"GET /api/v1/instruments"}},
    {"instruments.InstrumentsService/ListSuspended", {"GET /api/v1/instruments/suspended"}},
    {"instruments.InstrumentsService/ListExpiredContracts",
     {"GET /api/v1/instruments/{name}/expired"}},
    {"instruments.InstrumentsService/GetStatus", {"GET /api/v1/instruments/status", "GET /readyz"}},
    {"instruments.CalendarService/GetMarketStatus", {"GET /api/v1/market/status"}},
    {"instruments.CalendarService/ListMarketHolidays", {"GET /api/v1/market/holidays"}},
    {"instruments.CalendarService/GetMarketTimings",
     {"GET /api/v1/market/timings", "GET /api/v1/market/timings/{date}"}},
    {"instruments.CalendarService/GetCalendar", {}},
    {"instruments.CalendarService/RefreshCalendar", {"POST /api/v1/market/calendar/refresh"}},
    {"feed.FeedService/StreamTicks", {}},
    {"feed.FeedService/Subscribe",
     {"POST /api/v1/market/market-feed/connect", "GET /api/v1/market/stream"}},
    {"feed.FeedService/Unsubscribe", {"POST /api/v1/market/market-feed/disconnect"}},
    {"feed.FeedService/ListSubscriptions",
     {"GET /api/v1/market/market-feed/status", "GET /api/v1/websocket/status",
      "GET /api/v1/websocket/subscriptions"}},
    {"feed.FeedService/GetLatest", {}},
    {"feed.FeedService/GetStatus",
     {"GET /api/v1/market/market-feed/status", "GET /api/v1/websocket/status", "GET /readyz"}},
    {"feed.FeedService/Connect", {"POST /api/v1/market/market-feed/connect"}},
    {"feed.FeedService/Disconnect", {"POST /api/v1/market/market-feed/disconnect"}},
    {"feed.AlertService/CreateAlert", {}},
    {"feed.AlertService/DeleteAlert", {}},
    {"feed.AlertService/ListAlerts", {}},
    {"feed.AlertService/WatchAlerts", {}},
    {"feed.AlertService/CreateWebhook", {}},
    {"feed.AlertService/DeleteWebhook", {}},
    {"feed.AlertService/ListWebhooks", {}},
    {"feed.HistoryService/StreamHistory", {}},
    {"feed.HistoryService/ListGaps", {}},
    {"feed.HistoryService/GetCandles", {}},
    {"feed.HistoryService/StreamCandles", {}},
    {"orders.KillService/Kill", {"POST /api/v1/kill"}},
    {"orders.KillService/GetKillStatus", {"GET /api/v1/kill"}},
    {"orders.KillService/BeginRearm", {"POST /api/v1/kill/rearm"}},
    {"orders.KillService/Rearm", {"POST /api/v1/kill/rearm"}},
    {"orders.KillService/KeepAlive", {"POST /api/v1/kill/keep-alive"}},
    {"orders.PortfolioService/ListTrades", {"GET /api/v1/portfolio/trades"}},
    {"orders.PortfolioService/GetPositions", {"GET /api/v1/portfolio/positions"}},
    {"orders.PortfolioService/GetHoldings", {"GET /api/v1/portfolio/holdings"}},
    {"orders.PortfolioService/GetProfit", {"GET /api/v1/portfolio/profit"}},
    {"orders.PortfolioService/GetPnlReport", {"GET /api/v1/portfolio/pnl"}},
    {"orders.PortfolioService/WatchProfit", {}},
    {"orders.OrdersService/PlaceOrder", {"POST /api/v1/orders"}},
    {"orders.OrdersService/ModifyOrder", {"PUT /api/v1/orders/{id}"}},
    {"orders.OrdersService/CancelOrder", {"DELETE /api/v1/orders/{id}"}},
    {"orders.OrdersService/GetOrder", {"GET /api/v1/orders/{id}"}},
    {"orders.OrdersService/ListOrders", {"GET /api/v1/orders"}},
    {"orders.OrdersService/WatchOrders", {}},
    {"orders.OrdersService/GetStatus", {"GET /readyz"}},
};

/// Who asks, and with which scope, where the key is good.
struct CallerRow {
  std::string name;
  std::optional<Secret> key;
  std::optional<Scope> scope;
  std::string refusal;  // of a key that is none
};

Scope ScopeOf(Needs needs) {
  return needs == Needs::kRead    ? Scope::kRead
         : needs == Needs::kTrade ? Scope::kTrade
                                  : Scope::kAdmin;
}

/// The cell of the table: the reason why this caller is not let in; empty: it is.
std::string Expected(Needs needs, const CallerRow& caller) {
  if (needs == Needs::kNothing) return "";
  if (!caller.refusal.empty()) return caller.refusal;
  return caller.scope == ScopeOf(needs) ? "" : "SCOPE_MISSING";
}

/// A target that the pattern fits.
std::string TargetOf(std::string path) {
  for (const auto& [name, value] : {std::pair{"{id}", "1"}, std::pair{"{name}", "K"},
                                    std::pair{"{key}", "k"}, std::pair{"{date}", "2026-11-25"}}) {
    const auto at = path.find(name);
    if (at != std::string::npos) path.replace(at, std::string{name}.size(), value);
  }
  return path;
}

class ScopeMatrixTest : public GatewayKeysTest {
 protected:
  void SetUp() override {
    GatewayKeysTest::SetUp();
    const auto revoked = MakeKey("revoked", keys::Scopes::All());
    ASSERT_TRUE(keys_.desk.Revoke(revoked.key.known.id, "local"));
    const auto soon_ms = clock_.UtcNs() / 1'000'000 + 300;
    const auto expired = MakeKey("expired", keys::Scopes::All(), {}, soon_ms);
    callers_ = {
        {.name = "no key", .key = {}, .scope = {}, .refusal = "KEY_MISSING"},
        {.name = "an unknown key",
         .key = Secret{"sauda_0000000000000000_" + std::string(43, 'A')},
         .scope = {},
         .refusal = "KEY_UNKNOWN"},
        {.name = "a revoked key", .key = revoked.text, .scope = {}, .refusal = "KEY_REVOKED"},
        {.name = "an expired key", .key = expired.text, .scope = {}, .refusal = "KEY_EXPIRED"}};
    for (const Scope scope : keys::kScopes) {
      const std::string name{keys::NameOf(scope)};
      callers_.push_back({.name = name, .key = MakeKey(name, {scope}).text, .scope = scope});
    }
    ASSERT_TRUE(Eventually([&] { return StatusWith(revoked.text) == "KEY_REVOKED"; }));
    ASSERT_TRUE(Eventually([&] { return StatusWith(expired.text) == "KEY_EXPIRED"; }));
  }

  /// Why this caller was not let in; empty: it was, whatever the path then said.
  std::string Refusal(const std::string& method, const std::string& target,
                      const CallerRow& caller) {
    const auto answer = Ask(method, target, "", caller.key ? Bearer(*caller.key) : http::Headers{});
    const std::string reason = ReasonOf(answer);
    static const std::set<std::string> kGuards{
        "KEY_MISSING",   "KEY_UNKNOWN",         "KEY_REVOKED",     "KEY_EXPIRED", "KEYS_NOT_KNOWN",
        "SCOPE_MISSING", "ACCOUNT_NOT_ALLOWED", "ACCOUNT_MISSING", "PATH_UNKNOWN"};
    if (!kGuards.contains(reason)) return "";
    const int status = reason == "PATH_UNKNOWN" ? 404 : reason == "SCOPE_MISSING" ? 403 : 401;
    EXPECT_EQ(answer.status, status) << answer.body;
    return reason;
  }

  std::vector<CallerRow> callers_;
};

std::string NameOf(const PathRow& row) { return std::string{row.method} + " " + row.path; }

TEST_F(ScopeMatrixTest, HoldsForEveryPathAndEveryRpc) {
  std::set<std::string> paths;
  for (const PathRow& row : kPaths) {
    paths.insert(NameOf(row));
    for (const CallerRow& caller : callers_) {
      EXPECT_EQ(Refusal(row.method, TargetOf(row.path), caller), Expected(row.needs, caller))
          << NameOf(row) << " with " << caller.name;
    }
  }
  std::set<std::string> served;
  for (const RouteRule& rule : RouteRules()) {
    served.insert(std::string{rule.method} + " " + std::string{rule.path});
  }
  EXPECT_EQ(paths, served) << "every path of the gateway is in this table";

  std::set<std::string> rpcs;
  for (const RpcRow& row : kRpcs) {
    rpcs.insert(row.rpc);
    for (const auto& path : row.paths) {
      EXPECT_TRUE(paths.contains(path)) << row.rpc << " is reached by " << path;
    }
    // Nobody reaches an rpc but by those: the gateway passes no rpc on.
    const std::string name{row.rpc};
    const auto target =
        "/sauda." + name.substr(0, name.find('.')) + ".v1alpha1" + name.substr(name.find('.'));
    for (const CallerRow& caller : callers_) {
      EXPECT_EQ(Refusal("POST", target, caller), "PATH_UNKNOWN")
          << target << " with " << caller.name;
    }
  }
  std::set<std::string> declared;
  for (const auto* const file :
       {auth::v1alpha1::Token::descriptor()->file(), auth::v1alpha1::Key::descriptor()->file(),
        auth::v1alpha1::Profile::descriptor()->file(),
        auth::v1alpha1::RotateVaultRequest::descriptor()->file(),
        instruments::v1alpha1::Instrument::descriptor()->file(),
        instruments::v1alpha1::SpecialDay::descriptor()->file(),
        feed::v1alpha1::Tick::descriptor()->file(), feed::v1alpha1::AlertRule::descriptor()->file(),
        feed::v1alpha1::HistoryBatch::descriptor()->file(),
        orders::v1alpha1::KillStatus::descriptor()->file(),
        orders::v1alpha1::Profit::descriptor()->file(),
        orders::v1alpha1::Order::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* const service = file->service(i);
      std::string name = service->full_name();
      name.erase(0, std::string{"sauda."}.size());
      name.erase(name.find(".v1alpha1"), std::string{".v1alpha1"}.size());
      for (int method = 0; method < service->method_count(); ++method) {
        declared.insert(name + "/" + service->method(method)->name());
      }
    }
  }
  EXPECT_EQ(rpcs, declared) << "every rpc of every service is in this table";
}

}  // namespace
}  // namespace sauda::gateway
