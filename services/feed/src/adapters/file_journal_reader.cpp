#include "services/feed/src/adapters/file_journal_reader.hpp"

#include <algorithm>
#include <limits>

#include "libs/journal/catalog.hpp"
#include "libs/journal/feed_payloads.hpp"

namespace sauda::feed {
namespace {

using journal::Follower;

/// Tells the gaps of a run apart, and rises with their place. A segment is smaller than 4 GiB.
std::uint64_t NumberOf(std::uint64_t segment, std::uint64_t offset) {
  return (segment << 32U) | (offset & 0xffff'ffffU);
}

Gap GapOf(const journal::Stretch& stretch, std::string cause) {
  return {.from_ns = stretch.from_ns,
          .to_ns = stretch.to_ns,
          .cause = std::move(cause),
          .ticks = stretch.ticks,
          .detail = stretch.cause + ": " + std::to_string(stretch.records) + " frames"};
}

}  // namespace

Result<std::vector<std::string>> FileJournalReader::Instances(const std::string& own) {
  const auto listing = journal::List(options_.directory);
  if (!listing) return listing.error();
  std::vector<std::string> instances;
  for (const auto& segment : listing->segments) {
    const std::string& instance = segment.name.instance;
    if (instance == own || (!instances.empty() && instances.back() == instance)) continue;
    instances.push_back(instance);
  }
  instances.push_back(own);
  return instances;
}

void FileJournalReader::Open(const std::string& instance, std::uint64_t segment) {
  instance_ = instance;
  reading_ = 0;
  held_.reset();
  hole_.reset();
  follower_.emplace(Follower::Options{
      .directory = options_.directory, .instance = instance, .from = {.segment = segment}});
}

Result<JournalItem> FileJournalReader::Next(std::chrono::milliseconds wait) {
  for (;;) {
    if (held_) {
      if (auto item = FromRecord(*std::exchange(held_, std::nullopt))) return std::move(*item);
      continue;
    }
    const auto next = follower_->Next(wait);
    if (!next) return next.error();
    if (hole_ && (next->what == Follower::What::kRecord || next->what == Follower::What::kEnd)) {
      if (next->what == Follower::What::kRecord) {
        hole_->gap.to_ns = next->record.received_ns;
        held_ = *next;
        return *std::exchange(hole_, std::nullopt);
      }
      return *std::exchange(hole_, std::nullopt);  // the end is told again
    }
    if (auto item = From(*next)) return std::move(*item);
  }
}

std::optional<JournalItem> FileJournalReader::From(const Follower::Item& item) {
  switch (item.what) {
    case Follower::What::kRecord:
      return FromRecord(item);
    case Follower::What::kNothing:
      return JournalItem{};
    case Follower::What::kEnd:
      return JournalItem{.what = JournalItem::What::kEnd, .segment = item.segment};
    case Follower::What::kMissing:
      if (RemovedHere(item)) return std::nullopt;  // told when they were removed
      break;
    case Follower::What::kDamage:
      break;
  }
  if (hole_) return std::nullopt;  // it goes on
  const bool damage = item.what == Follower::What::kDamage;
  hole_ = JournalItem{
      .what = JournalItem::What::kGap,
      .segment = item.segment,
      .gap = {.number = NumberOf(item.segment, item.offset),
              .from_ns = item.after_ns,
              .to_ns = item.after_ns,
              .cause = damage ? "JOURNAL_DAMAGED" : "JOURNAL_MISSING",
              .detail = damage ? item.detail : std::to_string(item.count) + " segments are gone"}};
  return std::nullopt;
}

std::optional<JournalItem> FileJournalReader::FromRecord(const Follower::Item& item) {
  const journal::RecordView& record = item.record;
  reading_ = item.segment;
  JournalItem out{.segment = item.segment};
  const auto mismatch = [&](const char* what) {
    out.what = JournalItem::What::kGap;
    out.gap = {.from_ns = record.received_ns,
               .to_ns = record.received_ns,
               .cause = "JOURNAL_MISMATCH",
               .ticks = record.ticks,
               .detail = std::string{"not this version's "} + what};
  };
  switch (record.kind) {
    case journal::Kind::kFrame:
    case journal::Kind::kState: {
      const bool state = record.kind == journal::Kind::kState;
      out.what = state ? JournalItem::What::kState : JournalItem::What::kFrame;
      const auto frame = journal::ParseFrame(record.payload, instruments_);
      if (!frame) {
        mismatch("frame");
        break;
      }
      out.frame = {.bytes = frame->bytes,
                   .received_ns = record.received_ns,
                   .received_at = Monotonic{std::chrono::nanoseconds{record.monotonic_ns}},
                   .simulated = frame->simulated,
                   .first_seq = record.first_seq,
                   .instruments = frame->instruments};
      break;
    }
    case journal::Kind::kGap: {
      out.what = JournalItem::What::kGap;
      if (const auto stretch = journal::ParseStretch(record.payload)) {
        out.gap = GapOf(*stretch, "JOURNAL_LOST");
      } else {
        mismatch("stretch");
      }
      break;
    }
    case journal::Kind::kNotice: {
      out.what = JournalItem::What::kGap;
      if (auto gap = journal::ParseGap(record.payload)) {
        if (gap->to_ns == journal::GapPayload::kOpen) return std::nullopt;  // none yet
        out.gap = {.from_ns = gap->from_ns,
                   .to_ns = gap->to_ns,
                   .cause = std::move(gap->cause),
                   .ticks = gap->ticks,
                   .detail = std::move(gap->detail)};
      } else {
        mismatch("gap");
      }
      break;
    }
    case journal::Kind::kSeal:
      return std::nullopt;  // never handed on
  }
  out.gap.number = NumberOf(item.segment, item.offset);
  return out;
}

bool FileJournalReader::RemovedHere(const Follower::Item& missing) const {
  for (std::uint64_t i = 0; i < missing.count; ++i) {
    if (!removed_.contains({instance_, missing.segment + i})) return false;
  }
  return true;
}

Result<std::vector<JournalReader::Removal>> FileJournalReader::PlanRetention(
    const std::map<std::string, StoreProgress>& stored) {
  journal::Consumer store{.name = "store"};
  for (const auto& [instance, progress] : stored) {
    const auto all = std::numeric_limits<std::uint64_t>::max();
    store.read_to[instance] = {.segment = progress.complete ? all : progress.segment};
  }
  const auto plan =
      journal::PlanRetention(options_.directory, options_.retention, {store}, clock_.UtcNs());
  if (!plan) return plan.error();
  std::vector<Removal> removals;
  for (const journal::Removal& each : *plan) {
    const auto& [instance, number] = each.segment.name;
    // It is open and will be read to its end: what a gap would call missing is stored all the same.
    if (instance == instance_ && number == reading_ && !each.unread.empty()) continue;
    Removal removal{.file = each.segment.path.string(), .instance = instance};
    for (const auto& unread : each.unread) {
      journal::Stretch frames = unread.frames;
      if (frames.ticks > 0) {
        removal.unread.push_back({.gap = GapOf(frames, "JOURNAL_RETENTION"),
                                  .last_seq = frames.first_seq + frames.ticks - 1});
      }
      const auto found = stored.find(instance);
      const std::uint64_t last_seq = found == stored.end() ? 0 : found->second.last_seq;
      if (frames.first_seq != 0 && frames.first_seq <= last_seq) {
        frames.ticks -= std::min(frames.ticks, last_seq - frames.first_seq + 1);
        if (frames.ticks == 0) continue;  // all of it is stored
      }
      Gap gap = GapOf(frames, "JOURNAL_RETENTION");
      gap.number = NumberOf(number, 0);
      removal.gaps.push_back(std::move(gap));
    }
    removals.push_back(std::move(removal));
  }
  return removals;
}

Result<void> FileJournalReader::Remove(const Removal& removal) {
  const std::filesystem::path path{removal.file};
  if (const auto name = journal::ParseFileName(path.filename().string())) {
    removed_.insert({name->instance, name->number});
  }
  return journal::Remove({.segment = {.path = path}});
}

}  // namespace sauda::feed
