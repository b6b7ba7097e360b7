#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <span>
#include <string>

#include "libs/base/result.hpp"
#include "simulator/src/core/feed_session.hpp"

namespace sauda::sim {

/// One key of a message, or one update.
struct SentEntry {
  const std::string* key = nullptr;  ///< lives as long as the Master
  std::int64_t number = 0;           ///< the last trade's quantity: the number, with --numbered
};

/// What became of every update, for a test that counts. A line each: wall clock in ns since the
/// epoch, session, what, key, number; tabs between them. The loop's thread only.
class SentRecord {
 public:
  enum class What : std::uint8_t {
    kSnapshot,  ///< the session's socket took it within a snapshot
    kLive,      ///< the session's socket took it within a live message
    kSkipped,   ///< the session was too slow, or a fault silenced it
    kAway,      ///< session 0: nobody had subscribed to it, or whoever had was gone
  };

  /// Fails with kInvalidArgument / FILE_NOT_WRITABLE.
  static Result<std::unique_ptr<SentRecord>> Create(const std::string& path);

  /// Writes them through, so that a reader sees them at once.
  void Add(What what, std::int64_t sent_ns, std::uint64_t session,
           std::span<const SentEntry> entries);

 private:
  explicit SentRecord(std::ofstream file) : file_{std::move(file)} {}

  std::ofstream file_;
};

}  // namespace sauda::sim
