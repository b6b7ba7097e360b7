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
#include "services/feed/src/core/subscription_book.hpp"

namespace sauda::feed {

/// How a link stands.
struct LinkStatus {
  bool up = false;                    ///< wanted open
  bool open = false;                  ///< is
  bool has_gap = false;               ///< and it has not ended
  std::uint64_t token_version = 0;    ///< that the open connection was made with
  std::uint64_t refused_version = 0;  ///< newest token that the broker refused; 0: none
  std::uint32_t failures = 0;         ///< in a row
  std::uint32_t refusals = 0;         ///< in a row: the broker takes no such connection
  std::uint64_t connects = 0;
  std::int64_t last_frame_ns = 0;  ///< of any connection; 0: none
  std::string last_failure;        ///< for people; empty once a connection has held
  ConnectionFacts facts;           ///< `wanted` and `has_token` apart
};

/// One of the connections to the broker: opens it when told with the newest token, asks for what
/// its book wants at the pace it sets, notices its end and comes back: at once, then with jittered
/// backoff, after many failures more slowly. One thread of its own does all that; the other methods
/// are thread-safe and return at once, but Stop.
class Link final : private BrokerFeedEvents {
 public:
  struct Options {
    std::uint32_t number = 0;  ///< which of its owner's it is
    SubscriptionBook::Pace pace;
    Backoff::Limits backoff;
    std::uint32_t attempts_before_alert = 10;  ///< after them the pace is the slow one
    std::chrono::milliseconds slow_pace{60'000};
    std::chrono::milliseconds held_after{5'000};  ///< a shorter connection counts as a failure
    /// How long a gap waits, once the last key was asked for, for keys without a tick.
    std::chrono::milliseconds gap_patience{1'250};
    bool simulated = false;  ///< the settings name the simulator
  };
  /// What it tells. Called by its thread, without locks, but on_frame.
  struct Events {
    std::function<void(const BrokerFrame&)> on_frame;  ///< on the socket's I/O thread
    std::function<void()> on_change;                   ///< its status is another
    std::function<void(bool simulated)> on_open;       ///< before the first frame
    /// Since when a link has a gap; absent: it has none any more. Maybe under its lock.
    std::function<void(std::uint32_t link, std::optional<std::int64_t> from_ns)> on_open_gap;
    std::function<void(Gap)> on_gap;
    std::function<void(const Error&)> on_attempt_failed;
    std::function<void(std::uint64_t version)> on_token_refused;
    std::function<void(const std::string& why)> on_lost;
  };

  Link(BrokerFeed& broker, const Listings& listings, const Clock& clock, Options options,
       Events events);
  ~Link() override;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void Start();
  /// Says that it is to stop; Stop waits for it.
  void BeginStop();
  /// Closes the socket and joins. Idempotent.
  void Stop();

  /// Be open, now and for good; an attempt takes the newest token, and none is made without. One
  /// that is open stays.
  void Connect(const std::optional<BrokerToken>& token);
  /// Be closed. With a cause, a gap begins if it was open.
  void Disconnect(const std::string& cause, const std::string& detail);
  /// Close and open with this token at once, and ask for all keys without a pause. A HAND_OVER gap.
  void Renew(const BrokerToken& token);

  /// As SubscriptionBook.
  Result<void> Want(std::span<const InstrumentId> ids, Mode mode);
  void Drop(std::span<const InstrumentId> ids);
  void AskAgain(std::span<const InstrumentId> ids);
  /// As SubscriptionBook.
  void Hurry();
  /// Wants nothing any more, and its open gap ends now: until now something was wanted.
  void Clear();
  std::optional<SubscriptionBook::Row> RowOf(InstrumentId id) const;
  std::optional<Monotonic> AskedAt(InstrumentId id) const;
  bool AllAsked() const;
  double Rate() const;

  /// Something is missing since `from_ns`; an open gap that began later is taken in. A gap ends
  /// with the frame that brings the last key its first tick; keys that stay silent are waited for
  /// as long as the patience.
  void StartGap(Gap gap);
  /// Absent: there is none.
  std::optional<Gap> OpenGap() const;
  /// The moment up to which it has brought all that it was asked for, on its last connection; when
  /// the gap has begun, if it has one; 0: it was never open.
  std::int64_t CoveredNs() const;
  /// The open gap is another's from now on.
  void DropGap();

  LinkStatus Look(const SegmentStatus& segments);

 private:
  void OnFrame(const BrokerFrame& frame) override;
  void OnClosed(std::string why) override;

  void Run();
  /// Each does one thing that is due, with the lock given up while it waits for the broker.
  void Step(std::unique_lock<std::mutex>& lock);
  void CloseSocket(std::unique_lock<std::mutex>& lock);
  void TryOpen(std::unique_lock<std::mutex>& lock);
  void AfterFailure(const OpenOutcome& outcome, std::uint64_t token_version);
  void HandleLoss(std::unique_lock<std::mutex>& lock, const std::string& why);
  void Ask(std::unique_lock<std::mutex>& lock);
  void SendBatch(std::unique_lock<std::mutex>& lock, const SubscriptionBook::Batch& batch);
  void NoteGap(const std::string& cause, const std::string& detail);
  std::int64_t LastHeardNs() const;
  void SetGap(std::optional<Gap> gap);
  void EndGap(std::unique_lock<std::mutex>& lock);
  void TellGap(std::unique_lock<std::mutex>& lock);
  void Tell(std::unique_lock<std::mutex>& lock);
  void TryAtOnce();
  std::chrono::milliseconds NextPause();
  bool HasHeld() const;
  /// What is due of the keys asked for, and how often they tick.
  ConnectionFacts Due(const SegmentStatus& segments) const;
  Monotonic NextWake() const;
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
  bool news_ = false;  // that on_change has not told
  bool up_ = false;
  bool renew_ = false;
  bool hurry_ = false;  // of the next connection
  bool open_ = false;
  bool dead_ = false;  // lost, and none is in its place
  std::string close_cause_;
  std::string close_detail_;
  std::optional<std::string> lost_;  // why; set by the I/O thread
  std::optional<BrokerToken> token_;
  std::uint64_t open_version_ = 0;
  std::uint64_t refused_version_ = 0;
  std::uint32_t failures_ = 0;
  std::uint32_t refusals_ = 0;
  std::string last_failure_;
  Monotonic next_attempt_;
  Monotonic opened_at_;
  std::int64_t opened_ns_ = 0;
  bool due_ = false;
  Monotonic due_since_;
  std::uint64_t connects_ = 0;
  std::optional<Gap> gap_;  // open while it has no end; with one its thread is to tell it
  Monotonic gap_ends_since_;
  std::int64_t dropped_ns_ = 0;  // when keys went last while a gap was open; 0: none did
  std::thread thread_;           // last: starts with Start
};

}  // namespace sauda::feed
