#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "libs/journal/follower.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/writer.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sauda::journal {

using TempDirectory = TemporaryFolder;

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream{path, std::ios::binary}.rdbuf();
  return bytes.str();
}

inline void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

inline constexpr std::int64_t kFirstNs = 1'765'771'200'000'000'000;  // 2025-12-15 09:30 IST

/// The nth frame of a test, from 1: it can be told from every other.
inline Record FrameOf(std::uint64_t n, std::size_t payload_bytes = 20) {
  Record frame{.connection = static_cast<std::uint32_t>(n % 3),
               .received_ns = kFirstNs + static_cast<std::int64_t>(n) * 1'000,
               .monotonic_ns = static_cast<std::int64_t>(n) * 1'000,
               .first_seq = n * 2 - 1,
               .ticks = 2,
               .payload = "frame " + std::to_string(n) + " "};
  if (frame.payload.size() < payload_bytes) frame.payload.resize(payload_bytes, 'x');
  return frame;
}

inline Record StateOf(const std::string& text) {
  return {.kind = Kind::kState, .received_ns = kFirstNs, .payload = text};
}

inline std::string HeaderOf(const std::string& instance, std::uint64_t number) {
  return EncodeHeader({.instance = instance,
                       .account = "A1",
                       .simulated = true,
                       .created_ns = kFirstNs + static_cast<std::int64_t>(number),
                       .number = number});
}

inline std::string BytesOfAll(const std::vector<Record>& records) {
  std::string bytes;
  for (const Record& record : records) AppendRecord(bytes, View(record));
  return bytes;
}

/// What an owner does: gives the state when it is wanted, then pushes.
inline void PushFrame(Writer& writer, const Record& frame, const std::string& state = {}) {
  if (writer.WantsState(frame.received_ns)) {
    Writer::State given{.received_ns = frame.received_ns};
    if (!state.empty()) given.records.push_back(StateOf(state));
    (void)writer.PushState(std::move(given));  // refused: asked again with the next frame
  }
  writer.Push(frame);
}

/// Everything that a follower gives without waiting, with its place; stops at `stop` or when there
/// is nothing more.
struct Read {
  Follower::What what = Follower::What::kNothing;
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  Position next;
  Record record;
};
inline std::vector<Read> ReadAll(const std::filesystem::path& directory,
                                 const std::string& instance, Position from = {}) {
  Follower follower{{.directory = directory, .instance = instance, .from = from}};
  std::vector<Read> all;
  for (;;) {
    const auto item = follower.Next(std::chrono::milliseconds{0});
    Check(item.has_value(), "the journal can be read");
    if (item->what == Follower::What::kNothing) return all;
    all.push_back({item->what, item->segment, item->offset, item->next, Copy(item->record)});
    if (item->what == Follower::What::kEnd) return all;
  }
}

/// The records of that kind among them.
inline std::vector<Record> Only(Kind kind, const std::vector<Read>& all) {
  std::vector<Record> records;
  for (const Read& read : all) {
    if (read.what == Follower::What::kRecord && read.record.kind == kind) {
      records.push_back(read.record);
    }
  }
  return records;
}

inline std::uint64_t CountOf(Follower::What what, const std::vector<Read>& all) {
  std::uint64_t count = 0;
  for (const Read& read : all) count += read.what == what ? 1U : 0U;
  return count;
}

}  // namespace sauda::journal
