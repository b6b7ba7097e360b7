#include "services/gateway/src/core/key_ring.hpp"

#include <algorithm>
#include <utility>

namespace sauda::gateway {
namespace {

Error Refused(const char* reason, std::string message) {
  return {Code::kUnauthenticated, reason, std::move(message)};
}

void Raise(std::atomic<std::int64_t>& time, std::int64_t to) {
  std::int64_t before = time.load();
  while (before < to && !time.compare_exchange_weak(before, to)) {
  }
}

}  // namespace

void KeyRing::Set(std::vector<keys::KnownKey> all) {
  {
    const std::unique_lock lock{keys_mutex_};
    const auto before = std::exchange(keys_, {});
    for (keys::KnownKey& key : all) Put(std::move(key), before);
  }
  known_ = true;
}

void KeyRing::Change(std::vector<keys::KnownKey> changed) {
  const std::unique_lock lock{keys_mutex_};
  for (keys::KnownKey& key : changed) Put(std::move(key), keys_);
}

void KeyRing::Put(keys::KnownKey key, const std::map<std::string, std::shared_ptr<Entry>>& before) {
  const auto was = before.find(key.id);
  const std::string id = key.id;
  auto entry = std::make_shared<Entry>(std::move(key));
  if (was != before.end()) {
    entry->used_ms = was->second->used_ms.load();
    entry->told_ms = was->second->told_ms.load();
  }
  keys_.insert_or_assign(id, std::move(entry));
}

Result<Caller> KeyRing::Recognise(const Secret& text, std::int64_t now_ms) {
  if (!known_) {
    return Error{Code::kUnavailable, "KEYS_NOT_KNOWN",
                 "auth has not told the API keys yet: it, or its PostgreSQL, is away"};
  }
  const auto id = keys::IdInside(text);
  const keys::Digest hash = keys::HashOf(text);
  std::shared_ptr<Entry> entry;
  if (id) {
    const std::shared_lock lock{keys_mutex_};
    const auto found = keys_.find(*id);
    if (found != keys_.end()) entry = found->second;
  }
  if (!entry || !keys::SameDigest(entry->key.hash, hash)) {
    return Refused("KEY_UNKNOWN",
                   "no such API key: was all of it copied? `saudactl keys create` "
                   "makes another");
  }
  const keys::KnownKey& key = entry->key;
  switch (keys::StateOf(key.expires_ms, key.revoked_ms, now_ms)) {
    case keys::KeyState::kRevoked:
      return Refused("KEY_REVOKED",
                     "this API key was revoked: ask for another (`saudactl keys create`)");
    case keys::KeyState::kExpired:
      return Refused("KEY_EXPIRED",
                     "this API key has expired: ask for another (`saudactl keys create`)");
    case keys::KeyState::kActive:
      break;
  }
  Raise(entry->used_ms, now_ms);
  return Caller{.key_id = key.id, .scopes = key.scopes, .accounts = key.accounts};
}

std::vector<KeyRing::Use> KeyRing::TakeUses() {
  const std::shared_lock lock{keys_mutex_};
  std::vector<Use> uses;
  for (const auto& [id, entry] : keys_) {
    const std::int64_t used_ms = entry->used_ms;
    if (entry->told_ms.exchange(used_ms) < used_ms) uses.push_back({id, used_ms});
  }
  return uses;
}

void KeyRing::GiveBack(const std::vector<Use>& uses) {
  const std::shared_lock lock{keys_mutex_};
  for (const Use& use : uses) {
    const auto found = keys_.find(use.key_id);
    if (found != keys_.end()) found->second->told_ms = 0;
  }
}

KeyRing::HoldId KeyRing::Hold(const std::string& key_id, std::function<void()> end) {
  if (key_id.empty()) return 0;
  const std::lock_guard lock{held_mutex_};
  held_.emplace(++last_hold_, Held{.key_id = key_id, .end = std::move(end)});
  return last_hold_;
}

void KeyRing::Release(HoldId id) {
  const std::lock_guard lock{held_mutex_};
  held_.erase(id);
}

void KeyRing::EndDead(std::int64_t now_ms) {
  std::vector<std::function<void()>> ends;
  {
    const std::lock_guard held_lock{held_mutex_};
    const std::shared_lock keys_lock{keys_mutex_};
    for (const auto& [hold, held] : held_) {
      const auto found = keys_.find(held.key_id);
      const bool alive = found != keys_.end() &&
                         keys::StateOf(found->second->key.expires_ms, found->second->key.revoked_ms,
                                       now_ms) == keys::KeyState::kActive;
      if (!alive) ends.push_back(held.end);
    }
  }
  for (const auto& end : ends) end();
}

std::size_t KeyRing::size() const {
  const std::shared_lock lock{keys_mutex_};
  return keys_.size();
}

}  // namespace sauda::gateway
