#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// One tick of a key, as the test needs it.
struct PublishedUpdate {
  std::int64_t number = 0;       ///< the simulator's, of the key
  std::int64_t received_ns = 0;  ///< wall clock, since the Unix epoch
  Mode mode = Mode::kLtpc;
  bool snapshot = false;
};

/// What became of the updates of all keys, each from the first to the last that was published.
struct HandOverCount {
  std::uint64_t updates = 0;
  std::uint64_t missed = 0;   ///< not published, though not skipped either
  std::uint64_t shown = 0;    ///< by the broker's snapshot alone, as what was the newest then
  std::uint64_t untold = 0;   ///< of these, outside the gaps
  std::uint64_t doubled = 0;  ///< published although it, or a later one, had been
  std::uint64_t unknown = 0;  ///< published and never sent, or not in the simulator's record
  std::uint64_t skipped = 0;  ///< the simulator found a connection too slow for it
  std::size_t gaps = 0;
  std::int64_t longest_gap_ms = 0;

  std::string Text() const {
    return std::to_string(updates) + " updates, " + std::to_string(missed) + " missed, " +
           std::to_string(untold) + " of them untold, " + std::to_string(shown) +
           " in a snapshot alone, " + std::to_string(doubled) + " doubled, " +
           std::to_string(skipped) + " skipped by the simulator, " + std::to_string(gaps) +
           " gaps, the longest " + std::to_string(longest_gap_ms) + " ms";
  }
};

/// Holds what was published against the file that the simulator wrote (`--record`).
class SentUpdates {
 public:
  /// What was published of a key, in its order.
  void Expect(const std::string& key, std::vector<PublishedUpdate> published) {
    Key& entry = keys_[key];
    entry.published = std::move(published);
    for (const PublishedUpdate& each : entry.published) {
      entry.received_ns.emplace(each.number, each.received_ns);
      if (!each.snapshot) entry.live.insert(each.number);
    }
  }

  /// Each line: wall clock in ns, session, what, key, number.
  void Read(const std::string& path) {
    std::ifstream lines{path};
    std::map<std::int64_t, std::int64_t> arrived_ns;  // by session: of what it has brought so far
    std::int64_t sent_ns = 0;
    std::int64_t session = 0;
    std::int64_t number = 0;
    std::string what;
    std::string key;
    while (lines >> sent_ns >> session >> what >> key >> number) {
      const auto found = keys_.find(key);
      if (found == keys_.end() || what == "snapshot") continue;
      const auto& received = found->second.received_ns;
      std::int64_t& newest_ns = arrived_ns[session];
      if (const auto at = received.find(number); what == "live" && at != received.end()) {
        newest_ns = std::max(newest_ns, at->second);
      }
      auto [sent, is_new] = found->second.sent.try_emplace(number, Sent{.first_ns = sent_ns});
      sent->second.live |= what == "live";
      sent->second.skipped |= what == "skipped";
      sent->second.after_ns = std::max({sent->second.after_ns, sent_ns, newest_ns});
    }
  }

  /// A gap begins when the last update before it was received, which may be after the next one was
  /// sent.
  HandOverCount Compare(std::span<const Gap> gaps) const {
    HandOverCount count{.gaps = gaps.size()};
    for (const Gap& gap : gaps) {
      count.longest_gap_ms = std::max(count.longest_gap_ms, (gap.to_ns - gap.from_ns) / 1'000'000);
    }
    for (const auto& [name, key] : keys_) {
      if (key.published.empty()) continue;
      CountPublished(key, count);
      const std::int64_t last = key.published.back().number;
      for (std::int64_t number = key.published.front().number; number <= last; ++number) {
        CountSent(key, number, gaps, count);
      }
    }
    return count;
  }

 private:
  struct Sent {
    std::int64_t first_ns = 0;
    std::int64_t after_ns = 0;  // when what its session brought before it was received, at least
    bool live = false;
    bool skipped = false;
  };
  struct Key {
    std::vector<PublishedUpdate> published;
    std::unordered_map<std::int64_t, std::int64_t> received_ns;  // by number
    std::unordered_set<std::int64_t> live;                       // numbers
    std::unordered_map<std::int64_t, Sent> sent;                 // by number
  };

  /// A snapshot may say once more what is the newest, and nothing older.
  static void CountPublished(const Key& key, HandOverCount& count) {
    std::int64_t newest = 0;
    for (const PublishedUpdate& each : key.published) {
      const bool is_news = each.snapshot ? each.number >= newest : each.number > newest;
      count.doubled += is_news ? 0 : 1;
      newest = std::max(newest, each.number);
    }
  }

  static void CountSent(const Key& key, std::int64_t number, std::span<const Gap> gaps,
                        HandOverCount& count) {
    ++count.updates;
    const auto found = key.sent.find(number);
    const bool is_first = number == key.published.front().number;  // of a snapshot, as a rule
    if (found == key.sent.end()) {
      count.unknown += is_first ? 0 : 1;
      return;
    }
    const Sent& sent = found->second;
    if (key.live.contains(number)) return;
    if (key.received_ns.contains(number)) {
      count.shown += is_first ? 0 : 1;
      return;
    }
    if (sent.skipped) {
      ++count.skipped;
      return;
    }
    ++count.missed;
    const bool told = std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
      return gap.cause == "HAND_OVER" && gap.to_ns >= sent.first_ns && gap.from_ns <= sent.after_ns;
    });
    count.untold += told ? 0 : 1;
  }

  std::map<std::string, Key> keys_;
};

}  // namespace sauda::feed
