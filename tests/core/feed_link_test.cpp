#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/link.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

/// One link, whose pace leaves no room for a second request, and its gaps.
class LinkTest : public testing::Test {
 protected:
  std::size_t Gaps() {
    const std::lock_guard lock{mutex_};
    return gaps_.size();
  }

  SystemClock clock_;
  Listings listings_;
  ScriptedBroker broker_;
  std::mutex mutex_;  // guards gaps_
  std::vector<Gap> gaps_;
  Link link_{broker_,
             listings_,
             clock_,
             {.pace = {.batch_keys = 2, .batch_gap = 1h}, .gap_patience = 50ms},
             {.on_frame = [](const BrokerFrame&) {},
              .on_change = [] {},
              .on_open = [](bool) {},
              .on_gap =
                  [this](const Gap& gap) {
                    const std::lock_guard lock{mutex_};
                    gaps_.push_back(gap);
                  }}};
};

TEST_F(LinkTest, AGapDoesNotEndBeforeAKeyIsAskedForAgain) {
  const std::vector<InstrumentId> ids{listings_.Add({.key = "A"}), listings_.Add({.key = "B"})};
  ASSERT_TRUE(link_.Want(ids, Mode::kFull));
  link_.Start();
  link_.StartGap({.from_ns = 1, .cause = "HAND_OVER"});
  link_.Connect(BrokerToken{.text = Secret{"token"}, .version = 1});
  ASSERT_TRUE(Eventually([&] { return broker_.sent().size() == 1; }));
  link_.AskAgain(std::span{ids}.first(1));
  EXPECT_FALSE(Eventually([&] { return Gaps() > 0; }, 150ms)) << "its request waits";
  link_.Drop(std::span{ids}.first(1));
  EXPECT_TRUE(Eventually([&] { return Gaps() == 1; }));
}

}  // namespace
}  // namespace sauda::feed
