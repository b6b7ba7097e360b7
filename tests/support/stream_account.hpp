#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sauda/feed/v1alpha1/feed.pb.h"

namespace sauda::feed {

/// What one subscriber was offered, and what it got of it.
class StreamAccount {
 public:
  /// `offered` are the seqs in the order of offering, which rise: of its snapshots, then of what is
  /// published.
  StreamAccount(v1alpha1::OverflowPolicy policy, std::vector<std::uint64_t> offered)
      : policy_{policy}, offered_{std::move(offered)} {}

  /// Enters one batch and balances.
  void Enter(const v1alpha1::TickBatch& batch) {
    dropped_ += batch.dropped();
    conflated_ += batch.conflated();
    if (batch.count() != static_cast<std::uint32_t>(batch.ticks_size())) Fault("count", batch);
    if (policy_ == v1alpha1::OVERFLOW_POLICY_CONFLATE) {
      Conflated(batch);
    } else {
      InOrder(batch);
    }
    last_came_ = last_came_ || (batch.ticks_size() > 0 &&
                                batch.ticks(batch.ticks_size() - 1).seq() == offered_.back());
  }
  std::uint64_t accounted() const { return delivered_ + dropped_ + conflated_; }
  std::uint64_t offered() const { return offered_.size(); }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t conflated() const { return conflated_; }
  bool last_came() const { return last_came_; }
  /// The first batch that does not balance; empty: none.
  const std::string& fault() const { return fault_; }

 private:
  /// What is told as dropped is what the batch jumps over, no tick more or less.
  void InOrder(const v1alpha1::TickBatch& batch) {
    next_ += batch.dropped();
    for (const auto& tick : batch.ticks()) {
      if (next_ >= offered_.size() || tick.seq() != offered_[next_]) Fault("order", batch);
      ++next_;
      ++delivered_;
    }
    if (batch.conflated() > 0) Fault("conflated", batch);
    if (policy_ == v1alpha1::OVERFLOW_POLICY_DISCONNECT && dropped_ > 0) Fault("dropped", batch);
  }
  /// All that waits fits into a batch, so each balances: up to the newest tick in it, every one has
  /// come or was replaced. Of each key a reader sees the seq rise.
  void Conflated(const v1alpha1::TickBatch& batch) {
    for (const auto& tick : batch.ticks()) {
      std::uint64_t& before = newest_of_key_[tick.instrument_key()];
      if (tick.seq() <= before) Fault("a key's order", batch);
      before = tick.seq();
      const auto at = std::ranges::lower_bound(offered_, tick.seq());
      if (at == offered_.end() || *at != tick.seq()) Fault("a tick not offered", batch);
      next_ = std::max(next_, static_cast<std::uint64_t>(at - offered_.begin()) + 1);
      ++delivered_;
    }
    if (dropped_ > 0) Fault("dropped", batch);
    if (accounted() != next_) Fault("balance", batch);
  }
  void Fault(const char* what, const v1alpha1::TickBatch& batch) {
    if (!fault_.empty()) return;
    fault_ = std::string{what} + ": delivered " + std::to_string(delivered_) + ", dropped " +
             std::to_string(dropped_) + ", conflated " + std::to_string(conflated_) + ", next " +
             std::to_string(next_) + ", batch of " + std::to_string(batch.count()) + " up to " +
             std::to_string(batch.last_seq());
  }

  const v1alpha1::OverflowPolicy policy_;
  const std::vector<std::uint64_t> offered_;
  std::uint64_t next_ = 0;  // place in offered_ up to which everything is accounted for
  std::uint64_t delivered_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t conflated_ = 0;
  std::map<std::string, std::uint64_t> newest_of_key_;
  bool last_came_ = false;
  std::string fault_;
};

}  // namespace sauda::feed
