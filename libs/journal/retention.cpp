#include "libs/journal/retention.hpp"

#include <utility>

#include "libs/journal/file.hpp"
#include "libs/journal/scan.hpp"

namespace sauda::journal {
namespace {

/// What a consumer has not read of a segment. A segment that cannot be read has nothing to read.
Result<Stretch> UnreadOf(const SegmentInfo& info, const Consumer& consumer) {
  std::uint64_t from = 0;
  if (const auto found = consumer.read_to.find(info.name.instance);
      found != consumer.read_to.end()) {
    if (found->second.segment > info.name.number) return Stretch{};
    if (found->second.segment == info.name.number) from = found->second.offset;
  }
  const auto scan = Scan(info.path, from);
  if (!scan && (IsAboutHeader(scan.error()) || scan.error().reason == "FILE_NOT_FOUND")) {
    return Stretch{};
  }
  if (!scan) return scan.error();
  Stretch unread = scan->frames;
  unread.cause = "JOURNAL_RETENTION";
  return unread;
}

Result<std::vector<Removal::Unread>> UnreadByAll(const SegmentInfo& info,
                                                 const std::vector<Consumer>& consumers) {
  std::vector<Removal::Unread> all;
  for (const Consumer& consumer : consumers) {
    auto unread = UnreadOf(info, consumer);
    if (!unread) return unread.error();
    if (unread->records > 0) all.push_back({consumer.name, std::move(*unread)});
  }
  return all;
}

/// A writer is done with a segment before the next one appears, and seals the last. Until Recover
/// has seen to it, one that was killed looks as if it wrote.
bool MayBeWritten(const SegmentInfo& info, bool newest) {
  return newest && !info.problem && !(info.seal && info.seal->last);
}

}  // namespace

Result<std::vector<Removal>> PlanRetention(const std::filesystem::path& directory,
                                           const RetentionLimits& limits,
                                           const std::vector<Consumer>& consumers,
                                           std::int64_t now_ns) {
  const auto listing = List(directory);
  if (!listing) return listing.error();
  const auto& segments = listing->segments;
  std::uint64_t bytes = 0;
  for (const SegmentInfo& info : segments) bytes += info.bytes;
  const std::int64_t oldest_ns =
      now_ns - std::chrono::duration_cast<std::chrono::nanoseconds>(limits.age).count();

  std::vector<Removal> plan;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const SegmentInfo& info = segments[i];
    const bool for_room = bytes > limits.bytes;
    if (!for_room && info.modified_ns >= oldest_ns) continue;
    const bool newest =
        i + 1 == segments.size() || segments[i + 1].name.instance != info.name.instance;
    if (MayBeWritten(info, newest)) continue;
    auto unread = UnreadByAll(info, consumers);
    if (!unread) return unread.error();
    if (!for_room && !unread->empty()) continue;
    bytes -= info.bytes;
    plan.push_back({info, for_room, std::move(*unread)});
  }
  return plan;
}

Result<void> Remove(const Removal& removal) {
  auto removed = RemoveFile(removal.segment.path);
  if (!removed && removed.error().reason == "FILE_NOT_FOUND") return {};
  return removed;
}

}  // namespace sauda::journal
