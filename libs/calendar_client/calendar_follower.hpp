#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <grpcpp/channel.h>

#include "libs/base/result.hpp"
#include "libs/calendar/calendar.hpp"
#include "libs/telemetry/repeating_task.hpp"

namespace sauda {

/// Keeps the calendar of a process as sauda-instruments has it: asks at the start, every second
/// until there is an answer, and then now and then. Until the first answer the rules that Sauda
/// comes with count, and while instruments is away what it said last. Starts when it is made, stops
/// when it dies.
class CalendarFollower {
 public:
  struct Options {
    std::chrono::milliseconds retry_every{1'000};
    std::chrono::milliseconds ask_every{15'000};
    std::chrono::milliseconds deadline{5'000};
  };

  /// The keeper outlives it.
  CalendarFollower(std::shared_ptr<grpc::Channel> channel, calendar::CalendarKeeper& keeper)
      : CalendarFollower{std::move(channel), keeper, Options{}} {}
  CalendarFollower(std::shared_ptr<grpc::Channel> channel, calendar::CalendarKeeper& keeper,
                   Options options);

  /// Asks once. Fails as the call does, or with kInternal / CALENDAR_MALFORMED; the keeper's
  /// calendar stays then.
  Result<void> Ask();

 private:
  void Look();

  const std::shared_ptr<grpc::Channel> channel_;
  calendar::CalendarKeeper& keeper_;
  const Options options_;
  std::mutex asking_;          // guards what follows
  std::int64_t revision_ = 0;  // of the keeper's calendar
  std::chrono::steady_clock::time_point not_before_{};
  std::string failure_;            // the last reason that was logged
  telemetry::RepeatingTask task_;  // last: it uses the rest
};

}  // namespace sauda
