#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sauda::instruments {

/// The words of a text: runs of letters, digits and inner points, lower case. Other characters part
/// words; bytes beyond ASCII too, since the masters have none.
std::vector<std::string> SearchWords(std::string_view text);

/// The same, and a change between letters and digits parts words too: `nifty26000ce` is `nifty`,
/// `26000`, `ce`.
std::vector<std::string> SplitWords(const std::vector<std::string>& words);

/// Letters and digits of a text alone, lower case: `Bajaj-Auto` is `bajajauto`.
std::string Joined(std::string_view text);

/// The words one behind the other, without points.
std::string Joined(const std::vector<std::string>& words);

}  // namespace sauda::instruments
