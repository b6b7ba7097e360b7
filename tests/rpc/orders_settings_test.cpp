#include <gtest/gtest.h>

#include "services/orders/src/config.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::orders {
namespace {

using std::chrono::milliseconds;

struct Grant {
  std::string name;
  void (*set)(Config&);
  bool to_all = false;  ///< false: a simulator grants it, the real broker does not
};

class RealMoneySettingsTest : public testing::TestWithParam<Grant> {};

TEST_P(RealMoneySettingsTest, AreOnlyWhatTheRealBrokerGrants) {
  Config config;
  GetParam().set(config);
  EXPECT_TRUE(config.CheckForRealMoney());
  config.broker.broker = Broker::kUpstox;
  EXPECT_TRUE(config.CheckForRealMoney()) << "on paper";
  config.route = sauda::OrderRoute::kLive;
  const auto granted = config.CheckForRealMoney();
  EXPECT_EQ(granted ? "" : granted.error().reason, GetParam().to_all ? "" : "SETTINGS_INVALID");
}

INSTANTIATE_TEST_SUITE_P(
    All, RealMoneySettingsTest,
    testing::Values(Grant{"MostASecond", [](Config& c) { c.budget.per_second = 50; }, true},
                    Grant{"OneMoreASecond", [](Config& c) { c.budget.per_second = 51; }},
                    Grant{"MostAMinute", [](Config& c) { c.budget.per_minute = 500; }, true},
                    Grant{"OneMoreAMinute", [](Config& c) { c.budget.per_minute = 501; }},
                    Grant{"MostAHalfHour", [](Config& c) { c.budget.per_half_hour = 2'000; }, true},
                    Grant{"OneMoreAHalfHour", [](Config& c) { c.budget.per_half_hour = 2'001; }},
                    Grant{"SoonestGivenUp",
                          [](Config& c) { c.never_arrived_after = milliseconds{60'000}; }, true},
                    Grant{"GivenUpTooSoon",
                          [](Config& c) { c.never_arrived_after = milliseconds{59'999}; }}),
    CaseName{});

}  // namespace
}  // namespace sauda::orders
