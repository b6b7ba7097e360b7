#include "services/gateway/src/core/sse_mailbox.hpp"

namespace sauda::gateway {

void SseMailbox::Tick(const std::string& key, const Event& event, const Write& write) {
  if (empty() && write(event) != Offer::kFull) return;
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    found->second->event = event;  // keeps its turn
    ++conflated_;
    ++total_;
    return;
  }
  waiting_.push_back({key, event});
  by_key_[key] = std::prev(waiting_.end());
}

void SseMailbox::Notice(const Event& event, const Write& write) {
  if (empty() && write(event) != Offer::kFull) return;
  notice_ = event;
}

void SseMailbox::Flush(const Write& write) {
  if (conflated_ > 0) {
    const auto told = std::make_shared<const std::string>(
        "event: conflated\ndata: {\"count\":" + std::to_string(conflated_) + "}\n\n");
    if (write(told) == Offer::kFull) return;
    conflated_ = 0;
  }
  if (notice_) {
    if (write(notice_) == Offer::kFull) return;
    notice_.reset();
  }
  while (!waiting_.empty()) {
    if (write(waiting_.front().event) == Offer::kFull) return;
    by_key_.erase(waiting_.front().key);
    waiting_.pop_front();
  }
}

}  // namespace sauda::gateway
