#include <set>

#include <gmock/gmock.h>

#include "services/orders/src/core/risk/risk_check.hpp"
#include "services/orders/src/core/risk/session_rules.hpp"
#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kAuctionsBeginMs = 1'785'695'400'000;  // 2026-08-03 00:00 IST
constexpr MarketPhase kOpen = MarketPhase::kOpen;
constexpr MarketPhase kPreOpen = MarketPhase::kPreOpen;
constexpr MarketPhase kClosed = MarketPhase::kClosed;
constexpr MarketPhase kAuction = MarketPhase::kClosingAuction;

NewOrder Limit() { return LimitOrder(Side::kBuy, 5, "100"); }
NewOrder Ioc() {
  NewOrder order = Limit();
  order.validity = Validity::kIoc;
  return order;
}
NewOrder Market() { return MarketOrder(Side::kBuy, 5); }
NewOrder Stop() { return StopLimitOrder(Side::kBuy, 5, "100", "100"); }
NewOrder StopMarket() { return StopMarketOrder(Side::kBuy, 5, "100"); }

struct SessionCase {
  std::string name;
  const char* key;
  MarketPhase phase;
  std::int64_t market_ms;
  NewOrder order;
  std::string reason;
};

class RiskSessionTest : public testing::TestWithParam<SessionCase> {};

TEST_P(RiskSessionTest, GivesTheReason) {
  const SessionCase& row = GetParam();
  RiskInputs inputs = QuietDay();
  inputs.market->phase = row.phase;
  inputs.market_ms = row.market_ms;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    NewOrder order = row.order;
    order.side = side;
    const auto checked = CheckRisk({}, inputs, order, Share(row.key));
    EXPECT_EQ(ReasonOf(checked), row.reason);
    if (!checked) {
      EXPECT_EQ(checked.error().code, Code::kFailedPrecondition);
    }
  }
}

constexpr auto kShare = "NSE_EQ|X";

