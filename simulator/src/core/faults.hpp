#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "simulator/src/core/fault.hpp"
#include "simulator/src/core/fault_plan.hpp"

namespace sauda::sim {

/// The faults in force. Not thread-safe; one owner.
class Faults {
 public:
  static constexpr std::size_t kMax = 100;

  /// Adds a fault; without count and end it happens once, a stall or half-open until cleared. Fails
  /// with RESOURCE_EXHAUSTED / TOO_MANY_FAULTS, INVALID_ARGUMENT / FAULT_NOT_FOR_TARGET or
  /// FAULT_STATUS_INVALID.
  Result<std::uint64_t> Add(Fault fault, Monotonic now);

  /// Takes the oldest HTTP fault of a target, one use of it; without one, what the plan draws.
  /// Absent when nothing is to happen.
  std::optional<Fault> TakeHttp(FaultTarget target, Monotonic now);

  /// Takes one use of a connection fault of this kind.
  bool TakeConnection(FaultTarget target, FaultKind kind, Monotonic now);

  /// Whether a connection fault of this kind is in force; uses nothing up.
  bool Holds(FaultTarget target, FaultKind kind, Monotonic now) const;

  /// Those still in force, oldest first.
  std::vector<Fault> List(Monotonic now);

  /// Removes one, or all; says how many. The plan stays.
  std::size_t Clear(std::optional<std::uint64_t> id);

  /// Draws faults by chance from now on; absent: no more.
  void SetPlan(std::optional<FaultPlan> plan) { plan_ = std::move(plan); }
  /// Null without a plan; valid until SetPlan.
  FaultPlan* plan() { return plan_ ? &*plan_ : nullptr; }

 private:
  void Use(std::vector<Fault>::iterator fault);
  void ForgetOver(Monotonic now);

  std::vector<Fault> faults_;
  std::optional<FaultPlan> plan_;
  std::uint64_t last_id_ = 0;
};

}  // namespace sauda::sim
