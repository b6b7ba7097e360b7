#include "services/orders/src/core/kill/halt_record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

namespace sauda::orders {
namespace {

// `sauda-halt 1 <checksum> <halted> <at_ms> <by>|<reason>`, then spaces and a line feed.
constexpr std::string_view kHaltMagic = "sauda-halt 1 ";
constexpr std::size_t kHaltSumDigits = 8;
constexpr std::size_t kMostBy = 64;
constexpr std::size_t kMostReason = 256;

Error Unreadable(const std::string& why) {
  return {Code::kDataLoss, "HALT_STATE_UNREADABLE",
          "the kill switch's state file cannot be understood, which counts as halted: " + why};
}

std::string Plain(std::string_view text, std::size_t most) {
  std::string plain{text.substr(0, most)};
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c < ' ' || c > '~' || c == '|'; }, '?');
  return plain;
}

/// FNV-1a, against half a write and rot, not against an enemy.
std::uint32_t SumOf(std::string_view bytes) {
  std::uint32_t sum = 0x811c9dc5U;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x01000193U;
  return sum;
}

std::string SumText(std::string_view bytes) {
  std::array<char, kHaltSumDigits + 1> digits{};
  (void)std::snprintf(digits.data(), digits.size(), "%08x", SumOf(bytes));
  return digits.data();
}

}  // namespace

std::string EncodeHaltRecord(const HaltRecord& record) {
  std::string body = std::string{record.halted ? " 1 " : " 0 "} + std::to_string(record.at_ms) +
                     " " + Plain(record.by, kMostBy) + "|" + Plain(record.reason, kMostReason) +
                     "|";
  body.resize(kHaltRecordBytes - kHaltMagic.size() - kHaltSumDigits - 1, ' ');
  body.push_back('\n');
  return std::string{kHaltMagic} + SumText(body) + body;
}

Result<HaltRecord> DecodeHaltRecord(std::string_view bytes) {
  if (bytes.size() != kHaltRecordBytes) {
    return Unreadable("it has " + std::to_string(bytes.size()) + " bytes");
  }
  if (!bytes.starts_with(kHaltMagic)) return Unreadable("it begins with something else");
  const std::string_view sum = bytes.substr(kHaltMagic.size(), kHaltSumDigits);
  std::string_view body = bytes.substr(kHaltMagic.size() + kHaltSumDigits);
  if (SumText(body) != sum) return Unreadable("its checksum is wrong");
  HaltRecord record;
  record.halted = body.at(1) != '0';
  body.remove_prefix(3);
  const std::size_t space = body.find(' ');
  const auto [end, error] =
      std::from_chars(body.data(), body.data() + std::min(space, body.size()), record.at_ms);
  const std::size_t bar = body.find('|');
  const std::size_t last = bar == std::string_view::npos ? bar : body.find('|', bar + 1);
  if (error != std::errc{} || space > bar || last == std::string_view::npos) {
    return Unreadable("its parts are not there");
  }
  record.by = body.substr(space + 1, bar - space - 1);
  record.reason = body.substr(bar + 1, last - bar - 1);
  return record;
}

}  // namespace sauda::orders
