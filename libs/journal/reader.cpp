#include "libs/journal/reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sauda::journal {
namespace {

constexpr std::size_t kReadBytes = 256UL << 10U;

}  // namespace

Result<SegmentReader> SegmentReader::Open(const std::filesystem::path& path) {
  auto file = File::OpenToRead(path);
  if (!file) return file.error();
  std::string bytes(kMaxHeaderBytes, '\0');
  const auto got = file->ReadAt(0, bytes.data(), bytes.size());
  if (!got) return got.error();
  auto header = ParseHeader(std::string_view{bytes}.substr(0, *got));
  if (!header) {
    Error error = header.error();
    error.message = path.string() + ": " + error.message;
    return error;
  }
  return SegmentReader{std::move(*file), std::move(*header)};
}

void SegmentReader::Seek(std::uint64_t offset) {
  offset_ = std::max<std::uint64_t>(offset, header_.bytes);
}

// The buffer is filled again only when it lacks what is asked for, so that the records of one piece
// cost one read. Whole records in it stay true: a cut takes none away.
Result<ParsedRecord> SegmentReader::Look() {
  ParsedRecord parsed = ParseRecord(Buffered());
  if (parsed.status == ParsedRecord::Status::kWhole) return parsed;
  for (;;) {
    // At least what the record lacks: then one that is larger than a piece comes whole.
    if (const auto wanted = std::max(kReadBytes, parsed.bytes); buffer_.size() < wanted) {
      buffer_.resize(wanted);
    }
    const auto got = file_.ReadAt(offset_, buffer_.data(), buffer_.size());
    buffer_offset_ = offset_;
    filled_ = got ? *got : 0;
    if (!got) return got.error();
    parsed = ParseRecord(Buffered());
    if (parsed.status != ParsedRecord::Status::kShort || filled_ < buffer_.size()) return parsed;
  }
}

std::string_view SegmentReader::Buffered() const {
  if (offset_ < buffer_offset_ || offset_ > buffer_offset_ + filled_) return {};
  return std::string_view{buffer_}.substr(0, filled_).substr(offset_ - buffer_offset_);
}

Result<SegmentReader::Item> SegmentReader::Next() {
  for (;;) {
    const auto parsed = Look();
    if (!parsed) return parsed.error();
    Item item{.offset = offset_, .next_offset = offset_};
    switch (parsed->status) {
      case ParsedRecord::Status::kShort:
        item.found = Buffered().empty() ? Found::kEnd : Found::kTorn;
        return item;
      case ParsedRecord::Status::kCorrupt:
        item.found = Found::kCorrupt;
        return item;
      case ParsedRecord::Status::kWhole:
        break;
    }
    const auto seal =
        parsed->record.kind == Kind::kSeal ? ParseSeal(parsed->record.payload) : std::nullopt;
    offset_ += parsed->bytes;
    item.next_offset = offset_;
    if (seal) {
      item.found = Found::kSealed;
      item.seal = *seal;
      return item;
    }
    if (IsKnown(parsed->record.kind) && parsed->record.kind != Kind::kSeal) {
      item.found = Found::kRecord;
      item.record = parsed->record;
      return item;
    }
    ++unknown_;  // also a seal of a later version
  }
}

}  // namespace sauda::journal
