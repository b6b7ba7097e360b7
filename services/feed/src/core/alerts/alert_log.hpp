#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "services/feed/src/core/alerts/alert_quote.hpp"

namespace sauda::feed {

/// A rule fired, as it is told.
struct Alert {
  std::uint64_t number = 0;  ///< rises by one with each alert of this run, from 1
  AlertFiring firing;
};

/// Alerts after a number.
struct AlertBatch {
  std::vector<Alert> alerts;  ///< oldest first
  std::uint64_t missed = 0;   ///< that many before them are no longer kept
};

/// The newest alerts of this run, at most `capacity`. Not thread-safe.
class AlertLog {
 public:
  explicit AlertLog(std::size_t capacity) : capacity_{capacity} {}

  /// Numbers one and keeps it; the reference lives until the next call.
  const Alert& Append(AlertFiring firing) {
    if (alerts_.size() >= capacity_) alerts_.pop_front();
    alerts_.push_back({.number = ++last_number_, .firing = std::move(firing)});
    return alerts_.back();
  }

  /// The first `limit` after number `after`. A number that was not given yet is as the last one.
  AlertBatch Read(std::uint64_t after, std::size_t limit) const {
    AlertBatch batch;
    const std::uint64_t gone = last_number_ - alerts_.size();
    if (after < gone) batch.missed = gone - after;
    const auto first =
        static_cast<std::size_t>(std::clamp<std::uint64_t>(after, gone, last_number_) - gone);
    const std::size_t count = std::min(limit, alerts_.size() - first);
    const auto begin = alerts_.begin() + static_cast<std::ptrdiff_t>(first);
    batch.alerts.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    return batch;
  }

  std::uint64_t last_number() const { return last_number_; }

 private:
  const std::size_t capacity_;
  std::deque<Alert> alerts_;
  std::uint64_t last_number_ = 0;
};

}  // namespace sauda::feed
