#include "services/feed/src/core/alerts/webhook_queue.hpp"

#include <algorithm>

#include "libs/base/check.hpp"

namespace sauda::feed {
namespace {

bool MayPass(const Error& why) {
  return why.code == Code::kUnavailable || why.code == Code::kDeadlineExceeded ||
         why.code == Code::kResourceExhausted;
}

}  // namespace

bool WebhookQueue::Put(const Alert& alert, Monotonic now) {
  waiting_.push_back({alert, now});
  if (waiting_.size() <= options_.waiting) return true;
  waiting_.erase(waiting_.begin() + (under_way_ ? 1 : 0));
  if (!under_way_) attempts_ = 0;  // those were of the one that has gone
  return false;
}

std::optional<Monotonic> WebhookQueue::due() const {
  if (waiting_.empty() || under_way_) return std::nullopt;
  return not_before_;
}

Alert WebhookQueue::Begin() {
  Check(due().has_value(), "an attempt is due");
  under_way_ = true;
  ++attempts_;
  return waiting_.front().alert;
}

// After one that was given up the next waits as long: it is the receiver that fails, not the alert.
WebhookQueue::Outcome WebhookQueue::End(const WebhookResult& result, Monotonic now) {
  Check(under_way_, "an attempt was begun");
  under_way_ = false;
  Outcome outcome = Outcome::kDelivered;
  if (result) {
    backoff_.Reset();
    (void)backoff_.Next();
  } else {
    outcome = Judge(result.error(), now);
    if (outcome != Outcome::kGivenUp) return outcome;
  }
  waiting_.pop_front();
  attempts_ = 0;
  return outcome;
}

WebhookQueue::Outcome WebhookQueue::Judge(const WebhookFailure& why, Monotonic now) {
  const bool too_old = now - waiting_.front().since >= options_.give_up_after;
  if (why.not_before) {
    --attempts_;
    not_before_ = std::max(*why.not_before, now + options_.backoff.first);  // it may have passed
    return too_old ? Outcome::kGivenUp : Outcome::kPutOff;
  }
  if (!MayPass(why.error)) return Outcome::kGivenUp;
  not_before_ = now + backoff_.Next();
  return too_old || attempts_ >= options_.attempts ? Outcome::kGivenUp : Outcome::kRetry;
}

}  // namespace sauda::feed
