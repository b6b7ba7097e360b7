#include "services/feed/src/connector.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

constexpr std::chrono::seconds kLook{1};  // at the state, when nothing wakes it earlier

Monotonic FromTicks(std::int64_t ticks) { return Monotonic{Monotonic::duration{ticks}}; }

}  // namespace

Connector::Connector(BrokerFeed& broker, const Listings& listings, const Clock& clock,
                     Options options, Events events)
    : broker_{broker},
      listings_{listings},
      clock_{clock},
      options_{options},
      events_{std::move(events)},
      book_{listings, options.pace},
      backoff_{options.backoff},
      simulated_{options.simulated},
      since_ns_{clock.UtcNs()} {}

Connector::~Connector() { Stop(); }

void Connector::Start(bool connected) {
  {
    const std::lock_guard lock{mutex_};
    if (!wish_told_) Wish(connected);
    if (!thread_.joinable()) next_attempt_ = clock_.Now() + backoff_.Next();
  }
  Wake();
  if (!thread_.joinable()) thread_ = std::thread{[this] { Run(); }};
}

void Connector::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
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
    const bool is_new = token && (!token_ || token_->version != token->version);
    logged_out_ = !token && why == "LOGGED_OUT";
    token_ = std::move(token);
    token_detail_ = why;
    if (is_new && !open_) {  // what was wrong with the old one does not count
      backoff_.Reset();
      next_attempt_ = clock_.Now() + backoff_.Next();
    }
  }
  Wake();
}

void Connector::SetWanted(bool wanted) {
  {
    const std::lock_guard lock{mutex_};
    wish_told_ = true;
    Wish(wanted);
  }
  Wake();
}

void Connector::Wish(bool wanted) {
  if (wanted && !wanted_) {
    backoff_.Reset();
    next_attempt_ = clock_.Now() + backoff_.Next();
  }
  wanted_ = wanted;
}

void Connector::SetSegments(const SegmentStatus& segments) {
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [segment, status] : segments) segments_[segment] = status;
  }
  Wake();
}

Result<void> Connector::Want(std::span<const InstrumentId> ids, std::optional<Mode> mode,
                             bool only_raise) {
  std::size_t wanted = 0;
  {
    const std::lock_guard lock{mutex_};
    if (mode) {
      if (auto taken = book_.Want(ids, *mode, only_raise); !taken) return taken;
    } else {  // any mode will do; the least of all raises nothing that is there
      std::vector<InstrumentId> unknown;
      std::copy_if(ids.begin(), ids.end(), std::back_inserter(unknown),
                   [&](InstrumentId id) { return !book_.ModeOf(id); });
      if (auto taken = book_.Want(unknown, Mode::kFull, true); !taken) return taken;
    }
    for (const InstrumentId id : ids) listings_.counts(id).wanted = true;
    wanted = book_.size();
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
    dropped = book_.Drop(ids);
    for (const InstrumentId id : dropped) listings_.counts(id).wanted = false;
    wanted = book_.size();
  }
  events_.on_wanted(wanted);
  Wake();
  return dropped;
}

std::optional<Mode> Connector::ModeOf(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  return book_.ModeOf(id);
}

std::vector<SubscriptionBook::Row> Connector::Rows() const {
  const std::lock_guard lock{mutex_};
  return book_.Rows();
}

void Connector::SetGapStart(std::int64_t from_ns, std::string cause, std::string detail) {
  {
    const std::lock_guard lock{mutex_};
    if (!gap_ || from_ns < gap_->from_ns) {
      gap_ = Gap{.from_ns = from_ns, .cause = std::move(cause), .detail = std::move(detail)};
      events_.on_open_gap(from_ns);
    }
  }
  Wake();
}

ConnectionStatus Connector::Status() const {
  const std::lock_guard lock{mutex_};
  const std::size_t asked =
      book_.Count(SubscriptionState::kAsked) + book_.Count(SubscriptionState::kLive);
  return {.state = state_,
          .detail = Detail(),
          .since_ns = since_ns_,
          .connects = connects_,
          .wanted = book_.size(),
          .asked = open_ ? asked : 0,
          .failed = book_.Count(SubscriptionState::kFailed),
          .rate = book_.Rate(clock_.Now()),
          .last_frame_ns = last_frame_ns_.load(),
          .segments = segments_,
          .simulated = simulated_};
}

