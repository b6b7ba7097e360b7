#include "simulator/src/rest/admin_routes.hpp"

#include <charconv>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include "simulator/src/core/ist.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxMs = 3'600'000;

http::Response BadRequest(const std::string& message) {
  return Failure({.http = 400, .code = "SIM_FAULT_INVALID", .message = message});
}

const char* ToText(MarketPhase phase) {
  switch (phase) {
    case MarketPhase::kWaiting:
      return "waiting";
    case MarketPhase::kRunning:
      return "running";
    case MarketPhase::kEnded:
      return "ended";
  }
  return "unknown";
}

json FaultJson(const Fault& fault, Monotonic now) {
  json shown = {{"id", fault.id},
                {"target", ToText(fault.target)},
                {"kind", ToText(fault.kind)},
                {"count", fault.count ? json(*fault.count) : json(nullptr)},
                {"left_ms", nullptr}};
  if (fault.until) {
    shown["left_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(*fault.until - now).count();
  }
  if (fault.kind == FaultKind::kStatus || fault.kind == FaultKind::kStatusAfter) {
    shown["status"] = fault.status;
  }
  const bool waits = fault.kind == FaultKind::kSlow || fault.kind == FaultKind::kNoAnswer ||
                     fault.kind == FaultKind::kLate;
  if (waits) shown["delay_ms"] = fault.delay.count();
  return shown;
}

json SessionJson(const FeedHub::Shown& session, const Master& master) {
  const Refused& refused = session.counts.refused;
  json by_key = json::object();  // empty unless --count-by-key
  for (const auto& [id, count] : session.counts.live_by_listing) {
    by_key[master.at(id).instrument_key] = count;
  }
  return {{"id", session.id},
          {"opened", FormatIst(session.opened_ms)},
          {"subscribed",
           {{"ltpc", session.subscribed[0]},
            {"option_greeks", session.subscribed[1]},
            {"full", session.subscribed[2]},
            {"full_d30", session.subscribed[3]}}},
          {"frames", session.counts.frames},
          {"initial", session.counts.initial},
          {"live", session.counts.live},
          {"live_by_key", std::move(by_key)},
          {"skipped", session.skipped},
          {"refused",
           {{"frames_not_binary", refused.frames_not_binary},
            {"frames_malformed", refused.frames_malformed},
            {"keys_unknown", refused.keys_unknown},
            {"keys_over_limit", refused.keys_over_limit},
            {"keys_not_allowed", refused.keys_not_allowed}}}};
}

http::Response Status(const AdminParts& parts, const Moment& moment) {
  json segments = json::object();
  const SegmentStatuses& statuses = parts.market.statuses();
  for (std::size_t i = 0; i < kFeedSegments.size(); ++i) {
    segments[std::string{kFeedSegments.at(i)}] = ToText(statuses.at(i));
  }
  json data = {{"simulated", true},
               {"market", parts.market.Movable() ? "generated" : "replay"},
               {"phase", ToText(parts.market.phase())},
               {"listings", parts.market.master().size()},
               {"clock",
                {{"market_ms", moment.market_ms},
                 {"ist", FormatIst(moment.market_ms)},
                 {"speed", parts.market.Speed()}}},
               {"segments", segments},
               {"replay", nullptr},
               {"feed_sessions", json::array()},
               {"portfolio_sessions", parts.portfolio.size()},
               {"faults", json::array()}};
  if (const auto replay = parts.replay()) {
    data["replay"] = {{"served", replay->served},
                      {"total", replay->total},
                      {"ended", parts.market.phase() == MarketPhase::kEnded},
                      {"failure", replay->failure ? json(*replay->failure) : json(nullptr)}};
  }
  for (const auto& session : parts.feed.Show()) {
    data["feed_sessions"].push_back(SessionJson(session, parts.market.master()));
  }
  for (const Fault& fault : parts.faults.List(moment.now)) {
    data["faults"].push_back(FaultJson(fault, moment.now));
  }
  return Success(std::move(data));
}

/// A whole number of a JSON object; absent when it is not there, an error when it is out of range.
Result<std::optional<std::int64_t>> Number(const json& body, const char* name, std::int64_t low,
                                           std::int64_t high) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::optional<std::int64_t>{};
  if (!found->is_number_integer() || *found < low || *found > high) {
    return Error{Code::kInvalidArgument, "FAULT_INVALID",
                 std::string{name} + " must be a whole number from " + std::to_string(low) +
                     " to " + std::to_string(high)};
  }
  return std::optional{found->get<std::int64_t>()};
}

