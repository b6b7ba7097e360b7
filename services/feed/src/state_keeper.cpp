#include "services/feed/src/state_keeper.hpp"

#include <utility>

namespace sauda::feed {

StateKeeper::StateKeeper(SubscriptionStore& store, Options options, Events events)
    : store_{store}, options_{options}, events_{std::move(events)}, backoff_{options.backoff} {}

StateKeeper::~StateKeeper() { (void)Stop(); }

void StateKeeper::Put(KeptSubscription subscription) {
  const std::string key = subscription.listing.key;
  Note(key, std::move(subscription));
}

void StateKeeper::Remove(const std::string& key) { Note(key, std::nullopt); }

void StateKeeper::Note(const std::string& key, std::optional<KeptSubscription> put) {
  {
    const std::lock_guard lock{mutex_};
    Change& change = changes_[key];
    if (!change.put) change.number = ++last_number_;  // another mode keeps its place
    change.put = std::move(put);
  }
  changed_.notify_all();
}

void StateKeeper::SetConnected(bool connected) {
  {
    const std::lock_guard lock{mutex_};
    connected_ = connected;
  }
  changed_.notify_all();
}

void StateKeeper::Start() {
  thread_ = std::thread{[this] { Run(); }};
}

void StateKeeper::Run() {
  const auto started = std::chrono::steady_clock::now();
  bool late = false;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (loaded_) changed_.wait(lock, [&] { return stopping_ || HasChanges(); });
    if (stopping_) break;
    if (loaded_ ? Save(lock) : Load(lock)) {
      backoff_.Reset();
      continue;
    }
    if (!late && !loaded_ && std::chrono::steady_clock::now() - started >= options_.patience) {
      late = true;
      lock.unlock();
      events_.on_late();
      lock.lock();
    }
    if (backoff_.attempts() == 0) (void)backoff_.Next();  // the first one waits for nothing
    changed_.wait_for(lock, backoff_.Next(), [&] { return stopping_; });
  }
  if (loaded_ && HasChanges()) (void)Save(lock);
}

bool StateKeeper::Load(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  auto kept = store_.Load();
  if (!kept && events_.on_failure) events_.on_failure(kept.error());
  lock.lock();
  if (!kept) return false;
  std::erase_if(kept->subscriptions,
                [&](const auto& each) { return changes_.contains(each.listing.key); });
  if (connected_) kept->connected = *connected_;
  lock.unlock();
  events_.on_loaded(*kept);
  lock.lock();
  loaded_ = true;
  return true;
}

bool StateKeeper::Save(std::unique_lock<std::mutex>& lock) {
  const Changes changes = std::exchange(changes_, {});
  const std::optional<bool> connected = std::exchange(connected_, std::nullopt);
  lock.unlock();
  KeptChanges request = InOrder(changes);
  request.connected = connected;
  const auto saved = store_.Save(request);
  if (saved && events_.on_saved) events_.on_saved();
  if (!saved && events_.on_failure) events_.on_failure(saved.error());
  lock.lock();
  if (saved) return true;
  for (const auto& [key, change] : changes) {
    const auto [newer, is_gone] = changes_.emplace(key, change);
    if (!is_gone && change.put && newer->second.put) newer->second.number = change.number;
  }
  if (!connected_) connected_ = connected;
  return false;
}

KeptChanges StateKeeper::InOrder(const Changes& changes) {
  KeptChanges ordered;
  std::map<std::uint64_t, const KeptSubscription*> puts;
  for (const auto& [key, change] : changes) {
    if (change.put) {
      puts.emplace(change.number, &*change.put);
    } else {
      ordered.remove.push_back(key);
    }
  }
  for (const auto& [number, put] : puts) ordered.put.push_back(*put);
  return ordered;
}

bool StateKeeper::Stop() {
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