std::string Connector::Detail() const {
  switch (state_) {
    case ConnectionState::kOff:
      return "switched off by Disconnect";
    case ConnectionState::kWaitingForToken:
      return "log in: " + (token_ ? last_failure_ : token_detail_);
    case ConnectionState::kConnecting:
      return last_failure_.empty() ? "connecting" : "trying again after: " + last_failure_;
    case ConnectionState::kQuiet:
      return book_.size() == 0 ? "nothing is subscribed" : "the markets are closed";
    case ConnectionState::kStale:
      return "nothing received although the market is open";
    case ConnectionState::kLive:
      return "";
  }
  return "";
}

void Connector::OnFrame(const BrokerFrame& frame) {
  last_frame_ns_.store(frame.received_ns);
  last_frame_at_.store(frame.received_at.time_since_epoch().count());
  std::int64_t none = 0;
  const bool is_first = connection_first_ns_.compare_exchange_strong(none, frame.received_ns);
  if (is_first) Wake();
  events_.on_frame(frame);
  if (gap_ends_.load()) Wake();
}

void Connector::OnClosed(std::string why) {
  {
    const std::lock_guard lock{mutex_};
    lost_ = std::move(why);
  }
  Wake();
}

void Connector::Run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    Step(lock);
    Announce(lock);
    if (!woken_) changed_.wait_until(lock, NextWake(), [&] { return woken_ || stopping_; });
  }
  if (open_) CloseSocket(lock, "RESTART", "the service stopped");
}

void Connector::Step(std::unique_lock<std::mutex>& lock) {
  const Monotonic now = clock_.Now();
  if (open_ && lost_) HandleLoss(*std::exchange(lost_, std::nullopt));
  if (open_ && !wanted_) CloseSocket(lock, "DISCONNECTED", "Disconnect was called");
  if (open_ && logged_out_) CloseSocket(lock, "DISCONNECTED", "logged out");
  if (!open_ && wanted_ && token_ && now >= next_attempt_) TryOpen(lock);
  if (!open_) return;
  const auto batch = book_.Take(clock_.Now());
  if (gap_ && !gap_ends_.load() && book_.AllAsked()) {
    gap_ends_since_ = clock_.Now();
    gap_ends_.store(true);  // before the batch leaves: its answer may be quick
  }
  if (batch) {
    SendBatch(lock, *batch);
    woken_ = true;  // there may be another one
  }
  if (gap_) EndGap(lock);
}

void Connector::TryOpen(std::unique_lock<std::mutex>& lock) {
  const BrokerToken token = *token_;
  connection_first_ns_.store(0);
  gap_ends_.store(false);
  lost_.reset();
  lock.unlock();
  const OpenOutcome outcome = broker_.Open(token, *this);
  if (!outcome.failure) events_.on_open(options_.simulated || outcome.simulated);
  lock.lock();
  if (outcome.failure) {
    AfterFailure(outcome, token.version);
    lock.unlock();
    events_.on_attempt_failed(*outcome.failure);
    if (outcome.failure->code == Code::kUnauthenticated) events_.on_token_refused(token.version);
    lock.lock();
    return;
  }
  open_ = true;
  simulated_ = options_.simulated || outcome.simulated;
  refused_version_ = 0;
  ++connects_;
  opened_at_ = clock_.Now();
  book_.OnConnected(opened_at_);
}

void Connector::AfterFailure(const OpenOutcome& outcome, std::uint64_t token_version) {
  last_failure_ = outcome.failure->message;
  if (outcome.failure->code == Code::kUnauthenticated) refused_version_ = token_version;
  ++failures_;
  next_attempt_ = clock_.Now() + std::max(NextPause(), outcome.retry_after);
}

std::chrono::milliseconds Connector::NextPause() {
  const auto pause = backoff_.Next();
  return failures_ < options_.attempts_before_alert ? pause : std::max(pause, options_.slow_pace);
}

