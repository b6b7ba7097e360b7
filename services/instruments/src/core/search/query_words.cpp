#include "services/instruments/src/core/search/query_words.hpp"

#include <algorithm>

namespace sauda::instruments {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::vector<std::string> SearchWords(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char raw : text) {
    const char c = Lower(raw);
    if (IsLetter(c) || IsDigit(c) || c == '.') {
      words.back().push_back(c);
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  for (std::string& word : words) {
    word.erase(0, word.find_first_not_of('.'));
    word.erase(word.find_last_not_of('.') + 1);
  }
  words.erase(std::remove(words.begin(), words.end(), std::string{}), words.end());
  return words;
}

std::vector<std::string> SplitWords(const std::vector<std::string>& words) {
  std::vector<std::string> split;
  for (const std::string& word : words) {
    split.emplace_back();
    for (std::size_t i = 0; i < word.size(); ++i) {
      const bool parts = i > 0 && ((IsLetter(word[i]) && !IsLetter(word[i - 1])) ||
                                   (!IsLetter(word[i]) && IsLetter(word[i - 1])));
      if (parts) split.emplace_back();
      split.back().push_back(word[i]);
    }
  }
  return split;
}

std::string Joined(std::string_view text) {
  std::string joined;
  for (const char raw : text) {
    const char c = Lower(raw);
    if (IsLetter(c) || IsDigit(c)) joined.push_back(c);
  }
  return joined;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += Joined(std::string_view{word});
  return joined;
}

}  // namespace sauda::instruments
