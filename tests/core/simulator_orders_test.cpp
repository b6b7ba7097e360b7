#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/src/core/brokerage.hpp"
#include "simulator/src/core/market_generated.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/small_master.hpp"

namespace sauda::sim {
namespace {

constexpr std::int64_t kMorning = 1'765'771'200'000;  // 2025-12-15 09:30 IST
constexpr const char* kReliance = "NSE_EQ|INE002A01018";
constexpr const char* kOption = "NSE_FO|46913";
constexpr const char* kCurrency = "NCD_FO|14000";     // a unit is a thousand dollars
constexpr std::int64_t kNextDay = 1'765'843'200'000;  // 2025-12-16 05:30 IST

Decimal Rupees(const std::string& text) { return Decimal::Parse(text).value(); }

/// A limit order to buy that the generated market does not reach.
PlaceRequest Good() {
  return {.terms = {.quantity = 10,
                    .validity = "DAY",
                    .order_type = "LIMIT",
                    .price = Rupees("1"),
                    .trigger_price = Decimal{},
                    .disclosed_quantity = 0},
          .product = "I",
          .transaction_type = "BUY",
          .instrument_token = kReliance,
          .tag = "tag"};
}

/// The small master and a currency future.
std::vector<Listing> Listings() {
  std::vector<Listing> listings = SmallMaster();
  Listing future = listings.at(4);
  future.segment = "NCD_FO";
  future.name = future.asset_symbol = future.underlying_symbol = "USDINR";
  future.asset_key.clear();
  future.underlying_key.clear();
  future.asset_type = future.underlying_type = "CUR";
  future.instrument_key = kCurrency;
  future.exchange_token = "14000";
  future.trading_symbol = "USDINR FUT 31 DEC 30";
  future.expiry_ms = 1'924'972'199'000;
  future.lot_size = future.minimum_lot = 1;
  future.tick_size = 0.25;
  future.qty_multiplier = 1'000;
  listings.push_back(future);
  return listings;
}

class Listener final : public BrokerageListener {
 public:
  void OnOrder(const OrderRow& row) override {
    statuses.emplace_back(exchange::ToText(row.state.status));
  }
  void OnTrade(const TradeRow& trade) override { traded += trade.fill.quantity; }
  void OnPosition(const Position& position) override { net = position.net(); }
  void OnHolding(const Holding& holding) override { used = holding.used; }
  std::vector<std::string> statuses;
  std::int64_t traded = 0;
  std::int64_t net = 0;
  std::int64_t used = 0;
};

class SimulatorOrders : public testing::Test {
 protected:
  explicit SimulatorOrders(bool always_open = true)
      : market_{
            master_, {.seed = 7, .start_ms = kMorning, .always_open = always_open}, clock_.Now()} {}

