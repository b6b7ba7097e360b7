#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
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
#include "services/feed/src/core/alerts/alert_engine.hpp"
#include "services/feed/src/core/alerts/alerts.hpp"

namespace sauda::feed {

/// Judges the alert rules on a thread of its own, and numbers and keeps what fires.
///
/// Ticks come from the socket's thread, where they are whole; the publisher only has them encoded.
/// That thread copies what rules look at, once a frame under a lock that is never held for long,
/// and waits for nobody. When rules are judged more slowly than ticks come, the oldest of the
/// queue go unseen: counted, told by on_unseen, and to every watcher. Rules then see fewer prices,
/// but never an old one last.
class AlertDesk final : public Alerts {
 public:
  struct Options {
    std::size_t queue_quotes = 16'384;  ///< 1.6 s at 10 000 ticks/s
    std::size_t kept_alerts = 4'096;    ///< for watchers that come back
    AlertEngine::Options engine;
    std::chrono::milliseconds beat{1'000};  ///< how often silence is looked for
  };
  /// What it tells; the first two on its thread, without locks, the others by whoever adds or
  /// removes, in the order in which that happened. None may wait or call back.
  struct Events {
    std::function<void(std::span<const Alert>)> on_fired;
    std::function<void(std::uint64_t ticks)> on_unseen;  ///< since the last call
    std::function<void(const AlertRule&)> on_added;      ///< not by Restore
    std::function<void(const std::string& rule_id)> on_removed;
    std::function<void(std::size_t rules)> on_count;
  };
  /// Milliseconds since the Unix epoch at the exchange; 0: not known.
  using MarketTime = std::function<std::int64_t()>;

  /// `clock` outlives it.
  AlertDesk(const Clock& clock, MarketTime market_time, Options options, Events events);
  ~AlertDesk() override;
  AlertDesk(const AlertDesk&) = delete;
  AlertDesk& operator=(const AlertDesk&) = delete;

  /// The thread that ingests: each tick, and the end of a frame.
  void Take(InstrumentId id, const Tick& tick) { frame_.push_back(QuoteOf(id, tick)); }
  void EndFrame();

  // From any thread; they return at once.
  void OnConnection(ConnectionState state);
  void OnSegments(const SegmentStatus& segments);
  void OnConnect(bool simulated);
  void OnOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns);
  void OnGap(const Gap& gap);

  /// A rule that an earlier run had; one that has its id now stays. Fails as Add does.
  Result<void> Restore(const AlertRule& rule, InstrumentId instrument);
  /// Everything that earlier runs had was restored.
  void SetLoaded() { loaded_.store(true); }

  bool loaded() const override { return loaded_.load(); }
  Result<void> Add(const AlertRule& rule, InstrumentId instrument) override;
  Result<void> CheckNew(const AlertRule& rule) const override;
  bool Remove(const std::string& rule_id) override;
  std::vector<AlertRulePtr> List(const std::string& after_id, std::size_t limit) const override;
  AlertBatch Read(std::uint64_t after, std::size_t limit) const override;
  std::uint64_t last_number() const override;
  std::uint64_t unseen_ticks() const override { return unseen_.load(std::memory_order_relaxed); }
  void Watch(std::shared_ptr<AlertWatcher> watcher) override;
  void Unwatch(const AlertWatcher* watcher) override;

  /// Judges what has come and joins. Idempotent.
  void Stop();

 private:
  using Command = std::function<void(AlertEngine&, std::vector<AlertFiring>&)>;
  /// What waits for the thread.
  struct Queue {
    std::vector<AlertQuote> quotes;  // a ring once it is full
    std::size_t oldest = 0;
    std::uint64_t unseen = 0;
    std::vector<Command> commands;

    bool empty() const { return quotes.empty() && commands.empty(); }
    void Put(const AlertQuote& quote, std::size_t capacity);
  };

  AlertTime Time() const;
  /// Needs rules_mutex_. False: there is such a rule, and it is `rule`.
  Result<bool> AddNew(const AlertRule& rule, InstrumentId instrument);
  void Post(Command command);
  void Run();
  void Work(const Queue& queue, bool beat);
  void Tell(std::vector<AlertFiring> fired);

  const Clock& clock_;
  const MarketTime market_time_;
  const Options options_;
  const Events events_;
  std::vector<AlertQuote> frame_;  // the ingesting thread's
  std::atomic<std::uint64_t> unseen_{0};
  std::atomic<bool> loaded_{false};

  std::mutex rules_mutex_;  // orders changes of rules, and what is told of them; taken first
  mutable std::mutex engine_mutex_;  // guards engine_; held while a queue is judged
  AlertEngine engine_;

  mutable std::mutex log_mutex_;  // guards the two below
  AlertLog log_;
  std::vector<std::shared_ptr<AlertWatcher>> watchers_;

  std::mutex queue_mutex_;  // guards the two below
  Queue queue_;
  bool stopping_ = false;
  std::condition_variable has_work_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::feed
