#include "libs/journal/names.hpp"

#include <charconv>

#include "libs/journal/format.hpp"

namespace sauda::journal {
namespace {

constexpr std::string_view kSuffix = ".saudaj";
constexpr std::size_t kLeastDigits = 6;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool IsSafe(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || (c == '.' && !first);
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (IsSafe(c, name.empty())) {
      name += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    name += '%';
    name += kHexDigits[byte >> 4U];
    name += kHexDigits[byte & 0xFU];
  }
  return name;
}

std::optional<std::string> PercentDecode(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      text += name[i];
      continue;
    }
    if (name.size() - i < 3) return std::nullopt;
    const std::size_t high = kHexDigits.find(name[i + 1]);
    const std::size_t low = kHexDigits.find(name[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    text += static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    i += 2;
  }
  if (PercentEncode(text) != name) return std::nullopt;  // one text has one name
  return text;
}

Result<void> CheckId(std::string_view id, std::string_view what) {
  if (!id.empty() && PercentEncode(id).size() <= kMaxTextBytes) return {};
  return Error{Code::kInvalidArgument, "ID_INVALID",
               std::string{what} + " \"" + std::string{id} +
                   "\" must have 1 to 200 bytes, as they are written in a file's name"};
}

std::filesystem::path AccountDirectory(const std::filesystem::path& root,
                                       std::string_view account) {
  return root / PercentEncode(account);
}

std::string FileName(const SegmentName& name) {
  const std::string digits = std::to_string(name.number);
  std::string made = PercentEncode(name.instance) + '-';
  if (digits.size() < kLeastDigits) made.append(kLeastDigits - digits.size(), '0');
  return made.append(digits).append(kSuffix);
}

std::optional<SegmentName> ParseFileName(std::string_view file_name) {
  if (!file_name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view stem = file_name.substr(0, file_name.size() - kSuffix.size());
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = stem.substr(dash + 1);
  const auto instance = PercentDecode(stem.substr(0, dash));
  if (!instance || !CheckId(*instance, "instance")) return std::nullopt;
  SegmentName name{.instance = *instance};
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, name.number);
  if (error != std::errc{} || stop != end || FileName(name) != file_name) return std::nullopt;
  return name;
}

}  // namespace sauda::journal
