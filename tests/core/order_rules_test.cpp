#include "services/orders/src/core/order_rules.hpp"

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

constexpr std::int64_t kMarketNowMs = 1'765'771'200'000;  // 2025-12-15 09:30 IST

/// A valid order, changed by a test.
template <typename Change>
NewOrder With(Change change) {
  NewOrder order = BuyOneLot();
  change(order);
  return order;
}

void MakeStopLimit(NewOrder& order, const char* trigger, const char* price) {
  order.type = OrderType::kStopLimit;
  order.trigger = D(trigger);
  order.price = D(price);
}

void MakeMarket(NewOrder& order) {
  order.type = OrderType::kMarket;
  order.price.reset();
}

struct FormCase {
  std::string name;
  NewOrder order;
  std::string reason;  // none: accepted
};

class CheckFormTest : public testing::TestWithParam<FormCase> {};

TEST_P(CheckFormTest, GivesTheReason) {
  const auto checked = CheckForm(GetParam().order);
  EXPECT_EQ(checked ? "" : checked.error().reason, GetParam().reason);
  if (!checked) {
    EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Identity, CheckFormTest,
    testing::Values(
        FormCase{"LimitOrder", BuyOneLot(), ""},
        FormCase{"IdOf36", BuyOneLot(std::string(36, 'a')), ""},
        FormCase{"IdOf37", BuyOneLot(std::string(37, 'a')), "CLIENT_ORDER_ID_INVALID"},
        FormCase{"IdEmpty", BuyOneLot(""), "CLIENT_ORDER_ID_INVALID"},
        FormCase{"IdWithSpace", BuyOneLot("a b"), "CLIENT_ORDER_ID_INVALID"},
        FormCase{"IdWithUmlaut", BuyOneLot("\xC3\xA4"), "CLIENT_ORDER_ID_INVALID"},
        FormCase{"IdOfAllKinds", BuyOneLot("aZ09-_"), ""},
        FormCase{"IdOfAdoptedOnes", BuyOneLot("ext-1"), "CLIENT_ORDER_ID_INVALID"},
        FormCase{"NoInstrument", With([](auto& o) { o.instrument.clear(); }), "INSTRUMENT_MISSING"},
        FormCase{"FiveTags", With([](auto& o) {
                   o.tags = {"a", "b", "c", "d", "e"};
                 }),
                 ""},
        FormCase{"SixTags", With([](auto& o) { o.tags = {"a", "b", "c", "d", "e", "f"}; }),
                 "TAGS_INVALID"},
        FormCase{"TagOf20", With([](auto& o) { o.tags = {std::string(20, 'x')}; }), ""},
        FormCase{"TagOf21", With([](auto& o) { o.tags = {std::string(21, 'x')}; }), "TAGS_INVALID"},
        FormCase{"TagEmpty", With([](auto& o) { o.tags = {""}; }), "TAGS_INVALID"},
        FormCase{"TagWithNewline", With([](auto& o) { o.tags = {"a\nb"}; }), "TAGS_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Enums, CheckFormTest,
    testing::Values(
        FormCase{"Side", With([](auto& o) { o.side = Side::kUnknown; }), "SIDE_UNKNOWN"},
        FormCase{"Type", With([](auto& o) { o.type = OrderType::kUnknown; }), "TYPE_UNKNOWN"},
        FormCase{"Product", With([](auto& o) { o.product = Product::kUnknown; }),
                 "PRODUCT_UNKNOWN"},
        FormCase{"Validity", With([](auto& o) { o.validity = Validity::kUnknown; }),
                 "VALIDITY_UNKNOWN"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Numbers, CheckFormTest,
    testing::Values(
        FormCase{"NoQuantity", With([](auto& o) { o.quantity = 0; }), "QUANTITY_NOT_POSITIVE"},
        FormCase{"NegativeQuantity", With([](auto& o) { o.quantity = -75; }),
                 "QUANTITY_NOT_POSITIVE"},
        FormCase{"LimitWithoutPrice", With([](auto& o) { o.price.reset(); }), "PRICE_MISSING"},
        FormCase{"PriceZero", With([](auto& o) { o.price = D("0"); }), "PRICE_NOT_POSITIVE"},
        FormCase{"PriceNegative", With([](auto& o) { o.price = D("-0.05"); }),
                 "PRICE_NOT_POSITIVE"},
        FormCase{"Market", With(MakeMarket), ""},
        FormCase{"MarketWithPrice", With([](auto& o) { o.type = OrderType::kMarket; }),
                 "PRICE_NOT_ALLOWED"},
        FormCase{"LimitWithTrigger", With([](auto& o) { o.trigger = D("1"); }),
                 "TRIGGER_NOT_ALLOWED"},
        FormCase{"StopWithoutTrigger", With([](auto& o) { o.type = OrderType::kStopLimit; }),
                 "TRIGGER_MISSING"},
        FormCase{"BuyStopAtItsLimit", With([](auto& o) { MakeStopLimit(o, "100", "100"); }), ""},
        FormCase{"BuyStopAboveItsLimit", With([](auto& o) { MakeStopLimit(o, "100.05", "100"); }),
                 "TRIGGER_WRONG_SIDE"},
        FormCase{"SellStopAtItsLimit", With([](auto& o) {
                   MakeStopLimit(o, "100", "100");
                   o.side = Side::kSell;
                 }),
                 ""},
        FormCase{"SellStopBelowItsLimit", With([](auto& o) {
                   MakeStopLimit(o, "99.95", "100");
                   o.side = Side::kSell;
                 }),
                 "TRIGGER_WRONG_SIDE"},
        FormCase{"StopMarket", With([](auto& o) {
                   o.type = OrderType::kStopMarket;
                   o.price.reset();
                   o.trigger = D("100");
                 }),
                 ""},
        FormCase{"ShownTenth", With([](auto& o) { o.disclosed_quantity = 8; }), ""},
        FormCase{"ShownLessThanTenth", With([](auto& o) { o.disclosed_quantity = 7; }),
                 "DISCLOSED_INVALID"},
        FormCase{"ShownAll", With([](auto& o) { o.disclosed_quantity = 75; }), ""},
        FormCase{"ShownMoreThanAll", With([](auto& o) { o.disclosed_quantity = 76; }),
                 "DISCLOSED_INVALID"},
        FormCase{"ProtectionOf25", With([](auto& o) {
                   MakeMarket(o);
                   o.protection_percent = 25;
                 }),
                 ""},
        FormCase{"ProtectionOf26", With([](auto& o) {
                   MakeMarket(o);
                   o.protection_percent = 26;
                 }),
                 "PROTECTION_INVALID"},
        FormCase{"ProtectionNegative", With([](auto& o) {
                   MakeMarket(o);
                   o.protection_percent = -1;
                 }),
                 "PROTECTION_INVALID"},
        FormCase{"ProtectionOfALimit", With([](auto& o) { o.protection_percent = 1; }),
                 "PROTECTION_INVALID"}),
    CaseName{});

struct AgainstCase {
  std::string name;
  Instrument instrument;
  Terms terms;
  std::string reason;
};

template <typename Change>
Instrument Changed(Change change) {
  Instrument instrument = Future();
  change(instrument);
  return instrument;
}

Terms Limit(std::int64_t quantity, const char* price) {
  return {.quantity = quantity,
          .type = OrderType::kLimit,
          .price = D(price),
          .validity = Validity::kDay};
}

class CheckAgainstTest : public testing::TestWithParam<AgainstCase> {};

TEST_P(CheckAgainstTest, GivesTheReason) {
  const auto checked = CheckAgainst(GetParam().instrument, GetParam().terms, kMarketNowMs);
  EXPECT_EQ(checked ? "" : checked.error().reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, CheckAgainstTest,
    testing::Values(
        AgainstCase{"OneLot", Future(), Limit(75, "26000"), ""},
        AgainstCase{"HalfALot", Future(), Limit(37, "26000"), "QUANTITY_NOT_IN_LOTS"},
        AgainstCase{"LargestAllowed", Future(), Limit(1'800, "26000"), ""},
        AgainstCase{"OneLotOverFreeze", Future(), Limit(1'875, "26000"), "QUANTITY_TOO_LARGE"},
        AgainstCase{"NoFreezeKnown", Changed([](auto& i) { i.freeze_quantity = 0; }),
                    Limit(1'875, "26000"), ""},
        AgainstCase{"OnTick", Future(), Limit(75, "26000.05"), ""},
        AgainstCase{"OffTick", Future(), Limit(75, "26000.01"), "PRICE_OFF_TICK"},
        AgainstCase{"FineTick", Changed([](auto& i) { i.tick = D("0.0025"); }),
                    Limit(75, "84.3325"), ""},
        AgainstCase{"OffFineTick", Changed([](auto& i) { i.tick = D("0.0025"); }),
                    Limit(75, "84.3310"), "PRICE_OFF_TICK"},
        AgainstCase{"TriggerOffTick", Future(),
                    Terms{.quantity = 75,
                          .type = OrderType::kStopMarket,
                          .trigger = D("99.99"),
                          .validity = Validity::kDay},
                    "PRICE_OFF_TICK"},
        AgainstCase{"LastMillisecond", Changed([](auto& i) { i.expiry_ms = kMarketNowMs; }),
                    Limit(75, "26000"), ""},
        AgainstCase{"Expired", Changed([](auto& i) { i.expiry_ms = kMarketNowMs - 1; }),
                    Limit(75, "26000"), "INSTRUMENT_EXPIRED"},
        AgainstCase{"Index", Changed([](auto& i) { i.tradable = false; }), Limit(75, "26000"),
                    "INSTRUMENT_NOT_TRADABLE"},
        AgainstCase{"Gone", Changed([](auto& i) { i.active = false; }), Limit(75, "26000"),
                    "INSTRUMENT_NOT_TRADABLE"},
        AgainstCase{"NoLot", Changed([](auto& i) { i.lot = 0; }), Limit(75, "26000"),
                    "INSTRUMENT_NOT_TRADABLE"},
        AgainstCase{"NoTick", Changed([](auto& i) { i.tick = Decimal{}; }), Limit(75, "26000"),
                    "INSTRUMENT_NOT_TRADABLE"}),
    CaseName{});

struct ChangeCase {
  std::string name;
  TermsChange change;
  std::string reason;
};

class ChangedTermsTest : public testing::TestWithParam<ChangeCase> {};

TEST_P(ChangedTermsTest, GivesTheReason) {
  Order order{.request = BuyOneLot(), .terms = Limit(150, "26000"), .filled_quantity = 75};
  const auto terms = ChangedTerms(order, GetParam().change);
  EXPECT_EQ(terms ? "" : terms.error().reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ChangedTermsTest,
    testing::Values(
        ChangeCase{"Nothing", {}, "NOTHING_TO_CHANGE"},
        ChangeCase{"SamePrice", {.price = D("26000.00")}, "NOTHING_TO_CHANGE"},
        ChangeCase{"Price", {.price = D("25999.95")}, ""},
        ChangeCase{"DownToFilled", {.quantity = 75}, ""},
        ChangeCase{"BelowFilled", {.quantity = 74}, "QUANTITY_BELOW_FILLED"},
        ChangeCase{"ToMarket", {.type = OrderType::kMarket}, ""},
        ChangeCase{"ToMarketWithPrice",
                   {.type = OrderType::kMarket, .price = D("1")},
                   "PRICE_NOT_ALLOWED"},
        ChangeCase{"ToStopWithoutTrigger", {.type = OrderType::kStopLimit}, "TRIGGER_MISSING"},
        ChangeCase{"UnknownType", {.type = OrderType::kUnknown}, "TYPE_UNKNOWN"},
        ChangeCase{"UnknownValidity", {.validity = Validity::kUnknown}, "VALIDITY_UNKNOWN"}),
    CaseName{});

TEST(ChangedQuantityTest, KeepsTheQuantityWithinWhatIsDisclosed) {
  Order order{.request = BuyOneLot(), .terms = Limit(150, "26000")};
  order.request.disclosed_quantity = 75;
  const auto reason = [&](std::int64_t quantity) {
    const auto terms = ChangedTerms(order, {.quantity = quantity});
    return terms ? "" : terms.error().reason;
  };
  EXPECT_EQ(reason(750), "");
  EXPECT_EQ(reason(825), "DISCLOSED_INVALID");
  EXPECT_EQ(reason(75), "");
  EXPECT_EQ(reason(74), "DISCLOSED_INVALID");
}

TEST(ParsePriceTest, ReadsDecimalsAndRefusesTheRest) {
  EXPECT_EQ(**ParsePrice("price", "26000.05"), D("26000.05"));
  EXPECT_FALSE(*ParsePrice("price", ""));
  for (const char* text : {"abc", "1,000", "0x10", "1 ", "--1", "1e99", "NaN"}) {
    const auto parsed = ParsePrice("price", text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().reason, "PRICE_MALFORMED");
  }
}

TEST(SameOrderTest, ComparesTheBodyAndKnowsTheInstrumentByAllItsNames) {
  const Order kept{.request = BuyOneLot(),
                   .instrument_key = "NSE_FO|53001",
                   .trading_symbol = "NIFTY FUT 30 DEC 25"};
  EXPECT_TRUE(SameOrder(kept, BuyOneLot()));
  EXPECT_TRUE(SameOrder(kept, With([](auto& o) { o.price = D("26000.00"); })));
  EXPECT_TRUE(SameOrder(kept, With([](auto& o) { o.instrument = "NIFTY FUT 30 DEC 25"; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.instrument = "NSE_FO|53002"; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.quantity = 150; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.side = Side::kSell; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.price = D("26000.05"); })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.validity = Validity::kIoc; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.product = Product::kDelivery; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.tags = {"a"}; })));
  EXPECT_FALSE(SameOrder(kept, With([](auto& o) { o.disclosed_quantity = 75; })));
}

}  // namespace
}  // namespace sauda::orders