INSTANTIATE_TEST_SUITE_P(
    ClosingAuction, RiskSessionTest,
    testing::Values(
        SessionCase{"Limit", kShare, kAuction, kMarketMs, Limit(), ""},
        SessionCase{"Market", kShare, kAuction, kMarketMs, Market(), ""},
        SessionCase{"Stop", kShare, kAuction, kMarketMs, Stop(), "RISK_STOP_IN_CLOSING_AUCTION"},
        SessionCase{"StopMarket", "BSE_EQ|X", kAuction, kMarketMs, StopMarket(),
                    "RISK_STOP_IN_CLOSING_AUCTION"},
        SessionCase{"Ioc", kShare, kAuction, kMarketMs, Ioc(), "RISK_IOC_IN_CLOSING_AUCTION"},
        SessionCase{"StopOnTheFirstDay", kShare, kAuction, kAuctionsBeginMs, Stop(),
                    "RISK_STOP_IN_CLOSING_AUCTION"},
        SessionCase{"StopTheDayBefore", kShare, kAuction, kAuctionsBeginMs - 1, Stop(), ""},
        SessionCase{"IocOnTheFirstDay", kShare, kAuction, kAuctionsBeginMs, Ioc(),
                    "RISK_IOC_IN_CLOSING_AUCTION"},
        SessionCase{"IocTheDayBefore", kShare, kAuction, kAuctionsBeginMs - 1, Ioc(), ""},
        SessionCase{"StopInTheOpenMarket", kShare, kOpen, kMarketMs, Stop(), ""},
        SessionCase{"IocInTheOpenMarket", kShare, kOpen, kMarketMs, Ioc(), ""}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    PreOpen, RiskSessionTest,
    testing::Values(SessionCase{"Limit", kShare, kPreOpen, kMarketMs, Limit(), ""},
                    SessionCase{"Market", kShare, kPreOpen, kMarketMs, Market(),
                                "RISK_MARKET_ORDER_IN_PRE_OPEN"},
                    SessionCase{"MarketOfAFuture", "NSE_FO|1", kPreOpen, 1, Market(),
                                "RISK_MARKET_ORDER_IN_PRE_OPEN"},
                    SessionCase{"StopWaitsForTheOpening", kShare, kPreOpen, kMarketMs, StopMarket(),
                                ""},
                    SessionCase{"MarketInTheOpenMarket", kShare, kOpen, kMarketMs, Market(), ""}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Mcx, RiskSessionTest,
    testing::Values(
        SessionCase{"Limit", "MCX_FO|1", kOpen, kMarketMs, Limit(), "RISK_MCX_NOT_AVAILABLE"},
        SessionCase{"LongAgo", "MCX_FO|1", kOpen, 1, Limit(), "RISK_MCX_NOT_AVAILABLE"},
        SessionCase{"Closed", "MCX_FO|1", kClosed, kMarketMs, Limit(), "RISK_MCX_NOT_AVAILABLE"},
        SessionCase{"CommodityOfTheOtherExchange", "NSE_COM|1", kOpen, kMarketMs, Limit(), ""}),
    CaseName{});

TEST(RiskSessionTableTest, EveryCaseHasAReasonOfItsOwnAndAnEndAfterItsBeginning) {
  std::set<std::string_view> reasons;
  for (const SessionRule& rule : SessionRules()) {
    SCOPED_TRACE(rule.reason);
    EXPECT_TRUE(rule.reason.starts_with("RISK_"));
    EXPECT_LT(rule.from_ms, rule.until_ms);
    EXPECT_FALSE(rule.why.empty());
    reasons.insert(rule.reason);
  }
  EXPECT_EQ(reasons.size(), SessionRules().size());
}

TEST(RiskSessionTableTest, McxSaysTheBrokersCode) {
  const auto refused = CheckRisk({}, QuietDay(), Limit(), Share("MCX_FO|1"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("UDAPI1161"));
}

struct HoursCase {
  std::string name;
  std::vector<RiskSetting> settings;
  MarketPhase phase;
  std::string reason;
};

class RiskMarketHoursTest : public testing::TestWithParam<HoursCase> {};

TEST_P(RiskMarketHoursTest, AfterMarketOrdersGoOnlyWhenAllowed) {
  RiskRules rules;
  ASSERT_TRUE(rules.Apply(GetParam().settings));
  RiskInputs inputs = QuietDay();
  inputs.market->phase = GetParam().phase;
  EXPECT_EQ(ReasonOf(CheckRisk(rules, inputs, Limit(), Share())), GetParam().reason);
}

constexpr auto kRule = RiskRule::kAllowAfterMarket;

INSTANTIATE_TEST_SUITE_P(
    Hours, RiskMarketHoursTest,
    testing::Values(
        HoursCase{"NotSet", {}, kClosed, "RISK_MARKET_CLOSED"},
        HoursCase{"NotAllowed", {{"", kRule, N("0")}}, kClosed, "RISK_MARKET_CLOSED"},
        HoursCase{"Allowed", {{"", kRule, N("1")}}, kClosed, ""},
        HoursCase{"AllowedForTheSegment", {{"NSE_EQ", kRule, N("1")}}, kClosed, ""},
        HoursCase{"AllowedForAnother", {{"NSE_FO", kRule, N("1")}}, kClosed, "RISK_MARKET_CLOSED"},
        HoursCase{"NotForTheSegment",
                  {{"", kRule, N("1")}, {"NSE_EQ", kRule, N("0")}},
                  kClosed,
                  "RISK_MARKET_CLOSED"},
        HoursCase{"PreOpenIsNotAfterMarket", {}, kPreOpen, ""},
        HoursCase{"AuctionIsNotAfterMarket", {}, kAuction, ""}),
    CaseName{});

TEST(RiskMarketHoursTest, SaysWhenItOpensWhenThatIsKnown) {
  RiskInputs inputs = QuietDay();
  const auto message = [&](std::optional<std::int64_t> opens_ms) {
    inputs.market = MarketState{.phase = kClosed, .opens_ms = opens_ms};
    return CheckRisk({}, inputs, Limit(), Share()).error().message;
  };
  constexpr std::int64_t kHourMs = 3'600'000;
  EXPECT_THAT(message(kMarketMs + 3 * kHourMs + 1), EndsWith("; it opens in 3 h 1 min"));
  EXPECT_THAT(message(std::nullopt), Not(HasSubstr("opens")));
  EXPECT_THAT(message(kMarketMs - 1), Not(HasSubstr("opens")));
  EXPECT_THAT(message(kMarketMs + kHourMs), HasSubstr("NSE_EQ is closed and allow_after_market"));
}

}  // namespace
}  // namespace sauda::orders
