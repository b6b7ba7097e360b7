#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/journal/follower.hpp"
#include "libs/journal/retention.hpp"
#include "services/feed/src/core/journal_reader.hpp"

namespace sauda::feed {

/// Reads the journal's files.
class FileJournalReader final : public JournalReader {
 public:
  struct Options {
    std::filesystem::path directory;  ///< of the account
    journal::RetentionLimits retention;
  };

  /// `clock` outlives it.
  FileJournalReader(Options options, const Clock& clock)
      : options_{std::move(options)}, clock_{clock} {}

  Result<std::vector<std::string>> Instances(const std::string& own) override;
  void Open(const std::string& instance, std::uint64_t segment) override;
  Result<JournalItem> Next(std::chrono::milliseconds wait) override;
  Result<std::vector<Removal>> PlanRetention(
      const std::map<std::string, StoreProgress>& stored) override;
  Result<void> Remove(const Removal& removal) override;

 private:
  /// Absent: nothing to hand on, look again.
  std::optional<JournalItem> From(const journal::Follower::Item& item);
  std::optional<JournalItem> FromRecord(const journal::Follower::Item& item);
  bool RemovedHere(const journal::Follower::Item& missing) const;

  const Options options_;
  const Clock& clock_;
  std::string instance_;
  std::uint64_t reading_ = 0;  // segment of the record read last; 0: none yet
  std::optional<journal::Follower> follower_;
  std::optional<journal::Follower::Item> held_;              // comes after `hole_`
  std::optional<JournalItem> hole_;                          // its end is not known yet
  std::vector<std::int64_t> instruments_;                    // of the item given last
  std::set<std::pair<std::string, std::uint64_t>> removed_;  // segments, by instance
};

}  // namespace sauda::feed
