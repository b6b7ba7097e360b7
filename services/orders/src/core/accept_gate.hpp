#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "libs/base/result.hpp"

namespace sauda::orders {

/// Whether new orders are let through, and why not. Closed from the start. Thread-safe.
class AcceptGate {
 public:
  /// `why` is for people: what is waited for.
  explicit AcceptGate(std::string why) { Close("NOT_RECONCILED", std::move(why)); }

  void Open() {
    const std::lock_guard lock{mutex_};
    closed_.reset();
  }
  void Close(std::string reason, std::string why) {
    const std::lock_guard lock{mutex_};
    closed_ = Error{Code::kUnavailable, std::move(reason), std::move(why)};
  }
  /// Fails with kUnavailable and the reason it was closed with.
  Result<void> Check() const {
    const std::lock_guard lock{mutex_};
    if (closed_) return *closed_;
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> closed_;  // guarded by mutex_
};

}  // namespace sauda::orders