void Connector::HandleLoss(const std::string& why) {
  StartGap("CONNECTION_LOST", why);
  last_failure_ = why;
  if (HasHeld()) {  // it did work: start anew
    backoff_.Reset();
    failures_ = 0;
  } else {
    ++failures_;
  }
  open_ = false;
  book_.OnDisconnected();
  next_attempt_ = clock_.Now() + NextPause();
  if (events_.on_lost) events_.on_lost(why);
}

void Connector::CloseSocket(std::unique_lock<std::mutex>& lock, const std::string& cause,
                            const std::string& detail) {
  lock.unlock();
  broker_.Close();
  lock.lock();
  StartGap(cause, detail);
  open_ = false;
  lost_.reset();
  book_.OnDisconnected();
}

void Connector::StartGap(const std::string& cause, const std::string& detail) {
  if (gap_ || book_.size() == 0) return;
  const std::int64_t last = last_frame_ns_.load();
  gap_ = Gap{.from_ns = last != 0 ? last : clock_.UtcNs(), .cause = cause, .detail = detail};
  events_.on_open_gap(gap_->from_ns);
}

void Connector::EndGap(std::unique_lock<std::mutex>& lock) {
  if (!gap_ends_.load()) return;
  const bool all_tick = book_.size() > 0 && book_.Count(SubscriptionState::kLive) == book_.size();
  if (!all_tick && clock_.Now() - gap_ends_since_ < options_.gap_patience) return;
  gap_ends_.store(false);
  Gap gap = *std::exchange(gap_, std::nullopt);
  const std::int64_t end = all_tick ? last_frame_ns_.load() : clock_.UtcNs();
  gap.to_ns = std::max(end, gap.from_ns);  // the wall clock may step back
  lock.unlock();
  events_.on_gap(std::move(gap));
  lock.lock();
  if (!gap_) events_.on_open_gap(std::nullopt);
}

void Connector::SendBatch(std::unique_lock<std::mutex>& lock,
                          const SubscriptionBook::Batch& batch) {
  SubscriptionRequest request{.subscribe = batch.subscribe, .mode = batch.mode};
  for (const InstrumentId id : batch.ids) request.keys.push_back(listings_.At(id)->key);
  lock.unlock();
  const auto sent = broker_.Send(request);
  lock.lock();
  if (!sent) {
    last_failure_ = sent.error().message;
    book_.OnSendFailed(batch);
    gap_ends_.store(false);  // keys wait again
  }
}

// A broker that takes connections and drops them at once must not be met at full speed.
bool Connector::HasHeld() const {
  return open_ && connection_first_ns_.load() != 0 &&
         clock_.Now() - opened_at_ >= options_.held_after;
}

bool Connector::SomethingIsDue() const {
  const auto rows = book_.Rows();
  return std::any_of(rows.begin(), rows.end(), [&](const SubscriptionBook::Row& row) {
    return row.state != SubscriptionState::kWaiting &&
           IsMoving(segments_, listings_.At(row.id)->key);
  });
}

void Connector::Announce(std::unique_lock<std::mutex>& lock) {
  const Monotonic now = clock_.Now();
  const bool due = open_ && SomethingIsDue();
  if (due && !due_) due_since_ = now;
  due_ = due;
  if (HasHeld()) {
    failures_ = 0;
    last_failure_.clear();
    backoff_.Reset();
  }
  const bool refused = token_ && refused_version_ == token_->version;
  const ConnectionFacts facts{
      .wanted = wanted_,
      .has_token = token_ && !refused,
      .open = open_,
      .asked = book_.Count(SubscriptionState::kAsked) + book_.Count(SubscriptionState::kLive),
      .due = due,
      .last_frame = std::max({FromTicks(last_frame_at_.load()), opened_at_, due_since_})};
  const ConnectionState state = Judge(facts, now, options_.stale_after);
  const bool alert = failures_ >= options_.attempts_before_alert;
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

Monotonic Connector::NextWake() const {
  const Monotonic now = clock_.Now();
  Monotonic next = now + kLook;
  if (!open_ && wanted_ && token_) next = std::min(next, next_attempt_);
  if (open_) {
    if (const auto due = book_.NextDue()) next = std::min(next, *due);
    if (gap_ends_.load()) next = std::min(next, gap_ends_since_ + options_.gap_patience);
  }
  return std::max(next, now);
}

}  // namespace sauda::feed
