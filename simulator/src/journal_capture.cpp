#include "simulator/src/journal_capture.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/payloads.hpp"
#include "simulator/src/feed_state.hpp"
#include "upstox/ordered_frame.pb.h"

namespace sauda::sim {
namespace {

namespace pb = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kMostTold =
    50;  // lines; a bad week of a journal is no reason to fill a log

std::string Gap(const std::string& cause, std::int64_t from_ns, std::int64_t to_ns) {
  return "gap cause=" + cause + " from_ns=" + std::to_string(from_ns) +
         " to_ns=" + std::to_string(to_ns);
}

}  // namespace

Result<std::unique_ptr<JournalCapture>> JournalCapture::Open(const std::string& path) {
  auto segments = journal::FindSegments(path);
  if (!segments) return segments.error();
  return std::unique_ptr<JournalCapture>{new JournalCapture{*std::move(segments)}};
}

JournalCapture::JournalCapture(std::vector<journal::SegmentInfo> segments)
    : records_{std::move(segments), [this](const std::string& what) { Tell(what); }} {}

Result<std::optional<Captured>> JournalCapture::Next() {
  while (taken_ == frame_.size()) {
    const auto item = records_.Next();
    if (!item) return item.error();
    if (!*item) return std::optional<Captured>{};
    Take((*item)->record);
  }
  return std::optional{std::move(frame_[taken_++])};
}

Result<void> JournalCapture::Rewind() {
  if (!told_ && troubles_ > kMostTold) {
    spdlog::warn("journal misses more troubles={}", troubles_ - kMostTold);
  }
  if (!told_ && unreadable_ > 0) spdlog::warn("journal unreadable_frames={}", unreadable_);
  told_ = true;
  records_.Rewind();
  frame_.clear();
  taken_ = 0;
  return {};
}

void JournalCapture::Take(const journal::RecordView& record) {
  frame_.clear();
  taken_ = 0;
  switch (record.kind) {
    case journal::Kind::kFrame:
      return TakeFrame(record);
    case journal::Kind::kNotice:
      if (const auto gap = journal::ParseGap(record.payload)) {
        Tell(Gap(gap->cause, gap->from_ns, gap->to_ns));
      }
      return;
    case journal::Kind::kGap:
      if (const auto lost = journal::ParseStretch(record.payload)) {
        Tell(Gap(lost->cause, lost->from_ns, lost->to_ns) +
             " frames=" + std::to_string(lost->records));
      }
      return;
    case journal::Kind::kState:
    case journal::Kind::kSeal:
      return;
  }
}

void JournalCapture::TakeFrame(const journal::RecordView& record) {
  const auto payload = journal::ParseFrame(record.payload, instruments_);
  pb::OrderedFeedResponse frame;
  if (!payload ||
      !frame.ParseFromArray(payload->bytes.data(), static_cast<int>(payload->bytes.size()))) {
    ++unreadable_;
    return;
  }
  const std::int64_t at_ms =
      frame.currentts() > 0 ? frame.currentts() : record.received_ns / kNsPerMs;
  std::size_t place = 0;  // among those that say something
  for (const pb::FeedEntry& entry : frame.feeds()) {
    auto state = FeedStateOf(entry.value());
    if (!state || !journal::WasTold(payload->instruments, place++)) continue;
    frame_.push_back(
        {.instrument_key = entry.key(), .recorded_ms = at_ms, .state = std::move(*state)});
  }
}

void JournalCapture::Tell(const std::string& what) {
  if (told_) return;
  if (++troubles_ <= kMostTold) spdlog::warn("journal {}", what);
}

}  // namespace sauda::sim
