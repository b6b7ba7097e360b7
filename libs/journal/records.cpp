#include "libs/journal/records.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace sauda::journal {
namespace {

Error NothingIn(const std::filesystem::path& path) {
  return {Code::kNotFound, "JOURNAL_NOT_FOUND",
          path.string() + " is neither a journal's folder nor a segment of one"};
}

Result<std::vector<SegmentInfo>> OneFile(const std::filesystem::path& path) {
  const auto reader = SegmentReader::Open(path);
  if (!reader) return reader.error();
  const auto state = reader->file().Stat();
  if (!state) return state.error();
  return std::vector{SegmentInfo{.path = path,
                                 .name = {reader->header().instance, reader->header().number},
                                 .created_ns = reader->header().created_ns,
                                 .modified_ns = state->modified_ns,
                                 .bytes = state->bytes}};
}

}  // namespace

Result<std::vector<SegmentInfo>> FindSegments(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::is_regular_file(path, failed)) return OneFile(path);
  if (!std::filesystem::is_directory(path, failed)) return NothingIn(path);
  auto here = List(path);
  if (!here) return here.error();
  if (!here->segments.empty()) return std::move(here->segments);
  std::vector<std::filesystem::path> accounts;
  std::vector<SegmentInfo> segments;
  std::sort(here->foreign.begin(), here->foreign.end());
  for (const std::filesystem::path& each : here->foreign) {
    if (!std::filesystem::is_directory(each, failed)) continue;
    auto found = List(each);
    if (!found) return found.error();
    if (found->segments.empty()) continue;
    accounts.push_back(each);
    segments = std::move(found->segments);
  }
  if (accounts.empty()) return NothingIn(path);
  if (accounts.size() == 1) return segments;
  std::string names;
  for (const auto& each : accounts) names += (names.empty() ? "" : ", ") + each.string();
  return Error{Code::kInvalidArgument, "JOURNAL_AMBIGUOUS",
               path.string() + " has the journals of several accounts; name one of " + names};
}

Result<std::optional<Records::Item>> Records::Next() {
  using Found = SegmentReader::Found;
  for (;;) {
    if (!reader_) {
      if (next_ == segments_.size()) return std::optional<Item>{};
      Enter();
      continue;
    }
    const auto item = reader_->Next();
    if (!item) return item.error();
    const SegmentInfo& segment = segments_[next_ - 1];
    switch (item->found) {
      case Found::kRecord:
        return std::optional{Item{&segment, item->offset, item->record}};
      case Found::kSealed:
        continue;
      case Found::kCorrupt:
        on_trouble_(segment.path.string() + ": damaged from byte " + std::to_string(item->offset));
        break;
      case Found::kTorn:
        on_trouble_(segment.path.string() + ": ends within a record, at byte " +
                    std::to_string(item->offset) + ": cut off, or being written");
        break;
      case Found::kEnd:
        break;
    }
    reader_.reset();
  }
}

void Records::Enter() {
  const SegmentInfo& segment = segments_[next_++];
  auto reader = SegmentReader::Open(segment.path);
  if (reader) {
    reader_ = std::move(*reader);
  } else {
    on_trouble_(reader.error().message);
  }
  if (next_ < 2) return;
  const SegmentName& before = segments_[next_ - 2].name;
  if (before.instance != segment.name.instance || before.number + 1 >= segment.name.number) return;
  on_trouble_(before.instance + ": segments " + std::to_string(before.number + 1) + " to " +
              std::to_string(segment.name.number - 1) + " are missing");
}

void Records::Rewind() {
  next_ = 0;
  reader_.reset();
}

}  // namespace sauda::journal
