#include "services/feed/src/core/subscription_book.hpp"

#include <algorithm>
#include <string>

namespace sauda::feed {
namespace {

constexpr std::chrono::seconds kRateWindow{60};
constexpr const char* kNoTick = "NO_TICK";

Result<void> CheckLimits(const KeysByMode& keys) {
  const auto over = OverLimit(keys);
  if (!over) return {};
  const bool mixed = IsMixed(keys);
  return Error{Code::kResourceExhausted, "SUBSCRIPTION_LIMIT",
               "the broker takes " + std::to_string(LimitOf(*over, mixed)) +
                   " keys in this mode on one connection" + (mixed ? " beside others" : "") +
                   ", this would make " + std::to_string(keys.at(IndexOf(*over)))};
}

}  // namespace

Result<void> SubscriptionBook::Want(std::span<const InstrumentId> ids, Mode mode) {
  const auto changes = [&](InstrumentId id) { return ModeOf(id) != mode; };
  KeysByMode keys = keys_;
  const std::set<InstrumentId> unique{ids.begin(), ids.end()};
  for (const InstrumentId id : unique) {
    if (!changes(id)) continue;
    if (const auto known = ModeOf(id)) --keys.at(IndexOf(*known));
    ++keys.at(IndexOf(mode));
  }
  if (auto checked = CheckLimits(keys); !checked) return checked.error();
  for (const InstrumentId id : unique) {
    if (!changes(id)) continue;
    entries_[id] = Entry{.mode = mode};
    drops_.erase(id);  // a `sub` in the new mode is enough
  }
  keys_ = keys;
  return {};
}

std::vector<InstrumentId> SubscriptionBook::Drop(std::span<const InstrumentId> ids) {
  std::vector<InstrumentId> dropped;
  for (const InstrumentId id : ids) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    // A mode change that was not sent yet leaves the old subscription running, so always say it.
    if (connected_) drops_.insert(id);
    --keys_.at(IndexOf(found->second.mode));
    entries_.erase(found);
    dropped.push_back(id);
  }
  return dropped;
}

void SubscriptionBook::AskAgain(std::span<const InstrumentId> ids) {
  for (const InstrumentId id : ids) {
    const auto found = entries_.find(id);
    if (found != entries_.end()) found->second.asked = false;
  }
}

void SubscriptionBook::Hurry() { hurry_ = connected_ && (!AllAsked() || !drops_.empty()); }

void SubscriptionBook::OnConnected(Monotonic now, bool hurry) {
  OnDisconnected();
  connected_ = true;
  hurry_ = hurry;
  window_start_ = now;
  window_keys_ = 0;
}

void SubscriptionBook::OnDisconnected() {
  connected_ = false;
  hurry_ = false;
  drops_.clear();
  for (auto& [id, entry] : entries_) {
    entry.asked = false;
    entry.attempts = 0;
    entry.failure.clear();
  }
}

bool SubscriptionBook::Ticks(InstrumentId id, const Entry& entry) const {
  return entry.asked &&
         listings_.counts(id).ticks.load(std::memory_order_relaxed) > entry.ticks_when_asked;
}

SubscriptionState SubscriptionBook::StateOf(InstrumentId id, const Entry& entry) const {
  if (Ticks(id, entry)) return SubscriptionState::kLive;
  if (entry.failure == kNoTick) return SubscriptionState::kSilent;
  if (!entry.failure.empty()) return SubscriptionState::kFailed;
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
  const bool spent = !hurry_ && window_keys_ >= pace_.batch_keys;
  return spent ? std::max(*due, window_start_ + pace_.batch_gap) : *due;
}

std::optional<SubscriptionBook::Batch> SubscriptionBook::Take(Monotonic now) {
  if (!connected_) return std::nullopt;
  if (hurry_ || now - window_start_ >= pace_.batch_gap) {
    window_start_ = now;
    window_keys_ = 0;
  }
  if (window_keys_ >= pace_.batch_keys) return std::nullopt;
  const std::size_t budget = pace_.batch_keys - window_keys_;
  Batch batch = drops_.empty() ? TakeWanted(budget, now) : TakeDrops(budget);
  if (batch.ids.empty()) return std::nullopt;
  if (window_keys_ == 0) window_start_ = now;
  window_keys_ += batch.ids.size();
  if (hurry_ && AllAsked() && drops_.empty()) hurry_ = false;
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
    entry.failure = entry.asked ? kNoTick : "";
    entry.asked = true;
    ++entry.attempts;
    entry.asked_at = now;
    entry.ticks_when_asked = listings_.counts(id).ticks.load(std::memory_order_relaxed);
    batch.ids.push_back(id);
  }
  if (batch.ids.empty()) return batch;
  asked_.push_back({now, batch.ids.size()});
  while (now - asked_.front().at > kRateWindow) asked_.pop_front();
  return batch;
}

void SubscriptionBook::OnSendFailed(const Batch& batch, const std::string& reason) {
  hurry_ = false;
  for (const InstrumentId id : batch.ids) {
    if (!batch.subscribe) {
      if (!entries_.contains(id)) drops_.insert(id);
    } else if (const auto found = entries_.find(id); found != entries_.end()) {
      found->second.asked = false;
      found->second.failure = reason;
    }
  }
}

std::optional<Mode> SubscriptionBook::ModeOf(InstrumentId id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.mode;
}

std::optional<SubscriptionBook::Row> SubscriptionBook::RowOf(InstrumentId id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return RowOf(id, found->second);
}

SubscriptionBook::Row SubscriptionBook::RowOf(InstrumentId id, const Entry& entry) const {
  const SubscriptionState state = StateOf(id, entry);
  const bool ticks = state == SubscriptionState::kLive;
  return {.id = id,
          .mode = entry.mode,
          .state = state,
          .attempts = entry.attempts,
          .failure = ticks ? "" : entry.failure};
}

std::optional<Monotonic> SubscriptionBook::AskedAt(InstrumentId id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.asked) return std::nullopt;
  return found->second.asked_at;
}

std::vector<SubscriptionBook::Row> SubscriptionBook::Rows() const {
  std::vector<Row> rows;
  rows.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) rows.push_back(RowOf(id, entry));
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
