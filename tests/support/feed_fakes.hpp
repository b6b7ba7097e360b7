#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/feed/src/core/broker_feed.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/subscription_store.hpp"
#include "services/feed/src/core/tick_store.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// A listing of nothing but its key.
inline std::shared_ptr<const Listing> ListingOf(const std::string& key) {
  return std::make_shared<const Listing>(Listing{.key = key});
}

/// A tick of a key and a seq.
inline Tick TickOf(std::uint64_t seq, const std::string& key = "NSE_EQ|A") {
  return {.listing = ListingOf(key),
          .seq = seq,
          .received_ns = 1'765'771'200'000'000'000 + static_cast<std::int64_t>(seq)};
}

/// Bytes that a test can read: `<id>:<seq>` and a blank, with `s` before it when a snapshot.
class TextEncoder final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    return Make(id, tick.seq, std::to_string(id) + ":" + std::to_string(tick.seq) + " ");
  }
  Update AsSnapshot(const Update& update) const override {
    return Make(update.instrument, update.seq, "s" + *update.bytes);
  }
  static Update Make(InstrumentId id, std::uint64_t seq, std::string text) {
    return {.instrument = id,
            .seq = seq,
            .bytes = std::make_shared<const std::string>(std::move(text))};
  }
};

/// Writes down what it is offered. Read it when the publisher has stopped, or through its thread.
struct RecordingSink final : UpdateSink {
  void Offer(const Update& update) override {
    seqs.push_back(update.seq);
    texts += *update.bytes;
  }
  void Flush() override { ++flushes; }
  void OnConnection(ConnectionState state) override { states.push_back(state); }
  void OnBeat() override { ++beats; }
  std::vector<std::uint64_t> seqs;
  std::string texts;
  std::vector<ConnectionState> states;
  int beats = 0;
  int flushes = 0;
};

/// A TickStore in memory; may be told to fail, before or after it has kept what it was given.
/// Thread-safe.
class MemoryTickStore final : public TickStore {
 public:
  enum class Failure : std::uint8_t { kNone, kDown, kInDoubt, kRefusing };

  Result<void> Append(std::span<const Tick> ticks, std::span<const Gap> gaps) override {
    const std::lock_guard lock{mutex_};
    ++calls_;
    if (failure_ == Failure::kDown) return Down();
    const bool refuses =
        failure_ == Failure::kRefusing ||
        std::any_of(ticks.begin(), ticks.end(),
                    [&](const Tick& tick) { return refused_.contains(tick.seq); }) ||
        std::any_of(gaps.begin(), gaps.end(),
                    [&](const Gap& gap) { return refused_causes_.contains(gap.cause); });
    if (refuses) return Error{Code::kInternal, "DATABASE_ERROR", "cannot be stored"};
    for (const Tick& tick : ticks) {
      if (ticks_.empty() || tick.seq > ticks_.back().seq) ticks_.push_back(tick);
    }
    for (const Gap& gap : gaps) gaps_.emplace(gap.number, gap);
    if (failure_ == Failure::kInDoubt) {
      failure_ = Failure::kNone;
      return Error{Code::kUnavailable, "COMMIT_IN_DOUBT", "done or not, nobody knows"};
    }
    return {};
  }

  void Fail(Failure failure) {
    const std::lock_guard lock{mutex_};
    failure_ = failure;
  }
  void Refuse(std::uint64_t seq) {
    const std::lock_guard lock{mutex_};
    refused_.insert(seq);
  }
  void RefuseGaps(const std::string& cause) {
    const std::lock_guard lock{mutex_};
    refused_causes_.insert(cause);
  }
  std::vector<Tick> ticks() const {
    const std::lock_guard lock{mutex_};
    return ticks_;
  }
  std::vector<Gap> gaps() const {
    const std::lock_guard lock{mutex_};
    std::vector<Gap> gaps;
    for (const auto& [number, gap] : gaps_) gaps.push_back(gap);
    return gaps;
  }
  int calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
  }

 private:
  static Error Down() { return {Code::kUnavailable, "DATABASE_DOWN", "no database"}; }

  mutable std::mutex mutex_;  // guards the rest
  std::vector<Tick> ticks_;
  std::map<std::uint64_t, Gap> gaps_;
  std::set<std::uint64_t> refused_;
  std::set<std::string> refused_causes_;
  Failure failure_ = Failure::kNone;
  int calls_ = 0;
};

