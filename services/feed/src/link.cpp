#include "services/feed/src/link.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {

Link::Link(BrokerFeed& broker, const Listings& listings, const Clock& clock, Options options,
           Events events)
    : broker_{broker},
      listings_{listings},
      clock_{clock},
      options_{options},
      events_{std::move(events)},
      book_{listings, options.pace},
      backoff_{options.backoff} {}

Link::~Link() { Stop(); }

void Link::Start() {
  if (!thread_.joinable()) thread_ = std::thread{[this] { Run(); }};
}

void Link::BeginStop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  Wake();
}

void Link::Stop() {
  BeginStop();
  if (thread_.joinable()) thread_.join();
}

void Link::Wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_all();
}

void Link::TryAtOnce() {
  backoff_.Reset();
  next_attempt_ = clock_.Now() + backoff_.Next();
}

void Link::Connect(const std::optional<BrokerToken>& token) {
  {
    const std::lock_guard lock{mutex_};
    const bool is_new = token && (!token_ || token_->version != token->version);
    const bool was_up = std::exchange(up_, true);
    token_ = token;
    if (was_up && !is_new) return;
    if (open_) return;
    TryAtOnce();  // what was wrong with the old one does not count
    refusals_ = 0;
  }
  Wake();
}

void Link::Disconnect(const std::string& cause, const std::string& detail) {
  {
    const std::lock_guard lock{mutex_};
    if (!up_) return;
    up_ = false;
    dead_ = false;
    renew_ = false;
    close_cause_ = cause;
    close_detail_ = detail;
  }
  Wake();
}

void Link::Renew(const BrokerToken& token) {
  {
    const std::lock_guard lock{mutex_};
    token_ = token;
    if (open_ && open_version_ == token.version) return;  // it has, a moment ago
    renew_ = open_;
    if (!open_) TryAtOnce();
    close_cause_ = "HAND_OVER";
    close_detail_ = "a new token, and no connection to spare";
  }
  Wake();
}

Result<void> Link::Want(std::span<const InstrumentId> ids, Mode mode) {
  {
    const std::lock_guard lock{mutex_};
    if (auto taken = book_.Want(ids, mode); !taken) return taken;
  }
  Wake();
  return {};
}

void Link::Drop(std::span<const InstrumentId> ids) {
  {
    const std::lock_guard lock{mutex_};
    (void)book_.Drop(ids);
    if (gap_) dropped_ns_ = clock_.UtcNs();  // until now they were wanted
  }
  Wake();
}

void Link::AskAgain(std::span<const InstrumentId> ids) {
  {
    const std::lock_guard lock{mutex_};
    book_.AskAgain(ids);
  }
  Wake();
}

void Link::Hurry() {
  {
    const std::lock_guard lock{mutex_};
    book_.Hurry();
  }
  Wake();
}

void Link::Clear() {
  {
    const std::lock_guard lock{mutex_};
    std::vector<InstrumentId> ids;
    for (const auto& row : book_.Rows()) ids.push_back(row.id);
    (void)book_.Drop(ids);
    gap_ends_.store(false);
    if (gap_) gap_->to_ns = std::max(clock_.UtcNs(), gap_->from_ns);
  }
  Wake();
}

std::optional<SubscriptionBook::Row> Link::RowOf(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  return book_.RowOf(id);
}

std::optional<Monotonic> Link::AskedAt(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  return book_.AskedAt(id);
}

bool Link::AllAsked() const {
  const std::lock_guard lock{mutex_};
  return book_.AllAsked();
}

double Link::Rate() const {
  const std::lock_guard lock{mutex_};
  return book_.Rate(clock_.Now());
}

void Link::StartGap(Gap gap) {
  {
    const std::lock_guard lock{mutex_};
    if (gap_ && gap_->from_ns <= gap.from_ns) return;
    SetGap(std::move(gap));
    news_ = true;
  }
  Wake();
}

std::optional<Gap> Link::OpenGap() const {
  const std::lock_guard lock{mutex_};
  return gap_ && gap_->to_ns == 0 ? gap_ : std::nullopt;
}

std::int64_t Link::CoveredNs() const {
  const std::lock_guard lock{mutex_};
  return gap_ ? gap_->from_ns : LastHeardNs();
}

void Link::DropGap() {
  const std::lock_guard lock{mutex_};
  gap_ends_.store(false);
  SetGap(std::nullopt);
}

LinkStatus Link::Look(const SegmentStatus& segments) {
  const std::lock_guard lock{mutex_};
  ConnectionFacts facts = open_ ? Due(segments) : ConnectionFacts{};
  if (facts.due && !due_) due_since_ = clock_.Now();
  due_ = facts.due;
  facts.open = open_;
  facts.lost = dead_;
  facts.asked = book_.Count(SubscriptionState::kAsked) + book_.Count(SubscriptionState::kLive);
  facts.last_tick = std::max({facts.last_tick, opened_at_, due_since_});
  return {.up = up_,
          .open = open_,
          .has_gap = gap_.has_value(),
          .token_version = open_version_,
          .refused_version = refused_version_,
          .failures = failures_,
          .refusals = refusals_,
          .connects = connects_,
          .last_frame_ns = last_frame_ns_.load(),
          .last_failure = last_failure_,
          .facts = facts};
}

// Frames without a tick are no sign that the market arrives: garbage may come while it does not.
// The ticks' times are the wall clock's, so their age is taken from the last frame, which has both.
ConnectionFacts Link::Due(const SegmentStatus& segments) const {
  ConnectionFacts facts{.unmeasured = false};
  const std::int64_t frame_ns = last_frame_ns_.load();  // first: OnFrame stores it first
  const Monotonic frame_at{Monotonic::duration{last_frame_at_.load()}};
  std::int64_t tick_ns = 0;
  for (const SubscriptionBook::Row& row : book_.Rows()) {
    if (row.state == SubscriptionState::kWaiting) continue;
    if (!IsMoving(segments, listings_.At(row.id)->key)) continue;
    facts.due = true;
    const Listings::Counts& counts = listings_.counts(row.id);
    tick_ns = std::max(tick_ns, counts.last_received_ns.load());
    const std::chrono::nanoseconds spacing{counts.p99_spacing_ns.load()};
    if (spacing.count() == 0) {
      facts.unmeasured = true;
    } else {
      facts.p99_spacing = std::min(facts.p99_spacing.value_or(spacing), spacing);
    }
  }
  if (tick_ns == 0) return facts;
  const std::chrono::nanoseconds age{std::max<std::int64_t>(frame_ns - tick_ns, 0)};
  facts.last_tick = frame_at - age;
  return facts;
}

}  // namespace sauda::feed
