#include "libs/charges/charges.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/charges_makers.hpp"

namespace sauda::charges {
namespace {

using enum Exchange;
using enum Kind;
using enum Side;

constexpr Day kJune2025 = 2025'06'16;  // NSE/FA/64232, STT of 1 October 2024
constexpr Day kNow = kToday;           // NSE/FA/73061 of 1 March, Finance Act 2026 of 1 April

/// Brokerage, STT, stamp duty, the exchange's charge, IPFT, SEBI and GST, and what they make.
std::string Written(const Charges& charges) {
  std::string text = charges.brokerage.ToString();
  for (const Amount part : {charges.stt, charges.stamp_duty, charges.transaction, charges.ipft,
                            charges.sebi_turnover, charges.gst}) {
    text += " + " + part.ToString();
  }
  return text + " = " + charges.Total().ToString();
}

struct Example {
  std::string name;
  ChargedOrder order;
  Fill fill;
  std::string charges;
};

class ChargesExampleTest : public testing::TestWithParam<Example> {};

TEST_P(ChargesExampleTest, IsAsWorkedOutByHand) {
  const auto charges = LineCharges(GetParam().order, GetParam().fill);
  ASSERT_TRUE(charges) << charges.error().message;
  EXPECT_EQ(Written(*charges), GetParam().charges);
  EXPECT_EQ(charges->clearing, Amount{});
  EXPECT_EQ(charges->demat_transaction, Amount{});
}

// In each comment: T is the turnover; then, as far as there are any, brokerage, STT or CTT, stamp
// duty, the exchange's charge, IPFT and SEBI (10 a crore throughout), each T times its rate; last
// GST, 18 % of the rounded brokerage, exchange's charge, IPFT and SEBI together.

// Delivery. Upstox: 20 or 2.5 %. STT 0.1 % (Finance Act 2012). Stamp 0.015 % (1 July 2020).
// NSE 2.97 a lakh and IPFT 10 a crore (1 October 2024), 306.99 and 0.01 a crore (1 March 2026);
// BSE 375, 275 or 10,000 a crore by group (1 December 2022).
INSTANTIATE_TEST_SUITE_P(
    Delivery, ChargesExampleTest,
    testing::Values(
        // T 150,000. 3,750 > 20; 150; 22.5; 4.455; 0.15; 0.15; 18 % of 24.76 = 4.4568.
        Example{"NseBuy",
                {kNse, kEquityDelivery, kBuy, kJune2025},
                At("1500", 100),
                "20 + 150 + 22.5 + 4.46 + 0.15 + 0.15 + 4.46 = 201.72"},
        // T 152,345. 20; 152.345, a half, up; 4.5246465; 0.152345 twice; 18 % of 24.82 = 4.4676.
        Example{"NseSell",
                {kNse, kEquityDelivery, kSell, kJune2025},
                At("1523.45", 100),
                "20 + 152.35 + 0 + 4.52 + 0.15 + 0.15 + 4.47 = 181.64"},
        // T 100.50. 2.5125; 0.1005; 0.015075; 0.00298485; 0.0001005 twice; 18 % of 2.51 = 0.4518.
        Example{"NseBuyOfLittle",
                {kNse, kEquityDelivery, kBuy, kJune2025},
                At("20.1", 5),
                "2.51 + 0.1 + 0.02 + 0 + 0 + 0 + 0.45 = 3.08"},
        // T 28,505. 20; 28.505; 4.27575; 0.875075; 0.0000285; 0.028505; 18 % of 20.91 = 3.7638.
        Example{"NseBuyAfterTheCircularOf2026",
                {kNse, kEquityDelivery, kBuy, kNow},
                At("2850.5", 10),
                "20 + 28.51 + 4.28 + 0.88 + 0 + 0.03 + 3.76 = 57.46"},
        // T 90,150. 20; 90.15; 13.5225; 3.380625; 0.09015; 18 % of 23.47 = 4.2246.
        Example{"BseBuy",
                {kBse, kEquityDelivery, kBuy, kJune2025},
                At("450.75", 200),
                "20 + 90.15 + 13.52 + 3.38 + 0 + 0.09 + 4.22 = 131.36"},
        // T 12,340. 20; 12.34; 10,000 a crore = 12.34; 0.01234; 18 % of 32.35 = 5.823.
        Example{"BseSellOfGroupX",
                {kBse, kEquityDelivery, kSell, kNow, "X"},
                At("12.34", 1000),
                "20 + 12.34 + 0 + 12.34 + 0 + 0.01 + 5.82 = 50.51"},
        // T 120,000. 20; 120; 18; 275 a crore = 3.3; 0.12; 18 % of 23.42 = 4.2156.
        Example{"BseBuyOfAnSme",
                {kBse, kEquityDelivery, kBuy, kNow, "M"},
                At("75", 1600),
                "20 + 120 + 18 + 3.3 + 0 + 0.12 + 4.22 = 165.64"}),
    CaseName{});

// Within the day. Upstox: 20 or 0.05 %, 0.1 % since 1 March 2025. STT 0.025 % of sales. Stamp
// 0.003 %. Exchanges as for delivery.
INSTANTIATE_TEST_SUITE_P(
    Intraday, ChargesExampleTest,
    testing::Values(
        // T 30,620. 15.31; 0.9186; 0.909414; 0.03062 twice; 18 % of 16.28 = 2.9304.
        Example{"NseBuyAtTheFormerBrokerage",
                {kNse, kEquityIntraday, kBuy, 2025'02'28},
                At("612.4", 50),
                "15.31 + 0 + 0.92 + 0.91 + 0.03 + 0.03 + 2.93 = 20.13"},
        // T 30,620. 30.62 > 20; 7.655, a half, up; 0.909414; 0.03062 twice; 18 % of 20.97 = 3.7746.
        Example{"NseSell",
                {kNse, kEquityIntraday, kSell, 2025'03'03},
                At("612.4", 50),
                "20 + 7.66 + 0 + 0.91 + 0.03 + 0.03 + 3.77 = 32.4"},
        // T 8,642. 8.642; 2.1605; 0.2653008; 0.0000086; 0.008642; 18 % of 8.92 = 1.6056.
        Example{"NseSellOfLittle",
                {kNse, kEquityIntraday, kSell, kNow},
                At("432.1", 20),
                "8.64 + 2.16 + 0 + 0.27 + 0 + 0.01 + 1.61 = 12.69"},
        // T 19,995. 19.995, a half, up; 0.59985; 0.7498125; 0.019995; 18 % of 20.77 = 3.7386.
        Example{"BseBuy",
                {kBse, kEquityIntraday, kBuy, kNow},
                At("199.95", 100),
                "20 + 0 + 0.6 + 0.75 + 0 + 0.02 + 3.74 = 25.11"}),
    CaseName{});

// Futures. Upstox: 20 or 0.05 %. STT of sales 0.02 % (1 October 2024), 0.05 % (1 April 2026). Stamp
// 0.002 %. NSE 1.73 a lakh and IPFT 10 a crore, then 182.99 and 0.01 a crore; BSE nothing.
INSTANTIATE_TEST_SUITE_P(
    Futures, ChargesExampleTest,
    testing::Values(
        // T 716,300. 358.15 > 20; 143.26; 12.39199; 0.7163 twice; 18 % of 33.83 = 6.0894.
        Example{"NseSellOnAStock",
                {kNse, kStockFutures, kSell, kJune2025},
                At("1432.6", 500),
                "20 + 143.26 + 0 + 12.39 + 0.72 + 0.72 + 6.09 = 183.18"},
        // T 1,871,268.75. 20; 37.425375; 32.3729494; 1.8712688 twice; 18 % of 56.11 = 10.0998.
        Example{"NseBuyOnTheNifty",
                {kNse, kIndexFutures, kBuy, kJune2025},
                At("24950.25", 75),
                "20 + 0 + 37.43 + 32.37 + 1.87 + 1.87 + 10.1 = 103.64"},
        // T 1,696,721. 20; 848.3605; 31.0482976; 0.0016967; 1.696721; 18 % of 52.75 = 9.495, up.
        Example{"NseSellOnTheNifty",
                {kNse, kIndexFutures, kSell, kNow},
                At("26103.4", 65),
                "20 + 848.36 + 0 + 31.05 + 0 + 1.7 + 9.5 = 910.61"},
        // T 1,704,200. 20; 852.1; nothing; 1.7042; 18 % of 21.7 = 3.906.
        Example{"BseSellOnTheSensex",
                {kBse, kIndexFutures, kSell, kNow},
                At("85210", 20),
                "20 + 852.1 + 0 + 0 + 0 + 1.7 + 3.91 = 877.71"}),
    CaseName{});

// Options, on the premium. Upstox: 20. STT of sales 0.1 % (1 October 2024), 0.15 % (1 April 2026).
// Stamp 0.003 %. NSE 35.03 a lakh and IPFT 50 a crore, then 3,552.99 and 0.01 a crore; BSE 3,250 a
// crore on the Sensex and Bankex, 500 on stocks (1 October 2024).
INSTANTIATE_TEST_SUITE_P(
    Options, ChargesExampleTest,
    testing::Values(
        // T 13,676.25. 20; 0.4102875; 4.7907904; 0.0683813; 0.0136763; 18 % of 24.87 = 4.4766.
        Example{"NseBuyOnTheNifty",
                {kNse, kIndexOptions, kBuy, kJune2025},
                At("182.35", 75),
                "20 + 0 + 0.41 + 4.79 + 0.07 + 0.01 + 4.48 = 29.76"},
        // T 13,676. 20; 13.676; 4.8590691; 0.0000137; 0.013676; 18 % of 24.87 = 4.4766.
        Example{"NseSellOnTheLastDayOfTheFormerTax",
                {kNse, kIndexOptions, kSell, 2026'03'31},
                At("210.4", 65),
                "20 + 13.68 + 0 + 4.86 + 0 + 0.01 + 4.48 = 43.03"},
        // The same but for STT: 20.514.
        Example{"NseSellOnTheFirstDayOfTheNewTax",
                {kNse, kIndexOptions, kSell, 2026'04'01},
                At("210.4", 65),
                "20 + 20.51 + 0 + 4.86 + 0 + 0.01 + 4.48 = 49.86"},
        // T 14,075. 20; 14.075, up; 4.9304725; 0.070375; 0.014075; 18 % of 25.01 = 4.5018.
        Example{"NseSellOnAStock",
                {kNse, kStockOptions, kSell, kJune2025},
                At("28.15", 500),
                "20 + 14.08 + 0 + 4.93 + 0.07 + 0.01 + 4.5 = 43.59"},
        // T 6,251. 20; 9.3765; 2.031575; 0.006251; 18 % of 22.04 = 3.9672.
        Example{"BseSellOnTheSensex",
                {kBse, kIndexOptions, kSell, kNow},
                At("312.55", 20),
                "20 + 9.38 + 0 + 2.03 + 0 + 0.01 + 3.97 = 35.39"},
        // T 10,640. 20; 0.3192; 0.532; 0.01064; 18 % of 20.54 = 3.6972.
        Example{"BseBuyOnAStock",
                {kBse, kStockOptions, kBuy, kNow},
                At("15.2", 700),
                "20 + 0 + 0.32 + 0.53 + 0 + 0.01 + 3.7 = 24.56"}),
    CaseName{});

// Currencies. Upstox: futures 20 or 0.05 %, options 20. No STT. Stamp 0.0001 %. NSE 0.35 and IPFT
// 0.05 a lakh, options 31.1 and 2; BSE 45 and 100 a crore (all 1 October 2024).
INSTANTIATE_TEST_SUITE_P(
    Currencies, ChargesExampleTest,
    testing::Values(
        // T 861,275. 20; 0.861275; 3.0144625; 0.4306375; 0.861275; 18 % of 24.3 = 4.374.
        Example{"NseBuyOfFutures",
                {kNse, kCurrencyFutures, kBuy, kJune2025},
                At("86.1275", 10'000),
                "20 + 0 + 0.86 + 3.01 + 0.43 + 0.86 + 4.37 = 29.53"},
        // T 2,575. 20; 0.800825; 0.0515; 0.002575; 18 % of 20.85 = 3.753.
        Example{"NseSellOfOptions",
                {kNse, kCurrencyOptions, kSell, kJune2025},
                At("0.2575", 10'000),
                "20 + 0 + 0 + 0.8 + 0.05 + 0 + 3.75 = 24.6"},
        // T 86,150. 43.075 > 20; 0.387675; 0.08615; 18 % of 20.48 = 3.6864.
        Example{"BseSellOfFutures",
                {kBse, kCurrencyFutures, kSell, kJune2025},
                At("86.15", 1000),
                "20 + 0 + 0 + 0.39 + 0 + 0.09 + 3.69 = 24.17"},
        // T 310. 20; 0.00031; 0.0031; 0.00031; 18 % of 20 = 3.6.
        Example{"BseBuyOfOptions",
                {kBse, kCurrencyOptions, kBuy, kJune2025},
                At("0.31", 1000),
                "20 + 0 + 0 + 0 + 0 + 0 + 3.6 = 23.6"}),
    CaseName{});

// Commodities. Upstox: futures 20 or 0.05 %, options 20. CTT of sales 0.01 % (1 July 2013), options
// 0.05 % (2018). Stamp 0.002 and 0.003 %. MCX 2.10 and 41.80 a lakh (1 October 2024).
INSTANTIATE_TEST_SUITE_P(
    Commodities, ChargesExampleTest,
    testing::Values(
        // T 623,400: 100 barrels. 20; 62.34; 13.0914; 0.6234; 18 % of 33.71 = 6.0678.
        Example{"SellOfCrudeFutures",
                {kMcx, kCommodityFutures, kSell, kJune2025},
                At("6234", 100),
                "20 + 62.34 + 0 + 13.09 + 0 + 0.62 + 6.07 = 102.12"},
        // T 38,075: 250 mmBtu. 19.0375; 0.7615; 0.799575; 0.038075; 18 % of 19.88 = 3.5784.
        Example{"BuyOfGasFutures",
                {kMcx, kCommodityFutures, kBuy, kNow},
                At("152.3", 250),
                "19.04 + 0 + 0.76 + 0.8 + 0 + 0.04 + 3.58 = 24.22"},
        // T 14,230. 20; 7.115, up; 5.94814; 0.01423; 18 % of 25.96 = 4.6728.
        Example{"SellOfCrudeOptions",
                {kMcx, kCommodityOptions, kSell, kNow},
                At("142.3", 100),
                "20 + 7.12 + 0 + 5.95 + 0 + 0.01 + 4.67 = 37.75"},
        // T 9,560. 20; 0.2868; 3.99608; 0.00956; 18 % of 24.01 = 4.3218.
        Example{"BuyOfCrudeOptions",
                {kMcx, kCommodityOptions, kBuy, kJune2025},
                At("95.6", 100),
                "20 + 0 + 0.29 + 4 + 0 + 0.01 + 4.32 = 28.62"}),
    CaseName{});

// Upstox: 20 a scrip and day, and 18 % GST on it.
TEST(DematChargesTest, AreForEachScripOfTheDay) {
  const auto one = DematCharges(kNow, 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->demat_transaction, Rupees("20"));
  EXPECT_EQ(one->gst, Rupees("3.6"));
  EXPECT_EQ(one->Total(), Rupees("23.6"));
  EXPECT_EQ(DematCharges(kNow, 3)->Total(), Rupees("70.8"));
  EXPECT_EQ(DematCharges(kNow, 0)->Total(), Amount{});
}

// 65 units at 153.40 are worth 9,971: 0.125 % is 12.46375, 0.15 % is 14.9565.
TEST(ExerciseChargesTest, AreSttOfTheIntrinsicValue) {
  const Fill intrinsic = At("153.4", 65);
  const auto before = ExerciseCharges(kIndexOptions, 2026'03'31, intrinsic);
  const auto after = ExerciseCharges(kIndexOptions, 2026'04'01, intrinsic);
  ASSERT_TRUE(before);
  ASSERT_TRUE(after);
  EXPECT_EQ(before->stt, Rupees("12.46"));
  EXPECT_EQ(before->Total(), before->stt);
  EXPECT_EQ(after->stt, Rupees("14.96"));
}

}  // namespace
}  // namespace sauda::charges
