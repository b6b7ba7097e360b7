#include "services/feed/src/adapters/file_journal.hpp"

#include <algorithm>
#include <utility>

#include "libs/journal/feed_payloads.hpp"
#include "services/feed/src/adapters/upstox_encoder.hpp"

namespace sauda::feed {
namespace {

static_assert(JournaledFrame::kUnwanted == journal::kUnwanted);

std::int64_t NsOf(Monotonic at) { return std::chrono::nanoseconds{at.time_since_epoch()}.count(); }

journal::Record RecordOf(journal::Kind kind, const JournaledFrame& frame) {
  const std::uint32_t ticks = kind == journal::Kind::kFrame ? frame.ticks() : 0;
  return {
      .kind = kind,
      .connection = frame.connection,
      .received_ns = frame.received_ns,
      .monotonic_ns = NsOf(frame.received_at),
      .first_seq = ticks > 0 ? frame.first_seq : 0,
      .ticks = ticks,
      .payload = journal::Encode(journal::FramePayload{
          .simulated = frame.simulated, .instruments = frame.instruments, .bytes = frame.bytes})};
}

}  // namespace

Result<std::unique_ptr<FileJournal>> FileJournal::Start(journal::Writer::Options options,
                                                        const Clock& clock,
                                                        journal::Writer::Events events) {
  auto writer = journal::Writer::Start(std::move(options), clock, std::move(events));
  if (!writer) return writer.error();
  return std::unique_ptr<FileJournal>{new FileJournal{std::move(*writer)}};
}

void FileJournal::PushState(const LatestTicks& latest) {
  journal::Writer::State state{.received_ns = latest.received_ns, .simulated = latest.simulated};
  std::vector<const Tick*> ticks;
  std::vector<std::int64_t> instruments;
  const auto add = [&] {
    if (ticks.empty()) return;
    const std::string bytes = EncodeSnapshot(ticks);
    state.records.push_back(RecordOf(journal::Kind::kState, {.bytes = bytes,
                                                             .received_ns = latest.received_ns,
                                                             .received_at = latest.received_at,
                                                             .simulated = latest.simulated,
                                                             .instruments = instruments}));
    ticks.clear();
    instruments.clear();
  };
  for (const Tick& tick : latest.ticks) {
    if (!tick.listing) continue;
    ticks.push_back(&tick);
    instruments.push_back(tick.listing->instrument_id);
    if (ticks.size() == kStateTicks) add();
  }
  add();
  (void)writer_->PushState(std::move(state));  // refused: it is asked for again at the next frame
  const std::lock_guard lock{mutex_};
  if (open_gaps_.empty()) return;
  tell_open_gap_ = true;  // a segment begins
  has_notices_.store(true, std::memory_order_release);
}

void FileJournal::PushFrame(const JournaledFrame& frame) {
  if (has_notices_.load(std::memory_order_acquire) && !writer_->WantsState(frame.received_ns)) {
    PushNotices(frame);
  }
  writer_->Push(RecordOf(journal::Kind::kFrame, frame));
}

void FileJournal::SetOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns) {
  const std::lock_guard lock{mutex_};
  const std::int64_t before = OpenGapNs();
  if (from_ns) {
    open_gaps_[connection] = *from_ns;
  } else {
    open_gaps_.erase(connection);
  }
  if (OpenGapNs() == before) return;
  tell_open_gap_ = true;
  has_notices_.store(true, std::memory_order_release);
}

/// Since when the oldest is open; 0: none is.
std::int64_t FileJournal::OpenGapNs() const {
  const auto oldest =
      std::min_element(open_gaps_.begin(), open_gaps_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return oldest == open_gaps_.end() ? 0 : oldest->second;
}

void FileJournal::PushGap(const Gap& gap) {
  const std::lock_guard lock{mutex_};
  if (gaps_.size() >= kMaxGaps) {
    gaps_[1].from_ns = std::min(gaps_[0].from_ns, gaps_[1].from_ns);
    gaps_[1].ticks += gaps_[0].ticks;
    gaps_.erase(gaps_.begin());
  }
  gaps_.push_back(gap);
  has_notices_.store(true, std::memory_order_release);
}

void FileJournal::PushNotices(const JournaledFrame& before) {
  std::vector<journal::GapPayload> notices;
  {
    const std::lock_guard lock{mutex_};
    for (const Gap& gap : gaps_) {
      notices.push_back({.from_ns = gap.from_ns,
                         .to_ns = gap.to_ns,
                         .ticks = gap.ticks,
                         .cause = gap.cause,
                         .detail = gap.detail});
    }
    gaps_.clear();
    if (std::exchange(tell_open_gap_, false)) {
      notices.push_back({.from_ns = OpenGapNs(), .to_ns = journal::GapPayload::kOpen});
    }
    has_notices_.store(false, std::memory_order_release);
  }
  for (const journal::GapPayload& notice : notices) {
    writer_->Push({.kind = journal::Kind::kNotice,
                   .received_ns = before.received_ns,
                   .monotonic_ns = NsOf(before.received_at),
                   .payload = journal::Encode(notice)});
  }
}

void FileJournal::Stop() { writer_->Stop(); }

}  // namespace sauda::feed
