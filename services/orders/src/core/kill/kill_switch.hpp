#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/kill/halt_record.hpp"

namespace sauda::orders {

/// Stops every new order, at once and with nothing but this process: no database, no Redis, no
/// broker. It stays on over a kill and a restart, and what cannot be read counts as on. Owned by
/// the app, one per account; thread-safe.
class KillSwitch {
 public:
  /// How long a code of BeginRearm is good for.
  static constexpr std::chrono::seconds kRearmWithin{60};

  /// `make_code` gives an unguessable text each time.
  KillSwitch(HaltFile& file, const Clock& clock, std::function<std::string()> make_code)
      : file_{file}, clock_{clock}, make_code_{std::move(make_code)} {}

  /// Reads how it stood, before anything is served; halted until then. Where there is no file one
  /// is written, so that a disk that takes none is known before it is needed: then it stays halted.
  void Load();

  /// Whether new orders may leave. Fails with kFailedPrecondition / KILL_SWITCH_ON. Never waits on
  /// a disk: asked right before every sending.
  Result<void> Check() const;

  /// From its first instant on Check fails; returns when the file has it too. Halting what is
  /// halted keeps the first reason. Fails with kUnavailable / HALT_STATE_FAILED: halted all the
  /// same, but a restart may not know it; call again.
  Result<void> Halt(const std::string& by, const std::string& reason);

  /// The first of two steps back to trading: gives a code for the second. Fails with
  /// kFailedPrecondition / NOT_HALTED.
  Result<std::string> BeginRearm();

  /// The second: on success orders may leave again. A code works once. Fails with
  /// kFailedPrecondition / NOT_HALTED, REARM_CODE_WRONG (or too old), HALTED_AGAIN (it was pulled
  /// meanwhile), kUnavailable / HALT_STATE_FAILED. It stays halted then.
  Result<void> Rearm(const std::string& code, const std::string& by);

  /// Whether a code was given that is not used, and not undone by another pull.
  bool rearm_begun() const {
    const std::lock_guard lock{mutex_};
    return !code_.empty();
  }

  /// How it stands, for people.
  HaltRecord Record() const;

 private:
  Result<void> Keep(const HaltRecord& record);

  HaltFile& file_;
  const Clock& clock_;
  const std::function<std::string()> make_code_;

  std::atomic<bool> halted_{true};
  std::mutex file_mutex_;     // one writer of the file at a time; taken before mutex_
  mutable std::mutex mutex_;  // guards what follows
  HaltRecord record_{.halted = true, .by = "start", .reason = "the state is not read yet"};
  std::uint64_t halts_ = 0;  // calls of Halt
  std::string code_;         // empty: nobody has begun to rearm
  Monotonic code_until_{};
};

}  // namespace sauda::orders
