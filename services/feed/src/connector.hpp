#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/broker_feed.hpp"
#include "services/feed/src/core/connection_rule.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/hand_over.hpp"
#include "services/feed/src/link.hpp"
#include "services/feed/src/pool.hpp"

namespace sauda::feed {

/// Keeps the connections to the broker: what the owner wishes, which token there is, how it all
/// stands; a Pool of Links does the rest. One thread of its own decides, each Link's thread talks
/// to the broker; the methods are thread-safe and return at once.
class Connector final {
 public:
  struct Options {
    SubscriptionBook::Pace pace;
    Backoff::Limits backoff;
    std::uint32_t attempts_before_alert = 10;
    std::chrono::milliseconds slow_pace{60'000};  ///< between attempts after the alert
    std::chrono::milliseconds stale_after{10'000};
    std::chrono::milliseconds held_after{5'000};  ///< a shorter connection counts as a failure
    /// How long two sockets may carry a key that moves and not stand at the same place when its old
    /// one says nothing more of it; five times as long when it does, or the new one nothing at all.
    std::chrono::milliseconds hand_over_limit{1'000};
    std::chrono::milliseconds gap_patience{1'250};  ///< as Link has it
    bool simulated = false;                         ///< the settings name the simulator
  };
  /// What it tells. Called without locks, by its thread or a link's, one at a time for each link,
  /// but on_frame and on_wanted.
  struct Events {
    std::function<void(const BrokerFrame&)> on_frame;  ///< on the sockets' I/O threads
    std::function<void(std::size_t keys)> on_wanted;   ///< by whoever wants or drops
    std::function<void(bool simulated)> on_open;       ///< before the first frame
    std::function<void(ConnectionState)> on_state;     ///< by its thread
    /// Since when a connection has a gap; absent: it has none any more. Maybe under a lock.
    std::function<void(std::uint32_t connection, std::optional<std::int64_t> from_ns)> on_open_gap;
    std::function<void(Gap)> on_gap;
    std::function<void(const Error&)> on_attempt_failed;
    std::function<void(bool failing)> on_alert;  ///< by its thread
    std::function<void(std::uint64_t version)> on_token_refused;
    std::function<void(const std::string& why)> on_lost;
  };

  /// One connection for each of `brokers`, at least one. All references outlive it.
  Connector(const Pool::Brokers& brokers, const Listings& listings, HandOver& hand_over,
            const Clock& clock, Options options, Events events);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Starts off or on; before it nothing is tried. Once it runs, another call only says off or on
  /// anew. What SetWanted has said counts more than either.
  void Start(bool connected);
  /// Closes the sockets and joins. Idempotent.
  void Stop();

  /// The newest token; absent: there is none, and `why`. Open sockets move to a new one. They
  /// outlive its end, but not a logout.
  void SetToken(std::optional<BrokerToken> token, const std::string& why);
  /// What the owner wishes.
  void SetWanted(bool wanted);
  void SetSegments(const SegmentStatus& segments);

  /// As SocketPlan; without a mode those that are there stay as they are, others get FULL.
  Result<void> Want(std::span<const InstrumentId> ids, std::optional<Mode> mode, bool only_raise);
  std::vector<InstrumentId> Drop(std::span<const InstrumentId> ids);
  std::optional<Mode> ModeOf(InstrumentId id) const;
  std::vector<SubscriptionBook::Row> Rows() const;

  /// A stretch before this run that nothing covers; it takes in one that has begun later. It ends
  /// for each connection that carries keys as Link says.
  void SetGapStart(std::int64_t from_ns, const std::string& cause, const std::string& detail);

  ConnectionStatus Status() const;

 private:
  Link::Events LinkEvents();
  void Run();
  void Announce(std::unique_lock<std::mutex>& lock);
  /// The links' states as one.
  ConnectionState JudgeAll() const;
  ConnectionFacts FactsOf(const LinkStatus& status) const;
  Pool::Orders OrdersNow() const;
  std::string Detail() const;
  void Wake();

  const Listings& listings_;
  const Clock& clock_;
  const Options options_;
  const Events events_;

  mutable std::mutex mutex_;  // guards everything below but the thread
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  bool wanted_ = true;
  bool wish_told_ = false;  // by SetWanted
  bool logged_out_ = false;
  std::optional<BrokerToken> token_;
  std::string token_detail_ = "no token yet";
  bool alerted_ = false;
  bool simulated_ = false;
  SegmentStatus segments_;
  ConnectionState state_ = ConnectionState::kConnecting;
  std::int64_t since_ns_ = 0;
  const std::unique_ptr<Pool> pool_;  // Start and Stop without the mutex
  std::thread thread_;                // last: starts with Start
};

}  // namespace sauda::feed
