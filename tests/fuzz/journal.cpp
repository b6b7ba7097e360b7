// One segment of a journal, whatever its bytes. What must hold:
// - whatever is read lies within the file, and is written again as the bytes it was read from;
// - a scan, a reader and a follower find the same records, and a follower ends where they do;
// - what Recover has mended reads clean, with every whole record that was there before; what it
//   calls damaged keeps them too; doing it again changes nothing.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/check.hpp"
#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/follower.hpp"
#include "libs/journal/payloads.hpp"
#include "libs/journal/recover.hpp"
#include "libs/journal/scan.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

using Status = ParsedRecord::Status;
using Found = SegmentReader::Found;

constexpr const char* kInstance = "run1";

/// The whole records of a segment, and where they end.
struct Walk {
  std::optional<ParsedHeader> header;
  std::vector<Record> records;  // those that readers hand on
  std::size_t good_bytes = 0;
  bool sealed = false;  // a seal is the last of them
};

void CheckPayload(const RecordView& record) {
  std::vector<std::int64_t> instruments;
  std::vector<std::int64_t> again_instruments;
  if (const auto frame = ParseFrame(record.payload, instruments)) {
    const std::string encoded = Encode(*frame);
    const auto again = ParseFrame(encoded, again_instruments);
    Check(again && again->bytes == frame->bytes && again_instruments == instruments &&
              again->simulated == frame->simulated,
          "a frame's payload is read again from its parts");
  }
  if (const auto gap = ParseGap(record.payload)) {
    Check(ParseGap(Encode(*gap)) == gap, "a gap's payload is read again from its parts");
  }
  if (const auto stretch = ParseStretch(record.payload)) {
    Check(Encode(*stretch) == record.payload, "a stretch is written as it was read");
  }
  if (const auto seal = ParseSeal(record.payload)) {
    Check(ParseSeal(Encode(*seal)) == seal, "a seal is read again from its parts");
  }
}

Walk WalkThrough(std::string_view bytes) {
  Walk walk;
  const auto header = ParseHeader(bytes);
  if (!header) return walk;
  Check(header->bytes <= bytes.size(), "a header lies within the file");
  const auto again = ParseHeader(EncodeHeader(header->header));
  Check(again && again->header == header->header, "a header is read again from its parts");
  walk.header = *header;
  walk.good_bytes = header->bytes;
  for (;;) {
    const std::string_view rest = bytes.substr(walk.good_bytes);
    const ParsedRecord parsed = ParseRecord(rest);
    if (parsed.status != Status::kWhole) {
      Check(parsed.status != Status::kShort || parsed.bytes > rest.size(),
            "a record that is short needs more than there is");
      return walk;
    }
    Check(parsed.bytes <= rest.size(), "a record lies within the file");
    std::string encoded;
    AppendRecord(encoded, parsed.record);
    Check(encoded == rest.substr(0, parsed.bytes), "a record is written as it was read");
    CheckPayload(parsed.record);
    walk.good_bytes += parsed.bytes;
    const bool seal = parsed.record.kind == Kind::kSeal && ParseSeal(parsed.record.payload);
    // Records of later versions, also seals, are passed over and change nothing.
    if (seal) walk.sealed = true;
    if (seal || parsed.record.kind == Kind::kSeal || !IsKnown(parsed.record.kind)) continue;
    walk.sealed = false;
    walk.records.push_back(Copy(parsed.record));
  }
}

void CheckScan(const std::filesystem::path& path, const Walk& walk, std::size_t bytes) {
  const auto scan = Scan(path);
  Check(scan.has_value() == walk.header.has_value(), "a segment is read when its header is");
  if (!scan) return;
  Check(scan->file_bytes == bytes && scan->good_bytes == walk.good_bytes,
        "a scan stops after the last whole record");
  Check(scan->counts.records == walk.records.size(), "and counts those before");
  const bool at_end = scan->end == Found::kEnd || scan->end == Found::kSealed;
  Check(at_end == (walk.good_bytes == bytes), "and says whether that is the end");
  if (at_end) Check((scan->end == Found::kSealed) == walk.sealed, "and whether it is sealed");
}

void CheckReader(const std::filesystem::path& path, const Walk& walk) {
  auto reader = SegmentReader::Open(path);
  if (!reader) return;
  std::size_t read = 0;
  for (;;) {
    const auto item = reader->Next();
    Check(item.has_value(), "a file can be read");
    if (item->found == Found::kSealed) continue;
    if (item->found != Found::kRecord) break;
    Check(read < walk.records.size() && Copy(item->record) == walk.records[read],
          "a reader gives the records in their order");
    ++read;
  }
  Check(read == walk.records.size(), "all of them");
}

/// What a follower gives until it waits or ends.
std::vector<Read> Follow(const std::filesystem::path& directory, const Walk& walk) {
  std::vector<Read> all = ReadAll(directory, kInstance);
  Check(all.size() <= walk.records.size() + 2, "a follower gives each record once");
  const bool own =
      walk.header && walk.header->header.instance == kInstance && walk.header->header.number == 1;
  if (!own) Check(CountOf(Follower::What::kRecord, all) == 0, "nothing of another's segment");
  return all;
}

void CheckRecovered(const std::filesystem::path& directory, const std::filesystem::path& path,
                    const Walk& walk) {
  const auto done = Recover(directory, "own");
  Check(done.has_value() && done->size() <= 1, "a directory can be put in order");
  if (!done->empty()) {
    const Recovered& recovered = done->front();
    const auto scan = Scan(path);
    switch (recovered.what) {
      case Recovered::What::kSealed:
      case Recovered::What::kCut:
        Check(scan && scan->end == Found::kSealed && scan->counts.last, "what is mended is whole");
        Check(scan->good_bytes == scan->file_bytes, "to its last byte");
        Check(scan->counts.records == walk.records.size(), "and lost no record");
        break;
      case Recovered::What::kDamaged:
        Check(scan && scan->end == Found::kCorrupt, "what is damaged stays so");
        Check(scan->good_bytes == walk.good_bytes, "and lost no record");
        break;
      case Recovered::What::kFailed:
        Check(!walk.header && recovered.problem && IsAboutHeader(*recovered.problem),
              "mending fails where the header cannot be read");
        break;
      default:
        Check(false, "nothing else is done to a segment");
    }
    if (recovered.what != Recovered::What::kFailed) {
      const auto again = Recover(directory, "own");
      Check(again && again->empty(), "what was mended stays as it is");
    }
  }
  CheckReader(path, walk);
}

void Try(std::string_view bytes) {
  static const TempDirectory directory;
  static const std::filesystem::path path = directory.path() / FileName({kInstance, 1});
  const Walk walk = WalkThrough(bytes);
  WriteFile(path, std::string{bytes});
  CheckScan(path, walk, bytes.size());
  CheckReader(path, walk);
  const auto before = Follow(directory.path(), walk);
  CheckRecovered(directory.path(), path, walk);
  const auto after = Follow(directory.path(), walk);
  Check(CountOf(Follower::What::kRecord, before) == CountOf(Follower::What::kRecord, after),
        "a follower is given the same records after mending");
}

}  // namespace
}  // namespace sauda::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sauda::journal::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
