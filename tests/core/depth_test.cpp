#include <gtest/gtest.h>

#include "libs/exchange/types.hpp"

namespace sauda::exchange {
namespace {

Level At(const char* price, std::int64_t quantity) {
  return {.price = Decimal::Parse(price).value(), .quantity = quantity};
}

TEST(DepthTest, IsNumberedByWhatItSays) {
  const Depth depth{.bids = {At("99.95", 50), At("99.9", 10)}, .asks = {At("100.05", 5)}};
  const auto number = NumberOf(depth);
  EXPECT_NE(number, 0U);
  Depth same = depth;
  same.sequence = 7;
  same.last_price = Decimal::Parse("100").value();
  same.asks.push_back(At("100.1", 0));  // no level
  EXPECT_EQ(NumberOf(same), number);

  Depth other = depth;
  other.bids[1].quantity = 11;
  EXPECT_NE(NumberOf(other), number) << "a quantity";
  other = depth;
  other.asks[0].price = Decimal::Parse("100.1").value();
  EXPECT_NE(NumberOf(other), number) << "a price";
  other = depth;
  other.asks.push_back(other.bids.back());
  other.bids.pop_back();
  EXPECT_NE(NumberOf(other), number) << "a side";
}

}  // namespace
}  // namespace sauda::exchange
