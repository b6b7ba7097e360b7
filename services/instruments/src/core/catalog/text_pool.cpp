#include "services/instruments/src/core/catalog/text_pool.hpp"

#include <charconv>

namespace sauda::instruments {
namespace {

constexpr Label kIsNumber = Label{1} << 31;

/// The number whose shortest text this is, below 2^31.
std::optional<std::uint32_t> NumberOf(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  const bool whole = !text.empty() && read.ec == std::errc{} && read.ptr == end;
  if (!whole || number >= kIsNumber || (text.front() == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::uint64_t TextHash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash ^ (hash >> 29);
}

TextId TextPool::Find(std::string_view text) const {
  TextId found = 0;
  if (text.empty()) return found;
  (void)ids_.Find(TextHash(text), [&](std::uint32_t id) {
    if ((*this)[id] != text) return false;
    found = id;
    return true;
  });
  return found;
}

TextId TextPool::Add(std::string_view text) {
  if (text.empty()) return 0;
  if (const TextId known = Find(text); known != 0) return known;
  const auto id = static_cast<TextId>(size());
  bytes_.append(text);
  starts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  ids_.Insert(TextHash(text), id);
  return id;
}

Label TextPool::AddLabel(std::string_view text) {
  if (const auto number = NumberOf(text)) return kIsNumber | *number;
  return Add(text);
}

std::string TextPool::LabelText(Label label) const {
  if ((label & kIsNumber) != 0) return std::to_string(label & ~kIsNumber);
  return std::string{(*this)[label]};
}

std::optional<Label> TextPool::FindLabel(std::string_view text) const {
  if (const auto number = NumberOf(text)) return kIsNumber | *number;
  const TextId id = Find(text);
  return id != 0 || text.empty() ? std::optional<Label>{id} : std::nullopt;
}

void TextPool::ShrinkToFit() {
  bytes_.shrink_to_fit();
  starts_.shrink_to_fit();
}

}  // namespace sauda::instruments
