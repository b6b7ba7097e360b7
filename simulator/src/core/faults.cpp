#include "simulator/src/core/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sauda::sim {
namespace {

constexpr std::array<std::string_view, 6> kTargets = {"feed",      "rest",  "orders",
                                                      "portfolio", "login", "assets"};
constexpr std::array<std::string_view, 14> kKinds = {
    "status",        "slow",         "reset-before", "reset-after", "drop",
    "stall",         "half-open",    "garbage",      "truncated",   "used-code",
    "expire-tokens", "status-after", "no-answer",    "late"};

template <typename Enum, std::size_t N>
std::optional<Enum> Find(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool Over(const Fault& fault, Monotonic now) {
  return (fault.count && *fault.count == 0) || (fault.until && *fault.until <= now);
}

}  // namespace

std::optional<FaultTarget> FaultTargetOf(std::string_view name) {
  return Find<FaultTarget>(kTargets, name);
}
std::optional<FaultKind> FaultKindOf(std::string_view name) {
  return Find<FaultKind>(kKinds, name);
}
std::string_view ToText(FaultTarget target) {
  return kTargets.at(static_cast<std::size_t>(target));
}
std::string_view ToText(FaultKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

bool IsConnectionFault(FaultKind kind) {
  return kind == FaultKind::kDrop || kind == FaultKind::kStall || kind == FaultKind::kHalfOpen ||
         kind == FaultKind::kGarbage || kind == FaultKind::kTruncated ||
         kind == FaultKind::kUsedCode;
}

bool IsCallFault(FaultKind kind) {
  return kind == FaultKind::kStatusAfter || kind == FaultKind::kNoAnswer ||
         kind == FaultKind::kLate;
}

Result<std::uint64_t> Faults::Add(Fault fault, Monotonic now) {
  ForgetOver(now);
  if (faults_.size() >= kMax) {
    return Error{Code::kResourceExhausted, "TOO_MANY_FAULTS", "clear some faults first"};
  }
  const bool streams =
      fault.target == FaultTarget::kFeed || fault.target == FaultTarget::kPortfolio;
  if (IsConnectionFault(fault.kind) && !streams) {
    return Error{Code::kInvalidArgument, "FAULT_NOT_FOR_TARGET",
                 std::string{ToText(fault.kind)} + " is for feed and portfolio"};
  }
  if (IsCallFault(fault.kind) && (streams || fault.target == FaultTarget::kAssets)) {
    return Error{Code::kInvalidArgument, "FAULT_NOT_FOR_TARGET",
                 std::string{ToText(fault.kind)} + " is for rest, orders and login"};
  }
  const bool says = fault.kind == FaultKind::kStatus || fault.kind == FaultKind::kStatusAfter;
  if (says && (fault.status < 400 || fault.status > 599)) {
    return Error{Code::kInvalidArgument, "FAULT_STATUS_INVALID", "status must be 400 to 599"};
  }
  const bool lasts = fault.kind == FaultKind::kStall || fault.kind == FaultKind::kHalfOpen;
  if (!fault.count && !fault.until && !lasts) fault.count = 1;
  fault.id = ++last_id_;
  faults_.push_back(std::move(fault));
  return last_id_;
}

void Faults::ForgetOver(Monotonic now) {
  std::erase_if(faults_, [now](const Fault& fault) { return Over(fault, now); });
}

void Faults::Use(std::vector<Fault>::iterator fault) {
  if (fault->count) --*fault->count;
}

std::optional<Fault> Faults::TakeHttp(FaultTarget target, Monotonic now) {
  ForgetOver(now);
  const auto found = std::find_if(faults_.begin(), faults_.end(), [target](const Fault& fault) {
    return fault.target == target && !IsConnectionFault(fault.kind);
  });
  if (found == faults_.end()) return plan_ ? plan_->DrawCall(target) : std::nullopt;
  Use(found);
  return *found;
}

bool Faults::TakeConnection(FaultTarget target, FaultKind kind, Monotonic now) {
  ForgetOver(now);
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.target == target && fault.kind == kind;
  });
  if (found == faults_.end()) return false;
  Use(found);
  return true;
}

bool Faults::Holds(FaultTarget target, FaultKind kind, Monotonic now) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.target == target && fault.kind == kind && !Over(fault, now);
  });
}

std::vector<Fault> Faults::List(Monotonic now) {
  ForgetOver(now);
  return faults_;
}

std::size_t Faults::Clear(std::optional<std::uint64_t> id) {
  return std::erase_if(faults_, [id](const Fault& fault) { return !id || fault.id == *id; });
}

}  // namespace sauda::sim
