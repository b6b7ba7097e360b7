#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.hpp"
#include "services/orders/src/core/order.hpp"

namespace sauda::orders {

/// What was asked of resting orders and is not confirmed yet: the terms of modifies, in the order
/// in which they were sent, and cancels. The next modify builds on them, since
/// each one sends all of the terms. In memory: after a restart the ledger's events tell what was
/// asked for of late (OrderDesk::RecallModifies). One entry for an open order at most. Thread-safe.
class AskedChanges {
 public:
  /// How long after its answer a change may be missing from the broker's book.
  static constexpr std::chrono::seconds kShownWithin{5};

  /// Terms are about to be asked for; `order` is as the ledger has it.
  void Ask(const Order& order, const Terms& terms);
  /// The last terms were refused, or never left.
  void Withdraw(const std::string& client_order_id);
  /// A cancel is about to be asked for.
  void AskCancel(const std::string& client_order_id);
  /// It was refused, or never left.
  void WithdrawCancel(const std::string& client_order_id);
  /// What was asked last is answered, or its answer is lost.
  void Answered(const std::string& client_order_id, Monotonic now);

  /// What the broker, or the paper engine, told of an order is in the ledger, which has `order`
  /// now. `status` is the broker's word; `read_at` when the reading of its book began, absent for
  /// what the stream told. An asked change is over when it shows, when the terms became others
  /// than the ones before it, when it was told as refused, or when a book read kShownWithin after
  /// its answer does not show it.
  void Learn(const Order& order, std::string_view status, std::optional<Monotonic> read_at);

  /// The terms asked for last; absent when they are the ledger's.
  std::optional<Terms> Last(const std::string& client_order_id) const;

  /// Whether something asked of this order is not confirmed.
  bool Has(const std::string& client_order_id) const;

  /// Orders of which something asked is not confirmed.
  std::size_t size() const;

 private:
  struct Entry {
    Terms before;              // as the ledger had them when the first of `terms` was asked for
    std::vector<Terms> terms;  // asked for and not confirmed, oldest first
    bool cancel = false;
    std::optional<Monotonic> answered_at;  // the last answer; absent: it is waited for
  };
  static void LearnTerms(Entry& entry, const Terms& now, std::string_view status);

  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // by client_order_id; guarded by mutex_
};

}  // namespace sauda::orders
