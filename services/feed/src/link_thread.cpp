// Link's own thread, and what the socket's tells it.

#include <algorithm>
#include <utility>

#include "services/feed/src/link.hpp"

namespace sauda::feed {
namespace {

constexpr std::chrono::seconds kLinkLook{1};  // when nothing wakes it earlier

}  // namespace

void Link::OnFrame(const BrokerFrame& frame) {
  last_frame_ns_.store(frame.received_ns);
  last_frame_at_.store(frame.received_at.time_since_epoch().count());
  std::int64_t none = 0;
  const bool is_first = connection_first_ns_.compare_exchange_strong(none, frame.received_ns);
  if (is_first) Wake();
  BrokerFrame numbered = frame;
  numbered.connection = options_.number;
  events_.on_frame(numbered);
  if (gap_ends_.load()) Wake();
}

void Link::OnClosed(std::string why) {
  {
    const std::lock_guard lock{mutex_};
    lost_ = std::move(why);
  }
  Wake();
}

void Link::Run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    Step(lock);
    Tell(lock);
    if (!woken_) changed_.wait_until(lock, NextWake(), [&] { return woken_ || stopping_; });
  }
  up_ = false;
  close_cause_.clear();
  if (open_) CloseSocket(lock);
}

void Link::Step(std::unique_lock<std::mutex>& lock) {
  if (gap_ && gap_->to_ns != 0) TellGap(lock);
  if (open_ && lost_) HandleLoss(lock, *std::exchange(lost_, std::nullopt));
  if (open_ && (!up_ || renew_)) CloseSocket(lock);
  if (!open_ && up_ && token_ && clock_.Now() >= next_attempt_) TryOpen(lock);
  if (open_ && up_) Ask(lock);
}

void Link::Ask(std::unique_lock<std::mutex>& lock) {
  // One is to be asked for again: the gap's end is awaited anew from then on.
  if (gap_ends_.load() && !book_.AllAsked()) gap_ends_.store(false);
  const auto batch = book_.Take(clock_.Now());
  if (gap_ && !gap_ends_.load() && book_.AllAsked()) {
    gap_ends_since_ = clock_.Now();
    gap_ends_.store(true);  // before the batch leaves: its answer may be quick
  }
  if (batch) {
    SendBatch(lock, *batch);
    woken_ = true;  // there may be another one
    news_ = true;
  }
  if (gap_) EndGap(lock);
  if (!HasHeld()) return;
  if (failures_ > 0 || !last_failure_.empty()) news_ = true;
  failures_ = 0;
  refusals_ = 0;
  last_failure_.clear();
  backoff_.Reset();
}

void Link::TryOpen(std::unique_lock<std::mutex>& lock) {
  const BrokerToken token = *token_;
  connection_first_ns_.store(0);
  gap_ends_.store(false);
  lost_.reset();
  lock.unlock();
  const OpenOutcome outcome = broker_.Open(token, *this);
  if (!outcome.failure) events_.on_open(options_.simulated || outcome.simulated);
  lock.lock();
  news_ = true;
  if (outcome.failure) {
    AfterFailure(outcome, token.version);
    lock.unlock();
    events_.on_attempt_failed(*outcome.failure);
    if (outcome.failure->code == Code::kUnauthenticated) events_.on_token_refused(token.version);
    lock.lock();
    return;
  }
  open_ = true;
  dead_ = false;
  open_version_ = token.version;
  refused_version_ = 0;
  refusals_ = 0;
  ++connects_;
  opened_at_ = clock_.Now();
  opened_ns_ = clock_.UtcNs();
  book_.OnConnected(opened_at_, std::exchange(hurry_, false));
}

void Link::AfterFailure(const OpenOutcome& outcome, std::uint64_t token_version) {
  last_failure_ = outcome.failure->message;
  if (outcome.failure->code == Code::kUnauthenticated) refused_version_ = token_version;
  if (outcome.failure->code == Code::kPermissionDenied) ++refusals_;
  ++failures_;
  const bool newer_token = token_ && token_->version != token_version;  // came meanwhile
  if (newer_token) return TryAtOnce();
  next_attempt_ = clock_.Now() + std::max(NextPause(), outcome.retry_after);
}

std::chrono::milliseconds Link::NextPause() {
  const auto pause = backoff_.Next();
  return failures_ < options_.attempts_before_alert ? pause : std::max(pause, options_.slow_pace);
}

