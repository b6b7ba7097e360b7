#include "services/gateway/src/core/sse_mailbox.hpp"

namespace sauda::gateway {
namespace {

Event CountEvent(const char* name, std::uint64_t count) {
  return std::make_shared<const std::string>(
      std::string{"event: "} + name + "\ndata: {\"count\":" + std::to_string(count) + "}\n\n");
}

}  // namespace

void SseMailbox::Tick(const std::string& key, const Event& event, const Write& write) {
  if (empty() && write(event) != Offer::kFull) return;
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    found->second->event = event;
    waiting_.splice(waiting_.end(), waiting_, found->second);  // so that ids rise
    ++conflated_;
    ++total_;
    return;
  }
  waiting_.push_back({key, event});
  by_key_[key] = std::prev(waiting_.end());
}

void SseMailbox::Status(const Event& event, const Write& write) {
  if (empty() && write(event) != Offer::kFull) return;
  status_ = event;
}

void SseMailbox::Lost(std::uint64_t count, const Write& write) {
  const bool waited = !empty();
  lost_ += count;
  if (!waited) Flush(write);
}

void SseMailbox::Heartbeat(const Event& event, const Write& write) const {
  if (empty()) (void)write(event);
}

void SseMailbox::Flush(const Write& write) {
  if (conflated_ > 0) {
    if (write(CountEvent("conflated", conflated_)) == Offer::kFull) return;
    conflated_ = 0;
  }
  if (lost_ > 0) {
    if (write(CountEvent("lost", lost_)) == Offer::kFull) return;
    lost_ = 0;
  }
  if (status_) {
    if (write(status_) == Offer::kFull) return;
    status_.reset();
  }
  while (!waiting_.empty()) {
    if (write(waiting_.front().event) == Offer::kFull) return;
    by_key_.erase(waiting_.front().key);
    waiting_.pop_front();
  }
}

}  // namespace sauda::gateway