/// A SubscriptionStore in memory. Thread-safe.
class MemorySubscriptionStore final : public SubscriptionStore {
 public:
  Result<KeptState> Load() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    return state_;
  }
  Result<void> Save(const KeptChanges& changes) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    auto& kept = state_.subscriptions;
    for (const auto& put : changes.put) {
      const auto found = Find(put.listing.key);
      if (found != kept.end()) {
        *found = put;
      } else {
        kept.push_back(put);
      }
    }
    for (const auto& key : changes.remove) {
      if (const auto found = Find(key); found != kept.end()) kept.erase(found);
    }
    if (changes.connected) state_.connected = *changes.connected;
    return {};
  }
  void SetDown(bool down) {
    const std::lock_guard lock{mutex_};
    down_ = down;
  }

 private:
  static Error Down() { return {Code::kUnavailable, "DATABASE_DOWN", "no database"}; }
  std::vector<KeptSubscription>::iterator Find(const std::string& key) {
    auto& kept = state_.subscriptions;
    return std::find_if(kept.begin(), kept.end(),
                        [&](const auto& each) { return each.listing.key == key; });
  }

  mutable std::mutex mutex_;  // guards the rest
  KeptState state_;
  bool down_ = false;
};

/// A broker that a test plays. Thread-safe; frames are sent on the test's thread.
class ScriptedBroker final : public BrokerFeed {
 public:
  OpenOutcome Open(const BrokerToken& token, BrokerFeedEvents& events) override {
    const std::lock_guard lock{mutex_};
    ++attempts_;
    last_version_ = token.version;
    if (!outcomes_.empty()) {
      OpenOutcome outcome = outcomes_.front();
      outcomes_.erase(outcomes_.begin());
      if (outcome.failure) return outcome;
    }
    events_ = &events;
    ++opens_;
    return {};
  }
  Result<void> Send(const SubscriptionRequest& request) override {
    const std::lock_guard lock{mutex_};
    if (refuse_sends_) return Error{Code::kUnavailable, "NOT_CONNECTED", "no socket"};
    sent_.push_back(request);
    return {};
  }
  void Close() override {
    const std::lock_guard lock{mutex_};
    events_ = nullptr;
    ++closes_;
  }

  void FailNext(OpenOutcome outcome) {
    const std::lock_guard lock{mutex_};
    outcomes_.push_back(std::move(outcome));
  }
  void RefuseSends(bool refuse) {
    const std::lock_guard lock{mutex_};
    refuse_sends_ = refuse;
  }
  void Frame(std::int64_t received_ns, std::string_view bytes = "frame") {
    if (auto* const events = Events()) {
      events->OnFrame({.bytes = bytes,
                       .received_ns = received_ns,
                       .received_at = std::chrono::steady_clock::now()});
    }
  }
  void Drop(const std::string& why) {
    if (auto* const events = Events()) events->OnClosed(why);
  }
  int attempts() const { return Read(attempts_); }
  int opens() const { return Read(opens_); }
  int closes() const { return Read(closes_); }
  std::uint64_t last_version() const { return Read(last_version_); }
  std::vector<SubscriptionRequest> sent() const { return Read(sent_); }

 private:
  template <typename T>
  T Read(const T& value) const {
    const std::lock_guard lock{mutex_};
    return value;
  }
  BrokerFeedEvents* Events() const { return Read(events_); }

  mutable std::mutex mutex_;  // guards the rest
  std::vector<OpenOutcome> outcomes_;
  BrokerFeedEvents* events_ = nullptr;
  std::vector<SubscriptionRequest> sent_;
  bool refuse_sends_ = false;
  int attempts_ = 0;
  int opens_ = 0;
  int closes_ = 0;
  std::uint64_t last_version_ = 0;
};

/// Knows the names it is given, each as its own key. Thread-safe after construction but for
/// SetDown.
class MemoryDirectory final : public InstrumentDirectory {
 public:
  explicit MemoryDirectory(std::set<std::string> names) : names_{std::move(names)} {}
  Result<std::vector<Listing>> Resolve(const std::vector<std::string>& names,
                                       const std::string& /*request_id*/) override {
    std::vector<Listing> listings;
    for (const auto& name : names) {
      if (!names_.contains(name)) {
        return Error{Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + name};
      }
      listings.push_back({.key = name, .instrument_id = 7, .symbol = "SYMBOL"});
    }
    return listings;
  }

 private:
  const std::set<std::string> names_;
};

}  // namespace sauda::feed
