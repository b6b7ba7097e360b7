#include "libs/journal/follower.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

#include "libs/journal/names.hpp"
#include "libs/journal/scan.hpp"

namespace sauda::journal {
namespace {

constexpr std::chrono::milliseconds kListEvery{250};  // while nothing comes; names are looked up

}  // namespace

Follower::Follower(Options options)
    : options_{std::move(options)}, next_{std::max<std::uint64_t>(options_.from.segment, 1)} {}

Result<Follower::Item> Follower::Next(std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  for (;;) {
    auto found = Look();
    if (!found) return found.error();
    if (*found) return **found;
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) break;
    std::this_thread::sleep_for(
        std::min<std::chrono::nanoseconds>(options_.poll, until - now));  // the poll itself
  }
  Item nothing{.segment = next_ - 1, .next = {next_, 0}};
  if (reader_ && !spoiled_) {
    nothing.offset = reader_->offset();
    nothing.next = {nothing.segment, nothing.offset};
  } else if (!reader_ && !spoiled_) {
    nothing.next = next_ > options_.from.segment + 1 ? Position{next_, 0} : options_.from;
  }
  return nothing;
}

std::uint64_t Follower::unknown_records() const {
  return unknown_ + (reader_ ? reader_->unknown_records() : 0);
}

Result<std::optional<Follower::Item>> Follower::Look() {
  if (ended_) return std::optional{Item{.what = What::kEnd, .segment = next_ - 1, .next = {next_}}};
  for (;;) {
    if (reader_ && !spoiled_) {
      auto read = ReadOn();
      if (!read || *read) return read;
    }
    // Looked for before the last look into the segment that it ends: a writer is done with a
    // segment before the next one appears.
    const auto number = FindNext();
    if (!number) return number.error();
    if (!*number) return EndOfAll();
    if (reader_ && !spoiled_) {
      auto read = ReadOn();
      if (!read || *read) return read;
      if (torn_) return std::optional{Damage("the segment ends within a record")};
    }
    if (**number > next_ && (reader_ || spoiled_ || options_.from.segment != 0)) {
      const std::uint64_t first = std::exchange(next_, **number);
      return std::optional{Item{.what = What::kMissing,
                                .segment = first,
                                .next = {next_, 0},
                                .count = next_ - first,
                                .after_ns = last_ns_}};
    }
    next_ = **number;
    auto entered = Enter();
    if (!entered || *entered) return entered;
  }
}

// Absent: everything that is written was read, and torn_ says whether there was a rest.
Result<std::optional<Follower::Item>> Follower::ReadOn() {
  torn_ = false;
  for (;;) {
    const auto read = reader_->Next();
    if (!read) return read.error();
    switch (read->found) {
      case SegmentReader::Found::kRecord:
        last_ns_ = read->record.received_ns;
        return std::optional{Item{.what = What::kRecord,
                                  .segment = next_ - 1,
                                  .offset = read->offset,
                                  .next = {next_ - 1, read->next_offset},
                                  .record = read->record}};
      case SegmentReader::Found::kCorrupt:
        return std::optional{Damage("its bytes are no record")};
      case SegmentReader::Found::kSealed:
        if (!read->seal.last) continue;
        ended_ = true;
        return std::optional{Item{.what = What::kEnd, .segment = next_ - 1, .next = {next_}}};
      case SegmentReader::Found::kTorn:
        torn_ = true;
        return std::optional<Item>{};
      case SegmentReader::Found::kEnd:
        return std::optional<Item>{};
    }
  }
}

// Opens the segment next_, which then is next_ - 1.
Result<std::optional<Follower::Item>> Follower::Enter() {
  const std::uint64_t number = next_;
  auto opened = SegmentReader::Open(PathOf(number));
  if (!opened && opened.error().reason == "FILE_NOT_FOUND") return std::optional<Item>{};
  if (!opened && !IsAboutHeader(opened.error())) return opened.error();
  if (reader_) unknown_ += reader_->unknown_records();
  reader_.reset();
  ++next_;
  listed_at_.reset();
  spoiled_ = false;
  if (!opened) return std::optional{Damage(opened.error().message)};
  reader_.emplace(std::move(*opened));
  if (reader_->header().instance != options_.instance || reader_->header().number != number) {
    return std::optional{Damage("its header names another segment")};
  }
  if (number == options_.from.segment) reader_->Seek(options_.from.offset);
  return std::optional<Item>{};
}

// A segment that was damaged may still say at its end that no other follows.
Result<std::optional<Follower::Item>> Follower::EndOfAll() {
  if (!reader_ || !spoiled_) return std::optional<Item>{};
  const auto seal = SealOf(reader_->file());
  if (!seal) return seal.error();
  if (!*seal || !(*seal)->last) return std::optional<Item>{};
  ended_ = true;
  return std::optional{Item{.what = What::kEnd, .segment = next_ - 1, .next = {next_}}};
}

Follower::Item Follower::Damage(std::string detail) {
  spoiled_ = true;
  const std::uint64_t offset = reader_ ? reader_->offset() : 0;
  std::error_code failed;  // then it counts for nothing
  const std::uint64_t bytes = std::filesystem::file_size(PathOf(next_ - 1), failed);
  return {.what = What::kDamage,
          .segment = next_ - 1,
          .offset = offset,
          .next = {next_, 0},
          .count = failed || bytes < offset ? 0 : bytes - offset,
          .after_ns = last_ns_,
          .detail = PathOf(next_ - 1).string() + " at " + std::to_string(offset) + ": " +
                    std::move(detail)};
}

// Numbers have no holes, so that the next one's name is known; where it is not, retention may have
// been faster than this reader.
Result<std::optional<std::uint64_t>> Follower::FindNext() {
  using Number = std::optional<std::uint64_t>;
  if (::access(PathOf(next_).c_str(), F_OK) == 0) return Number{next_};
  const auto now = std::chrono::steady_clock::now();
  if (listed_at_ && now < *listed_at_ + kListEvery) return Number{};
  listed_at_ = now;
  Number least;
  std::error_code failed;
  std::filesystem::directory_iterator files{options_.directory, failed};
  for (; !failed && files != std::filesystem::directory_iterator{}; files.increment(failed)) {
    const auto name = ParseFileName(files->path().filename().string());
    if (!name || name->instance != options_.instance || name->number < next_) continue;
    if (!least || name->number < *least) least = name->number;
  }
  if (failed == std::errc::no_such_file_or_directory) return Number{};
  if (failed) return FileError(options_.directory, "listing", failed.value());
  return least;
}

std::filesystem::path Follower::PathOf(std::uint64_t number) const {
  return options_.directory / FileName({options_.instance, number});
}

}  // namespace sauda::journal
