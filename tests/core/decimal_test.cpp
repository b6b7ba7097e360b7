#include "libs/base/decimal.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::string reads_as;  // empty: refused with `reason`
  std::string reason;
};
class DecimalTest : public testing::TestWithParam<Case> {};

TEST_P(DecimalTest, ReadsOrSaysWhyNot) {
  const auto& [name, text, reads_as, reason] = GetParam();
  const auto read = Decimal::Parse(text);
  EXPECT_EQ(read ? "" : read.error().reason, reason);
  EXPECT_EQ(read ? read->ToString() : "", reads_as);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, DecimalTest,
    testing::Values(
        Case{"Price", "1512.45", "1512.45", ""}, Case{"Whole", "1901", "1901", ""},
        Case{"TrailingZeros", "100000.0", "100000", ""}, Case{"LeadingZeros", "007.50", "7.5", ""},
        Case{"Negative", "-0.05", "-0.05", ""}, Case{"NegativeZero", "-0.0", "0", ""},
        Case{"Finest", "0.000000001", "0.000000001", ""},
        Case{"TooFine", "0.0000000001", "", "DECIMAL_TOO_FINE"},
        Case{"FineZerosAreNothing", "0.5000000000000", "0.5", ""},
        Case{"Exponent", "1.5E3", "1500", ""}, Case{"NegativeExponent", "25e-2", "0.25", ""},
        Case{"HugeExponent", "1e99", "", "DECIMAL_OUT_OF_RANGE"},
        Case{"Largest", "9223372036.854775807", "9223372036.854775807", ""},
        Case{"OverLargest", "9223372036.854775808", "", "DECIMAL_OUT_OF_RANGE"},
        Case{"Empty", "", "", "DECIMAL_MALFORMED"}, Case{"Minus", "-", "", "DECIMAL_MALFORMED"},
        Case{"PointFirst", ".5", "", "DECIMAL_MALFORMED"},
        Case{"PointLast", "5.", "", "DECIMAL_MALFORMED"},
        Case{"TwoPoints", "1.2.3", "", "DECIMAL_MALFORMED"},
        Case{"Space", " 1", "", "DECIMAL_MALFORMED"}, Case{"Word", "nan", "", "DECIMAL_MALFORMED"},
        Case{"BadExponent", "1e", "", "DECIMAL_MALFORMED"}),
    CaseName{});

TEST(DecimalTicksTest, TellsWhatIsOnTick) {
  const auto tick = Decimal::Parse("0.0025");
  ASSERT_TRUE(tick);
  EXPECT_TRUE(Decimal::Parse("87.7525")->IsMultipleOf(*tick));
  EXPECT_FALSE(Decimal::Parse("87.7524")->IsMultipleOf(*tick));
  EXPECT_FALSE(Decimal::FromUnits(1).IsMultipleOf(Decimal{})) << "no tick, no multiple";
}

TEST(DecimalRangeTest, SmallestHasAText) {
  EXPECT_EQ(Decimal::FromNanos(std::numeric_limits<std::int64_t>::min()).ToString(),
            "-9223372036.854775808");
}

}  // namespace
}  // namespace sauda
