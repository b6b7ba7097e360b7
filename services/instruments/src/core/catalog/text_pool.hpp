#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/catalog/hash_index.hpp"

namespace sauda::instruments {

/// Number of a text in a pool; 0 is the empty one.
using TextId = std::uint32_t;

/// A text that mostly is a number: that number, or where its text is in a pool.
using Label = std::uint32_t;

/// FNV-1a: for tables in memory only.
std::uint64_t TextHash(std::string_view text);

/// Texts, each kept once, one behind the other. Reading is thread-safe once nothing is added any
/// more.
class TextPool {
 public:
  TextPool() : starts_{0, 0} {}

  TextId Add(std::string_view text);
  std::string_view operator[](TextId id) const {
    return std::string_view{bytes_}.substr(starts_[id], starts_[id + 1] - starts_[id]);
  }

  /// Absent as 0 when it is not empty.
  TextId Find(std::string_view text) const;

  /// Of the hundred thousand contracts every one has a token of its own: those need no text.
  Label AddLabel(std::string_view text);
  std::string LabelText(Label label) const;
  /// Absent: nothing has it.
  std::optional<Label> FindLabel(std::string_view text) const;

  std::size_t size() const { return starts_.size() - 1; }
  void ShrinkToFit();

 private:
  std::string bytes_;
  std::vector<std::uint32_t> starts_;  // of each text, and the end
  HashIndex ids_;
};

}  // namespace sauda::instruments
