#include <cmath>

#include <gtest/gtest.h>

#include "simulator/src/core/greeks.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::sim {
namespace {

struct PriceCase {
  std::string name;
  OptionTerms terms;
  double price;
};
class OptionPriceTest : public testing::TestWithParam<PriceCase> {};

TEST_P(OptionPriceTest, IsTheClosedForm) {
  EXPECT_NEAR(OptionPrice(GetParam().terms), GetParam().price, 5e-5);
}

constexpr OptionTerms kTextbook{.call = true,  // Hull, Options, Futures and Other Derivatives, 15.6
                                .spot = 42,
                                .strike = 40,
                                .years = 0.5,
                                .rate = 0.1,
                                .volatility = 0.2};
constexpr OptionTerms Put(OptionTerms terms) {
  terms.call = false;
  return terms;
}
constexpr OptionTerms Expired(OptionTerms terms) {
  terms.years = 0;
  return terms;
}

INSTANTIATE_TEST_SUITE_P(Textbook, OptionPriceTest,
                         testing::Values(PriceCase{"Call", kTextbook, 4.75942},
                                         PriceCase{"Put", Put(kTextbook), 0.80860},
                                         PriceCase{"CallAtExpiry", Expired(kTextbook), 2},
                                         PriceCase{"PutAtExpiry", Put(Expired(kTextbook)), 0}),
                         CaseName{});

struct TermsCase {
  std::string name;
  OptionTerms terms;
};
class OptionGreeksTest : public testing::TestWithParam<TermsCase> {};

TEST_P(OptionGreeksTest, AreTheSlopesOfThePrice) {
  const OptionTerms terms = GetParam().terms;
  const Greeks greeks = OptionGreeks(terms);
  const auto price_with = [&](double OptionTerms::*field, double by) {
    OptionTerms moved = terms;
    moved.*field += by;
    return OptionPrice(moved);
  };
  const auto slope = [&](double OptionTerms::*field, double by) {
    return (price_with(field, by) - price_with(field, -by)) / (2 * by);
  };
  const double step = terms.spot * 1e-4;
  EXPECT_NEAR(greeks.delta, slope(&OptionTerms::spot, step), 1e-5);
  EXPECT_NEAR(greeks.gamma,
              (price_with(&OptionTerms::spot, step) - 2 * OptionPrice(terms) +
               price_with(&OptionTerms::spot, -step)) /
                  (step * step),
              1e-5);
  EXPECT_NEAR(greeks.vega, slope(&OptionTerms::volatility, 1e-4) / 100, 1e-3) << "per point";
  EXPECT_NEAR(greeks.rho, slope(&OptionTerms::rate, 1e-5) / 100, 1e-3) << "per point";
  EXPECT_NEAR(greeks.theta, -slope(&OptionTerms::years, 1e-5) / 365, 1e-2) << "per day";
}

TEST_P(OptionGreeksTest, KeepPutCallParity) {
  OptionTerms call = GetParam().terms;
  call.call = true;
  const double forward = call.spot - call.strike * std::exp(-call.rate * call.years);
  EXPECT_NEAR(OptionPrice(call) - OptionPrice(Put(call)), forward, 1e-8 * call.spot);
  EXPECT_NEAR(OptionGreeks(call).delta - OptionGreeks(Put(call)).delta, 1, 1e-12);
}

constexpr OptionTerms kIndex{.call = true,
                             .spot = 25'950,
                             .strike = 26'000,
                             .years = 0.04,
                             .rate = 0.065,
                             .volatility = 0.11};

INSTANTIATE_TEST_SUITE_P(
    Kinds, OptionGreeksTest,
    testing::Values(
        TermsCase{"Textbook", kTextbook}, TermsCase{"TextbookPut", Put(kTextbook)},
        TermsCase{"IndexCall", kIndex}, TermsCase{"IndexPut", Put(kIndex)},
        TermsCase{
            "OnAFuture",
            {.call = false, .spot = 5'200, .strike = 5'400, .years = 0.1, .volatility = 0.3}}),
    CaseName{});

TEST(OptionGreeksTest, OfAnExpiredOptionAreOnlyWhetherItPays) {
  EXPECT_EQ(OptionGreeks(Expired(kTextbook)), (Greeks{.delta = 1}));
  EXPECT_EQ(OptionGreeks(Put(Expired(kTextbook))), Greeks{});
}

}  // namespace
}  // namespace sauda::sim
