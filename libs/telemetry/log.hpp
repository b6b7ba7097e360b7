#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <spdlog/spdlog.h>

#include "libs/base/secret.hpp"
#include "libs/settings/settings.hpp"

/// A secret in a log line is three stars, whatever the format says.
template <>
struct fmt::formatter<sauda::Secret> : fmt::formatter<std::string_view> {
  template <typename Context>
  auto format(const sauda::Secret&, Context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};

namespace sauda::telemetry {

/// Where log lines go and which.
struct LogSettings {
  std::string level = "info";
  std::string file;             ///< empty: standard error only
  bool file_only = false;       ///< nothing on standard error, which nobody rotates
  std::int64_t file_mib = 10;   ///< a file of this size is put aside
  std::int64_t file_count = 5;  ///< files kept, the current one included

  void Declare(Settings& settings);
};

/// One line an event: UTC time, level, service, then `what key=value …`. Call once in main.
/// Fails with kInvalidArgument / LOG_FILE_UNWRITABLE.
Result<void> InitLogging(std::string_view service, const LogSettings& settings);

/// A value for a log line: as it is when it is one word, else in quotes with \", \\ and control
/// characters escaped, so that no input can forge a line. Cut at 500 bytes.
std::string Quoted(std::string_view text);

}  // namespace sauda::telemetry
