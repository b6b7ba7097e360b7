#include "services/feed/src/core/subscription_book.hpp"

#include <algorithm>
#include <string>

namespace sauda::feed {
namespace {

constexpr std::chrono::seconds kRateWindow{60};

std::size_t Index(Mode mode) { return static_cast<std::size_t>(mode) - 1; }

Result<void> CheckLimits(const std::array<std::size_t, 4>& keys) {
  const bool mixed = std::count_if(keys.begin(), keys.end(), [](auto n) { return n > 0; }) > 1;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t limit = LimitOf(static_cast<Mode>(i + 1), mixed);
    if (keys[i] <= limit) continue;
    return Error{Code::kResourceExhausted, "SUBSCRIPTION_LIMIT",
                 "the broker takes " + std::to_string(limit) + " keys in this mode" +
                     (mixed ? " beside others" : "") + ", this would make " +
                     std::to_string(keys[i])};
  }
  return {};
}

}  // namespace

std::size_t LimitOf(Mode mode, bool mixed) {
  const ModeLimit& limit = kModeLimits[Index(mode)];
  return mixed ? std::min(limit.alone, limit.mixed) : limit.alone;
}

Result<void> SubscriptionBook::Want(std::span<const InstrumentId> ids, Mode mode, bool only_raise) {
  const auto changes = [&](InstrumentId id) {
    const auto known = ModeOf(id);
    return !known || (only_raise ? *known < mode : *known != mode);
  };
  std::array<std::size_t, 4> keys{};
  for (const auto& [id, entry] : entries_) ++keys[Index(entry.mode)];
  const std::set<InstrumentId> unique{ids.begin(), ids.end()};
  for (const InstrumentId id : unique) {
    if (!changes(id)) continue;
    if (const auto known = ModeOf(id)) --keys[Index(*known)];
    ++keys[Index(mode)];
  }
  if (auto checked = CheckLimits(keys); !checked) return checked.error();
  for (const InstrumentId id : unique) {
    if (!changes(id)) continue;
    entries_[id] = Entry{.mode = mode};
    drops_.erase(id);  // a `sub` in the new mode is enough
  }
  return {};
}

std::vector<InstrumentId> SubscriptionBook::Drop(std::span<const InstrumentId> ids) {
  std::vector<InstrumentId> dropped;
  for (const InstrumentId id : ids) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    // A mode change that was not sent yet leaves the old subscription running, so always say it.
    if (connected_) drops_.insert(id);
    entries_.erase(found);
    dropped.push_back(id);
  }
  return dropped;
}

void SubscriptionBook::OnConnected(Monotonic now) {
  OnDisconnected();
  connected_ = true;
  window_start_ = now;
  window_keys_ = 0;
}

void SubscriptionBook::OnDisconnected() {
  connected_ = false;
  drops_.clear();
  for (auto& [id, entry] : entries_) {
    entry.asked = false;
    entry.failed = false;
  }
}

bool SubscriptionBook::Ticks(InstrumentId id, const Entry& entry) const {
  return entry.asked &&
         listings_.counts(id).ticks.load(std::memory_order_relaxed) > entry.ticks_when_asked;
}

SubscriptionState SubscriptionBook::StateOf(InstrumentId id, const Entry& entry) const {
  if (Ticks(id, entry)) return SubscriptionState::kLive;
  if (entry.failed) return SubscriptionState::kFailed;
  return entry.asked ? SubscriptionState::kAsked : SubscriptionState::kWaiting;
}

bool SubscriptionBook::IsDue(InstrumentId id, const Entry& entry, Monotonic now) const {
  if (!entry.asked) return true;
  return !Ticks(id, entry) && now - entry.asked_at >= pace_.answer_limit;
}

std::optional<Monotonic> SubscriptionBook::NextDue() const {
  if (!connected_) return std::nullopt;
  std::optional<Monotonic> due;
  if (!drops_.empty()) due = window_start_;
  for (const auto& [id, entry] : entries_) {
    if (Ticks(id, entry)) continue;
    const Monotonic at = entry.asked ? entry.asked_at + pace_.answer_limit : window_start_;
    if (!due || at < *due) due = at;
  }
  if (!due) return std::nullopt;
  const bool spent = window_keys_ >= pace_.batch_keys;
  return spent ? std::max(*due, window_start_ + pace_.batch_gap) : *due;
}

std::optional<SubscriptionBook::Batch> SubscriptionBook::Take(Monotonic now) {
  if (!connected_) return std::nullopt;
  if (now - window_start_ >= pace_.batch_gap) {
    window_start_ = now;
    window_keys_ = 0;
  }
  if (window_keys_ >= pace_.batch_keys) return std::nullopt;
  const std::size_t budget = pace_.batch_keys - window_keys_;
  Batch batch = drops_.empty() ? TakeWanted(budget, now) : TakeDrops(budget);
  if (batch.ids.empty()) return std::nullopt;
  if (window_keys_ == 0) window_start_ = now;
  window_keys_ += batch.ids.size();
  return batch;
}

SubscriptionBook::Batch SubscriptionBook::TakeDrops(std::size_t budget) {
  Batch batch{.subscribe = false};
  while (!drops_.empty() && batch.ids.size() < budget) {
    batch.ids.push_back(*drops_.begin());
    drops_.erase(drops_.begin());
  }
  return batch;
}

SubscriptionBook::Batch SubscriptionBook::TakeWanted(std::size_t budget, Monotonic now) {
  Batch batch;
  for (auto& [id, entry] : entries_) {
    if (batch.ids.size() == budget) break;
    if (!IsDue(id, entry, now)) continue;
    if (batch.ids.empty()) batch.mode = entry.mode;
    if (entry.mode != batch.mode) continue;
    entry.failed = entry.asked;  // it was asked for and nothing came
    entry.asked = true;
    entry.asked_at = now;
    entry.ticks_when_asked = listings_.counts(id).ticks.load(std::memory_order_relaxed);
    batch.ids.push_back(id);
  }
  if (batch.ids.empty()) return batch;
  asked_.push_back({now, batch.ids.size()});
  while (now - asked_.front().at > kRateWindow) asked_.pop_front();
  return batch;
}

void SubscriptionBook::OnSendFailed(const Batch& batch) {
  for (const InstrumentId id : batch.ids) {
    if (!batch.subscribe) {
      if (!entries_.contains(id)) drops_.insert(id);
    } else if (const auto found = entries_.find(id); found != entries_.end()) {
      found->second.asked = false;
      found->second.failed = true;
    }
  }
}

std::optional<Mode> SubscriptionBook::ModeOf(InstrumentId id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.mode;
}

std::vector<SubscriptionBook::Row> SubscriptionBook::Rows() const {
  std::vector<Row> rows;
  rows.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) {
    rows.push_back({.id = id, .mode = entry.mode, .state = StateOf(id, entry)});
  }
  return rows;
}

std::size_t SubscriptionBook::Count(SubscriptionState state) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&](const auto& each) { return StateOf(each.first, each.second) == state; }));
}

bool SubscriptionBook::AllAsked() const {
  return connected_ && std::all_of(entries_.begin(), entries_.end(),
                                   [](const auto& each) { return each.second.asked; });
}

double SubscriptionBook::Rate(Monotonic now) const {
  std::size_t keys = 0;
  for (const Asked& asked : asked_) {
    if (now - asked.at <= kRateWindow) keys += asked.keys;
  }
  return static_cast<double>(keys) / static_cast<double>(kRateWindow.count());
}

}  // namespace sauda::feed
