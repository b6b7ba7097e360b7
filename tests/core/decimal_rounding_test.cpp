#include "libs/base/decimal_rounding.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda {
namespace {

struct Case {
  std::string name;
  double number = 0;
  std::string text;  // empty: refused
};
class RoundedDecimalTest : public testing::TestWithParam<Case> {};

TEST_P(RoundedDecimalTest, HasNineDecimalsAtMost) {
  const auto rounded = RoundedDecimal(GetParam().number);
  EXPECT_EQ(rounded ? rounded->ToString() : "", GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, RoundedDecimalTest,
    testing::Values(Case{"Short", 100.05, "100.05"}, Case{"Average", 1'201.0 / 12, "100.083333333"},
                    Case{"Noise", 100.30000000000001, "100.3"}, Case{"Up", 2.0 / 3, "0.666666667"},
                    Case{"Negative", -2.0 / 3, "-0.666666667"},
                    Case{"NineDecimals", 0.123456789, "0.123456789"},
                    Case{"Large", 78'123'456.1, "78123456.1"}, Case{"Tiny", 1e-300, "0"},
                    Case{"Zero", 0.0, "0"}, Case{"TooLarge", 1e10, ""}, Case{"Huge", 1e300, ""},
                    Case{"NotANumber", std::numeric_limits<double>::quiet_NaN(), ""},
                    Case{"Infinite", std::numeric_limits<double>::infinity(), ""}),
    CaseName{});

TEST(RoundedDecimalTextTest, IsExactWhereItCanBe) {
  EXPECT_EQ(RoundedDecimal("1904.123456789")->ToString(), "1904.123456789");
  EXPECT_EQ(RoundedDecimal("100.08333333333333")->ToString(), "100.083333333");
  EXPECT_EQ(RoundedDecimal("9.9999999999999e-1")->ToString(), "1");
  EXPECT_EQ(RoundedDecimal("cheap").error().reason, "DECIMAL_MALFORMED");
  EXPECT_EQ(RoundedDecimal("").error().reason, "DECIMAL_MALFORMED");
}

}  // namespace
}  // namespace sauda
