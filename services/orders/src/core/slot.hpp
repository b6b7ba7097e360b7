#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace sauda::orders {

/// Holds an id in a set while it lives, if nobody else does. The references outlive it; `mutex`
/// guards the set.
class Slot {
 public:
  using Ids = std::set<std::string, std::less<>>;

  Slot(std::mutex& mutex, Ids& ids, std::string id) : mutex_{mutex}, ids_{ids}, id_{std::move(id)} {
    const std::lock_guard lock{mutex_};
    taken_ = ids_.insert(id_).second;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() {
    if (!taken_) return;
    const std::lock_guard lock{mutex_};
    ids_.erase(id_);
  }
  bool taken() const { return taken_; }

 private:
  std::mutex& mutex_;
  Ids& ids_;
  const std::string id_;
  bool taken_ = false;
};

}  // namespace sauda::orders
