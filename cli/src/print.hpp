#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace sauda::cli {

/// A message as proto3's JSON: field names as in the proto, every field there, 64-bit numbers as
/// text.
nlohmann::json ToJson(const google::protobuf::Message& message);

/// One line of JSON, or indented for people.
std::string Dump(const nlohmann::json& json, bool indented = false);

/// Text from elsewhere, safe for a terminal: control characters become `?`.
std::string Printable(const std::string& text);

/// `2026-11-21 15:34:05` in India; `-` for 0.
std::string IstTime(std::int64_t epoch_ms);

/// `4 h 12 min`, `12 min 3 s`, `3 s`.
std::string Span(std::int64_t seconds);

/// A number with two decimals; four below one rupee's hundredth steps.
std::string Price(double rupees);

/// Rows under a heading, each column as wide as its widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sauda::cli
