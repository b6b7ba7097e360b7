#include "cli/src/print.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <ostream>

#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

namespace sauda::cli {

nlohmann::json ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto printed = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!printed.ok()) return nullptr;  // invalid UTF-8 in a field, which protobuf refuses to send
  return nlohmann::json::parse(text, nullptr, false);
}

std::string Dump(const nlohmann::json& json, bool indented) {
  return json.dump(indented ? 2 : -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Printable(const std::string& text) {
  std::string safe = text;
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, '?');
  return safe;
}

std::string IstTime(std::int64_t epoch_ms) {
  if (epoch_ms == 0) return "-";
  constexpr std::int64_t kIstOffsetSeconds = 19'800;
  const std::time_t seconds = epoch_ms / 1'000 + kIstOffsetSeconds;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return text.data();
}

std::string Span(std::int64_t seconds) {
  const std::int64_t hours = seconds / 3'600;
  const std::int64_t minutes = seconds / 60 % 60;
  if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
  if (minutes > 0) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

std::string Price(double rupees) {
  const double paise = rupees * 100;
  const bool fine = std::abs(paise - std::round(paise)) > 1e-6;
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), fine ? "%.4f" : "%.2f", rupees);
  return text.data();
}

void Table::Print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      out << row[i] << (last ? "" : std::string(widths[i] - row[i].size() + 2, ' '));
    }
    out << '\n';
  }
}

}  // namespace sauda::cli
