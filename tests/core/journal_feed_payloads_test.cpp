#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/journal/feed_payloads.hpp"

namespace sauda::journal {
namespace {

using testing::ElementsAre;

TEST(FeedPayloadsTest, AFrameComesBackAndNoPartOfItIsOne) {
  const std::vector<std::int64_t> instruments{7, kUnwanted, 0};
  const std::string payload =
      Encode(FramePayload{.simulated = true, .instruments = instruments, .bytes = ""});
  std::vector<std::int64_t> read;
  const auto frame = ParseFrame(payload, read);
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->simulated);
  EXPECT_THAT(read, ElementsAre(7, -1, 0));
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(ParseFrame(std::string_view{payload}.substr(0, size), read)) << size;
  }
}

TEST(FeedPayloadsTest, AGapComesBackAndNoPartOfItsHeadIsOne) {
  const GapPayload gap{.from_ns = -1, .to_ns = 2, .ticks = 3, .cause = "C", .detail = "why"};
  const std::string payload = Encode(gap);
  EXPECT_EQ(ParseGap(payload), gap);
  const std::size_t without_detail = payload.size() - gap.detail.size();
  for (std::size_t size = 0; size < without_detail; ++size) {
    EXPECT_FALSE(ParseGap(std::string_view{payload}.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace sauda::journal
