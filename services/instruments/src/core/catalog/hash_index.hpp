#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sauda::instruments {

/// Numbers by hash, in one block of memory: what stands behind a number is compared by the caller.
/// Takes 16 to 32 bytes a number. Not thread-safe while it is filled.
class HashIndex {
 public:
  /// Room for `count` numbers; more are no mistake, only slower.
  explicit HashIndex(std::size_t count = 0) { Resize(count); }

  void Insert(std::uint64_t hash, std::uint32_t number) {
    if ((used_ + 1) * 2 > slots_.size()) Grow();
    ++used_;
    Place({Half(hash), number + 1});
  }

  /// Tells every number of that hash until `stop(number)` is true; gives whether it was.
  template <typename Stop>
  bool Find(std::uint64_t hash, Stop stop) const {
    const std::size_t mask = slots_.size() - 1;
    const std::uint32_t half = Half(hash);
    for (std::size_t at = half & mask; slots_[at].number != 0; at = (at + 1) & mask) {
      if (slots_[at].hash == half && stop(slots_[at].number - 1)) return true;
    }
    return false;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;    // half of it is enough: what collides is compared
    std::uint32_t number = 0;  // one more than it is; 0: free
  };
  static std::uint32_t Half(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
  }

  void Resize(std::size_t count) {
    std::size_t size = 16;
    while (size < count * 2) size *= 2;
    slots_.assign(size, {});
  }
  void Grow() {
    const std::vector<Slot> before = std::move(slots_);
    Resize(before.size());
    for (const Slot& slot : before) {
      if (slot.number != 0) Place(slot);
    }
  }
  void Place(const Slot& slot) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = slot.hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t used_ = 0;
};

}  // namespace sauda::instruments
