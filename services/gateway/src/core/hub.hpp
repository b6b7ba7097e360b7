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
  /// How the feed stands now; replaces what was told before.
  virtual void OnStatus(const Event& event) = 0;
  /// Ticks that were lost before the gateway, of whatever key.
  virtual void OnLost(std::uint64_t count) = 0;
  /// A sign of life; not needed when something waits anyway.
  virtual void OnHeartbeat(const Event& event) = 0;
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

/// A key that the feed has subscribed.
struct Subscribed {
  std::string key;
  Kind kind = Kind::kUnknown;
};

/// The newest tick of every key and who follows it. One thread publishes and sets the state; any
/// thread calls the rest. A follower gets the newest tick of each key first, then every later one,
/// without loss or repeat between the two. Bounded by what is subscribed, see Reconcile, and by
/// what is followed.
class Hub {
 public:
  /// Follows `keys` until Unfollow. With an id of the same run of the feed only what came after it
  /// is sent first; without one, or with another run's, every newest tick is. A tick of an earlier
  /// run carries that run's id and `stale`.
  /// No keys: every key, now and later.
  void Follow(const std::shared_ptr<Listener>& listener, const std::vector<std::string>& keys,
              const std::optional<EventId>& last_seen);
  void Unfollow(const Listener* listener);

  /// False when the key has it already, or a newer one: the feed repeats the newest tick of each
  /// key to whoever opens a stream.
  bool Publish(Quote quote);
  /// Publishes newest values that were asked for because ticks were dropped; how many were news.
  /// Only those that the stream has gone past: later ones come with it, and ids go on rising. None
  /// when `instance` is not the present run.
  std::size_t Fill(const std::string& instance, std::vector<Quote> latest);
  /// Tells every listener when it changes. Values of an earlier run are stale from then on.
  void SetState(FeedState state);
  /// Ticks that never reached the gateway, of whatever key.
  void Lost(std::uint64_t count);
  void SetKind(const std::string& key, Kind kind);
  /// Learns kinds, and forgets the values of keys that are not in the feed's whole list. Ticks that
  /// came after `updates() == asked_at`, which was before the list was asked for, are kept; so is
  /// all while the feed's state is stale: one that starts may not have read its list yet.
  void Reconcile(const std::vector<Subscribed>& list, std::uint64_t asked_at);
  /// Forgets the values of keys whose subscription was ended. Who follows them goes on to.
  void Forget(const std::vector<std::string>& keys);
  /// A comment to every listener, so that proxies and browsers see life.
  void Heartbeat();

  FeedState state() const;
  /// Keys whose kind is not known yet.
  std::vector<std::string> KeysWithoutKind() const;

  /// True when each of the keys has a tick.
  bool HasAll(const std::vector<std::string>& keys) const;

  /// The answer of a price list, of one kind or of all: `{status, type, count, connection, stale,
  /// simulated, data{key: price}}`. Made once and kept until something changes. A value that is
  /// stale, as all are while the feed is, has its age at `now_ns` (UTC); an answer with such values
  /// is made anew every second.
  Event PriceList(const char* type, std::optional<Kind> kind, std::int64_t now_ns);
  /// Newest ticks, whole: `{status, symbols_tracked, price_updates, stale, simulated,
  /// latest_ticks{key: tick}}`.
  std::string Ticks() const;
  std::uint64_t updates() const;
  bool simulated() const;
  /// Keys with a tick.
  std::size_t count() const;
  std::size_t listeners() const;

 private:
  struct Line {
    Quote newest;
    std::string instance;      ///< run of the feed that `newest` is of
    std::uint64_t before = 0;  ///< highest seq of that run that was published before `newest`
    std::uint64_t update = 0;  ///< updates_ when it came
    std::string price;         ///< `"key":{…}`, made once for each tick
    Kind kind = Kind::kUnknown;
    std::vector<std::shared_ptr<Listener>> followers;  ///< those of follow_all_ first
    bool has_tick = false;
  };
  using Lines = std::map<std::string, Line>;
  /// A list as it was last made.
  struct Kept {
    Event body;
    std::uint64_t version = 0;
    std::int64_t second = 0;  ///< of now_ns
    bool ages = false;        ///< whether it shows any
  };
  Line& LineOf(const std::string& key);
  bool Take(Quote quote);
  bool IsOfThisRun(const Line& line) const { return line.instance == state_.instance; }
  bool IsStale(const Line& line) const { return state_.stale || !IsOfThisRun(line); }
  bool Saw(const EventId& last_seen, const Line& line) const;
  Lines::iterator Drop(Lines::iterator at);
  bool Learn(Line& line, Kind kind);
  Event StatusEvent() const;
  Kept MakeList(const char* type, std::optional<Kind> kind, std::int64_t now_ns) const;

  mutable std::shared_mutex mutex_;  // guards everything below
  Lines lines_;                      // by key
  std::map<const Listener*, std::shared_ptr<Listener>> all_;
  FeedState state_;
  std::uint64_t updates_ = 0;
  std::uint64_t last_seq_ = 0;  // highest of the present run that was published
  std::uint64_t version_ = 1;   // changes with whatever a price list shows
  bool simulated_ = false;      // once true, always
  std::vector<std::shared_ptr<Listener>> follow_all_;
  std::map<std::string, Kept, std::less<>> kept_;  // by type
};

}  // namespace sauda::gateway
