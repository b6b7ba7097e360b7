#include "libs/http/breaker.hpp"

namespace sauda::http {

bool Breaker::TryEnter(Monotonic now) {
  if (!open_) return true;
  if (now < until_ || trying_) return false;
  trying_ = true;
  return true;
}

void Breaker::Succeeded() {
  failures_ = 0;
  open_ = false;
  trying_ = false;
}

void Breaker::Failed(Monotonic now) {
  ++failures_;
  const bool opens = trying_ || (!open_ && failures_ >= limits_.failures);
  trying_ = false;
  if (!opens) return;
  open_ = true;
  until_ = now + limits_.open_for;
  ++opened_;
}

Breaker::State Breaker::state(Monotonic now) const {
  if (!open_) return State::kClosed;
  return now < until_ ? State::kOpen : State::kHalfOpen;
}

}  // namespace sauda::http
