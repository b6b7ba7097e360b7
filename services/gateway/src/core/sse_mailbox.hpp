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
  /// The same for the feed's state: the newest is kept.
  void Status(const Event& event, const Write& write);
  /// Ticks lost before the gateway: told as an event `lost` with their count, added up meanwhile.
  void Lost(std::uint64_t count, const Write& write);
  /// Left out when something waits.
  void Heartbeat(const Event& event, const Write& write) const;
  /// Writes what waits until the writer is full. What was replaced is told first, as an event
  /// `conflated` with its count; then what was lost, the state, and ticks, oldest first.
  void Flush(const Write& write);

  bool empty() const { return waiting_.empty() && !status_ && lost_ == 0; }
  std::uint64_t conflated_total() const { return total_; }

 private:
  struct Waiting {
    std::string key;
    Event event;
  };
  std::list<Waiting> waiting_;
  std::unordered_map<std::string, std::list<Waiting>::iterator> by_key_;
  Event status_;
  std::uint64_t lost_ = 0;       // not told yet
  std::uint64_t conflated_ = 0;  // not told yet
  std::uint64_t total_ = 0;
};

}  // namespace sauda::gateway
