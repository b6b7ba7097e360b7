#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sauda::feed {

/// Gathers values as they lie in memory, for the same program on the same kind of machine.
class StateWriter {
 public:
  /// `room`: bytes that will be put. With too little of it megabytes are moved, and held twice, as
  /// they grow.
  explicit StateWriter(std::size_t room = 0) { bytes_.reserve(room); }
  /// One that keeps nothing and only counts.
  static StateWriter Counting() {
    StateWriter counting;
    counting.counts_only_ = true;
    return counting;
  }

  template <typename T>
  void Put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t at = size_;
    size_ += sizeof value;
    if (counts_only_) return;
    bytes_.resize(size_);
    std::memcpy(&bytes_[at], &value, sizeof value);
  }
  void PutText(std::string_view text) {
    Put(text.size());
    size_ += text.size();
    if (!counts_only_) bytes_ += text;
  }
  /// Bytes put so far.
  std::size_t size() const { return size_; }
  /// What was put; call once.
  std::string Finish() { return std::move(bytes_); }

 private:
  bool counts_only_ = false;
  std::size_t size_ = 0;
  std::string bytes_;
};

/// The way back. After a read beyond the end good() is false and reads give zeros.
class StateReader {
 public:
  /// `bytes` outlive it.
  explicit StateReader(std::string_view bytes) : bytes_{bytes} {}

  template <typename T>
  T Take() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (good_ && bytes_.size() >= sizeof value) {
      std::memcpy(&value, bytes_.data(), sizeof value);
      bytes_.remove_prefix(sizeof value);
    } else {
      good_ = false;
    }
    return value;
  }
  std::string_view TakeText() {
    const auto size = Take<std::size_t>();
    if (size > bytes_.size()) good_ = false;
    const std::string_view text = bytes_.substr(0, good_ ? size : 0);
    bytes_.remove_prefix(text.size());
    return text;
  }
  bool good() const { return good_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace sauda::feed
