#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/settings/service.hpp"
#include "tests/support/case_name.hpp"

namespace sauda {
namespace {

struct Case {
  std::string name;
  std::string url;
  bool taken = false;
};
class SimUrlTest : public testing::TestWithParam<Case> {
 protected:
  Result<Settings::Outcome> Parse(const std::vector<std::string>& arguments,
                                  const std::string& variable = "") {
    Settings settings{"orders", "sauda-orders", "A sample"};
    broker_.Declare(settings);
    return settings.Parse(arguments, [&](const std::string& name) {
      return name == "SAUDA_SIM_URL" ? std::optional{variable} : std::nullopt;
    });
  }
  BrokerSettings broker_;
};

TEST_P(SimUrlTest, IsNeverAHostOfTheBroker) {
  const auto by_flag = Parse({"--sim-url=" + GetParam().url});
  const auto by_variable = Parse({}, GetParam().url);
  EXPECT_EQ(by_flag.has_value(), GetParam().taken);
  EXPECT_EQ(by_variable.has_value(), GetParam().taken);
  if (GetParam().taken) {
    EXPECT_EQ(broker_.sim_url, GetParam().url);
  } else {
    EXPECT_EQ(broker_.sim_url, BrokerSettings{}.sim_url);
    EXPECT_EQ(by_flag.error().reason, "SETTINGS_INVALID");
    EXPECT_THAT(by_variable.error().message, testing::HasSubstr("SAUDA_SIM_URL="));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, SimUrlTest,
    testing::Values(Case{"Loopback", "https://127.0.0.1:7443", true},
                    Case{"LoopbackSix", "https://[::1]:7443/", true},
                    Case{"AnotherHost", "https://sim.internal:7443", true},
                    Case{"NameThatOnlyEndsAlike", "https://notupstox.com", true},
                    Case{"NameThatGoesOn", "https://upstox.com.example", true},
                    Case{"NameInThePath", "https://127.0.0.1:7443/upstox.com", true},
                    Case{"OrderHost", "https://api-hft.upstox.com"},
                    Case{"OrderHostWithPort", "https://api-hft.upstox.com:443/v3"},
                    Case{"Domain", "https://upstox.com"}, Case{"Deep", "https://a.b.upstox.com"},
                    Case{"Capitals", "HTTPS://API-HFT.Upstox.COM"},
                    Case{"DotAtTheEnd", "https://api-hft.upstox.com.:443"},
                    Case{"Dots", "https://api-hft.upstox.com.."},
                    Case{"Query", "https://api.upstox.com?x"},
                    Case{"Fragment", "https://api.upstox.com#x"},
                    Case{"User", "https://127.0.0.1:7443@api-hft.upstox.com"},
                    Case{"WithoutScheme", "api-hft.upstox.com:443"}),
    CaseName{});

}  // namespace
}  // namespace sauda
