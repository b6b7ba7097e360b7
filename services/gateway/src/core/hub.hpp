#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/gateway/src/core/quote.hpp"

namespace sauda::gateway {

/// An encoded event; one for all who get it.
using Event = std::shared_ptr<const std::string>;

/// One browser's stream, as the hub sees it. Called under the hub's lock: must not block or call
/// back into the hub.
class Listener {
 public:
  virtual ~Listener() = default;
  /// A tick of a key that it follows.
  virtual void OnTick(const std::string& key, const Event& event) = 0;
  /// Something else that it should know: the connection's state, ticks lost before the gateway.
  virtual void OnNotice(const Event& event) = 0;
};

/// How the feed behind the gateway stands.
struct FeedState {
  std::string instance;    ///< run of the feed; empty before the first
  std::string connection;  ///< LIVE, QUIET, …, or FEED_DOWN when the service is away
  bool stale = true;       ///< true: values are old, nothing pretends to be live
};

/// Where an id of the stream comes from: `<instance>-<seq>`.
struct EventId {
  std::string instance;
  std::uint64_t seq = 0;
  static std::optional<EventId> Parse(std::string_view text);
};

/// The newest tick of every key and who follows it. One thread writes (Publish, SetState, Lost);
/// any thread reads and follows. A follower gets the newest tick of each key first, then every
/// later one, without loss or repeat between the two.
class Hub {
 public:
  /// Follows `keys` until Unfollow. With an id of the same run of the feed only what is newer is
  /// sent first; without one, or with another run's, every newest tick is.
  void Follow(const std::shared_ptr<Listener>& listener, const std::vector<std::string>& keys,
              const std::optional<EventId>& last_seen);
  void Unfollow(const Listener* listener);

  void Publish(Quote quote);
  /// Tells every listener when it changes.
  void SetState(FeedState state);
  /// Ticks that never reached the gateway, of whatever key.
  void Lost(std::uint64_t count);
  void SetKind(const std::string& key, Kind kind);
  /// A comment to every listener, so that proxies and browsers see life.
  void Heartbeat();

  FeedState state() const;
  /// Keys whose kind is not known yet.
  std::vector<std::string> KeysWithoutKind() const;

  struct Prices {
    std::string data;  ///< JSON object from key to price
    std::size_t count = 0;
  };
  /// Newest prices of one kind, or of all.
  Prices PricesOf(std::optional<Kind> kind) const;
  /// Newest ticks, whole, as a JSON object by key.
  Prices Ticks() const;
  std::uint64_t updates() const;
  std::size_t listeners() const;

 private:
  struct Line {
    Quote newest;
    std::string price;  ///< `"key":{…}`, made once for each tick
    Kind kind = Kind::kUnknown;
    std::vector<std::shared_ptr<Listener>> followers;
    bool has_tick = false;
  };
  void Tell(const std::string& name, const std::string& data);

  mutable std::shared_mutex mutex_;    // guards everything below
  std::map<std::string, Line> lines_;  // by key
  std::map<const Listener*, std::shared_ptr<Listener>> all_;
  FeedState state_;
  std::uint64_t updates_ = 0;
};

}  // namespace sauda::gateway
