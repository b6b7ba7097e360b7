#include "services/feed/src/connector.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sauda::feed {
namespace {

constexpr std::chrono::milliseconds kLook{1'000};  // at the state, when nothing wakes it earlier
constexpr std::chrono::milliseconds kBusyLook{100};

Link::Options LinkOptions(const Connector::Options& options) {
  return {.pace = options.pace,
          .backoff = options.backoff,
          .attempts_before_alert = options.attempts_before_alert,
          .slow_pace = options.slow_pace,
          .held_after = options.held_after,
          .gap_patience = options.gap_patience,
          .simulated = options.simulated};
}

}  // namespace

Connector::Connector(const Pool::Brokers& brokers, const Listings& listings, HandOver& hand_over,
                     const Clock& clock, Options options, Events events)
    : listings_{listings},
      clock_{clock},
      options_{options},
      events_{std::move(events)},
      simulated_{options.simulated},
      since_ns_{clock.UtcNs()},
      pool_{std::make_unique<Pool>(brokers, listings, hand_over, clock, LinkOptions(options),
                                   LinkEvents(), options.hand_over_limit)} {}

Connector::~Connector() { Stop(); }

Link::Events Connector::LinkEvents() {
  return {.on_frame = events_.on_frame,
          .on_change = [this] { Wake(); },
          .on_open =
              [this](bool simulated) {
                {
                  const std::lock_guard lock{mutex_};
                  simulated_ = simulated;
                }
                events_.on_open(simulated);
              },
          .on_open_gap = events_.on_open_gap,
          .on_gap = events_.on_gap,
          .on_attempt_failed = events_.on_attempt_failed,
          .on_token_refused = events_.on_token_refused,
          .on_lost = events_.on_lost};
}

void Connector::Start(bool connected) {
  {
    const std::lock_guard lock{mutex_};
    if (!wish_told_) wanted_ = connected;
  }
  Wake();
  if (thread_.joinable()) return;
  pool_->Start();
  thread_ = std::thread{[this] { Run(); }};
}

void Connector::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  pool_->Stop();
}

void Connector::Wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_all();
}

void Connector::SetToken(std::optional<BrokerToken> token, const std::string& why) {
  {
    const std::lock_guard lock{mutex_};
    logged_out_ = !token && why == "LOGGED_OUT";
    token_ = std::move(token);
    token_detail_ = why;
  }
  Wake();
}

void Connector::SetWanted(bool wanted) {
  {
    const std::lock_guard lock{mutex_};
    wish_told_ = true;
    wanted_ = wanted;
  }
  Wake();
}

void Connector::SetSegments(const SegmentStatus& segments) {
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [segment, status] : segments) segments_[segment] = status;
  }
  Wake();
}

// A tick can come as soon as a key is asked for, so it is marked before.
Result<void> Connector::Want(std::span<const InstrumentId> ids, std::optional<Mode> mode,
                             bool only_raise) {
  std::size_t wanted = 0;
  {
    const std::lock_guard lock{mutex_};
    std::vector<InstrumentId> unknown;
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(unknown),
                 [&](InstrumentId id) { return !pool_->plan().Of(id); });
    for (const InstrumentId id : unknown) listings_.counts(id).wanted = true;
    auto taken = mode ? pool_->Want(ids, *mode, only_raise)
                      : pool_->Want(unknown, Mode::kFull, true);  // any mode will do
    if (!taken) {
      for (const InstrumentId id : unknown) listings_.counts(id).wanted = false;
      return taken;
    }
    wanted = pool_->plan().size();
  }
  events_.on_wanted(wanted);
  Wake();
  return {};
}

std::vector<InstrumentId> Connector::Drop(std::span<const InstrumentId> ids) {
  std::vector<InstrumentId> dropped;
  std::size_t wanted = 0;
  {
    const std::lock_guard lock{mutex_};
    for (const InstrumentId id : ids) {
      if (pool_->plan().Of(id)) listings_.counts(id).wanted = false;
    }
    dropped = pool_->Drop(ids);
    wanted = pool_->plan().size();
  }
  events_.on_wanted(wanted);
  Wake();
  return dropped;
}

