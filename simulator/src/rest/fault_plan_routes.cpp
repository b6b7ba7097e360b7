#include "simulator/src/rest/fault_plan_routes.hpp"

#include <memory>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "simulator/src/rest/admin_routes.hpp"
#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostDelayMs = 3'600'000;

Error PlanMalformed(const std::string& what) {
  return {Code::kInvalidArgument, "FAULT_PLAN_INVALID", what};
}

/// A whole number; `otherwise` when it is not there.
Result<std::int64_t> Whole(const json& body, const std::string& name, std::int64_t otherwise,
                           std::int64_t high) {
  const auto found = body.find(name);
  if (found == body.end()) return otherwise;
  if (!found->is_number_integer() || *found < 0 || *found > high) {
    return PlanMalformed(name + " must be a whole number from 0 to " + std::to_string(high));
  }
  return found->get<std::int64_t>();
}

/// The chances of one target: an object of numbers by name, each taken by `take`; false: no such
/// name.
template <typename Take>
Result<void> ReadChances(const json& body, const char* target, const Take& take) {
  const auto found = body.find(target);
  if (found == body.end()) return {};
  if (!found->is_object()) return PlanMalformed(std::string{target} + " must be a JSON object");
  for (const auto& [name, chance] : found->items()) {
    if (!chance.is_number()) return PlanMalformed(name + " must be a number from 0 to 1");
    if (!take(name, chance.template get<double>())) {
      return PlanMalformed(std::string{target} + " knows no " + name);
    }
  }
  return {};
}

Result<void> ReadAllChances(const json& body, FaultPlan::Settings& settings) {
  const auto into = [](FaultPlan::Chances& chances) {
    return [&chances](const std::string& name, double chance) {
      const auto kind = FaultKindOf(name);
      if (kind) chances[*kind] = chance;
      return kind.has_value();
    };
  };
  if (auto read = ReadChances(body, "orders", into(settings.orders)); !read) return read;
  if (auto read = ReadChances(body, "rest", into(settings.rest)); !read) return read;
  const std::map<std::string, double*> fates{{"duplicate", &settings.duplicate},
                                             {"reorder", &settings.reorder},
                                             {"lose", &settings.lose},
                                             {"cut", &settings.cut}};
  return ReadChances(body, "portfolio", [&](const std::string& name, double chance) {
    const auto found = fates.find(name);
    if (found == fates.end()) return false;
    *found->second = chance;
    return true;
  });
}

Result<FaultPlan> ReadPlan(const std::string& text) {
  const json body = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return PlanMalformed("the body must be a JSON object");
  FaultPlan::Settings settings;
  const auto seed = Whole(body, "seed", 1, INT64_MAX);
  const auto status = Whole(body, "status", settings.status, 599);
  const auto least = Whole(body, "least_delay_ms", settings.least_delay.count(), kMostDelayMs);
  const auto most = Whole(body, "most_delay_ms", settings.most_delay.count(), kMostDelayMs);
  for (const auto* number : {&seed, &status, &least, &most}) {
    if (!*number) return number->error();
  }
  settings.seed = static_cast<std::uint64_t>(*seed);
  settings.status = static_cast<int>(*status);
  settings.least_delay = std::chrono::milliseconds{*least};
  settings.most_delay = std::chrono::milliseconds{*most};
  if (const auto read = ReadAllChances(body, settings); !read) return read.error();
  return FaultPlan::Make(std::move(settings));
}

http::Response Begin(Faults& faults, const http::Request& request) {
  auto plan = ReadPlan(request.body);
  if (!plan) {
    return Failure(
        {.http = 400, .code = "SIM_FAULT_PLAN_INVALID", .message = plan.error().message});
  }
  spdlog::info("fault plan seed={}", plan->settings().seed);
  faults.SetPlan(*std::move(plan));
  return Success({{"begun", true}});
}

json PlanJson(const FaultPlan& plan) {
  const FaultPlan::Settings& settings = plan.settings();
  const auto chances = [](const FaultPlan::Chances& of) {
    json shown = json::object();
    for (const auto& [kind, chance] : of) shown[std::string{ToText(kind)}] = chance;
    return shown;
  };
  return {{"seed", settings.seed},
          {"status", settings.status},
          {"least_delay_ms", settings.least_delay.count()},
          {"most_delay_ms", settings.most_delay.count()},
          {"orders", chances(settings.orders)},
          {"rest", chances(settings.rest)},
          {"portfolio",
           {{"duplicate", settings.duplicate},
            {"reorder", settings.reorder},
            {"lose", settings.lose},
            {"cut", settings.cut}}},
          {"drawn", plan.drawn()}};
}

}  // namespace

void AddFaultPlanRoutes(http::Server& server, Guard& guard, Faults& faults, const Secret& token) {
  const auto known = std::make_shared<const Secret>(token);
  const auto add = [&](const char* method, auto handle) {
    server.Route(method, "/sim/admin/fault-plan",
                 guard.OnLoop([known, handle](const http::Request& request, const Moment&) {
                   if (IsAdmin(request, *known)) return handle(request);
                   return Failure({.http = 403,
                                   .code = "SIM_ADMIN_TOKEN",
                                   .message = "X-Sim-Admin must carry the admin token"});
                 }));
  };
  add("PUT", [&faults](const http::Request& request) { return Begin(faults, request); });
  add("GET", [&faults](const http::Request&) {
    const FaultPlan* const plan = faults.plan();
    return Success(plan == nullptr ? json(nullptr) : PlanJson(*plan));
  });
  add("DELETE", [&faults](const http::Request&) {
    const FaultPlan* const plan = faults.plan();
    json drawn = plan == nullptr ? json(nullptr) : json(plan->drawn());
    faults.SetPlan(std::nullopt);
    return Success({{"drawn", std::move(drawn)}});
  });
}

}  // namespace sauda::sim
