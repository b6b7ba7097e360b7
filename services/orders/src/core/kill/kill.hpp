#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/result.hpp"
#include "services/orders/src/core/kill/halt_record.hpp"

namespace sauda::orders {

/// The switch and how far the cancelling is.
struct KillState {
  HaltRecord record;
  std::size_t open_orders = 0;  ///< at the last look, while halted
  bool all_cancelled = false;   ///< that look saw everything, and nothing was open
  std::string trouble;          ///< why it did not, or what a cancel failed with
  std::optional<std::chrono::milliseconds> dead_man_left;  ///< absent: not wound up
};

/// Something that was done about the switch.
struct KillAct {
  enum class What : std::uint8_t { kHalted, kRearmBegun, kRearmed, kCancelled, kCancelFailed };
  What what = What::kHalted;
  std::string by;
  std::string detail;  ///< the reason, or the order's number and what went wrong
};

/// The kill switch as rpcs use it. Thread-safe; Halt and Rearm may block on the disk.
class Kill {
 public:
  virtual ~Kill() = default;
  /// As KillSwitch::Halt; what is open is cancelled from then on.
  virtual Result<void> Halt(const std::string& by, const std::string& reason) = 0;
  /// As KillSwitch::BeginRearm.
  virtual Result<std::string> BeginRearm(const std::string& by) = 0;
  /// As KillSwitch::Rearm.
  virtual Result<void> Rearm(const std::string& code, const std::string& by) = 0;
  /// A sign of life for the dead-man limit.
  virtual void KeepAlive() = 0;
  virtual KillState State() const = 0;
};

}  // namespace sauda::orders
