#include <gtest/gtest.h>

#include "services/feed/src/core/batch_buffers.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kBlock = 256 * 1'024;
constexpr std::size_t kBig = 100 * 1'024;

TEST(BatchBuffersTest, GivesTheSameRoomAgain) {
  BatchBuffers buffers{kBlock};
  std::string first = buffers.Take(kBig);
  EXPECT_GE(first.capacity(), kBlock) << "any large message fits";
  first.assign(kBig, 'x');
  const char* const at = first.data();
  buffers.Give(std::move(first));
  EXPECT_EQ(buffers.spare(), 1U);
  const std::string second = buffers.Take(kBlock);
  EXPECT_EQ(second.data(), at);
  EXPECT_TRUE(second.empty());
  EXPECT_EQ(buffers.spare(), 0U);
}

TEST(BatchBuffersTest, LeavesSmallAndHugeOnesToTheHeap) {
  BatchBuffers buffers{kBlock};
  buffers.Give(buffers.Take(BatchBuffers::kLarge - 1));
  buffers.Give(buffers.Take(3 * kBlock));
  EXPECT_EQ(buffers.spare(), 0U);
  buffers.Give(buffers.Take(BatchBuffers::kLarge));
  EXPECT_EQ(buffers.spare(), 1U);
  EXPECT_LT(buffers.Take(10).capacity(), BatchBuffers::kLarge);
  EXPECT_EQ(buffers.spare(), 1U);
}

TEST(BatchBuffersTest, FreesWhatWasNeverNeededSinceTheLastTime) {
  BatchBuffers buffers{kBlock};
  std::vector<std::string> under_way(5);
  for (auto& each : under_way) each = buffers.Take(kBig);
  for (auto& each : under_way) buffers.Give(std::move(each));
  buffers.Trim();
  EXPECT_EQ(buffers.spare(), 5U) << "all were needed";
  std::string one = buffers.Take(kBig);
  std::string two = buffers.Take(kBig);
  buffers.Give(std::move(one));
  buffers.Give(std::move(two));
  buffers.Trim();
  EXPECT_EQ(buffers.spare(), 2U) << "two were needed at once";
  buffers.Trim();
  EXPECT_EQ(buffers.spare(), 0U);
}

TEST(BatchBuffersTest, KeepsNoMoreThanItsBound) {
  BatchBuffers buffers{BatchBuffers::kLarge};
  for (std::size_t i = 0; i < BatchBuffers::kMostSpare + 10; ++i) {
    std::string text;
    text.reserve(BatchBuffers::kLarge);
    buffers.Give(std::move(text));
  }
  EXPECT_EQ(buffers.spare(), BatchBuffers::kMostSpare);
}

}  // namespace
}  // namespace sauda::feed
