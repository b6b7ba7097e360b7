#include "libs/journal/scan.hpp"

#include <array>
#include <string_view>

namespace sauda::journal {

Result<SegmentScan> Scan(const std::filesystem::path& path, std::uint64_t from_offset) {
  using Found = SegmentReader::Found;
  auto reader = SegmentReader::Open(path);
  if (!reader) return reader.error();
  reader->Seek(from_offset);
  SegmentScan scan{.header = reader->header()};
  bool sealed = false;
  for (bool more = true; more;) {
    const auto item = reader->Next();
    if (!item) return item.error();
    if (item->found == Found::kRecord) {
      sealed = false;
      scan.counts.Count(item->record);
      if (item->record.kind == Kind::kFrame) scan.frames.Add(item->record);
      if (item->record.kind == Kind::kState) ++scan.states;
      if (item->record.kind == Kind::kGap) ++scan.gaps;
    } else if (item->found == Found::kSealed) {
      sealed = true;
      scan.counts.last = item->seal.last;
    } else {
      scan.end = item->found == Found::kEnd && sealed ? Found::kSealed : item->found;
      more = false;
    }
  }
  const auto state = reader->file().Stat();
  if (!state) return state.error();
  scan.file_bytes = state->bytes;
  scan.good_bytes = reader->offset();
  scan.unknown = reader->unknown_records();
  return scan;
}

Result<std::optional<Seal>> SealOf(const File& file) {
  const auto state = file.Stat();
  if (!state) return state.error();
  if (state->bytes < kSealRecordBytes) return std::optional<Seal>{};
  std::array<char, kSealRecordBytes> bytes{};
  const auto got = file.ReadAt(state->bytes - bytes.size(), bytes.data(), bytes.size());
  if (!got) return got.error();
  const auto parsed = ParseRecord({bytes.data(), *got});
  if (parsed.status != ParsedRecord::Status::kWhole || parsed.record.kind != Kind::kSeal) {
    return std::optional<Seal>{};
  }
  return ParseSeal(parsed.record.payload);
}

bool IsAboutHeader(const Error& error) {
  return error.reason == "HEADER_TORN" || error.reason == "HEADER_CORRUPT" ||
         error.reason == "NOT_A_JOURNAL" || error.reason == "VERSION_UNKNOWN";
}

}  // namespace sauda::journal
