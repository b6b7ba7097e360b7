#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/auth/src/core/key_desk.hpp"

namespace sauda::auth {

/// An audit in memory that can be taken away, given back and tampered with. Thread-safe.
class MemoryAuditStore final : public AuditStore {
 public:
  void SetDown(bool down) { down_ = down; }
  /// What somebody does who gets at the tables themselves.
  template <typename Deed>
  void Tamper(const Deed& deed) {
    const std::lock_guard lock{mutex_};
    deed(rows_, head_);
  }

  Result<AuditRow> Append(const Act& act) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    if (!head_) return Error{Code::kFailedPrecondition, "AUDIT_HEAD_MISSING", "taken by the test"};
    rows_.push_back(NextRow(*head_, act));
    head_ = AuditHead{.seq = rows_.back().seq, .hash = rows_.back().hash};
    return rows_.back();
  }
  Result<End> FindEnd() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    return End{.head = head_, .newest = rows_.empty() ? 0 : rows_.back().seq};
  }
  Result<std::vector<AuditRow>> ReadUp(std::int64_t after, std::size_t limit) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    std::vector<AuditRow> read;
    for (const AuditRow& row : rows_) {
      if (row.seq > after && read.size() < limit) read.push_back(row);
    }
    return read;
  }
  Result<std::vector<AuditRow>> ReadDown(std::int64_t before, std::size_t limit) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    const std::int64_t below = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    std::vector<AuditRow> read;
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
      if (row->seq < below && read.size() < limit) read.push_back(*row);
    }
    return read;
  }

  static Error Down() { return {Code::kUnavailable, "DATABASE_DOWN", "taken away by the test"}; }
  bool is_down() const { return down_; }

 private:
  std::atomic<bool> down_{false};
  std::mutex mutex_;
  // mutex_ guards the rest
  std::vector<AuditRow> rows_;
  std::optional<AuditHead> head_ = AuditHead{};
};

/// Keys in memory, away whenever their audit is. Thread-safe.
class MemoryKeyStore final : public KeyStore {
 public:
  explicit MemoryKeyStore(MemoryAuditStore& audit) : audit_{audit} {}

  Result<std::int64_t> Version() override {
    const auto end = audit_.FindEnd();
    if (!end) return end.error();
    return end->newest;
  }
  Result<std::vector<ApiKey>> ReadAll() override {
    const std::lock_guard lock{mutex_};
    if (audit_.is_down()) return MemoryAuditStore::Down();
    std::vector<ApiKey> all = keys_;
    std::sort(all.begin(), all.end(), [](const ApiKey& a, const ApiKey& b) {
      return std::pair{a.created_ms, a.known.id} < std::pair{b.created_ms, b.known.id};
    });
    return all;
  }
  Result<void> Insert(const ApiKey& key, const Act& act) override {
    const std::lock_guard lock{mutex_};
    if (audit_.is_down()) return MemoryAuditStore::Down();
    const auto usable = std::count_if(keys_.begin(), keys_.end(), [&](const ApiKey& each) {
      return keys::StateOf(each.known.expires_ms, each.known.revoked_ms, key.created_ms) ==
             keys::KeyState::kActive;
    });
    if (usable >= kMostKeys) return Error{Code::kResourceExhausted, "TOO_MANY_KEYS", "full"};
    for (const ApiKey& each : keys_) {
      if (each.name == key.name && each.known.revoked_ms == 0) {
        return Error{Code::kAlreadyExists, "KEY_NAME_TAKEN", "taken"};
      }
    }
    if (const auto row = audit_.Append(act); !row) return row.error();
    keys_.push_back(key);
    return {};
  }
  Result<ApiKey> Revoke(std::string_view key_id, const Act& act) override {
    const std::lock_guard lock{mutex_};
    if (audit_.is_down()) return MemoryAuditStore::Down();
    for (ApiKey& each : keys_) {
      if (each.known.id != key_id) continue;
      if (each.known.revoked_ms != 0) return each;
      if (const auto row = audit_.Append(act); !row) return row.error();
      each.known.revoked_ms = act.at_ms;
      return each;
    }
    return Error{Code::kNotFound, "KEY_NOT_FOUND", "no such key"};
  }
  Result<void> NoteUses(std::span<const KeyUse> uses) override {
    const std::lock_guard lock{mutex_};
    if (audit_.is_down()) return MemoryAuditStore::Down();
    for (const KeyUse& use : uses) {
      for (ApiKey& each : keys_) {
        if (each.known.id == use.key_id) {
          each.last_used_ms = std::max(each.last_used_ms, use.used_ms);
        }
      }
    }
    return {};
  }

 private:
  MemoryAuditStore& audit_;
  std::mutex mutex_;
  std::vector<ApiKey> keys_;  // guarded by mutex_
};

/// Bytes that a test can foretell: every one differs from the one before. Thread-safe.
class CountingBytes final : public RandomBytes {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    std::uint64_t number = ++count_;
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(number);
      number = number * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    }
  }

 private:
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace sauda::auth
