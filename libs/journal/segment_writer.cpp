#include "libs/journal/segment_writer.hpp"

#include <system_error>
#include <utility>

#include "libs/journal/names.hpp"

namespace sauda::journal {
Result<void> SegmentWriter::Begin(const Head& head) {
  if (auto finished = Finish(false, head.at_ns); !finished) return finished;
  const std::uint64_t number = number_ + 1;
  const auto path = options_.directory / FileName({options_.instance, number});
  auto unfinished = path;
  unfinished += kUnfinishedSuffix;
  std::error_code known_below;  // when the file cannot be made
  std::filesystem::create_directories(options_.directory, known_below);
  (void)RemoveFile(unfinished);  // of an attempt before
  auto file = File::Create(unfinished);
  if (!file) return file.error();
  const auto give_up = [&](Error why) -> Result<void> {
    (void)RemoveFile(unfinished);
    seal_ = {};
    buffer_.clear();
    return why;
  };

  if (const auto locked = file->Lock(); !locked) return give_up(locked.error());
  buffer_ = EncodeHeader({.instance = options_.instance,
                          .account = options_.account,
                          .simulated = head.simulated,
                          .clock = options_.clock,
                          .created_ns = head.at_ns,
                          .number = number});
  seal_ = {};
  const auto add = [&](const Record& record) {
    AppendRecord(buffer_, View(record));
    seal_.Count(View(record));
  };
  if (head.lost) {
    add({.kind = Kind::kGap, .received_ns = head.at_ns, .payload = Encode(*head.lost)});
  }
  for (const Record& record : head.state) add(record);
  if (auto appended = file->Append(buffer_); appended.error) return give_up(*appended.error);
  if (options_.sync != Sync::kNever) {
    if (const auto synced = file->Sync(); !synced) return give_up(synced.error());
  }
  if (const auto renamed = file->Rename(path); !renamed) return give_up(renamed.error());

  good_bytes_ = buffer_.size();
  buffer_.clear();
  buffer_.shrink_to_fit();  // states are large and rare
  number_ = number;
  file_.emplace(std::move(*file));
  held_.reset();
  if (options_.sync == Sync::kNever) return {};
  if (auto synced = SyncDirectory(options_.directory); !synced) return Cut(synced.error());
  return {};
}

void SegmentWriter::Add(const RecordView& record) {
  AppendRecord(buffer_, record);
  seal_.Count(record);
  ends_.push_back(buffer_.size());
}

SegmentWriter::Flushed SegmentWriter::Flush() {
  Flushed flushed;
  if (file_ && !buffer_.empty()) {
    auto appended = file_->Append(buffer_);
    while (flushed.records < ends_.size() && ends_[flushed.records] <= appended.bytes) {
      flushed.bytes = ends_[flushed.records++];
    }
    good_bytes_ += flushed.bytes;
    const auto state = file_->Stat();
    if (!appended.error && state && state->removed) {
      flushed = {};
      appended.error = Error{
          Code::kDataLoss, "SEGMENT_REMOVED",
          file_->path().string() + " was removed while it was written: let only retention do that"};
    }
    if (appended.error) flushed.error = Cut(*appended.error);
  }
  buffer_.clear();
  ends_.clear();
  return flushed;
}

Result<void> SegmentWriter::Finish(bool last, std::int64_t now_ns) {
  if (!file_) return {};
  Seal seal = seal_;
  seal.last = last;
  std::string bytes;
  AppendRecord(bytes, {.kind = Kind::kSeal, .received_ns = now_ns, .payload = Encode(seal)});
  if (auto appended = file_->Append(bytes); appended.error) return Cut(*appended.error);
  if (options_.sync != Sync::kNever) {
    if (auto synced = file_->Sync(); !synced) return Cut(synced.error());
  }
  held_ = std::exchange(file_, std::nullopt);
  return {};
}

Result<void> SegmentWriter::SyncNow() {
  if (!file_) return {};
  if (auto synced = file_->Sync(); !synced) return Cut(synced.error());
  return {};
}

// No reader believes half a record; the cut is so that none has to wonder about it.
Error SegmentWriter::Cut(Error why) {
  if (const auto cut = file_->CutTo(good_bytes_); !cut) {
    why.message += "; and its torn end stays: " + cut.error().message;
  }
  held_ = std::exchange(file_, std::nullopt);
  return why;
}

}  // namespace sauda::journal
