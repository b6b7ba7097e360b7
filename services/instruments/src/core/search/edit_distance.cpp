#include "services/instruments/src/core/search/edit_distance.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sauda::instruments {
namespace {

constexpr std::size_t kLongest = 32;
using Line = std::array<int, kLongest + 1>;

}  // namespace

int EditDistance(std::string_view a, std::string_view b, int most) {
  if (a == b) return 0;
  if (a.size() > kLongest || b.size() > kLongest) return most + 1;
  const auto apart = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (static_cast<int>(apart) > most) return most + 1;
  Line before_last{};
  Line last{};
  Line line{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    line[0] = static_cast<int>(i);
    int least = line[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      line[j] = std::min({last[j] + 1, line[j - 1] + 1, changed});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) line[j] = std::min(line[j], before_last[j - 2] + 1);
      least = std::min(least, line[j]);
    }
    if (least > most) return most + 1;
    before_last = last;
    last = line;
  }
  return std::min(last[b.size()], most + 1);
}

}  // namespace sauda::instruments
