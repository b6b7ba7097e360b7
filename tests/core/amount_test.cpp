#include "libs/base/amount.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda {
namespace {

Amount Rupees(std::string_view text) { return *Amount::Parse(text); }
Decimal Price(std::string_view text) { return *Decimal::Parse(text); }

struct Case {
  std::string name;
  std::string text;
  std::string reads_as;  // empty: refused with `reason`
  std::string reason;
};
class AmountTextTest : public testing::TestWithParam<Case> {};

TEST_P(AmountTextTest, ReadsOrSaysWhyNot) {
  const auto& [name, text, reads_as, reason] = GetParam();
  const auto read = Amount::Parse(text);
  EXPECT_EQ(read ? "" : read.error().reason, reason);
  EXPECT_EQ(read ? read->ToString() : "", reads_as);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, AmountTextTest,
    testing::Values(
        Case{"Paise", "1512.45", "1512.45", ""}, Case{"Zero", "-0.00", "0", ""},
        Case{"Zeros", "007.5000000000000", "7.5", ""}, Case{"Small", "-0.05", "-0.05", ""},
        Case{"Hundred", "100", "100", ""}, Case{"Finest", "0.000000001", "0.000000001", ""},
        Case{"Largest", "999999999999999999.999999999", "999999999999999999.999999999", ""},
        Case{"OverLargest", "1000000000000000000", "", "AMOUNT_OUT_OF_RANGE"},
        Case{"TooFine", "0.0000000001", "", "AMOUNT_TOO_FINE"},
        Case{"Empty", "", "", "AMOUNT_MALFORMED"}, Case{"Minus", "-", "", "AMOUNT_MALFORMED"},
        Case{"PointFirst", ".5", "", "AMOUNT_MALFORMED"},
        Case{"PointLast", "5.", "", "AMOUNT_MALFORMED"},
        Case{"TwoPoints", "1.2.3", "", "AMOUNT_MALFORMED"},
        Case{"TwoSigns", "--1", "", "AMOUNT_MALFORMED"},
        Case{"Exponent", "1e3", "", "AMOUNT_MALFORMED"}),
    CaseName{});

TEST(AmountTest, TakesTheLargestPriceTimesTheLargestQuantity) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Amount all = Amount::Of(Decimal::FromNanos(kMost), kMost);
  EXPECT_EQ(all.ToString(), "85070591730234615847396907784.232501249");  // (2^63 - 1)^2 / 10^9
  EXPECT_EQ(all - all, Amount{});
  EXPECT_FALSE(all.ToDecimal());
}

TEST(AmountTest, RoundsHalvesAwayFromZero) {
  const Decimal paisa = Price("0.01");
  EXPECT_EQ(Rupees("2.345").RoundedTo(paisa), Rupees("2.35"));
  EXPECT_EQ(Rupees("2.344999999").RoundedTo(paisa), Rupees("2.34"));
  EXPECT_EQ(Rupees("-2.345").RoundedTo(paisa), Rupees("-2.35"));
  EXPECT_EQ(Rupees("2.5").RoundedTo(Price("1")), Rupees("3"));
  EXPECT_EQ(Rupees("10").Per(3), Rupees("3.333333333"));
  EXPECT_EQ(Rupees("20").Per(3), Rupees("6.666666667"));
  EXPECT_EQ(Rupees("-20").Per(3), Rupees("-6.666666667"));
}

TEST(AmountTest, TakesAShareByARate) {
  EXPECT_EQ(Amount::Of(Price("1512.45"), 100).Share(Price("0.001")), Rupees("151.245"));
  EXPECT_EQ(Rupees("0.000000001").Share(Price("0.5")), Rupees("0.000000001")) << "a half is up";
  EXPECT_EQ(Rupees("123456789012345678").Share(Price("0.000001")), Rupees("123456789012.345678"));
}

TEST(AmountTest, GoesToAndFroBetweenPaiseAndPrices) {
  EXPECT_EQ(Amount::FromPaise(-12'345), Rupees("-123.45"));
  EXPECT_EQ(Amount{Price("123.45")}.ToDecimal().value(), Price("123.45"));
  EXPECT_DOUBLE_EQ(Rupees("-123.45").ToDouble(), -123.45);
  EXPECT_LT(Rupees("-1"), Amount{});
}

}  // namespace
}  // namespace sauda
