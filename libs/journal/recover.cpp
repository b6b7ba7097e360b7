#include "libs/journal/recover.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>
#include <utility>

#include "libs/base/clock.hpp"
#include "libs/journal/catalog.hpp"
#include "libs/journal/file.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/scan.hpp"

namespace sauda::journal {
namespace {

using What = Recovered::What;

constexpr std::int64_t kHeadLifeNs = 60'000'000'000;  // far longer than it takes to write one

Result<bool> IsAllZero(const File& file, std::uint64_t from, std::uint64_t to) {
  std::array<char, 64UL << 10U> piece{};
  while (from < to) {
    const auto got = file.ReadAt(from, piece.data(), piece.size());
    if (!got) return got.error();
    if (*got == 0) break;
    if (!std::all_of(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got),
                     [](char c) { return c == '\0'; })) {
      return false;
    }
    from += *got;
  }
  return true;
}

/// Whether bad bytes can be what a sudden end left: one record that reaches to the file's end, or
/// zeros where the machine lost what was not yet on the disk. Anything else is damage.
Result<bool> IsTornEnd(const File& file, const SegmentScan& scan) {
  if (scan.end == SegmentReader::Found::kTorn) return true;
  std::array<char, kRecordPrefixBytes> prefix{};
  const auto got = file.ReadAt(scan.good_bytes, prefix.data(), prefix.size());
  if (!got) return got.error();
  const auto parsed = ParseRecord({prefix.data(), *got});
  if (parsed.bytes != 0 && scan.good_bytes + parsed.bytes >= scan.file_bytes) return true;
  return IsAllZero(file, scan.good_bytes, scan.file_bytes);
}

Result<void> Mend(Recovered& recovered, const File& file, bool last) {
  auto scan = Scan(recovered.path);
  if (!scan) return scan.error();
  recovered.records = scan->counts.records;
  recovered.last_ns = scan->counts.last_ns;
  if (scan->end == SegmentReader::Found::kTorn || scan->end == SegmentReader::Found::kCorrupt) {
    const auto torn = IsTornEnd(file, *scan);
    if (!torn) return torn.error();
    recovered.what = *torn ? What::kCut : What::kDamaged;
    if (*torn) {
      if (auto cut = file.CutTo(scan->good_bytes); !cut) return cut;
      recovered.cut_bytes = scan->file_bytes - scan->good_bytes;
    }
  }
  scan->counts.last = last;
  std::string seal;
  AppendRecord(
      seal,
      {.kind = Kind::kSeal, .received_ns = scan->counts.last_ns, .payload = Encode(scan->counts)});
  const auto appended = file.Append(seal);
  if (!appended.error) return {};
  if (appended.bytes > 0) (void)file.CutTo(scan->file_bytes - recovered.cut_bytes);
  return *appended.error;
}

/// Whether the instance has a segment after this one.
bool HasNext(const SegmentInfo& info) {
  std::error_code failed;  // then it has none that could be read
  const SegmentName next{info.name.instance, info.name.number + 1};
  return std::filesystem::exists(info.path.parent_path() / FileName(next), failed);
}

/// Absent: there was nothing to do after all. A living writer holds the lock of its newest segment
/// until the next one is there, so that what is seen under the lock stays true.
std::optional<Recovered> MendOne(const SegmentInfo& info, bool newest) {
  Recovered recovered{.path = info.path};
  const auto failed = [&](const Error& why) {
    recovered.what = What::kFailed;
    recovered.problem = why;
    return recovered;
  };
  const auto file = File::OpenToMend(info.path);
  if (!file) return failed(file.error());
  const auto locked = file->Lock();
  if (!locked) return failed(locked.error());
  if (!*locked) {
    recovered.what = What::kInUse;
    return recovered;
  }
  const bool last = newest && !HasNext(info);
  const auto seal = SealOf(*file);
  if (!seal) return failed(seal.error());
  if (*seal && ((*seal)->last || !last)) return std::nullopt;
  if (const auto mended = Mend(recovered, *file, last); !mended) return failed(mended.error());
  return recovered;
}

/// Absent: it has become a segment, or may still become one.
std::optional<Recovered> RemoveOne(const std::filesystem::path& path) {
  Recovered recovered{.path = path, .what = What::kRemoved};
  const auto file = File::OpenToMend(path);
  const auto locked = file ? file->Lock() : Result<bool>{file.error()};
  if (locked && !*locked) {
    recovered.what = What::kInUse;
    return recovered;
  }
  const auto state = file ? file->Stat() : Result<File::State>{file.error()};
  if (state && state->modified_ns > SystemClock{}.UtcNs() - kHeadLifeNs) return std::nullopt;
  const auto removed = locked ? RemoveFile(path) : Result<void>{locked.error()};
  if (!removed && removed.error().reason == "FILE_NOT_FOUND") return std::nullopt;
  if (!removed) {
    recovered.what = What::kFailed;
    recovered.problem = removed.error();
  }
  return recovered;
}

}  // namespace

Result<std::vector<Recovered>> Recover(const std::filesystem::path& directory,
                                       const std::string& own_instance) {
  const auto listing = List(directory);
  if (!listing) return listing.error();
  std::map<std::string, std::uint64_t> newest;
  for (const SegmentInfo& info : listing->segments) {
    newest[info.name.instance] = info.name.number;  // they come in order
  }
  std::vector<Recovered> all;
  for (const SegmentInfo& info : listing->segments) {
    if (info.name.instance == own_instance) continue;
    const bool is_newest = newest[info.name.instance] == info.name.number;
    if (info.seal && (info.seal->last || !is_newest)) continue;
    if (auto recovered = MendOne(info, is_newest)) all.push_back(std::move(*recovered));
  }
  for (const auto& path : listing->unfinished) {
    const std::string name = path.stem().string();  // without what marks it unfinished
    const auto segment = ParseFileName(name);
    if (!segment || segment->instance == own_instance) continue;
    if (auto recovered = RemoveOne(path)) all.push_back(std::move(*recovered));
  }
  return all;
}

}  // namespace sauda::journal
