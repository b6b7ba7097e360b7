#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "services/feed/src/core/hand_over.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {

/// One key, what is published of it, and the rules.
class HandOverTest : public testing::Test {
 protected:
  static constexpr InstrumentId kKey = 3;
  static constexpr HandOver::Socket kOld = 0;
  static constexpr HandOver::Socket kNew = 1;

  /// The broker's numbers are the quantity of the last trade.
  static Delta Numbered(std::int64_t number, bool snapshot = false) {
    return {.key = "K",
            .snapshot = snapshot,
            .last = LastTrade{.price = 100, .time_ms = 5, .quantity = number}};
  }
  void Say(HandOver::Socket socket, const Delta& delta) {
    if (!hand_over_.Takes(socket, kKey, delta, tick_)) return;
    Merge(tick_, delta);
    tick_.listing = listing_;
    published_.push_back(tick_.last->quantity);
    hand_over_.OnPublished(kKey, tick_);
  }
  void Say(HandOver::Socket socket, std::int64_t number) { Say(socket, Numbered(number)); }
  bool Switched() {
    const auto settled = hand_over_.TakeSettled();
    return settled == std::vector<InstrumentId>{kKey} && hand_over_.OwnerOf(kKey) == kNew;
  }

  std::shared_ptr<const Listing> listing_ = ListingOf("K");
  HandOver hand_over_;
  Tick tick_;
  std::vector<std::int64_t> published_;
};

}  // namespace sauda::feed