  double Last(const char* key) { return market_.State(*master_.Find(key))->ltp; }
  /// The last price moved by a share of itself, in whole rupees.
  Decimal Near(const char* key, double share) {
    return Decimal::FromUnits(static_cast<std::int64_t>(Last(key) * share));
  }
  void Advance(std::chrono::milliseconds by) {
    clock_.Advance(by);
    const auto updates = market_.Advance(clock_.Now(), 1'000);
    brokerage_.OnUpdates(updates, market_.NowMs(clock_.Now()));
  }
  /// Places an order that fills at once.
  exchange::OrderId Trade(const char* key, const char* product, const char* side,
                          std::int64_t quantity) {
    PlaceRequest request = Good();
    request.instrument_token = key;
    request.product = product;
    request.transaction_type = side;
    request.terms.quantity = quantity;
    request.terms.order_type = "MARKET";
    request.terms.price = Decimal{};
    return brokerage_.Place(request, kMorning).value().front();
  }
  std::string StatusOf(exchange::OrderId id) {
    return std::string{exchange::ToText(brokerage_.Find(id)->state.status)};
  }

  ManualClock clock_;
  Master master_{Listings()};
  GeneratedMarket market_;
  Listener listener_;
  Brokerage brokerage_{market_,
                       listener_,
                       {.opening_cash = Decimal::FromUnits(1'000'000),
                        .holdings = {{.listing = *master_.Find(kReliance), .quantity = 20}}}};
};

struct Case {
  std::string name;
  std::function<void(PlaceRequest&)> spoil;
  std::string code;  // empty: taken
};

class PlaceTest : public SimulatorOrders, public testing::WithParamInterface<Case> {};

TEST_P(PlaceTest, GivesTheBrokersCode) {
  PlaceRequest request = Good();
  GetParam().spoil(request);
  const auto placed = brokerage_.Place(request, kMorning);
  EXPECT_EQ(placed ? "" : placed.error().code, GetParam().code);
  EXPECT_EQ(brokerage_.Orders().empty(), !placed.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, PlaceTest,
    testing::Values(
        Case{"AsItIs", [](PlaceRequest&) {}, ""},
        Case{"KeyMissing", [](PlaceRequest& r) { r.instrument_token.reset(); }, "UDAPI1026"},
        Case{"KeyUnknown", [](PlaceRequest& r) { r.instrument_token = "NSE_EQ|X"; }, "UDAPI100011"},
        Case{"KeyOfAnIndex", [](PlaceRequest& r) { r.instrument_token = "NSE_INDEX|Nifty 50"; },
             "UDAPI100011"},
        Case{"KeyExpired", [](PlaceRequest& r) { r.instrument_token = "NSE_FO|46000"; },
             "UDAPI100011"},
        Case{"KeyOfMcx", [](PlaceRequest& r) { r.instrument_token = "MCX_FO|472782"; },
             "UDAPI1161"},
        Case{"ProductMissing", [](PlaceRequest& r) { r.product.reset(); }, "UDAPI100036"},
        Case{"ProductUnknown", [](PlaceRequest& r) { r.product = "CO"; }, "UDAPI100036"},
        Case{"SideMissing", [](PlaceRequest& r) { r.transaction_type.reset(); }, "UDAPI100036"},
        Case{"SideUnknown", [](PlaceRequest& r) { r.transaction_type = "buy"; }, "UDAPI100036"},
        Case{"TagAtItsLimit", [](PlaceRequest& r) { r.tag = std::string(40, 't'); }, ""},
        Case{"TagTooLong", [](PlaceRequest& r) { r.tag = std::string(41, 't'); }, "UDAPI1119"},
        Case{"TypeMissing", [](PlaceRequest& r) { r.terms.order_type.reset(); }, "UDAPI1004"},
        Case{"TypeUnknown", [](PlaceRequest& r) { r.terms.order_type = "STOP"; }, "UDAPI1056"},
        Case{"ValidityMissing", [](PlaceRequest& r) { r.terms.validity.reset(); }, "UDAPI1007"},
        Case{"ValidityUnknown", [](PlaceRequest& r) { r.terms.validity = "GTC"; }, "UDAPI1055"},
        Case{"QuantityMissing", [](PlaceRequest& r) { r.terms.quantity.reset(); }, "UDAPI100036"},
        Case{"QuantityZero", [](PlaceRequest& r) { r.terms.quantity = 0; }, "UDAPI1052"},
        Case{"QuantityNegative", [](PlaceRequest& r) { r.terms.quantity = -1; }, "UDAPI1052"},
        Case{"OneLot",
             [](PlaceRequest& r) {
               r.instrument_token = kOption;
               r.terms.quantity = 65;
             },
             ""},
        Case{"NotInLots",
             [](PlaceRequest& r) {
               r.instrument_token = kOption;
               r.terms.quantity = 66;
             },
             "UDAPI1104"},
        Case{"DisclosedAtItsLimit", [](PlaceRequest& r) { r.terms.disclosed_quantity = 1; }, ""},
        Case{"DisclosedTooLittle",
             [](PlaceRequest& r) {
               r.terms.quantity = 11;
               r.terms.disclosed_quantity = 1;
             },
             "UDAPI1039"},
        Case{"DisclosedTooMuch", [](PlaceRequest& r) { r.terms.disclosed_quantity = 11; },
             "UDAPI100036"},
        Case{"PriceMissing", [](PlaceRequest& r) { r.terms.price.reset(); }, "UDAPI1008"},
        Case{"LimitWithoutPrice", [](PlaceRequest& r) { r.terms.price = Decimal{}; }, "UDAPI1029"},
        Case{"PriceNegative", [](PlaceRequest& r) { r.terms.price = Rupees("-1"); }, "UDAPI1043"},
        Case{"TriggerMissing", [](PlaceRequest& r) { r.terms.trigger_price.reset(); }, "UDAPI1036"},
        Case{"MarketWithPrice", [](PlaceRequest& r) { r.terms.order_type = "MARKET"; },
             "UDAPI1030"},
        Case{"StopWithoutTrigger", [](PlaceRequest& r) { r.terms.order_type = "SL"; }, "UDAPI1031"},
        Case{"StopMarketWithPrice",
             [](PlaceRequest& r) {
               r.terms.order_type = "SL-M";
               r.terms.trigger_price = Rupees("2");
             },
             "UDAPI1032"},
        Case{"StopMarketWithoutTrigger",
             [](PlaceRequest& r) {
               r.terms.order_type = "SL-M";
               r.terms.price = Decimal{};
             },
             "UDAPI1036"},
        Case{"ProtectionAtItsLimit", [](PlaceRequest& r) { r.terms.market_protection = 25; }, ""},
        Case{"ProtectionTooWide", [](PlaceRequest& r) { r.terms.market_protection = 26; },
             "UDAPI1159"},
        Case{"ProtectionUnknown", [](PlaceRequest& r) { r.terms.market_protection = -2; },
             "UDAPI1160"},
        Case{"AsManySlicesAsAllowed",
             [](PlaceRequest& r) {
               r.instrument_token = kOption;
               r.terms.quantity = 25 * 1'755;
               r.slice = true;
             },
             ""},
        Case{"TooManySlices",
             [](PlaceRequest& r) {
               r.instrument_token = kOption;
               r.terms.quantity = 25 * 1'755 + 65;
               r.slice = true;
             },
             "UDAPI1118"}),
    CaseName{});

TEST(SimulatorProtectionTest, IsNeededFromApril2026) {
  const Listing listing = SmallMaster().front();
  TermsRequest request = Good().terms;
  request.order_type = "MARKET";
  request.price = Decimal{};
  request.market_protection = 0;
  const auto side = exchange::Side::kBuy;
  EXPECT_TRUE(CheckTerms(request, side, listing, kProtectionNeededFromMs - 1));
  EXPECT_EQ(CheckTerms(request, side, listing, kProtectionNeededFromMs).error().code, "UDAPI1158");
  request.market_protection = -1;
  EXPECT_EQ(CheckTerms(request, side, listing, kProtectionNeededFromMs)->protection_percent,
            exchange::kAutomaticProtectionPercent);
}

/// What is refused after it was taken: the order ends as rejected.
struct Rejected {
  std::string name;
  std::function<void(PlaceRequest&)> spoil;
  std::string message;
};

class RejectionTest : public SimulatorOrders, public testing::WithParamInterface<Rejected> {};

TEST_P(RejectionTest, SaysWhy) {
  PlaceRequest request = Good();
  request.terms.price = Near(kReliance, 0.98);
  GetParam().spoil(request);
  const auto ids = brokerage_.Place(request, kMorning).value();
  EXPECT_EQ(StatusOf(ids.front()), "rejected");
  EXPECT_THAT(brokerage_.Find(ids.front())->state.message, testing::HasSubstr(GetParam().message));
  EXPECT_EQ(brokerage_.used_margin(), Decimal{});
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RejectionTest,
    testing::Values(
        Rejected{"Freeze", [](PlaceRequest& r) { r.terms.quantity = 100'001; }, "freeze"},
        Rejected{"Tick", [](PlaceRequest& r) { *r.terms.price = *r.terms.price + Rupees("0.05"); },
                 "tick"},
        Rejected{"StopToBuyAboveItsLimit",
                 [](PlaceRequest& r) {
                   r.terms.order_type = "SL";
                   r.terms.trigger_price = *r.terms.price + Rupees("0.1");
                 },
                 "the trigger price is above the limit price"},
        Rejected{"StopToSellBelowItsLimit",
                 [](PlaceRequest& r) {
                   r.transaction_type = "SELL";
                   r.terms.order_type = "SL";
                   r.terms.trigger_price = *r.terms.price - Rupees("0.1");
                 },
                 "the trigger price is below the limit price"},
        Rejected{"Circuit", [](PlaceRequest& r) { r.terms.price = Rupees("10"); }, "circuit"},
        Rejected{"Funds", [](PlaceRequest& r) { r.terms.quantity = 90'000; }, "funds"},
        Rejected{"Holdings",
                 [](PlaceRequest& r) {
                   r.product = "D";
                   r.transaction_type = "SELL";
                   r.terms.quantity = 21;
                 },
                 "holdings"}),
    CaseName{});

TEST_F(SimulatorOrders, MarketOrderFillsAtOnceAndMakesAPosition) {
  PlaceRequest request = Good();
  request.terms.order_type = "MARKET";
  request.terms.price = Decimal{};
  const auto ids = brokerage_.Place(request, kMorning).value();
  EXPECT_EQ(StatusOf(ids.front()), "complete");
  EXPECT_EQ(listener_.net, 10);
  EXPECT_EQ(listener_.traded, 10);
  EXPECT_EQ(listener_.statuses.front(), "put order req received");
  EXPECT_EQ(brokerage_.History(ids.front()).size(), listener_.statuses.size());
  EXPECT_FALSE(brokerage_.trades().empty());
  EXPECT_GT(brokerage_.used_margin(), Decimal{});
}

TEST_F(SimulatorOrders, RestingOrderFillsWhenTheMarketComes) {
  PlaceRequest request = Good();
  const double bid = market_.State(*master_.Find(kReliance))->depth.front().bid;
  request.terms.price = Decimal::FromNanos(std::llround(bid * 10) * 100'000'000);
  const auto id = brokerage_.Place(request, kMorning).value().front();
  ASSERT_EQ(StatusOf(id), "open");
  for (int step = 0; step < 20'000 && StatusOf(id) != "complete"; ++step) {
    Advance(std::chrono::milliseconds{100});
  }
  EXPECT_EQ(StatusOf(id), "complete");
  EXPECT_EQ(brokerage_.Find(id)->state.average_price, request.terms.price);
}

TEST_F(SimulatorOrders, SlicesAddUpAndShareTheTag) {
  PlaceRequest request = Good();
  request.instrument_token = kOption;
  request.terms.quantity = 2 * 1'755 + 65;
  request.terms.price = Rupees("0.05");
  request.slice = true;
  const auto ids = brokerage_.Place(request, kMorning).value();
  ASSERT_EQ(ids.size(), 3U);
  std::int64_t total = 0;
  for (const auto id : ids) total += brokerage_.Find(id)->state.terms.quantity;
  EXPECT_EQ(total, 2 * 1'755 + 65);
  EXPECT_FALSE(brokerage_.HistoryOfTag("tag").empty());
  EXPECT_TRUE(brokerage_.HistoryOfTag("other").empty());
}

TEST_F(SimulatorOrders, DeliverySellUsesTheHolding) {
  PlaceRequest request = Good();
  request.product = "D";
  request.transaction_type = "SELL";
  request.terms.order_type = "MARKET";
  request.terms.price = Decimal{};
  ASSERT_EQ(StatusOf(brokerage_.Place(request, kMorning).value().front()), "complete");
  EXPECT_EQ(listener_.used, 10);
  request.terms.quantity = 11;  // ten are left
  EXPECT_EQ(StatusOf(brokerage_.Place(request, kMorning).value().front()), "rejected");
}

TEST_F(SimulatorOrders, ModifyAndCancelGiveTheBrokersCodes) {
  PlaceRequest request = Good();
  request.terms.price = Near(kReliance, 0.9);
  const auto id = brokerage_.Place(request, kMorning).value().front();
  const auto modify = [&](const std::string& order_id, TermsRequest terms) {
    const auto done =
        brokerage_.Modify({.order_id = order_id, .terms = std::move(terms)}, kMorning);
    return done ? "" : done.error().code;
  };
  const auto cancel = [&](const std::string& order_id) {
    const auto done = brokerage_.Cancel(order_id, kMorning);
    return done ? "" : done.error().code;
  };
  const std::string text = std::to_string(id);
  EXPECT_EQ(modify("", request.terms), "UDAPI1003");
  EXPECT_EQ(modify("a b", request.terms), "UDAPI1010");
  EXPECT_EQ(modify("123", request.terms), "UDAPI100010");
  TermsRequest terms = request.terms;
  terms.quantity.reset();  // unchanged
  terms.price = Near(kReliance, 0.91);
  EXPECT_EQ(modify(text, terms), "");
  EXPECT_EQ(brokerage_.Find(id)->state.terms.quantity, 10);
  EXPECT_EQ(brokerage_.Find(id)->state.terms.price, terms.price);
  EXPECT_EQ(brokerage_.Find(id)->request_number, 2U);
  EXPECT_EQ(cancel("nothing"), "UDAPI100010");
  EXPECT_EQ(cancel(text), "");
  EXPECT_EQ(cancel(text), "UDAPI100040");
  EXPECT_EQ(modify(text, terms), "UDAPI100041");
}

TEST_F(SimulatorOrders, EachProductSellsWhatIsItsOwn) {
  EXPECT_EQ(StatusOf(Trade(kReliance, "MTF", "SELL", 1)), "rejected") << "holdings are not MTF's";
  ASSERT_EQ(StatusOf(Trade(kReliance, "MTF", "BUY", 5)), "complete");
  EXPECT_EQ(StatusOf(Trade(kReliance, "D", "SELL", 21)), "rejected") << "nor the other way round";
  EXPECT_EQ(StatusOf(Trade(kReliance, "MTF", "SELL", 6)), "rejected");
  EXPECT_EQ(StatusOf(Trade(kReliance, "MTF", "SELL", 5)), "complete");
  EXPECT_EQ(listener_.used, 0);
}

TEST_F(SimulatorOrders, ProfitCountsTheContractsMultiplier) {
  const Decimal before = brokerage_.available_margin();
  ASSERT_EQ(StatusOf(Trade(kCurrency, "I", "BUY", 2)), "complete");
  ASSERT_EQ(StatusOf(Trade(kCurrency, "I", "SELL", 2)), "complete");
  const Decimal realised = brokerage_.portfolio().positions().front().realised();
  ASSERT_LT(realised, Decimal{}) << "the spread was paid";
  EXPECT_EQ(brokerage_.available_margin(), before + realised * 1'000);
}

TEST_F(SimulatorOrders, RefusedCallsChangeNothing) {
  const auto filled = Trade(kReliance, "I", "BUY", 1);
  EXPECT_FALSE(brokerage_.Cancel(std::to_string(filled), kMorning));
  EXPECT_EQ(brokerage_.Find(filled)->request_number, 1U);
  PlaceRequest request = Good();
  request.terms.price = Near(kReliance, 0.9);
  const auto id = brokerage_.Place(request, kMorning).value().front();
  TermsRequest terms = request.terms;
  terms.disclosed_quantity = 5;
  terms.price = Rupees("1");  // outside the circuit
  EXPECT_TRUE(brokerage_.Modify({.order_id = std::to_string(id), .terms = terms}, kMorning));
  EXPECT_EQ(brokerage_.Find(id)->disclosed, 0);
  EXPECT_EQ(StatusOf(id), "open");
  terms.price = request.terms.price;
  EXPECT_TRUE(brokerage_.Modify({.order_id = std::to_string(id), .terms = terms}, kMorning));
  EXPECT_EQ(brokerage_.Find(id)->disclosed, 5);
}

TEST_F(SimulatorOrders, HistoryKeepsTheFirstStepAndTheNewest) {
  PlaceRequest request = Good();
  request.terms.price = Near(kReliance, 0.9);
  const auto id = brokerage_.Place(request, kMorning).value().front();
  for (int times = 0; times < 200; ++times) {
    ASSERT_TRUE(
        brokerage_.Modify({.order_id = std::to_string(id), .terms = request.terms}, kMorning));
  }
  const auto history = brokerage_.History(id);
  EXPECT_EQ(history.size(), Brokerage::kMaxSteps);
  EXPECT_EQ(history.front().state.status, exchange::Status::kPutOrderReqReceived);
  EXPECT_EQ(history.back().state.status, exchange::Status::kOpen);
}

TEST_F(SimulatorOrders, TheBookIsEmptyOnTheNextTradingDay) {
  PlaceRequest request = Good();
  request.terms.price = Near(kReliance, 0.9);
  const auto resting = brokerage_.Place(request, kMorning).value().front();
  Trade(kReliance, "I", "BUY", 1);
  brokerage_.OnUpdates({}, kNextDay - 1);
  EXPECT_EQ(brokerage_.Orders().size(), 2U);
  EXPECT_FALSE(brokerage_.trades().empty());
  brokerage_.OnUpdates({}, kNextDay);
  EXPECT_TRUE(brokerage_.Orders().empty());
  EXPECT_TRUE(brokerage_.trades().empty());
  EXPECT_TRUE(brokerage_.portfolio().positions().empty());
  EXPECT_EQ(listener_.statuses.back(), "cancelled");
  EXPECT_EQ(brokerage_.Cancel(std::to_string(resting), kNextDay).error().code, "UDAPI100010");
  EXPECT_EQ(brokerage_.used_margin(), Decimal{});
  EXPECT_TRUE(brokerage_.Place(request, kNextDay)) << "the new day's first order";
}

TEST_F(SimulatorOrders, PositionsAreCarriedOverByTheirProduct) {
  Trade(kReliance, "I", "SELL", 3);
  Trade(kReliance, "D", "BUY", 4);
  Trade(kReliance, "MTF", "BUY", 5);
  Trade(kOption, "D", "BUY", 65);
  Decimal spent;
  for (const TradeRow& trade : brokerage_.trades()) {
    if (trade.order.product == "D" && trade.order.state.instrument_key == kReliance) {
      spent = spent + trade.fill.price * trade.fill.quantity;
    }
  }
  brokerage_.OnUpdates({}, kNextDay);
  EXPECT_EQ(brokerage_.portfolio().holdings().at(0).quantity, 24);
  EXPECT_EQ(brokerage_.portfolio().holdings().at(0).used, 0);
  const auto positions = brokerage_.portfolio().positions();
  ASSERT_EQ(positions.size(), 2U) << "margin trades and contracts";
  EXPECT_EQ(positions[0].product, "MTF");
  EXPECT_EQ(positions[0].net(), 5);
  EXPECT_EQ(positions[0].overnight_bought, 5);
  EXPECT_EQ(positions[0].overnight_buy_value, positions[0].buy_value);
  EXPECT_EQ(positions[1].net(), 65);
  // Shares bought are paid for; the intraday sale was bought back near its price.
  const Decimal cash = brokerage_.opening_cash();
  EXPECT_LT(cash, Decimal::FromUnits(1'000'100) - spent);
  EXPECT_GT(cash, Decimal::FromUnits(999'900) - spent);
  EXPECT_EQ(StatusOf(Trade(kReliance, "MTF", "SELL", 5)), "complete");
}

TEST_F(SimulatorOrders, SharesSoldLeaveTheHoldingOvernight) {
  Trade(kReliance, "D", "SELL", 15);
  brokerage_.OnUpdates({}, kNextDay);
  EXPECT_EQ(brokerage_.portfolio().holdings().at(0).quantity, 5);
  EXPECT_GT(brokerage_.opening_cash(), Decimal::FromUnits(1'000'000)) << "they were paid for";
  Trade(kReliance, "D", "SELL", 5);
  brokerage_.OnUpdates({}, kNextDay + 86'400'000);
  EXPECT_TRUE(brokerage_.portfolio().holdings().empty());
}

TEST_F(SimulatorOrders, ServiceIsClosedAtNight) {
  constexpr std::int64_t kNight = kMorning - 5LL * 3'600'000;  // 04:30 IST
  EXPECT_EQ(brokerage_.Place(Good(), kNight).error().code, "UDAPI100074");
  EXPECT_EQ(brokerage_.Place(Good(), kNight).error().http, 423);
}

class SimulatorSessions : public SimulatorOrders {
 protected:
  SimulatorSessions() : SimulatorOrders{false} {}
};

TEST_F(SimulatorSessions, EndOfSessionCancelsAndALaterOrderWaitsForTheNext) {
  PlaceRequest request = Good();
  request.terms.price = Near(kReliance, 0.9);
  Advance(std::chrono::milliseconds{10});
  const auto open = brokerage_.Place(request, market_.NowMs(clock_.Now())).value().front();
  ASSERT_EQ(StatusOf(open), "open");
  for (int step = 0; step < 500 && StatusOf(open) == "open"; ++step) {
    Advance(std::chrono::minutes{1});
  }
  EXPECT_EQ(StatusOf(open), "cancelled");
  const auto later = brokerage_.Place(request, market_.NowMs(clock_.Now())).value().front();
  EXPECT_EQ(StatusOf(later), "after market order req received");
  const auto count = listener_.statuses.size();
  TermsRequest terms = request.terms;
  terms.price = *terms.price + Rupees("0.05");  // half a tick
  EXPECT_TRUE(brokerage_.Modify({.order_id = std::to_string(later), .terms = terms},
                                market_.NowMs(clock_.Now())))
      << "what is refused is told, not answered";
  EXPECT_THAT(std::vector(listener_.statuses.begin() + static_cast<std::ptrdiff_t>(count),
                          listener_.statuses.end()),
              testing::ElementsAre("not modified", "after market order req received"));
  EXPECT_EQ(brokerage_.Find(later)->state.terms.price, request.terms.price);
  const auto history = brokerage_.History(later);
  EXPECT_THAT(history.at(history.size() - 2).state.message, testing::HasSubstr("tick"));
  EXPECT_EQ(history.back().state.message, "");
  for (int step = 0; step < 2'000 && StatusOf(later) != "open"; ++step) {
    Advance(std::chrono::minutes{1});
  }
  EXPECT_EQ(StatusOf(later), "open");
}

}  // namespace
}  // namespace sauda::sim
