#include "services/feed/src/alert_desk.hpp"

#include <utility>

namespace sauda::feed {

AlertDesk::AlertDesk(const Clock& clock, MarketTime market_time, Options options, Events events)
    : clock_{clock},
      market_time_{std::move(market_time)},
      options_{std::move(options)},
      events_{std::move(events)},
      engine_{options_.engine},
      log_{options_.kept_alerts},
      thread_{[this] { Run(); }} {}

AlertDesk::~AlertDesk() { Stop(); }

void AlertDesk::Queue::Put(const AlertQuote& quote, std::size_t capacity) {
  if (quotes.size() < capacity) {
    quotes.push_back(quote);
    return;
  }
  quotes[oldest] = quote;
  oldest = (oldest + 1) % capacity;
  ++unseen;
}

void AlertDesk::EndFrame() {
  if (frame_.empty()) return;
  {
    const std::lock_guard lock{queue_mutex_};
    for (const AlertQuote& quote : frame_) queue_.Put(quote, options_.queue_quotes);
  }
  frame_.clear();
  has_work_.notify_one();
}

AlertTime AlertDesk::Time() const {
  return {.now = clock_.Now(), .utc_ns = clock_.UtcNs(), .market_ms = market_time_()};
}

void AlertDesk::Post(Command command) {
  {
    const std::lock_guard lock{queue_mutex_};
    queue_.commands.push_back(std::move(command));
  }
  has_work_.notify_one();
}

void AlertDesk::OnConnection(ConnectionState state) {
  Post(
      [state, now = clock_.Now()](AlertEngine& engine, auto&) { engine.OnConnection(state, now); });
}

void AlertDesk::OnSegments(const SegmentStatus& segments) {
  Post([segments, now = clock_.Now()](AlertEngine& engine, auto&) {
    engine.OnSegments(segments, now);
  });
}

void AlertDesk::OnConnect(bool simulated) {
  Post([simulated, time = Time()](AlertEngine& engine, std::vector<AlertFiring>& fired) {
    engine.OnConnect(simulated, time, fired);
  });
}

void AlertDesk::OnOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns) {
  Post(
      [connection, from_ns](AlertEngine& engine, auto&) { engine.OnOpenGap(connection, from_ns); });
}

void AlertDesk::OnGap(const Gap& gap) {
  Post([gap, time = Time()](AlertEngine& engine, std::vector<AlertFiring>& fired) {
    engine.OnGap(gap, time, fired);
  });
}

Result<void> AlertDesk::Add(const AlertRule& rule, InstrumentId instrument) {
  if (auto checked = CheckAlertRule(rule); !checked) return checked;
  const std::lock_guard lock{rules_mutex_};
  const auto is_new = AddNew(rule, instrument);
  if (!is_new) return is_new.error();
  if (*is_new) events_.on_added(rule);
  return {};
}

Result<void> AlertDesk::Restore(const AlertRule& rule, InstrumentId instrument) {
  const std::lock_guard lock{rules_mutex_};
  const auto is_new = AddNew(rule, instrument);
  if (!is_new && is_new.error().reason != "ALERT_ID_REUSED") return is_new.error();
  return {};
}

Result<bool> AlertDesk::AddNew(const AlertRule& rule, InstrumentId instrument) {
  std::size_t rules = 0;
  {
    const std::lock_guard lock{engine_mutex_};
    auto is_new = engine_.IsNew(rule);
    if (!is_new || !*is_new) return is_new;
    engine_.Add(std::make_shared<const AlertRule>(rule), instrument, Time());
    rules = engine_.size();
  }
  events_.on_count(rules);
  return true;
}

Result<void> AlertDesk::CheckNew(const AlertRule& rule) const {
  const std::lock_guard lock{engine_mutex_};
  if (const auto is_new = engine_.IsNew(rule); !is_new) return is_new.error();
  return {};
}

bool AlertDesk::Remove(const std::string& rule_id) {
  const std::lock_guard lock{rules_mutex_};
  std::size_t rules = 0;
  {
    const std::lock_guard engine_lock{engine_mutex_};
    if (!engine_.Remove(rule_id)) return false;
    rules = engine_.size();
  }
  events_.on_removed(rule_id);
  events_.on_count(rules);
  return true;
}

std::vector<AlertRulePtr> AlertDesk::List(const std::string& after_id, std::size_t limit) const {
  const std::lock_guard lock{engine_mutex_};
  return engine_.List(after_id, limit);
}

AlertBatch AlertDesk::Read(std::uint64_t after, std::size_t limit) const {
  const std::lock_guard lock{log_mutex_};
  return log_.Read(after, limit);
}

std::uint64_t AlertDesk::last_number() const {
  const std::lock_guard lock{log_mutex_};
  return log_.last_number();
}

void AlertDesk::Watch(std::shared_ptr<AlertWatcher> watcher) {
  const std::lock_guard lock{log_mutex_};
  watchers_.push_back(std::move(watcher));
}

void AlertDesk::Unwatch(const AlertWatcher* watcher) {
  const std::lock_guard lock{log_mutex_};
  std::erase_if(watchers_, [watcher](const auto& each) { return each.get() == watcher; });
}

void AlertDesk::Run() {
  auto next_beat = std::chrono::steady_clock::now() + options_.beat;
  Queue queue;
  for (bool running = true; running;) {
    {
      std::unique_lock lock{queue_mutex_};
      has_work_.wait_until(lock, next_beat, [&] { return stopping_ || !queue_.empty(); });
      std::swap(queue, queue_);
      running = !stopping_ || !queue.empty();
    }
    const auto now = std::chrono::steady_clock::now();
    const bool beat = now >= next_beat;
    if (beat) next_beat = now + options_.beat;
    Work(queue, beat);
    queue.quotes.clear();  // keeps its memory
    queue.commands.clear();
    queue.oldest = 0;
    queue.unseen = 0;
  }
}

void AlertDesk::Work(const Queue& queue, bool beat) {
  std::vector<AlertFiring> fired;
  {
    const std::lock_guard lock{engine_mutex_};
    for (std::size_t i = 0; i < queue.quotes.size(); ++i) {
      engine_.OnQuote(queue.quotes[(queue.oldest + i) % queue.quotes.size()], fired);
    }
    for (const Command& command : queue.commands) command(engine_, fired);
    if (beat) engine_.OnTime(Time(), fired);
  }
  if (queue.unseen > 0) {
    unseen_.fetch_add(queue.unseen, std::memory_order_relaxed);
    events_.on_unseen(queue.unseen);
  }
  if (!fired.empty()) Tell(std::move(fired));
}

void AlertDesk::Tell(std::vector<AlertFiring> fired) {
  std::vector<Alert> alerts;
  alerts.reserve(fired.size());
  std::vector<std::shared_ptr<AlertWatcher>> watchers;
  {
    const std::lock_guard lock{log_mutex_};
    for (AlertFiring& each : fired) alerts.push_back(log_.Append(std::move(each)));
    watchers = watchers_;
  }
  events_.on_fired(alerts);
  for (const auto& watcher : watchers) watcher->OnAlerts();
}

void AlertDesk::Stop() {
  {
    const std::lock_guard lock{queue_mutex_};
    stopping_ = true;
  }
  has_work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace sauda::feed