std::optional<Mode> Connector::ModeOf(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  const auto place = pool_->plan().Of(id);
  return place ? std::optional{place->mode} : std::nullopt;
}

std::vector<SubscriptionBook::Row> Connector::Rows() const {
  const std::lock_guard lock{mutex_};
  return pool_->Rows();
}

void Connector::SetGapStart(std::int64_t from_ns, const std::string& cause,
                            const std::string& detail) {
  {
    const std::lock_guard lock{mutex_};
    pool_->StartGap({.from_ns = from_ns, .cause = cause, .detail = detail});
  }
  Wake();
}

ConnectionStatus Connector::Status() const {
  const std::lock_guard lock{mutex_};
  ConnectionStatus status{.state = state_,
                          .detail = Detail(),
                          .since_ns = since_ns_,
                          .wanted = pool_->plan().size(),
                          .rate = pool_->Rate(),
                          .segments = segments_,
                          .simulated = simulated_};
  for (const LinkStatus& link : pool_->Look(segments_)) {
    status.connects += link.connects;
    status.last_frame_ns = std::max(status.last_frame_ns, link.last_frame_ns);
  }
  for (const auto& row : pool_->Rows()) {
    const bool asked =
        row.state == SubscriptionState::kAsked || row.state == SubscriptionState::kLive;
    status.asked += asked ? 1 : 0;
    const bool silent = row.state == SubscriptionState::kSilent;
    status.silent += silent ? 1 : 0;
    status.failed += silent || row.state == SubscriptionState::kFailed ? 1 : 0;
  }
  return status;
}

std::string Connector::Detail() const {
  std::string failure;
  for (const Pool::Used& used : pool_->used()) {
    if (!used.status.open && failure.empty()) failure = used.status.last_failure;
  }
  switch (state_) {
    case ConnectionState::kOff:
      return "switched off by Disconnect";
    case ConnectionState::kWaitingForToken:
      return "log in: " + (token_ ? failure : token_detail_);
    case ConnectionState::kConnecting:
    case ConnectionState::kDead:
      return failure.empty() ? "connecting" : "trying again after: " + failure;
    case ConnectionState::kQuiet:
      return pool_->plan().size() == 0 ? "nothing is subscribed" : "the markets are closed";
    case ConnectionState::kStale:
      return "nothing received although the market is open";
    case ConnectionState::kLive:
      return "";
  }
  return "";
}

Pool::Orders Connector::OrdersNow() const {
  return {.up = wanted_ && !logged_out_,
          .token = token_,
          .close_detail = wanted_ ? "logged out" : "Disconnect was called"};
}

void Connector::Run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    pool_->Step(OrdersNow(), segments_);
    Announce(lock);
    if (woken_) continue;
    changed_.wait_until(lock, clock_.Now() + (pool_->busy() ? kBusyLook : kLook),
                        [&] { return woken_ || stopping_; });
  }
}

ConnectionFacts Connector::FactsOf(const LinkStatus& status) const {
  ConnectionFacts facts = status.facts;
  facts.wanted = wanted_ || status.open;  // off once it is closed
  facts.has_token = token_ && status.refused_version != token_->version;
  return facts;
}

ConnectionState Connector::JudgeAll() const {
  std::vector<ConnectionState> states;
  for (const Pool::Used& used : pool_->used()) {
    states.push_back(Judge(FactsOf(used.status), clock_.Now(), options_.stale_after));
  }
  return Combine(states);
}

void Connector::Announce(std::unique_lock<std::mutex>& lock) {
  const ConnectionState state = JudgeAll();
  const auto used = pool_->used();
  const bool alert = std::any_of(used.begin(), used.end(), [&](const Pool::Used& each) {
    return each.status.failures >= options_.attempts_before_alert;
  });
  const bool tell_alert = std::exchange(alerted_, alert) != alert;
  const bool tell_state = state != state_;
  if (tell_state) {
    state_ = state;
    since_ns_ = clock_.UtcNs();
  }
  if (!tell_state && !tell_alert) return;
  lock.unlock();
  if (tell_state) events_.on_state(state);
  if (tell_alert) events_.on_alert(alert);
  lock.lock();
}

}  // namespace sauda::feed
