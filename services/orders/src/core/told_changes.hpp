#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "services/orders/src/core/order_state.hpp"

namespace sauda::orders {

/// The newest change of each order that its broker has told of, by the broker's own count
/// (`order_request_id`). The portfolio stream may bring an older row behind a newer one; its terms
/// would be sent along with the next modify. The book is right whatever was told before, so a count
/// that means something else does harm only until the book is read. In memory: one entry for an
/// order that may still trade. Thread-safe.
class ToldChanges {
 public:
  /// Whether a row is about an earlier change than one told before. A row of the book never is.
  bool IsOutdated(const BrokerRow& row, bool from_book) {
    if (row.request_number == 0 || row.broker_order_id.empty()) return false;
    const std::lock_guard lock{mutex_};
    const auto [newest, is_new] = newest_.try_emplace(row.broker_order_id, row.request_number);
    if (!from_book && !is_new && row.request_number < newest->second) return true;
    newest->second = row.request_number;
    return false;
  }

  /// The order is over.
  void Forget(const std::string& broker_order_id) {
    const std::lock_guard lock{mutex_};
    newest_.erase(broker_order_id);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t> newest_;  // by broker_order_id; guarded by mutex_
};

}  // namespace sauda::orders
