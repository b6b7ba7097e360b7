#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/base/clock.hpp"
#include "services/feed/src/core/broker_feed.hpp"
#include "services/feed/src/core/connection_rule.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/subscription_book.hpp"

namespace sauda::feed {

/// Keeps the connection to the broker: opens it with the newest token, asks for what the book wants
/// at the pace it sets, notices its end, and comes back: at once, then with jittered backoff, after
/// ten failures with an alert and more slowly. One thread of its own does all that; the other
/// methods are thread-safe and return at once.
class Connector final : public BrokerFeedEvents {
 public:
  struct Options {
    SubscriptionBook::Pace pace;
    Backoff::Limits backoff;
    std::uint32_t attempts_before_alert = 10;
    std::chrono::milliseconds slow_pace{60'000};  ///< between attempts after the alert
    std::chrono::milliseconds stale_after{10'000};
    std::chrono::milliseconds held_after{5'000};  ///< a shorter connection counts as a failure
    /// How long a gap waits, once the last key was asked for, for keys without a tick.
    std::chrono::milliseconds gap_patience{2'000};
    bool simulated = false;  ///< the settings name the simulator
  };
  /// What it tells. Called by its thread, without locks, but on_frame and on_wanted.
  struct Events {
    std::function<void(const BrokerFrame&)> on_frame;  ///< on the socket's I/O thread
    std::function<void(std::size_t keys)> on_wanted;   ///< by whoever wants or drops
    std::function<void(bool simulated)> on_open;       ///< before the first frame
    std::function<void(ConnectionState)> on_state;
    /// Since when a gap is open; absent: none is any more. May come under its lock.
    std::function<void(std::optional<std::int64_t> from_ns)> on_open_gap;
    std::function<void(Gap)> on_gap;
    std::function<void(const Error&)> on_attempt_failed;
    std::function<void(bool failing)> on_alert;
    std::function<void(std::uint64_t version)> on_token_refused;
    std::function<void(const std::string& why)> on_lost;
  };

  Connector(BrokerFeed& broker, const Listings& listings, const Clock& clock, Options options,
            Events events);
  ~Connector() override;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Starts off or on; before it nothing is tried. Once it runs, another call only says off or on
  /// anew. What SetWanted has said counts more than either.
  void Start(bool connected);
  /// Closes the socket and joins. Idempotent.
  void Stop();

  /// The newest token; absent: there is none, and `why`. An open socket outlives its token, but not
  /// a logout.
  void SetToken(std::optional<BrokerToken> token, const std::string& why);
  /// What the owner wishes.
  void SetWanted(bool wanted);
  void SetSegments(const SegmentStatus& segments);

  /// As SubscriptionBook.
  Result<void> Want(std::span<const InstrumentId> ids, std::optional<Mode> mode, bool only_raise);
  std::vector<InstrumentId> Drop(std::span<const InstrumentId> ids);
  std::optional<Mode> ModeOf(InstrumentId id) const;
  std::vector<SubscriptionBook::Row> Rows() const;

  /// A stretch before this run that nothing covers; it takes in one that has begun later. Every gap
  /// ends with the frame that brings the last key its first tick; keys that stay silent are waited
  /// for as long as the patience.
  void SetGapStart(std::int64_t from_ns, std::string cause, std::string detail);

  ConnectionStatus Status() const;

 private:
  void OnFrame(const BrokerFrame& frame) override;
  void OnClosed(std::string why) override;

  void Run();
  /// Each does one thing that is due, with the lock given up while it waits for the broker.
  void Step(std::unique_lock<std::mutex>& lock);
  void CloseSocket(std::unique_lock<std::mutex>& lock, const std::string& cause,
                   const std::string& detail);
  void TryOpen(std::unique_lock<std::mutex>& lock);
  void AfterFailure(const OpenOutcome& outcome, std::uint64_t token_version);
  void HandleLoss(const std::string& why);
  void SendBatch(std::unique_lock<std::mutex>& lock, const SubscriptionBook::Batch& batch);
  void StartGap(const std::string& cause, const std::string& detail);
  void EndGap(std::unique_lock<std::mutex>& lock);
  void Wish(bool wanted);
  std::chrono::milliseconds NextPause();
  void Announce(std::unique_lock<std::mutex>& lock);
  bool HasHeld() const;
  bool SomethingIsDue() const;
  Monotonic NextWake() const;
  std::string Detail() const;
  void Wake();

  BrokerFeed& broker_;
  const Listings& listings_;
  const Clock& clock_;
  const Options options_;
  const Events events_;

  std::atomic<std::int64_t> last_frame_ns_{0};
  std::atomic<std::int64_t> last_frame_at_{0};        // ticks of the monotonic clock
  std::atomic<std::int64_t> connection_first_ns_{0};  // first frame of this connection; 0: none
  std::atomic<bool> gap_ends_{false};  // all keys were asked for: their first ticks are awaited

  mutable std::mutex mutex_;  // guards everything below but the thread
  std::condition_variable changed_;
  SubscriptionBook book_;
  Backoff backoff_;
  bool stopping_ = false;
  bool woken_ = false;
  bool wanted_ = true;
  bool wish_told_ = false;  // by SetWanted
  bool open_ = false;
  bool logged_out_ = false;
  bool due_ = false;
  std::optional<std::string> lost_;  // why; set by the I/O thread
  std::optional<BrokerToken> token_;
  std::string token_detail_ = "no token yet";
  std::uint64_t refused_version_ = 0;
  std::uint32_t failures_ = 0;
  bool alerted_ = false;
  bool simulated_ = false;
  std::string last_failure_;
  Monotonic next_attempt_;
  Monotonic opened_at_;
  Monotonic due_since_;
  std::uint64_t connects_ = 0;
  SegmentStatus segments_;
  ConnectionState state_ = ConnectionState::kConnecting;
  std::int64_t since_ns_ = 0;
  std::optional<Gap> gap_;  // open
  Monotonic gap_ends_since_;
  std::thread thread_;  // last: starts with Start
};

}  // namespace sauda::feed
