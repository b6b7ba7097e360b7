#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "simulator/src/core/fault_plan.hpp"

namespace sauda::sim {

/// The updates of one session in the order in which a faulty stream brings them: lost, doubled, or
/// held back behind later ones. Holds at most kMostHeld; the caller lets go of them when nothing
/// follows. Pure; not thread-safe; one owner.
template <typename Message>
class UpdateShuffle {
 public:
  static constexpr std::size_t kMostHeld = 64;

  /// What is to be sent now that `message` has come, in this order.
  std::vector<Message> Pass(Message message, const UpdateFate& fate) {
    std::vector<Message> now;
    if (!fate.lost && fate.behind == 0) now.push_back(message);
    std::vector<Held> still;
    for (Held& one : held_) {
      if (--one.left == 0) {
        now.push_back(std::move(one.message));
      } else {
        still.push_back(std::move(one));
      }
    }
    held_ = std::move(still);
    if (fate.duplicated && !fate.lost) Hold(message, fate.behind + fate.again_after, now);
    if (fate.behind > 0 && !fate.lost) Hold(std::move(message), fate.behind, now);
    return now;
  }

  /// Everything that is held back, oldest first.
  std::vector<Message> Flush() {
    std::vector<Message> now;
    for (Held& one : held_) now.push_back(std::move(one.message));
    held_.clear();
    return now;
  }

  bool holds() const { return !held_.empty(); }

 private:
  struct Held {
    Message message;
    std::uint32_t left = 0;  // so many more messages pass before it
  };

  void Hold(Message message, std::uint32_t behind, std::vector<Message>& now) {
    if (behind == 0 || held_.size() >= kMostHeld) {
      now.push_back(std::move(message));
    } else {
      held_.push_back({.message = std::move(message), .left = behind});
    }
  }

  std::vector<Held> held_;
};

}  // namespace sauda::sim
