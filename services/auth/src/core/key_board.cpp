#include "services/auth/src/core/key_board.hpp"

#include <algorithm>
#include <utility>

namespace sauda::auth {

void KeyBoard::Set(std::vector<keys::KnownKey> all) {
  const std::lock_guard lock{mutex_};
  std::map<std::string, keys::KnownKey> before;
  before.swap(keys_);
  News news;
  for (keys::KnownKey& key : all) {
    const auto was = before.find(key.id);
    if (was != before.end() && was->second.revoked_ms != 0 && key.revoked_ms == 0) {
      key.revoked_ms = was->second.revoked_ms;
    }
    if (was == before.end() || was->second != key) news.keys.push_back(key);
    keys_.insert_or_assign(key.id, std::move(key));
  }
  // Keys that are no longer worth knowing leave with the next whole set only: nobody misses it.
  if (!std::exchange(known_, true)) news = {.whole = true, .keys = {}};
  if (news.whole) {
    for (const auto& [id, key] : keys_) news.keys.push_back(key);
  }
  if (news.whole || !news.keys.empty()) TellAll(news);
}

bool KeyBoard::Change(const keys::KnownKey& key) {
  const std::lock_guard lock{mutex_};
  if (!known_) return false;
  if (Take(key)) TellAll({.whole = false, .keys = {keys_.at(key.id)}});
  return true;
}

bool KeyBoard::Take(keys::KnownKey key) {
  const auto [place, is_new] = keys_.try_emplace(key.id, key);
  if (is_new) return true;
  if (place->second.revoked_ms != 0) key.revoked_ms = place->second.revoked_ms;
  if (place->second == key) return false;
  place->second = std::move(key);
  return true;
}

KeyBoard::WatchId KeyBoard::Watch(Listener listener) {
  const std::lock_guard lock{mutex_};
  if (known_) {
    News news{.whole = true, .keys = {}};
    for (const auto& [id, key] : keys_) news.keys.push_back(key);
    listener(news);
  }
  watchers_.emplace(++last_id_, std::move(listener));
  return last_id_;
}

void KeyBoard::Unwatch(WatchId id) {
  const std::lock_guard lock{mutex_};
  watchers_.erase(id);
}

bool KeyBoard::known() const {
  const std::lock_guard lock{mutex_};
  return known_;
}

std::size_t KeyBoard::watchers() const {
  const std::lock_guard lock{mutex_};
  return watchers_.size();
}

std::size_t KeyBoard::Count(keys::KeyState state, std::int64_t now_ms) const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(std::count_if(keys_.begin(), keys_.end(), [&](const auto& each) {
    return keys::StateOf(each.second.expires_ms, each.second.revoked_ms, now_ms) == state;
  }));
}

void KeyBoard::TellAll(const News& news) {
  for (const auto& [id, listener] : watchers_) listener(news);
}

}  // namespace sauda::auth
