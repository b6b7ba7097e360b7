#include "services/feed/src/alert_keeper.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

template <typename Changes, typename Kept>
void Sort(const Changes& changes, std::vector<Kept>& put, std::vector<std::string>& remove) {
  for (const auto& [id, kept] : changes) {
    if (kept) {
      put.push_back(*kept);
    } else {
      remove.push_back(id);
    }
  }
}

}  // namespace

AlertKeeper::AlertKeeper(AlertStore& store, Options options, Events events)
    : store_{store}, options_{options}, events_{std::move(events)}, backoff_{options.backoff} {}

AlertKeeper::~AlertKeeper() { (void)Stop(); }

void AlertKeeper::Start() {
  thread_ = std::thread{[this] { Run(); }};
}

template <typename Kept>
void AlertKeeper::Note(Changes<Kept>& changes, const std::string& id, std::optional<Kept> kept) {
  {
    const std::lock_guard lock{mutex_};
    changes.insert_or_assign(id, std::move(kept));
  }
  changed_.notify_all();
}

void AlertKeeper::Put(const AlertRule& rule) { Note<AlertRule>(rules_, rule.id, rule); }

void AlertKeeper::Remove(const std::string& rule_id) {
  Note<AlertRule>(rules_, rule_id, std::nullopt);
}

void AlertKeeper::PutWebhook(const Webhook& webhook) {
  Note<Webhook>(webhooks_, webhook.id, webhook);
}

void AlertKeeper::RemoveWebhook(const std::string& webhook_id) {
  Note<Webhook>(webhooks_, webhook_id, std::nullopt);
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
  std::erase_if(kept->rules, [&](const AlertRule& each) { return rules_.contains(each.id); });
  std::erase_if(kept->webhooks, [&](const Webhook& each) { return webhooks_.contains(each.id); });
  lock.unlock();
  events_.on_loaded(*kept);
  lock.lock();
  loaded_ = true;
  return true;
}

// What is being saved is taken out, so that a later change of the same id is told apart from it.
bool AlertKeeper::Save(std::unique_lock<std::mutex>& lock) {
  const auto rules = std::exchange(rules_, {});
  const auto webhooks = std::exchange(webhooks_, {});
  const auto batch = static_cast<std::ptrdiff_t>(std::min(options_.batch_alerts, fired_.size()));
  AlertChanges changes;
  changes.fired.assign(fired_.begin(), fired_.begin() + batch);
  fired_.erase(fired_.begin(), fired_.begin() + batch);
  lock.unlock();
  Sort(rules, changes.put, changes.remove);
  Sort(webhooks, changes.put_webhooks, changes.remove_webhooks);
  const auto saved = store_.Save(changes);
  if (saved) {
    events_.on_saved();
  } else {
    events_.on_failure(saved.error());
  }
  lock.lock();
  if (saved) return true;
  rules_.insert(rules.begin(), rules.end());  // a newer change stays
  webhooks_.insert(webhooks.begin(), webhooks.end());
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
