#include "services/feed/src/adapters/journal_past.hpp"

#include <algorithm>

#include "libs/journal/catalog.hpp"
#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/reader.hpp"
#include "libs/journal/scan.hpp"

namespace sauda::feed {
namespace {

using Found = journal::SegmentReader::Found;

struct SegmentPast {
  bool has_frames = false;
  std::optional<std::int64_t> open_gap_ns;

  void Take(const journal::RecordView& record) {
    if (record.kind == journal::Kind::kFrame) has_frames = true;
    if (record.kind != journal::Kind::kNotice) return;
    const auto gap = journal::ParseGap(record.payload);
    if (!gap || gap->to_ns != journal::GapPayload::kOpen) return;
    open_gap_ns = gap->from_ns == 0 ? std::nullopt : std::optional{gap->from_ns};
  }
};

Result<SegmentPast> ReadSegment(const journal::SegmentInfo& segment) {
  auto reader = journal::SegmentReader::Open(segment.path);
  if (!reader) return reader.error();
  SegmentPast past;
  for (;;) {
    const auto item = reader->Next();
    if (!item) return item.error();
    if (item->found == Found::kRecord) past.Take(item->record);
    if (item->found != Found::kRecord && item->found != Found::kSealed) return past;
  }
}

}  // namespace

Result<JournalPast> ReadJournalPast(const std::filesystem::path& directory) {
  auto listing = journal::List(directory);
  if (!listing) return listing.error();
  std::reverse(listing->segments.begin(), listing->segments.end());  // newest first
  JournalPast past;
  for (const auto& segment : listing->segments) {
    if (segment.seal) past.last_ns = std::max(past.last_ns, segment.seal->last_ns);
  }
  for (const auto& segment : listing->segments) {
    if (segment.problem) continue;  // it cannot be read, whoever tries
    const auto newest = ReadSegment(segment);
    if (!newest) return newest.error();
    if (!newest->has_frames) continue;
    past.open_gap_ns = newest->open_gap_ns;
    break;
  }
  return past;
}

}  // namespace sauda::feed
