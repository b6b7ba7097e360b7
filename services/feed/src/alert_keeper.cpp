#include "services/feed/src/alert_keeper.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {

AlertKeeper::AlertKeeper(AlertStore& store, Options options, Events events)
    : store_{store}, options_{options}, events_{std::move(events)}, backoff_{options.backoff} {}

AlertKeeper::~AlertKeeper() { (void)Stop(); }

void AlertKeeper::Start() {
  thread_ = std::thread{[this] { Run(); }};
}

void AlertKeeper::Put(const AlertRule& rule) { Note(rule.id, rule); }

void AlertKeeper::Remove(const std::string& rule_id) { Note(rule_id, std::nullopt); }

void AlertKeeper::Note(const std::string& rule_id, std::optional<AlertRule> rule) {
  {
    const std::lock_guard lock{mutex_};
    rules_[rule_id] = std::move(rule);
  }
  changed_.notify_all();
}

void AlertKeeper::Add(std::span<const Alert> alerts) {
  std::uint64_t lost = 0;
  {
    const std::lock_guard lock{mutex_};
    fired_.insert(fired_.end(), alerts.begin(), alerts.end());
    for (; fired_.size() > options_.waiting_alerts; ++lost) fired_.pop_front();
  }
  if (lost > 0) events_.on_lost(lost);
  changed_.notify_all();
}

void AlertKeeper::Run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (loaded_) changed_.wait(lock, [&] { return stopping_ || HasChanges(); });
    if (stopping_) break;
    if (loaded_ ? Save(lock) : Load(lock)) {
      backoff_.Reset();
      continue;
    }
    if (backoff_.attempts() == 0) (void)backoff_.Next();  // the first one waits for nothing
    changed_.wait_for(lock, backoff_.Next(), [&] { return stopping_; });
  }
  while (HasChanges() && Save(lock)) {
  }
}

bool AlertKeeper::Load(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  auto kept = store_.Load();
  if (!kept) events_.on_failure(kept.error());
  lock.lock();
  if (!kept) return false;
  std::erase_if(*kept, [&](const AlertRule& rule) { return rules_.contains(rule.id); });
  lock.unlock();
  events_.on_loaded(*kept);
  lock.lock();
  loaded_ = true;
  return true;
}

// What is being saved is taken out, so that a later change of the same rule is told apart from it.
bool AlertKeeper::Save(std::unique_lock<std::mutex>& lock) {
  const Rules rules = std::exchange(rules_, {});
  const auto batch = static_cast<std::ptrdiff_t>(std::min(options_.batch_alerts, fired_.size()));
  AlertChanges changes;
  changes.fired.assign(fired_.begin(), fired_.begin() + batch);
  fired_.erase(fired_.begin(), fired_.begin() + batch);
  lock.unlock();
  for (const auto& [id, rule] : rules) {
    if (rule) {
      changes.put.push_back(*rule);
    } else {
      changes.remove.push_back(id);
    }
  }
  const auto saved = store_.Save(changes);
  if (saved) {
    events_.on_saved();
  } else {
    events_.on_failure(saved.error());
  }
  lock.lock();
  if (saved) return true;
  for (const auto& [id, rule] : rules) rules_.emplace(id, rule);  // a newer change stays
  fired_.insert(fired_.begin(), changes.fired.begin(), changes.fired.end());
  return false;
}

bool AlertKeeper::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock{mutex_};
  return !HasChanges();
}

}  // namespace sauda::feed
