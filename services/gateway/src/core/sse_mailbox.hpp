#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <string>
#include <unordered_map>

#include "services/gateway/src/core/hub.hpp"

namespace sauda::gateway {

/// What waits for one browser that is slower than the market: the newest event of each key, and how
/// many it replaced. Bounded by the keys followed. Not thread-safe: the owner holds a lock.
class SseMailbox {
 public:
  enum class Offer : std::uint8_t { kTaken, kFull, kGone };
  /// Writes to the browser without waiting.
  using Write = std::function<Offer(const Event&)>;

  /// Writes the event, or keeps it when others wait or the writer is full.
  void Tick(const std::string& key, const Event& event, const Write& write);
  /// The same for what is not a tick: the newest of its kind is kept.
  void Notice(const Event& event, const Write& write);
  /// Writes what waits until the writer is full. What was replaced is told first, as an event
  /// `conflated` with its count.
  void Flush(const Write& write);

  bool empty() const { return waiting_.empty() && !notice_; }
  std::uint64_t conflated_total() const { return total_; }

 private:
  struct Waiting {
    std::string key;
    Event event;
  };
  std::list<Waiting> waiting_;
  std::unordered_map<std::string, std::list<Waiting>::iterator> by_key_;
  Event notice_;
  std::uint64_t conflated_ = 0;  // not told yet
  std::uint64_t total_ = 0;
};

}  // namespace sauda::gateway
