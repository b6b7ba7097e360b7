#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/calendar/calendar_source.hpp"

namespace sauda::instruments {

/// The owner's days as JSON, README.md shows it:
///   [{"date": "2026-11-08", "description": "Muhurat trading", "exchanges": ["NSE", "BSE"],
///     "sessions": [{"pre_open": "17:45", "open": "18:00", "close": "19:00"}]}]
/// No sessions: closed. `pre_open` may be left out, and `exchanges`, which means all. Fails with
/// kFailedPrecondition / CALENDAR_FILE_INVALID, which names the day that is wrong.
Result<std::vector<calendar::SpecialDay>> ReadCalendarDays(std::string_view text);

/// A file of them; empty path: none. It is read again when its time or size changes; the owner
/// replaces it as a whole.
class JsonCalendarFile final : public CalendarFile {
 public:
  explicit JsonCalendarFile(std::string path) : path_{std::move(path)} {}

  bool Changed() override;
  Result<std::vector<calendar::SpecialDay>> Read() override;

 private:
  struct Stamp {
    std::filesystem::file_time_type time;
    std::uintmax_t size = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  /// Absent when the file is not there.
  std::optional<Stamp> Look() const;

  const std::string path_;
  bool read_ = false;
  std::optional<Stamp> seen_;
};

}  // namespace sauda::instruments
