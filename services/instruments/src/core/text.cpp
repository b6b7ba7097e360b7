#include "services/instruments/src/core/text.hpp"

#include <algorithm>

#include "libs/base/text.hpp"

namespace sauda::instruments {

bool IsPrintable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    if (byte < 0x80) {  // nearly all of them
      ++i;
      continue;
    }
    const std::size_t length = Utf8Length(text.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string Shown(std::string_view text, std::size_t most) {
  std::string shown{text.substr(0, most)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return shown;
}

}  // namespace sauda::instruments
