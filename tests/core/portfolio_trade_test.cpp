#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/trade.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

struct TradeCase {
  std::string name;
  Trade trade;
  std::string reason;  // none: it can be booked
};

class CheckTradeTest : public testing::TestWithParam<TradeCase> {};

TEST_P(CheckTradeTest, GivesTheReason) {
  const auto checked = CheckTrade(GetParam().trade);
  EXPECT_EQ(checked ? "" : checked.error().reason, GetParam().reason);
  if (!checked) {
    EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, CheckTradeTest,
    testing::Values(
        TradeCase{"Share", TradeWith([](Trade&) {}), ""},
        TradeCase{"Future", TradeWith([](Trade& it) { it.contract = Future(); }), ""},
        TradeCase{"NoId", TradeWith([](Trade& it) { it.id.clear(); }), "TRADE_ID_MISSING"},
        TradeCase{"NoInstrumentId", TradeWith([](Trade& it) { it.contract.instrument_id = 0; }),
                  "INSTRUMENT_MISSING"},
        TradeCase{"NoKey", TradeWith([](Trade& it) { it.contract.key.clear(); }),
                  "INSTRUMENT_MISSING"},
        TradeCase{"SegmentOfAnIndex",
                  TradeWith([](Trade& it) { it.contract.segment = "NSE_INDEX"; }),
                  "SEGMENT_UNKNOWN"},
        TradeCase{"NoKind", TradeWith([](Trade& it) { it.contract.kind = Kind::kUnknown; }),
                  "KIND_UNKNOWN"},
        TradeCase{"AFutureAmongShares",
                  TradeWith([](Trade& it) { it.contract.kind = Kind::kFuture; }), "KIND_UNKNOWN"},
        TradeCase{"AShareAmongFutures",
                  TradeWith([](Trade& it) { it.contract.segment = "NSE_FO"; }), "KIND_UNKNOWN"},
        TradeCase{"MultiplierOf0", TradeWith([](Trade& it) { it.contract.multiplier = 0; }),
                  "MULTIPLIER_INVALID"},
        TradeCase{"LargestMultiplier",
                  TradeWith([](Trade& it) { it.contract.multiplier = 100'000; }), ""},
        TradeCase{"MultiplierTooLarge",
                  TradeWith([](Trade& it) { it.contract.multiplier = 100'001; }),
                  "MULTIPLIER_INVALID"},
        TradeCase{"NoProduct", TradeWith([](Trade& it) { it.product = Product::kUnknown; }),
                  "PRODUCT_UNKNOWN"},
        TradeCase{"NoSide", TradeWith([](Trade& it) { it.side = Side::kUnknown; }), "SIDE_UNKNOWN"},
        TradeCase{"QuantityOf0", TradeWith([](Trade& it) { it.quantity = 0; }), "QUANTITY_INVALID"},
        TradeCase{"LargestQuantity", TradeWith([](Trade& it) { it.quantity = 1'000'000'000; }), ""},
        TradeCase{"QuantityTooLarge", TradeWith([](Trade& it) { it.quantity = 1'000'000'001; }),
                  "QUANTITY_INVALID"},
        TradeCase{"BonusShare", TradeWith([](Trade& it) { it.price = D("0"); }), ""},
        TradeCase{"ShareBelow0", TradeWith([](Trade& it) { it.price = D("-0.05"); }),
                  "PRICE_NEGATIVE"},
        TradeCase{"CrudeOilBelow0", TradeWith([](Trade& it) {
                    it.contract = Crude();
                    it.price = D("-2884");
                  }),
                  ""},
        TradeCase{"ChargesBelow0", TradeWith([](Trade& it) { it.charges = A("-0.01"); }),
                  "CHARGES_NEGATIVE"}),
    CaseName{});

struct SectionCase {
  std::string name;
  std::string segment;
  Section section;
};

class SectionOfTest : public testing::TestWithParam<SectionCase> {};

TEST_P(SectionOfTest, KnowsWhereASegmentBelongs) {
  EXPECT_EQ(SectionOf(GetParam().segment), GetParam().section);
}

INSTANTIATE_TEST_SUITE_P(Segments, SectionOfTest,
                         testing::Values(SectionCase{"NseEq", "NSE_EQ", Section::kEquity},
                                         SectionCase{"BseEq", "BSE_EQ", Section::kEquity},
                                         SectionCase{"NseFo", "NSE_FO", Section::kDerivatives},
                                         SectionCase{"BseFo", "BSE_FO", Section::kDerivatives},
                                         SectionCase{"NcdFo", "NCD_FO", Section::kCurrency},
                                         SectionCase{"BcdFo", "BCD_FO", Section::kCurrency},
                                         SectionCase{"McxFo", "MCX_FO", Section::kCommodity},
                                         SectionCase{"NseCom", "NSE_COM", Section::kCommodity},
                                         SectionCase{"Index", "NSE_INDEX", Section::kUnknown},
                                         SectionCase{"Empty", "", Section::kUnknown}),
                         CaseName{});

struct BookedCase {
  std::string name;
  Trade trade;
  std::string outcome;  // REPEATED, BOOKED or the reason
};

/// What the book says to a trade after one share was bought at 100 on the 15th.
class SecondTradeTest : public testing::TestWithParam<BookedCase> {};

TEST_P(SecondTradeTest, IsNewARepeatOrRefused) {
  FedBook fed;
  ASSERT_TRUE(fed.book.Apply(TradeWith([](Trade&) {})));
  const auto second = fed.book.Apply(GetParam().trade);
  std::string outcome = second ? "BOOKED" : second.error().reason;
  if (second && second->repeated) outcome = "REPEATED";
  EXPECT_EQ(outcome, GetParam().outcome);
  if (outcome != "BOOKED") {
    const Position position = fed.At(Share(), Product::kIntraday);
    EXPECT_EQ(position.quantity, 1);
    EXPECT_EQ(position.value, A("100"));
    EXPECT_EQ(fed.book.Positions({}).size(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Outcomes, SecondTradeTest,
    testing::Values(
        BookedCase{"TheSame", TradeWith([](Trade&) {}), "REPEATED"},
        BookedCase{"AnotherTimeOfTheDay", TradeWith([](Trade& it) { it.market_ms += 999; }),
                   "REPEATED"},
        BookedCase{"AnotherSymbol",
                   TradeWith([](Trade& it) { it.contract.trading_symbol = "INFOSYS"; }),
                   "REPEATED"},
        BookedCase{"AnotherQuantity", TradeWith([](Trade& it) { it.quantity = 2; }),
                   "TRADE_CONFLICT"},
        BookedCase{"AnotherPrice", TradeWith([](Trade& it) { it.price = D("100.05"); }),
                   "TRADE_CONFLICT"},
        BookedCase{"AnotherOrder", TradeWith([](Trade& it) { it.order_id = "o2"; }),
                   "TRADE_CONFLICT"},
        BookedCase{"AnotherProduct", TradeWith([](Trade& it) { it.product = Product::kDelivery; }),
                   "TRADE_CONFLICT"},
        BookedCase{"OtherCharges", TradeWith([](Trade& it) { it.charges = A("0.01"); }),
                   "TRADE_CONFLICT"},
        BookedCase{"AnotherInstrument", TradeWith([](Trade& it) { it.contract.instrument_id = 2; }),
                   "TRADE_CONFLICT"},
        BookedCase{"TheOtherSideOfATradeWithOurselves", TradeWith([](Trade& it) {
                     it.side = Side::kSell;
                     it.order_id = "o2";
                   }),
                   "BOOKED"},
        BookedCase{"TheSameIdInAnotherSegment",
                   TradeWith([](Trade& it) { it.contract = Future(); }), "BOOKED"},
        BookedCase{"AnotherId", TradeWith([](Trade& it) { it.id = "t2"; }), "BOOKED"},
        BookedCase{"TheDayBefore",
                   TradeWith([](Trade& it) { it.market_ms = December(15).StartMs() - 1; }),
                   "TRADE_OF_EARLIER_DAY"},
        BookedCase{"TheDayAfter", TradeWith([](Trade& it) {
                     it.id = "t2";
                     it.market_ms = December(16).StartMs();
                   }),
                   "DAY_NOT_BEGUN"},
        BookedCase{"TheLastMomentOfTheDay", TradeWith([](Trade& it) {
                     it.id = "t2";
                     it.market_ms = December(16).StartMs() - 1;
                   }),
                   "BOOKED"},
        BookedCase{"AnotherMultiplier", TradeWith([](Trade& it) {
                     it.id = "t2";
                     it.contract.multiplier = 2;
                   }),
                   "CONTRACT_CONFLICT"},
        BookedCase{"AnotherSegment", TradeWith([](Trade& it) { it.contract.segment = "BSE_EQ"; }),
                   "CONTRACT_CONFLICT"},
        BookedCase{"MalformedOne", TradeWith([](Trade& it) { it.quantity = -1; }),
                   "QUANTITY_INVALID"}),
    CaseName{});

TEST(BookTest, AnIdOfYesterdayIsFreeToday) {
  FedBook fed;
  ASSERT_TRUE(fed.book.Apply(TradeWith([](Trade&) {})));
  fed.Begin(16);
  const auto again = fed.book.Apply(TradeWith([](Trade& it) {
    it.market_ms = December(16).AtMinute(570);
    it.price = D("101");
  }));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->repeated);
  EXPECT_EQ(fed.At(Share(), Product::kIntraday).value, A("201"));
}

TEST(BookTest, ANewNameOfTheInstrumentIsTaken) {
  FedBook fed;
  Contract renamed = Share();
  renamed.trading_symbol = "INFOSYS";
  fed.Buy(Share(), Product::kIntraday, 1, "100");
  fed.Buy(renamed, Product::kIntraday, 1, "100");
  EXPECT_EQ(fed.At(Share(), Product::kIntraday).contract.trading_symbol, "INFOSYS");
}

}  // namespace
}  // namespace sauda::orders::portfolio
