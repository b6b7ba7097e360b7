#include "libs/telemetry/log.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace sauda::telemetry {
namespace {

constexpr std::size_t kMaxValueBytes = 500;
constexpr std::size_t kBytesPerMib = 1'048'576;

bool IsPlain(char c) { return c > ' ' && c != '"' && c != '\\' && c != '=' && c != '\x7f'; }

void AppendEscaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += {'\\', c};
  } else if (c == '\n') {
    out += "\\n";
  } else if (byte < 0x20 || byte == 0x7f) {
    out += "\\x";
    out += {kHex[byte >> 4U], kHex[byte & 0xfU]};
  } else {
    out += c;
  }
}

}  // namespace

void LogSettings::Declare(Settings& settings) {
  settings.Choice(
      SettingName::Shared("log-level"), level,
      std::vector<std::pair<std::string, std::string>>{
          {"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}},
      "what is worth a line");
  settings.Text("log-file", file, "file that gets the log too");
  settings.Flag(SettingName::Shared("log-file-only"), file_only,
                "with --log-file: no lines on standard error");
  settings.Number(SettingName::Shared("log-file-mib"), file_mib, {.low = 1, .high = 1'024},
                  "size at which the log file is put aside, MiB");
  settings.Number(SettingName::Shared("log-file-count"), file_count, {.low = 1, .high = 100},
                  "log files kept");
}

Result<void> InitLogging(std::string_view service, const LogSettings& settings) {
  std::vector<spdlog::sink_ptr> sinks;
  if (settings.file.empty() || !settings.file_only) {
    sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  }
  if (!settings.file.empty()) {
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          settings.file, static_cast<std::size_t>(settings.file_mib) * kBytesPerMib,
          static_cast<std::size_t>(settings.file_count - 1)));
    } catch (const spdlog::spdlog_ex& error) {
      return Error{Code::kInvalidArgument, "LOG_FILE_UNWRITABLE",
                   "cannot write the log file " + settings.file + ": " + error.what()};
    }
  }
  auto logger = std::make_shared<spdlog::logger>(std::string{service}, sinks.begin(), sinks.end());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %n %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

std::string Quoted(std::string_view text) {
  if (!text.empty() && text.size() <= kMaxValueBytes &&
      std::all_of(text.begin(), text.end(), IsPlain)) {
    return std::string{text};
  }
  std::string out{'"'};
  for (const char c : text.substr(0, kMaxValueBytes)) AppendEscaped(out, c);
  if (text.size() > kMaxValueBytes) out += "…";
  return out + '"';
}

}  // namespace sauda::telemetry
