#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/charges/charges.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/charges_makers.hpp"

namespace sauda::charges {
namespace {

using enum Exchange;
using enum Kind;
using enum Side;

struct Refusal {
  std::string name;
  ChargedOrder order;
  std::vector<Fill> fills;
  std::string reason;
};
class ChargesRefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(ChargesRefusalTest, GivesTheReason) {
  const auto charges = OrderCharges(GetParam().order, GetParam().fills);
  ASSERT_FALSE(charges);
  EXPECT_EQ(charges.error().reason, GetParam().reason);
  EXPECT_EQ(charges.error().code,
            GetParam().reason == "CHARGES_UNKNOWN" ? Code::kNotFound : Code::kInvalidArgument);
}

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

INSTANTIATE_TEST_SUITE_P(
    Orders, ChargesRefusalTest,
    testing::Values(
        Refusal{"NoDay", {kNse, kEquityDelivery, kBuy}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"NoMonth", {kNse, kEquityDelivery, kBuy, 2026'00'10}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"Month13", {kNse, kEquityDelivery, kBuy, 2025'13'01}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"Day32", {kNse, kEquityDelivery, kBuy, 2025'01'32}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"Milliseconds",
                {kNse, kEquityDelivery, kBuy, 1'765'771'200},
                {kCrore},
                "CHARGES_UNKNOWN"},
        Refusal{
            "Exchange", {Exchange{3}, kEquityDelivery, kBuy, kToday}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"Kind", {kNse, Kind{10}, kBuy, kToday}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"KindBeyondAllBits", {kNse, Kind{255}, kBuy, kToday}, {kCrore}, "CHARGES_UNKNOWN"},
        Refusal{"Side", {kNse, kEquityDelivery, Side{2}, kToday}, {kCrore}, "CHARGES_INVALID"},
        Refusal{"NoFill", {kNse, kEquityDelivery, kBuy, kToday}, {}, "CHARGES_INVALID"},
        Refusal{"NoPrice",
                {kNse, kEquityDelivery, kBuy, kToday},
                {kCrore, At("0", 1)},
                "CHARGES_INVALID"},
        Refusal{
            "PriceBelow0", {kNse, kEquityDelivery, kBuy, kToday}, {At("-1", 1)}, "CHARGES_INVALID"},
        Refusal{
            "NoQuantity", {kNse, kEquityDelivery, kBuy, kToday}, {At("1", 0)}, "CHARGES_INVALID"},
        Refusal{"QuantityBelow0",
                {kNse, kEquityDelivery, kBuy, kToday},
                {At("1", -1)},
                "CHARGES_INVALID"},
        Refusal{"TooLarge",
                {kNse, kEquityDelivery, kBuy, kToday},
                {At("1000000.01", 1'000'000)},
                "CHARGES_INVALID"},
        Refusal{"TooLargeTogether",
                {kNse, kEquityDelivery, kBuy, kToday},
                {At("1000000", 1'000'000), At("0.01", 1)},
                "CHARGES_INVALID"},
        Refusal{"BeyondAllBounds",
                {kNse, kEquityDelivery, kBuy, kToday},
                {{Decimal::FromNanos(kMost), kMost}, {Decimal::FromNanos(kMost), kMost}},
                "CHARGES_INVALID"}),
    CaseName{});

TEST(ChargesRefusalTest, TakesTheLargestTurnover) {
  const auto charges = LineCharges({kNse, kEquityDelivery, kBuy, kToday}, At("1000000", 1'000'000));
  ASSERT_TRUE(charges);
  EXPECT_EQ(charges->stt, Rupees("1000000000"));
}

TEST(ChargesRefusalTest, RefusesScripsThatCannotBe) {
  EXPECT_EQ(ReasonOf(DematCharges(kToday, -1)), "CHARGES_INVALID");
  EXPECT_EQ(ReasonOf(DematCharges(kToday, 1'000'001)), "CHARGES_INVALID");
  EXPECT_EQ(ReasonOf(DematCharges(kToday, 1'000'000)), "");
}

TEST(ChargesRefusalTest, NamesWhatIsUnknown) {
  const auto charges = LineCharges({kMcx, kEquityDelivery, kBuy, kToday}, kCrore);
  ASSERT_FALSE(charges);
  EXPECT_EQ(charges.error().message,
            "no charges are known for shares for delivery (group A) at MCX on 20261127: the "
            "schedule begins with 20241001");
}

struct CeilingCase {
  std::string name;
  Kind kind = kEquityDelivery;
  std::string turnover;
  std::string brokerage;
};
class BrokerageTest : public testing::TestWithParam<CeilingCase> {};

TEST_P(BrokerageTest, IsTheLowerOfShareAndFlat) {
  const auto& [name, kind, turnover, brokerage] = GetParam();
  EXPECT_EQ(LineCharges({kNse, kind, kBuy, kToday}, At(turnover, 1))->brokerage.ToString(),
            brokerage);
}

INSTANTIATE_TEST_SUITE_P(
    Ceilings, BrokerageTest,
    testing::Values(CeilingCase{"DeliveryBelow", kEquityDelivery, "799.6", "19.99"},
                    CeilingCase{"DeliveryAt", kEquityDelivery, "800", "20"},
                    CeilingCase{"DeliveryAbove", kEquityDelivery, "800.4", "20"},
                    CeilingCase{"IntradayBelow", kEquityIntraday, "19990", "19.99"},
                    CeilingCase{"IntradayAt", kEquityIntraday, "20000", "20"},
                    CeilingCase{"IntradayAbove", kEquityIntraday, "20010", "20"},
                    CeilingCase{"FuturesBelow", kIndexFutures, "39980", "19.99"},
                    CeilingCase{"FuturesAt", kIndexFutures, "40000", "20"},
                    CeilingCase{"FuturesAbove", kIndexFutures, "40020", "20"},
                    CeilingCase{"IntradayOfAPaisa", kEquityIntraday, "5", "0.01"},
                    CeilingCase{"IntradayOfNone", kEquityIntraday, "4.99", "0"},
                    CeilingCase{"OptionsAlwaysFlat", kIndexOptions, "0.05", "20"}),
    CaseName{});

// T 10,009.50: 10.0095; stamp 0.300285; 306.99 a crore 0.3072816; SEBI 0.0100095; 18 % of 10.33.
TEST(OrderChargesTest, TakeBrokerageAndRoundingOnceForAllFills) {
  const ChargedOrder order{kNse, kEquityIntraday, kBuy, kToday};
  const std::vector<Fill> fills{At("100.05", 30), At("100.1", 50), At("100.15", 20)};
  const auto charges = OrderCharges(order, fills);
  ASSERT_TRUE(charges);
  EXPECT_EQ(charges->brokerage, Rupees("10.01"));
  EXPECT_EQ(charges->stamp_duty, Rupees("0.3"));
  EXPECT_EQ(charges->transaction, Rupees("0.31"));
  EXPECT_EQ(charges->gst, Rupees("1.86"));
  EXPECT_EQ(charges->Total(), Rupees("12.49"));
}

TEST(OrderChargesTest, TakeTheFlatBrokerageForEachOrderNotForEachFill) {
  const ChargedOrder order{kNse, kIndexOptions, kSell, kToday};
  const std::vector<Fill> fills{At("100", 65), At("101", 65)};
  EXPECT_EQ(OrderCharges(order, fills)->brokerage, Rupees("20"));
  Charges apart = *LineCharges(order, fills[0]);
  apart += *LineCharges(order, fills[1]);
  EXPECT_EQ(apart.brokerage, Rupees("40"));
}

// A half that rounding twice would make: 11 decimals, of which nine are .004999999|99.
TEST(OrderChargesTest, RoundFromTheExactProduct) {
  const auto below = LineCharges({kNse, kEquityDelivery, kBuy, kToday}, At("33.333333333", 1));
  EXPECT_EQ(below->stamp_duty, Rupees("0")) << "0.00499999999995";
  const auto half = LineCharges({kNse, kEquityDelivery, kSell, kToday}, At("5", 1));
  EXPECT_EQ(half->stt, Rupees("0.01")) << "0.005";
}

class ChargesPropertyTest : public testing::TestWithParam<std::uint32_t> {};

std::vector<Fill> RandomFills(std::mt19937& random) {
  std::vector<Fill> fills(1 + random() % 5);
  for (Fill& fill : fills) {
    fill = {Decimal::FromNanos((1 + static_cast<std::int64_t>(random() % 40'000'000)) * 2'500'000),
            1 + static_cast<std::int64_t>(random() % 10'000)};
  }
  return fills;
}

TEST_P(ChargesPropertyTest, PartsAreWholePaiseThatMakeUpTheTotal) {
  std::mt19937 random{GetParam()};
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << " round " << round);
    const Kind kind = kKinds.at(random() % kKinds.size());
    const Exchange exchange = IsTraded(kMcx, kind) ? kMcx : kExchanges.at(random() % 2);
    const Day day = std::array{2024'10'01, 2025'06'16, 2026'03'15, kToday}.at(random() % 4);
    const auto charges =
        OrderCharges({exchange, kind, kSides.at(random() % 2), day}, RandomFills(random));
    ASSERT_TRUE(charges) << charges.error().message;
    Amount sum;
    for (const Amount part : {charges->brokerage, charges->stt, charges->stamp_duty,
                              charges->transaction, charges->clearing, charges->ipft,
                              charges->sebi_turnover, charges->demat_transaction, charges->gst}) {
      EXPECT_GE(part, Amount{});
      EXPECT_EQ(part.RoundedTo(*Decimal::Parse("0.01")), part);
      sum += part;
    }
    EXPECT_EQ(charges->Total(), sum);
    EXPECT_LE(charges->brokerage, Rupees("20"));
    EXPECT_GT(sum, Amount{});
  }
}

TEST_P(ChargesPropertyTest, SplittingAFillChangesNothing) {
  std::mt19937 random{GetParam()};
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << " round " << round);
    const Kind kind = kKinds.at(random() % 8);
    const ChargedOrder order{kNse, kind, kSides.at(random() % 2), kToday};
    std::vector<Fill> fills = RandomFills(random);
    const auto whole = OrderCharges(order, fills);
    ASSERT_TRUE(whole);
    Fill& first = fills.front();
    if (first.quantity == 1) continue;
    const std::int64_t taken = 1 + static_cast<std::int64_t>(random()) % (first.quantity - 1);
    first.quantity -= taken;
    fills.push_back({first.price, taken});
    EXPECT_EQ(*OrderCharges(order, fills), *whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChargesPropertyTest, testing::Values(1U, 7U, 42U, 2026U, 11'27U));

TEST(ChargesTest, AddUpFieldByField) {
  Charges sum = *LineCharges({kNse, kEquityDelivery, kSell, kToday}, kCrore);
  const Charges order = sum;
  const Charges demat = *DematCharges(kToday, 2);
  sum += demat;
  EXPECT_EQ(sum.Total(), order.Total() + demat.Total());
  EXPECT_EQ(sum.gst, order.gst + demat.gst);
  EXPECT_EQ(sum.stt, order.stt);
  EXPECT_EQ(sum.demat_transaction, Rupees("40"));
}

}  // namespace
}  // namespace sauda::charges
