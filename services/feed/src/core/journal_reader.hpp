#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/frame_journal.hpp"
#include "services/feed/src/core/tick_store.hpp"

namespace sauda::feed {

/// What comes next in the journal of one run.
struct JournalItem {
  enum class What : std::uint8_t {
    kNothing,  ///< nothing more within the wait
    kState,    ///< `frame` stands for frames before the segment
    kFrame,
    kGap,  ///< `gap`: one that was pushed, or what the journal itself misses
    kEnd,  ///< the run is over, and all of it was read
  };
  What what = What::kNothing;
  std::uint64_t segment = 0;  ///< that it is in
  JournaledFrame frame;       ///< good until the next call
  Gap gap;
};

/// Reads the journal of an account, of one run after the other. Used by one thread.
class JournalReader {
 public:
  virtual ~JournalReader() = default;

  /// Runs of which there is something, oldest first; `own`, the run of this process, comes last,
  /// there or not.
  virtual Result<std::vector<std::string>> Instances(const std::string& own) = 0;

  /// Goes to the head of a run's segment; 0: of the first that there is.
  virtual void Open(const std::string& instance, std::uint64_t segment) = 0;

  /// What comes next, waiting for it no longer than `wait`. Fails with kUnavailable and the reason
  /// when the disk cannot be read; the place is kept.
  virtual Result<JournalItem> Next(std::chrono::milliseconds wait) = 0;

  /// A part of the journal that is over its age, or over the room that all of it may take.
  struct Removal {
    std::string file;
    std::string instance;
    std::vector<Gap> gaps;  ///< for ticks in it that are not stored
    /// Ticks in it that somebody has still to read, stored or not.
    struct Unread {
      Gap gap;
      std::uint64_t last_seq = 0;
    };
    std::vector<Unread> unread;
  };
  /// What must go, oldest first, but for what is being read just now; nothing is removed yet.
  virtual Result<std::vector<Removal>> PlanRetention(
      const std::map<std::string, StoreProgress>& stored) = 0;
  /// Removes it. One that is gone already is no failure.
  virtual Result<void> Remove(const Removal& removal) = 0;
};

}  // namespace sauda::feed
