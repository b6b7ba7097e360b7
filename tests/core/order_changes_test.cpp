#include <gtest/gtest.h>

#include "services/orders/src/core/asked_changes.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// An order of 75 at this price.
Order At(const char* price, std::int64_t quantity = 75) {
  return {.request = BuyOneLot(),
          .terms = {.quantity = quantity, .type = OrderType::kLimit, .price = D(price)},
          .state = OrderState::kOpen};
}

/// What is told after 101 was asked for, and then 150 of it, both 10 s after the clock's start.
struct News {
  Order order;
  std::string status = "open";
  std::optional<milliseconds> read_at;  // present: by the book
};
struct Case {
  std::string name;
  std::vector<News> told;
  std::optional<Order> last;  // what a further modify builds on; absent: the ledger's terms
};
class AskedTwiceTest : public testing::TestWithParam<Case> {};

TEST_P(AskedTwiceTest, IsBuiltOnUntilItShowsOrIsRefused) {
  AskedChanges asked;
  const Monotonic start{};
  asked.Ask(At("100"), At("101").terms);
  asked.Answered("c1", start + seconds{10});
  asked.Ask(At("100"), At("101", 150).terms);
  asked.Answered("c1", start + seconds{10});
  for (const News& news : GetParam().told) {
    const auto read_at = news.read_at ? std::optional{start + *news.read_at} : std::nullopt;
    asked.Learn(news.order, news.status, read_at);
  }
  const auto last = asked.Last("c1");
  EXPECT_EQ(last.has_value(), GetParam().last.has_value());
  if (last && GetParam().last) {
    EXPECT_EQ(*last, GetParam().last->terms);
  }
  EXPECT_EQ(asked.size(), GetParam().last ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    News, AskedTwiceTest,
    testing::Values(
        Case{"NothingTold", {}, At("101", 150)}, Case{"OldTerms", {{At("100")}}, At("101", 150)},
        Case{"TheFirstShows", {{At("101")}}, At("101", 150)},
        Case{"TheSecondShows", {{At("101", 150)}}, {}},
        Case{"OneAfterTheOther", {{At("101")}, {At("101", 150)}}, {}},
        Case{"TheFirstThenOlderNews", {{At("101")}, {At("101")}}, At("101", 150)},
        Case{"SomebodyElsesChange", {{At("99")}}, {}},
        Case{"TheFirstRefused", {{At("100"), "not modified"}}, At("101", 150)},
        Case{"BothRefused", {{At("100"), "not modified"}, {At("100"), "not modified"}}, {}},
        Case{"BookTooSoon", {{At("100"), "open", milliseconds{14'999}}}, At("101", 150)},
        Case{"BookLater", {{At("100"), "open", milliseconds{15'000}}}, {}},
        Case{"BookSaysPending",
             {{At("100"), "modify pending", milliseconds{99'000}}},
             At("101", 150)}),
    CaseName{});

TEST(AskedChangesTest, WhatIsOverIsForgotten) {
  AskedChanges asked;
  asked.Ask(At("100"), At("101").terms);
  Order over = At("100");
  over.state = OrderState::kCancelled;
  asked.Learn(over, "cancelled", {});
  EXPECT_FALSE(asked.Last("c1"));
  EXPECT_EQ(asked.size(), 0U);
}

TEST(AskedChangesTest, WhatIsRefusedAtOnceIsNotBuiltOn) {
  AskedChanges asked;
  asked.Ask(At("100"), At("101").terms);
  asked.Answered("c1", {});
  asked.Ask(At("100"), At("102").terms);
  asked.Withdraw("c1");
  asked.Answered("c1", {});
  EXPECT_EQ(asked.Last("c1"), At("101").terms);
  asked.Learn(At("100"), "open", Monotonic{} + seconds{5});
  EXPECT_EQ(asked.size(), 0U);
}

TEST(AskedChangesTest, WhatHasNoAnswerYetIsNotJudgedByTheBook) {
  AskedChanges asked;
  asked.Ask(At("100"), At("101").terms);
  asked.Learn(At("100"), "open", Monotonic{} + seconds{100});
  EXPECT_EQ(asked.Last("c1"), At("101").terms);
}

TEST(AskedChangesTest, ACancelStaysUntilItShowsOrTheBookTells) {
  AskedChanges asked;
  asked.AskCancel("c1");
  asked.WithdrawCancel("c1");
  EXPECT_EQ(asked.size(), 0U);
  asked.AskCancel("c1");
  EXPECT_EQ(asked.size(), 1U) << "before the answer, which may get lost";
  asked.Answered("c1", Monotonic{} + seconds{10});
  EXPECT_FALSE(asked.Last("c1")) << "it changes no terms";
  asked.Learn(At("100"), "open", {});
  asked.Learn(At("100"), "open", Monotonic{} + milliseconds{14'999});
  EXPECT_EQ(asked.size(), 1U);
  asked.Learn(At("100"), "open", Monotonic{} + seconds{15});
  EXPECT_EQ(asked.size(), 0U);
}

}  // namespace
}  // namespace sauda::orders