void Link::HandleLoss(std::unique_lock<std::mutex>& lock, const std::string& why) {
  if (up_) {
    NoteGap("CONNECTION_LOST", why);
  } else if (!close_cause_.empty()) {
    NoteGap(close_cause_, close_detail_);
  }
  last_failure_ = why;
  if (HasHeld()) {  // it did work: start anew
    backoff_.Reset();
    failures_ = 0;
  } else {
    ++failures_;
  }
  open_ = false;
  dead_ = up_;
  news_ = true;
  renew_ = false;
  book_.OnDisconnected();
  next_attempt_ = clock_.Now() + NextPause();
  lock.unlock();
  if (events_.on_lost) events_.on_lost(why);
  lock.lock();
}

void Link::CloseSocket(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  broker_.Close();
  lock.lock();
  if (!close_cause_.empty()) NoteGap(close_cause_, close_detail_);
  hurry_ = std::exchange(renew_, false);
  open_ = false;
  news_ = true;
  lost_.reset();
  book_.OnDisconnected();
  if (up_) TryAtOnce();
}

void Link::NoteGap(const std::string& cause, const std::string& detail) {
  if (gap_ || book_.size() == 0) return;
  SetGap(Gap{.from_ns = LastHeardNs(), .cause = cause, .detail = detail});
}

// An earlier connection's last frame says nothing of this one.
std::int64_t Link::LastHeardNs() const {
  return connection_first_ns_.load() != 0 ? last_frame_ns_.load() : opened_ns_;
}

void Link::SetGap(std::optional<Gap> gap) {
  gap_ = std::move(gap);
  if (!events_.on_open_gap) return;
  events_.on_open_gap(options_.number, gap_ ? std::optional{gap_->from_ns} : std::nullopt);
}

void Link::EndGap(std::unique_lock<std::mutex>& lock) {
  if (!gap_ends_.load()) return;
  const bool all_tick = book_.size() > 0 && book_.Count(SubscriptionState::kLive) == book_.size();
  if (!all_tick && clock_.Now() - gap_ends_since_ < options_.gap_patience) return;
  gap_ends_.store(false);
  const std::int64_t end = all_tick ? last_frame_ns_.load() : clock_.UtcNs();
  gap_->to_ns = std::max({end, dropped_ns_, gap_->from_ns});  // the wall clock may step back
  TellGap(lock);
}

void Link::TellGap(std::unique_lock<std::mutex>& lock) {
  Gap gap = *std::exchange(gap_, std::nullopt);  // told as open until it is told as a whole
  dropped_ns_ = 0;
  news_ = true;
  lock.unlock();
  events_.on_gap(std::move(gap));
  lock.lock();
  if (!gap_) SetGap(std::nullopt);
}

void Link::SendBatch(std::unique_lock<std::mutex>& lock, const SubscriptionBook::Batch& batch) {
  SubscriptionRequest request{.subscribe = batch.subscribe, .mode = batch.mode};
  for (const InstrumentId id : batch.ids) request.keys.push_back(listings_.At(id)->key);
  lock.unlock();
  const auto sent = broker_.Send(request);
  lock.lock();
  if (!sent) {
    last_failure_ = sent.error().message;
    book_.OnSendFailed(batch, sent.error().reason);
    gap_ends_.store(false);  // keys wait again
  }
}

// A broker that takes connections and drops them at once must not be met at full speed.
bool Link::HasHeld() const {
  return open_ && connection_first_ns_.load() != 0 &&
         clock_.Now() - opened_at_ >= options_.held_after;
}

void Link::Tell(std::unique_lock<std::mutex>& lock) {
  if (!std::exchange(news_, false)) return;
  lock.unlock();
  events_.on_change();
  lock.lock();
}

Monotonic Link::NextWake() const {
  const Monotonic now = clock_.Now();
  Monotonic next = now + kLinkLook;
  if (!open_ && up_ && token_) next = std::min(next, next_attempt_);
  if (open_) {
    if (const auto due = book_.NextDue()) next = std::min(next, *due);
    if (gap_ends_.load()) next = std::min(next, gap_ends_since_ + options_.gap_patience);
  }
  return std::max(next, now);
}

}  // namespace sauda::feed
