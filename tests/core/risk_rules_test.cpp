#include "services/orders/src/core/risk/risk_rules.hpp"

#include <set>

#include <gmock/gmock.h>

#include "tests/core/risk_fixture.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum RiskRule;

Result<std::vector<RiskChange>> Set(RiskRules& rules, std::vector<RiskSetting> settings) {
  return rules.Apply(settings);
}

TEST(RiskRuleTableTest, EveryRuleIsFoundByItsNameAndSaysWhatItDoes) {
  std::set<std::string_view> names;
  for (const RiskRuleInfo& info : AllRiskRules()) {
    SCOPED_TRACE(info.name);
    EXPECT_EQ(*RiskRuleNamed(info.name), info.rule);
    EXPECT_EQ(InfoOf(info.rule).name, info.name);
    EXPECT_TRUE(info.reason.starts_with("RISK_"));
    EXPECT_LE(info.least, info.most);
    EXPECT_FALSE(info.meaning.empty());
    EXPECT_FALSE(info.when_over.empty());
    names.insert(info.name);
  }
  EXPECT_EQ(names.size(), AllRiskRules().size());
}

struct ValueCase {
  std::string name;
  RiskRule rule;
  const char* value;
  bool allowed;
};

class RiskValueTest : public testing::TestWithParam<ValueCase> {};

TEST_P(RiskValueTest, IsAllowedInItsRangeAndSteps) {
  RiskRules rules;
  const auto set = Set(rules, {{.rule = GetParam().rule, .value = N(GetParam().value)}});
  EXPECT_EQ(ReasonOf(set), GetParam().allowed ? "" : "RISK_VALUE_INVALID");
  EXPECT_EQ(rules.Own("", GetParam().rule).has_value(), GetParam().allowed);
}

INSTANTIATE_TEST_SUITE_P(
    Limits, RiskValueTest,
    testing::Values(ValueCase{"NoRupees", kMaxOrderValue, "0", true},
                    ValueCase{"Paise", kMaxOrderValue, "1000.25", true},
                    ValueCase{"TenthOfAPaisa", kMaxOrderValue, "1000.001", false},
                    ValueCase{"NegativeRupees", kDailyLossKill, "-0.01", false},
                    ValueCase{"MostRupees", kMaxDayTurnover, "9000000000", true},
                    ValueCase{"TooManyRupees", kMaxDayTurnover, "9000000000.01", false},
                    ValueCase{"HalfAUnit", kMaxOrderQuantity, "0.5", false},
                    ValueCase{"MostUnits", kMaxPositionQuantity, "9000000000", true},
                    ValueCase{"TooManyUnits", kMaxPositionQuantity, "9000000001", false},
                    ValueCase{"NoOrders", kMaxOpenOrders, "0", true},
                    ValueCase{"MostOrders", kMaxOrdersPerDay, "100000", true},
                    ValueCase{"TooManyOrders", kMaxOrdersPerDay, "100001", false},
                    ValueCase{"WidestBand", kPriceBandPercent, "100", true},
                    ValueCase{"WiderBand", kPriceBandPercent, "100.01", false},
                    ValueCase{"FineBand", kPriceBandPercent, "2.25", true},
                    ValueCase{"TooFineBand", kPriceBandPercent, "2.255", false},
                    ValueCase{"NoSecond", kDuplicateSeconds, "0", false},
                    ValueCase{"OneSecond", kDuplicateSeconds, "1", true},
                    ValueCase{"HalfASecond", kDuplicateSeconds, "1.5", false},
                    ValueCase{"AnHour", kDuplicateSeconds, "3600", true},
                    ValueCase{"OverAnHour", kDuplicateSeconds, "3601", false},
                    ValueCase{"AgeOfADay", kMaxPriceAgeSeconds, "86400", true},
                    ValueCase{"NoAge", kMaxPriceAgeSeconds, "0", false},
                    ValueCase{"FlagOff", kAllowAfterMarket, "0", true},
                    ValueCase{"FlagOn", kAllowAfterMarket, "1", true},
                    ValueCase{"FlagTwo", kAllowAfterMarket, "2", false}),
    CaseName{});

TEST(RiskRulesTest, TakesTheSegmentsOfOrdersAndNoOthers) {
  RiskRules rules;
  for (const char* segment :
       {"NSE_EQ", "BSE_EQ", "NSE_FO", "BSE_FO", "NCD_FO", "BCD_FO", "MCX_FO", "NSE_COM"}) {
    EXPECT_EQ(ReasonOf(Set(rules, {{segment, kMaxOrderValue, N("1")}})), "") << segment;
  }
  for (const char* segment : {"NSE", "nse_eq", "NSE_INDEX", "NSE_EQ ", "*"}) {
    EXPECT_EQ(ReasonOf(Set(rules, {{segment, kMaxOrderValue, N("1")}})), "RISK_SCOPE_INVALID")
        << segment;
  }
}

TEST(RiskRulesTest, LossIsOfTheAccountAsAWhole) {
  RiskRules rules;
  for (const RiskRule rule : {kDailyLossReduceOnly, kDailyLossKill}) {
    EXPECT_EQ(ReasonOf(Set(rules, {{"NSE_FO", rule, N("1000")}})), "RISK_SCOPE_INVALID");
  }
  EXPECT_THAT(rules.All(), IsEmpty());
}

TEST(RiskRulesTest, RefusesARuleThatIsNone) {
  RiskRules rules;
  for (const int number : {0, 14, 200}) {
    const auto none = static_cast<RiskRule>(number);
    EXPECT_EQ(ReasonOf(Set(rules, {{"", none, N("1")}})), "RISK_RULE_UNKNOWN") << number;
    EXPECT_EQ(ReasonOf(Set(rules, {{"", none, std::nullopt}})), "RISK_RULE_UNKNOWN") << number;
  }
  EXPECT_EQ(ReasonOf(RiskRuleNamed("max_order_valu")), "RISK_RULE_UNKNOWN");
}

