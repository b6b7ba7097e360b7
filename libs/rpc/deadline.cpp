#include "libs/rpc/deadline.hpp"

#include <algorithm>

namespace sauda::rpc {
namespace {

thread_local CallerDeadline::Time callers = CallerDeadline::Time::max();

}  // namespace

CallerDeadline::CallerDeadline(Time deadline) : before_{callers} {
  callers = std::min(callers, deadline);
}

CallerDeadline::~CallerDeadline() { callers = before_; }

CallerDeadline::Time DeadlineIn(std::chrono::milliseconds limit) {
  return std::min(callers, std::chrono::system_clock::now() + limit);
}

}  // namespace sauda::rpc