Result<Fault> ReadFault(const std::string& text, Monotonic now) {
  const auto bad = [](const std::string& message) {
    return Error{Code::kInvalidArgument, "FAULT_INVALID", message};
  };
  const json body = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return bad("the body must be a JSON object");
  for (const char* name : {"target", "kind"}) {
    if (!body.contains(name) || !body[name].is_string()) {
      return bad(std::string{name} + " must be a text");
    }
  }
  const auto target = FaultTargetOf(body["target"].get<std::string>());
  if (!target) return bad("target must be feed, rest, orders, portfolio, login or assets");
  const auto kind = FaultKindOf(body["kind"].get<std::string>());
  if (!kind) {
    return bad(
        "kind must be status, slow, reset-before, reset-after, drop, stall, half-open, "
        "garbage, truncated, used-code, expire-tokens, status-after, no-answer or late");
  }
  const auto count = Number(body, "count", 1, 1'000'000);
  const auto duration = Number(body, "duration_ms", 1, kMaxMs);
  const auto status = Number(body, "status", 400, 599);
  const auto delay = Number(body, "delay_ms", 0, kMaxMs);
  for (const auto* number : {&count, &duration, &status, &delay}) {
    if (!*number) return number->error();
  }
  Fault fault{.target = *target, .kind = *kind};
  if (*count) fault.count = static_cast<std::uint64_t>(**count);
  if (*duration) fault.until = now + std::chrono::milliseconds{**duration};
  if (*status) fault.status = static_cast<int>(**status);
  const bool silent = *kind == FaultKind::kNoAnswer;
  fault.delay = std::chrono::milliseconds{(*delay).value_or(silent ? 60'000 : 1'000)};
  if (body.contains("code") && body["code"].is_string()) fault.code = body["code"];
  return fault;
}

http::Response AddFault(const AdminParts& parts, const http::Request& request,
                        const Moment& moment) {
  auto fault = ReadFault(request.body, moment.now);
  if (!fault) return BadRequest(fault.error().message);
  spdlog::info("fault target={} kind={}", ToText(fault->target), ToText(fault->kind));
  if (fault->kind == FaultKind::kExpireTokens) {
    parts.logins.ExpireAll();
    return Success({{"id", nullptr}});
  }
  const FaultTarget target = fault->target;
  const FaultKind kind = fault->kind;
  const auto until = fault->until;
  const auto id = parts.faults.Add(*std::move(fault), moment.now);
  if (!id) return BadRequest(id.error().message);
  if (target == FaultTarget::kFeed) parts.feed.Inflict(kind, moment.now);
  if (target == FaultTarget::kPortfolio) parts.portfolio.Inflict(kind, moment.now);
  if (kind == FaultKind::kHalfOpen && until) {
    parts.loop.At(*until, [&feed = parts.feed, &portfolio = parts.portfolio] {
      const Monotonic now = std::chrono::steady_clock::now();
      feed.Heal(now);
      portfolio.Heal(now);
    });
  }
  return Success({{"id", *id}});
}

http::Response ClearFaults(const AdminParts& parts, const http::Request& request,
                           const Moment& moment) {
  std::optional<std::uint64_t> id;
  if (const std::string_view text = request.Param("id"); !text.empty()) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) {
      return BadRequest("the id must be a number");
    }
    id = number;
  }
  const std::size_t cleared = parts.faults.Clear(id);
  parts.feed.Heal(moment.now);
  parts.portfolio.Heal(moment.now);
  return Success({{"cleared", cleared}});
}

}  // namespace

bool IsAdmin(const http::Request& request, const Secret& token) {
  const std::string_view given = request.headers.Get("X-Sim-Admin");
  const std::string& known = token.Reveal();
  return given.size() == known.size() &&
         CRYPTO_memcmp(given.data(), known.data(), given.size()) == 0;
}

void AddAdminRoutes(http::Server& server, const AdminParts& given) {
  const auto parts = std::make_shared<const AdminParts>(given);
  const auto add = [&](const char* method, const char* path, auto handle) {
    server.Route(
        method, path,
        parts->guard.OnLoop([parts, handle](const http::Request& request, const Moment& moment) {
          if (!IsAdmin(request, parts->token)) {
            return Failure({.http = 403,
                            .code = "SIM_ADMIN_TOKEN",
                            .message = "X-Sim-Admin must carry the admin token"});
          }
          return handle(*parts, request, moment);
        }));
  };
  add("GET", "/sim/admin/status",
      [](const AdminParts& p, const http::Request&, const Moment& m) { return Status(p, m); });
  add("GET", "/sim/admin/faults", [](const AdminParts& p, const http::Request&, const Moment& m) {
    json list = json::array();
    for (const Fault& fault : p.faults.List(m.now)) list.push_back(FaultJson(fault, m.now));
    return Success(std::move(list));
  });
  add("POST", "/sim/admin/faults", AddFault);
  add("DELETE", "/sim/admin/faults", ClearFaults);
  add("DELETE", "/sim/admin/faults/{id}", ClearFaults);
  add("POST", "/sim/admin/replay/start",
      [](const AdminParts& p, const http::Request&, const Moment&) {
        if (p.start_replay()) return Success({{"started", true}});
        return Failure({.http = 409,
                        .code = "SIM_NO_REPLAY",
                        .message = "there is no recording, or it has started already"});
      });
  add("POST", "/sim/admin/replay/step",
      [](const AdminParts& p, const http::Request&, const Moment&) {
        if (p.step_replay(1)) return Success({{"stepped", 1}});
        return Failure({.http = 409,
                        .code = "SIM_NO_REPLAY",
                        .message = "there is no recording that goes by --speed step"});
      });
}

}  // namespace sauda::sim
