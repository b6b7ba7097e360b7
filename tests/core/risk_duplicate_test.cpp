#include <limits>

#include <gmock/gmock.h>

#include "services/orders/src/core/risk/duplicate_guard.hpp"
#include "services/orders/src/core/risk/risk_check.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using enum RiskRule;

RecentOrder Same(std::int64_t ago_ms, Side side = Side::kBuy) {
  return {
      .instrument_key = Share().key, .side = side, .quantity = 5, .placed_ms = kWallMs - ago_ms};
}

template <typename Change>
RecentOrder But(RecentOrder order, Change change) {
  change(order);
  return order;
}

struct DuplicateCase {
  std::string name;
  Side side;
  std::vector<RecentOrder> recent;
  bool doubted;
};

class RiskDuplicateTest : public testing::TestWithParam<DuplicateCase> {};

TEST_P(RiskDuplicateTest, AsksForAConfirmation) {
  const DuplicateCase& row = GetParam();
  RiskInputs inputs = QuietDay();
  inputs.recent = row.recent;
  const NewOrder order = LimitOrder(row.side, 5, "100");
  const auto checked = CheckRisk(OneRule(kDuplicateSeconds, "10"), inputs, order, Share());
  EXPECT_EQ(ReasonOf(checked), row.doubted ? "RISK_DUPLICATE" : "");
  if (!checked) {
    EXPECT_EQ(checked.error().code, Code::kFailedPrecondition);
  }
  EXPECT_EQ(ReasonOf(CheckRisk({}, inputs, order, Share())), "") << "without the rule";
  inputs.duplicate_confirmed = true;
  EXPECT_EQ(ReasonOf(CheckRisk(OneRule(kDuplicateSeconds, "10"), inputs, order, Share())), "");
}

INSTANTIATE_TEST_SUITE_P(
    Guard, RiskDuplicateTest,
    testing::Values(
        DuplicateCase{"None", Side::kBuy, {}, false},
        DuplicateCase{"JustNow", Side::kBuy, {Same(0)}, true},
        DuplicateCase{"AtTheEnd", Side::kBuy, {Same(10'000)}, true},
        DuplicateCase{"After", Side::kBuy, {Same(10'001)}, false},
        DuplicateCase{"SellJustNow", Side::kSell, {Same(0, Side::kSell)}, true},
        DuplicateCase{"SellAfter", Side::kSell, {Same(10'001, Side::kSell)}, false},
        DuplicateCase{"TheOtherSide", Side::kSell, {Same(0)}, false},
        DuplicateCase{"ClockPutBack", Side::kBuy, {Same(-3'600'000)}, true},
        DuplicateCase{
            "EndOfTime",
            Side::kBuy,
            {But(Same(0), [](auto& o) { o.placed_ms = std::numeric_limits<std::int64_t>::max(); })},
            true},
        DuplicateCase{
            "BeginningOfTime",
            Side::kBuy,
            {But(Same(0), [](auto& o) { o.placed_ms = std::numeric_limits<std::int64_t>::min(); })},
            false},
        DuplicateCase{
            "AnotherQuantity", Side::kBuy, {But(Same(0), [](auto& o) { o.quantity = 6; })}, false},
        DuplicateCase{"AnotherInstrument",
                      Side::kBuy,
                      {But(Same(0), [](auto& o) { o.instrument_key = "BSE_EQ|INE002A01018"; })},
                      false},
        DuplicateCase{"OneOfMany",
                      Side::kBuy,
                      {Same(60'000), But(Same(1), [](auto& o) { o.quantity = 6; }), Same(9'999)},
                      true}),
    CaseName{});

TEST(RiskDuplicateTest, DoubtsItAtWhateverPrice) {
  RiskInputs inputs = QuietDay();
  inputs.recent->push_back(Same(1));
  for (const char* price : {"95", "100", "105"}) {
    EXPECT_EQ(ReasonOf(CheckRisk(OneRule(kDuplicateSeconds, "10"), inputs,
                                 LimitOrder(Side::kBuy, 5, price), Share())),
              "RISK_DUPLICATE");
  }
}

TEST(RiskDuplicateTest, SaysHowLongAgoAndHowToConfirm) {
  RiskInputs inputs = QuietDay();
  inputs.recent->push_back(Same(1'250));
  const auto doubted = CheckRisk(OneRule(kDuplicateSeconds, "10"), inputs,
                                 LimitOrder(Side::kBuy, 5, "100"), Share());
  ASSERT_FALSE(doubted);
  EXPECT_THAT(doubted.error().message,
              AllOf(HasSubstr("buy 5 " + Share().key), HasSubstr("1.25 seconds ago"),
                    HasSubstr("duplicate_seconds is 10"), HasSubstr("confirm_duplicate")));
}

TEST(RiskDuplicateTest, AConfirmedOneNeedsNothingRead) {
  RiskInputs inputs = QuietDay();
  inputs.recent.reset();
  inputs.wall_ms.reset();
  inputs.duplicate_confirmed = true;
  EXPECT_EQ(ReasonOf(CheckRisk(OneRule(kDuplicateSeconds, "10"), inputs,
                               LimitOrder(Side::kBuy, 5, "100"), Share())),
            "");
}

}  // namespace
}  // namespace sauda::orders
