#include "libs/journal/catalog.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "libs/journal/file.hpp"
#include "libs/journal/reader.hpp"
#include "libs/journal/scan.hpp"

namespace sauda::journal {
namespace {

/// Absent: it was removed meanwhile.
Result<std::optional<SegmentInfo>> Describe(const std::filesystem::path& path, SegmentName name) {
  SegmentInfo info{.path = path, .name = std::move(name)};
  const auto file = File::OpenToRead(path);
  if (!file && file.error().reason == "FILE_NOT_FOUND") return std::optional<SegmentInfo>{};
  if (!file) return file.error();
  const auto state = file->Stat();
  if (!state) return state.error();
  info.bytes = state->bytes;
  info.modified_ns = state->modified_ns;
  const auto seal = SealOf(*file);
  if (!seal) return seal.error();
  info.seal = *seal;
  const auto reader = SegmentReader::Open(path);
  if (reader) {
    info.created_ns = reader->header().created_ns;
  } else {
    info.problem = reader.error();
  }
  return std::optional{std::move(info)};
}

/// An instance is as old as the oldest of it that is there.
void SortByAge(std::vector<SegmentInfo>& segments) {
  std::map<std::string, std::int64_t> ages;
  for (const SegmentInfo& info : segments) {
    const std::int64_t made_ns = info.created_ns != 0 ? info.created_ns : info.modified_ns;
    const auto [age, is_new] = ages.emplace(info.name.instance, made_ns);
    if (!is_new) age->second = std::min(age->second, made_ns);
  }
  const auto key = [&](const SegmentInfo& info) {
    return std::tie(ages[info.name.instance], info.name.instance, info.name.number);
  };
  std::sort(segments.begin(), segments.end(),
            [&](const SegmentInfo& a, const SegmentInfo& b) { return key(a) < key(b); });
}

}  // namespace

Result<Listing> List(const std::filesystem::path& directory) {
  Listing listing;
  std::error_code failed;
  std::filesystem::directory_iterator files{directory, failed};
  for (; !failed && files != std::filesystem::directory_iterator{}; files.increment(failed)) {
    const std::filesystem::path& path = files->path();
    std::string name = path.filename().string();
    if (auto segment = ParseFileName(name)) {
      auto info = Describe(path, std::move(*segment));
      if (!info) return info.error();
      if (*info) listing.segments.push_back(std::move(**info));
      continue;
    }
    const bool unfinished =
        name.ends_with(kUnfinishedSuffix) &&
        ParseFileName(name.substr(0, name.size() - kUnfinishedSuffix.size())).has_value();
    (unfinished ? listing.unfinished : listing.foreign).push_back(path);
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return FileError(directory, "listing", failed.value());
  }
  SortByAge(listing.segments);
  std::sort(listing.foreign.begin(), listing.foreign.end());
  std::sort(listing.unfinished.begin(), listing.unfinished.end());
  return listing;
}

}  // namespace sauda::journal
