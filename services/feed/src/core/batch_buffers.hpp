#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace sauda::feed {

/// Room for messages to subscribers, used again and again. A large block that comes and goes with
/// every message leaves holes between small ones that stay, or costs the kernel its pages each
/// time. Large ones are all of one size, so that any fits; small ones are left to the heap. Bounded
/// by the messages that were under way at once, and by kMostSpare. Thread-safe.
class BatchBuffers {
 public:
  /// Smaller ones are not kept.
  static constexpr std::size_t kLarge = std::size_t{64} * 1'024;
  static constexpr std::size_t kMostSpare = 256;

  /// `most_bytes` is what one of them usually holds at most.
  explicit BatchBuffers(std::size_t most_bytes) : block_bytes_{most_bytes} {}

  /// An empty text with room for so many bytes.
  std::string Take(std::size_t bytes) {
    std::string text;
    if (bytes >= kLarge && bytes <= block_bytes_) text = TakeSpare();
    text.reserve(bytes >= kLarge ? std::max(bytes, block_bytes_) : bytes);
    return text;
  }

  /// What is not used any more.
  void Give(std::string text) {
    if (text.capacity() < block_bytes_ || text.capacity() > 2 * block_bytes_) return;
    text.clear();
    const std::lock_guard lock{mutex_};
    if (spare_.size() < kMostSpare) spare_.push_back(std::move(text));
  }

  /// Frees those that were never needed since the last call.
  void Trim() {
    std::vector<std::string> gone;  // freed without the lock
    const std::lock_guard lock{mutex_};
    const auto idle = static_cast<std::ptrdiff_t>(std::min(least_spare_, spare_.size()));
    gone.assign(std::make_move_iterator(spare_.begin()),
                std::make_move_iterator(spare_.begin() + idle));
    spare_.erase(spare_.begin(), spare_.begin() + idle);
    least_spare_ = spare_.size();
  }

  std::size_t spare() const {
    const std::lock_guard lock{mutex_};
    return spare_.size();
  }

 private:
  std::string TakeSpare() {
    const std::lock_guard lock{mutex_};
    std::string text;
    if (!spare_.empty()) {
      text = std::move(spare_.back());
      spare_.pop_back();
    }
    least_spare_ = std::min(least_spare_, spare_.size());
    return text;
  }

  const std::size_t block_bytes_;
  mutable std::mutex mutex_;        // guards what follows
  std::vector<std::string> spare_;  // used from the back, so that the front ones are idle
  std::size_t least_spare_ = 0;     // since the last Trim
};

}  // namespace sauda::feed
