#include "services/orders/src/core/asked_changes.hpp"

#include <algorithm>

#include "services/orders/src/core/order_state.hpp"

namespace sauda::orders {
namespace {

/// Whether the word tells of a modify or cancel that the exchange has not decided yet.
bool IsUnderWay(std::string_view status) {
  const auto state = StateOfStatus(status);
  return state && *state == OrderState::kNone;
}

}  // namespace

void AskedChanges::Ask(const Order& order, const Terms& terms) {
  const std::lock_guard lock{mutex_};
  Entry& entry = entries_[order.request.client_order_id];
  if (entry.terms.empty()) entry.before = order.terms;
  entry.terms.push_back(terms);
  entry.answered_at.reset();
}

void AskedChanges::Withdraw(const std::string& client_order_id) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(client_order_id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (!entry.terms.empty()) entry.terms.pop_back();
  if (entry.terms.empty() && !entry.cancel) entries_.erase(found);
}

void AskedChanges::Answered(const std::string& client_order_id, Monotonic now) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(client_order_id);
  if (found != entries_.end()) found->second.answered_at = now;
}

void AskedChanges::AskCancel(const std::string& client_order_id) {
  const std::lock_guard lock{mutex_};
  Entry& entry = entries_[client_order_id];
  entry.cancel = true;
  entry.answered_at.reset();
}

void AskedChanges::WithdrawCancel(const std::string& client_order_id) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(client_order_id);
  if (found == entries_.end()) return;
  found->second.cancel = false;
  if (found->second.terms.empty()) entries_.erase(found);
}

void AskedChanges::LearnTerms(Entry& entry, const Terms& now, std::string_view status) {
  if (entry.terms.empty()) return;
  if (status == "not modified") {
    entry.terms.erase(entry.terms.begin());
    return;
  }
  if (now == entry.before) return;  // older news, or news of something else
  const auto shown = std::find(entry.terms.begin(), entry.terms.end(), now);
  // Terms that were not asked for here are somebody else's change, and newer than ours.
  entry.terms.erase(entry.terms.begin(), shown == entry.terms.end() ? shown : std::next(shown));
  entry.before = now;
}

void AskedChanges::Learn(const Order& order, std::string_view status,
                         std::optional<Monotonic> read_at) {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(order.request.client_order_id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  LearnTerms(entry, order.terms, status);
  const bool settled = read_at && entry.answered_at &&
                       *read_at - *entry.answered_at >= kShownWithin && !IsUnderWay(status);
  if (settled) entry.cancel = false;
  if (settled) entry.terms.clear();
  if (!IsOpen(order.state) || (entry.terms.empty() && !entry.cancel)) entries_.erase(found);
}

std::optional<Terms> AskedChanges::Last(const std::string& client_order_id) const {
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(client_order_id);
  if (found == entries_.end() || found->second.terms.empty()) return std::nullopt;
  return found->second.terms.back();
}

bool AskedChanges::Has(const std::string& client_order_id) const {
  const std::lock_guard lock{mutex_};
  return entries_.contains(client_order_id);
}

std::size_t AskedChanges::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

}  // namespace sauda::orders
