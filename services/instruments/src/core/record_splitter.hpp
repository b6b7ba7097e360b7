#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// Splits one top-level JSON array into its elements, or objects that follow each other (JSON
/// lines) into these, while they arrive, in pieces of any size.
/// Elements are found by depth outside strings; their inside is not judged beyond its brackets and
/// quotes. Memory: one element, at most `max_record_bytes`. Not thread-safe.
class RecordSplitter {
 public:
  /// Gets each element without the white space around it; the view lives for the call. `oversized`
  /// elements were longer than allowed: `record` then holds their beginning. A failure ends the
  /// split and is handed on.
  using Sink = std::function<Result<void>(std::string_view record, bool oversized)>;

  enum class Shape : std::uint8_t { kArray, kLines };

  RecordSplitter(Shape shape, std::size_t max_record_bytes, Sink sink)
      : shape_{shape},
        max_record_bytes_{max_record_bytes},
        sink_{std::move(sink)},
        state_{shape == Shape::kArray ? State::kBeforeArray : State::kBeforeElement} {}

  /// Takes the next bytes. Fails with kInvalidArgument / MASTER_MALFORMED when they cannot belong
  /// to that shape, with elements nested at most 63 deep, or as the sink did. Not to be called
  /// again then.
  Result<void> Feed(std::string_view bytes);

  /// Says that nothing follows. Fails with kFailedPrecondition / MASTER_TRUNCATED when the array or
  /// the last object is not closed.
  Result<void> Finish() const;

 private:
  enum class State : std::uint8_t {
    kBeforeArray,
    kBeforeFirst,    // after '[': an element or ']'
    kBeforeElement,  // after ',', and in lines: an element
    kInElement,
    kInString,
    kEscaped,  // in a string, after a backslash
    kAfterArray,
  };

  Result<void> Step(char c, std::size_t position);
  Result<void> StepInElement(char c, std::size_t position);
  Result<void> StartElement(char c, std::size_t position);
  Result<void> Open(bool object);
  Result<void> Close(bool object);
  Result<void> EndElement(std::size_t position);
  void Keep(std::string_view bytes);
  Error Malformed(const std::string& what) const;

  const Shape shape_;
  const std::size_t max_record_bytes_;
  const Sink sink_;
  State state_;
  std::uint64_t nesting_ = 0;  // one bit a level inside the element, 1 for an object
  unsigned depth_ = 0;         // levels inside the element
  std::string_view chunk_;     // what Feed is working on
  std::size_t start_ = 0;      // of the element in chunk_; 0 when it began earlier
  std::string carried_;        // the element's bytes from earlier chunks
  bool oversized_ = false;
  std::uint64_t consumed_ = 0;  // bytes before chunk_, for messages
  std::size_t at_ = 0;          // position in chunk_, for messages
};

}  // namespace sauda::instruments
