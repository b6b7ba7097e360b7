#include "simulator/src/core/fault_plan.hpp"

#include <algorithm>
#include <utility>

namespace sauda::sim {
namespace {

Error PlanInvalid(const std::string& what) {
  return {Code::kInvalidArgument, "FAULT_PLAN_INVALID", what};
}

bool IsChance(double chance) { return chance >= 0 && chance <= 1; }

Result<void> CheckChances(const FaultPlan::Chances& chances) {
  double sum = 0;
  for (const auto& [kind, chance] : chances) {
    const std::string name{ToText(kind)};
    if (IsConnectionFault(kind) || kind == FaultKind::kExpireTokens) {
      return PlanInvalid(name + " is no fault of a call");
    }
    if (!IsChance(chance)) return PlanInvalid("the chance of " + name + " must be from 0 to 1");
    sum += chance;
  }
  if (sum > 1) return PlanInvalid("the chances of one target must be at most 1 together");
  return {};
}

}  // namespace

Result<FaultPlan> FaultPlan::Make(Settings settings) {
  for (const Chances* chances : {&settings.orders, &settings.rest}) {
    if (const auto good = CheckChances(*chances); !good) return good.error();
  }
  for (const double chance : {settings.duplicate, settings.reorder, settings.lose, settings.cut}) {
    if (!IsChance(chance)) return PlanInvalid("the chances of portfolio must be from 0 to 1");
  }
  if (settings.status < 400 || settings.status > 599) {
    return PlanInvalid("status must be 400 to 599");
  }
  if (settings.least_delay.count() < 0 || settings.most_delay < settings.least_delay) {
    return PlanInvalid("the delays must be a least and a most, in ms");
  }
  return FaultPlan{std::move(settings)};
}

FaultPlan::FaultPlan(Settings settings)
    : settings_{std::move(settings)},
      orders_{settings_.seed},
      rest_{settings_.seed + 1},
      updates_{settings_.seed + 2} {}

double FaultPlan::Chance(std::mt19937_64& random) const {
  constexpr double kSteps = 9'007'199'254'740'992.0;  // 2^53: every step is a double
  return static_cast<double>(random() >> 11U) / kSteps;
}

std::optional<Fault> FaultPlan::DrawCall(FaultTarget target) {
  const bool orders = target == FaultTarget::kOrders;
  if (!orders && target != FaultTarget::kRest) return std::nullopt;
  std::mt19937_64& random = orders ? orders_ : rest_;
  double drawn = Chance(random);
  const auto span =
      static_cast<std::uint64_t>((settings_.most_delay - settings_.least_delay).count()) + 1;
  const std::chrono::milliseconds delay =
      settings_.least_delay + std::chrono::milliseconds{random() % span};
  for (const auto& [kind, chance] : orders ? settings_.orders : settings_.rest) {
    if (drawn < chance) {
      ++drawn_[std::string{ToText(target)} + " " + std::string{ToText(kind)}];
      return Fault{.target = target, .kind = kind, .status = settings_.status, .delay = delay};
    }
    drawn -= chance;
  }
  return std::nullopt;
}

UpdateFate FaultPlan::DrawUpdate() {
  const auto happens = [this](const char* name, double chance) {
    const bool does = Chance(updates_) < chance;
    if (does) ++drawn_[std::string{"portfolio "} + name];
    return does;
  };
  const auto some = [this] { return static_cast<std::uint32_t>(updates_() % kMostBehind); };
  UpdateFate fate;
  // All of it is drawn each time, so that one chance does not move what the others do.
  fate.lost = happens("lose", settings_.lose);
  fate.cut = happens("cut", settings_.cut);
  fate.duplicated = happens("duplicate", settings_.duplicate);
  const bool overtaken = happens("reorder", settings_.reorder);
  const std::uint32_t behind = some() + 1;
  fate.again_after = some();
  if (overtaken) fate.behind = behind;
  return fate;
}

}  // namespace sauda::sim
