#include "services/instruments/src/core/catalog/text_pool.hpp"

namespace sauda::instruments {

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

void TextPool::ShrinkToFit() {
  bytes_.shrink_to_fit();
  starts_.shrink_to_fit();
}

}  // namespace sauda::instruments
