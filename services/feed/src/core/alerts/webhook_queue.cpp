#include "services/feed/src/core/alerts/webhook_queue.hpp"

#include "libs/base/check.hpp"

namespace sauda::feed {
namespace {

bool MayPass(const Error& why) {
  return why.code == Code::kUnavailable || why.code == Code::kDeadlineExceeded ||
         why.code == Code::kResourceExhausted;
}

}  // namespace

bool WebhookQueue::Put(const Alert& alert) {
  alerts_.push_back(alert);
  if (alerts_.size() <= options_.waiting) return true;
  alerts_.erase(alerts_.begin() + (under_way_ ? 1 : 0));
  if (!under_way_) attempts_ = 0;  // those were of the one that has gone
  return false;
}

std::optional<Monotonic> WebhookQueue::due() const {
  if (alerts_.empty() || under_way_) return std::nullopt;
  return not_before_;
}

Alert WebhookQueue::Begin() {
  Check(due().has_value(), "an attempt is due");
  under_way_ = true;
  ++attempts_;
  return alerts_.front();
}

// After one that was given up the next waits as long: it is the receiver that fails, not the alert.
WebhookQueue::Outcome WebhookQueue::End(const Result<void>& result, Monotonic now) {
  Check(under_way_, "an attempt was begun");
  under_way_ = false;
  if (result) {
    backoff_.Reset();
    (void)backoff_.Next();
  } else if (MayPass(result.error())) {
    not_before_ = now + backoff_.Next();
    if (attempts_ < options_.attempts) return Outcome::kRetry;
  }
  alerts_.pop_front();
  attempts_ = 0;
  return result ? Outcome::kDelivered : Outcome::kGivenUp;
}

}  // namespace sauda::feed