TEST(RiskRulesTest, TheKillIsNeverBelowReduceOnly) {
  RiskRules rules =
      RulesOf({{"", kDailyLossReduceOnly, N("1000")}, {"", kDailyLossKill, N("2000")}});
  const RiskRules before = rules;
  EXPECT_EQ(ReasonOf(Set(rules, {{"", kDailyLossKill, N("999.99")}})), "RISK_VALUE_INVALID");
  EXPECT_EQ(ReasonOf(Set(rules, {{"", kDailyLossReduceOnly, N("2000.01")}})), "RISK_VALUE_INVALID");
  EXPECT_EQ(rules, before);
  EXPECT_EQ(ReasonOf(Set(rules, {{"", kDailyLossKill, N("1000")}})), "");
  EXPECT_EQ(ReasonOf(Set(rules,
                         {{"", kDailyLossReduceOnly, N("5000")}, {"", kDailyLossKill, N("6000")}})),
            "");
  EXPECT_EQ(ReasonOf(Set(rules,
                         {{"", kDailyLossReduceOnly, std::nullopt}, {"", kDailyLossKill, N("1")}})),
            "");
}

TEST(RiskRulesTest, SetsAllOrNothing) {
  RiskRules rules = OneRule(kMaxOrderValue, "100");
  const RiskRules before = rules;
  EXPECT_FALSE(Set(rules, {{"", kMaxOrderValue, N("200")}, {"", kMaxOpenOrders, N("-1")}}));
  EXPECT_EQ(rules, before);
}

TEST(RiskRulesTest, TellsWhatIsDifferentForTheAudit) {
  RiskRules rules = RulesOf({{"", kMaxOrderValue, N("100")}, {"NSE_FO", kMaxOpenOrders, N("3")}});
  const auto changed = Set(rules, {{"", kMaxOrderValue, N("100.00")},         // as it was
                                   {"NSE_FO", kMaxOpenOrders, std::nullopt},  // taken away
                                   {"NSE_EQ", kMaxOpenOrders, N("4")},        // the later counts
                                   {"NSE_EQ", kMaxOpenOrders, N("5")}});
  ASSERT_TRUE(changed);
  EXPECT_THAT(*changed, ElementsAre(RiskChange{"NSE_EQ", kMaxOpenOrders, std::nullopt, N("5")},
                                    RiskChange{"NSE_FO", kMaxOpenOrders, N("3"), std::nullopt}));
  EXPECT_THAT(rules.All(), ElementsAre(RiskSetting{"", kMaxOrderValue, N("100")},
                                       RiskSetting{"NSE_EQ", kMaxOpenOrders, N("5")}));
}

TEST(RiskRulesTest, TheSegmentsValueStandsInForTheAccounts) {
  const RiskRules rules = RulesOf({{"", kMaxOrderValue, N("100")},
                                   {"NSE_FO", kMaxOrderValue, N("900")},
                                   {"BSE_EQ", kMaxOrderQuantity, N("7")}});
  EXPECT_EQ(rules.For("NSE_EQ", kMaxOrderValue)->value, N("100"));
  EXPECT_EQ(rules.For("NSE_EQ", kMaxOrderValue)->segment, "");
  EXPECT_EQ(rules.For("NSE_FO", kMaxOrderValue)->value, N("900"));
  EXPECT_EQ(rules.For("NSE_FO", kMaxOrderValue)->segment, "NSE_FO");
  EXPECT_FALSE(rules.For("NSE_EQ", kMaxOrderQuantity));
  EXPECT_EQ(rules.For("BSE_EQ", kMaxOrderQuantity)->value, N("7"));
}

TEST(RiskRulesTest, ReadsASettingOfTheApi) {
  EXPECT_EQ(*ReadRiskSetting("NSE_FO", "price_band_percent", "2.5"),
            (RiskSetting{"NSE_FO", kPriceBandPercent, N("2.5")}));
  EXPECT_EQ(ReasonOf(ReadRiskSetting("", "max_loss", "1")), "RISK_RULE_UNKNOWN");
  for (const char* text : {"", "many", "1,000", "5 rupees", "NaN", "1e30"}) {
    EXPECT_EQ(ReasonOf(ReadRiskSetting("", "max_order_value", text)), "RISK_VALUE_INVALID") << text;
  }
}

TEST(RiskRulesTest, TheDefaultsLimitEverythingAndAreMadeAgainFromTheirSettings) {
  const RiskRules defaults = RiskRules::Defaults();
  for (const RiskRuleInfo& info : AllRiskRules()) {
    EXPECT_TRUE(defaults.Own("", info.rule)) << info.name;
  }
  EXPECT_EQ(defaults.Own("", kMaxOrderValue), N("500000"));
  EXPECT_EQ(defaults.Own("", kAllowAfterMarket), N("0"));
  EXPECT_EQ(defaults.For("NSE_FO", kPriceBandPercent)->value, N("20"));
  RiskRules again;
  EXPECT_TRUE(again.Apply(defaults.All()));
  EXPECT_EQ(again, defaults);
}

TEST(RiskRulesTest, TheSegmentIsTheKeysFirstPart) {
  EXPECT_EQ(SegmentOfKey("NSE_FO|53001"), "NSE_FO");
  EXPECT_EQ(SegmentOfKey("NIFTY FUT 30 DEC 25"), "");
  EXPECT_EQ(SegmentOfKey("|53001"), "");
  EXPECT_EQ(SegmentOfKey(""), "");
}

}  // namespace
}  // namespace sauda::orders
