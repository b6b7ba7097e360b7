#pragma once

#include <chrono>

namespace sauda::rpc {

/// While it lives, calls that its thread prepares (see Prepare) end no later than `deadline`: what
/// serves an rpc must not go on for a caller who has stopped waiting. Calls::Run makes one for each
/// rpc; work that is handed to another thread keeps its own limit. Nests: the earlier one counts.
class CallerDeadline {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit CallerDeadline(Time deadline);
  ~CallerDeadline();
  CallerDeadline(const CallerDeadline&) = delete;
  CallerDeadline& operator=(const CallerDeadline&) = delete;

 private:
  const Time before_;
};

/// When a call that may take `limit` from now must end: then, or at the caller's deadline.
CallerDeadline::Time DeadlineIn(std::chrono::milliseconds limit);

}  // namespace sauda::rpc
