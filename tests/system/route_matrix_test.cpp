// Which settings reach a live host: every combination, put to the program itself. It only says
// where orders would go, opens nothing, and runs where there is no network, if the machine can do
// that.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/process.hpp"

namespace sauda::test {
namespace {

using testing::HasSubstr;

constexpr auto kPaper = "paper: no order leaves the process\n";
constexpr auto kRealMoney = "live, REAL MONEY: orders go to https://api-hft.upstox.com\n";
constexpr auto kSimulator = "https://127.0.0.1:7999";
constexpr auto kUsualSimulator = "https://127.0.0.1:7443";
constexpr auto kBrokersHost = "https://api-hft.upstox.com";

/// One way to start the program. Empty: not given.
struct Given {
  std::string broker, route, sim_url;
  bool credentials = false;
  bool by_flags = false;

  friend std::ostream& operator<<(std::ostream& out, const Given& given) {
    return out << "broker '" << given.broker << "' route '" << given.route << "' sim '"
               << given.sim_url << (given.credentials ? "' credentials" : "' no credentials")
               << (given.by_flags ? " by flags" : " by variables");
  }
};

std::vector<Given> Everything() {
  std::vector<Given> all;
  for (const char* broker : {"", "sim", "upstox", "paper"}) {
    for (const char* route : {"", "paper", "live", "LIVE", "yes"}) {
      for (const char* sim_url : {"", kSimulator, kBrokersHost}) {
        for (const bool credentials : {false, true}) {
          for (const bool by_flags : {false, true}) {
            all.push_back({broker, route, sim_url, credentials, by_flags});
          }
        }
      }
    }
  }
  return all;
}

/// The first words of a command that has no network; none where that cannot be made.
const std::vector<std::string>& WithoutNetwork() {
  static const std::vector<std::string> words = [] {
    for (const auto& tried : std::vector<std::vector<std::string>>{
             {"unshare", "--net"}, {"unshare", "--map-root-user", "--net"}}) {
      auto command = tried;
      command.emplace_back("true");
      if (RunCommand({.arguments = command}).exit_code == 0) return tried;
    }
    return std::vector<std::string>{};
  }();
  return words;
}

Finished Start(const Given& given, const std::vector<std::string>& more) {
  auto arguments = WithoutNetwork();
  arguments.emplace_back(SAUDA_BUILD_DIR "/bin/sauda-orders");
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::map<std::string, std::string> environment;
  const auto give = [&](const char* flag, const char* variable, const std::string& value) {
    if (value.empty()) return;
    if (given.by_flags) arguments.push_back(std::string{flag} + "=" + value);
    if (!given.by_flags) environment[variable] = value;
  };
  give("--broker", "SAUDA_BROKER", given.broker);
  give("--order-route", "SAUDA_ORDER_ROUTE", given.route);
  give("--sim-url", "SAUDA_SIM_URL", given.sim_url);
  if (given.credentials) {
    environment["UPSTOX_API_KEY"] = "planted-key";
    environment["UPSTOX_API_SECRET"] = "planted-secret";
  }
  return RunCommand({.arguments = arguments, .environment = environment});
}

Finished Ask(const Given& given) { return Start(given, {"--print-route"}); }

/// What must come of it, by rules written down apart from the program's: the part of the message
/// when it is refused, else the whole line that it prints.
struct Expected {
  bool starts = false;
  std::string said;
};

Expected ExpectedOf(const Given& given) {
  if (given.broker == "paper") return {false, "expected one of sim, upstox"};
  if (given.route == "LIVE" || given.route == "yes") return {false, "expected one of paper, live"};
  if (given.sim_url == kBrokersHost) return {false, "expected a simulator's address"};
  if (given.route != "live") return {true, kPaper};
  if (given.broker == "upstox") return {true, kRealMoney};
  if (given.broker.empty() && given.credentials) return {false, "name the broker too"};
  const std::string simulator = given.sim_url.empty() ? kUsualSimulator : given.sim_url;
  return {true, "live, simulated: orders go to " + simulator + "\n"};
}

TEST(RouteMatrixTest, OnlyTheBrokerAndTheLiveRouteBothSaidReachALiveHost) {
  std::size_t real = 0;
  for (const Given& given : Everything()) {
    const Expected expected = ExpectedOf(given);
    const Finished asked = Ask(given);
    EXPECT_EQ(asked.exit_code == 0, expected.starts) << given << "\n" << asked.output;
    EXPECT_THAT(asked.output, HasSubstr(expected.said)) << given;
    const bool live_host = asked.exit_code == 0 && asked.output == kRealMoney;
    real += live_host ? 1U : 0U;
    EXPECT_EQ(live_host,
              given.broker == "upstox" && given.route == "live" && given.sim_url != kBrokersHost)
        << given;
  }
  EXPECT_EQ(Everything().size(), 240U);
  EXPECT_EQ(real, 8U) << "with and without credentials and a simulator's address, by either way";
}

TEST(RouteMatrixTest, ARefusedRouteStartsNothing) {
  if (WithoutNetwork().empty()) GTEST_SKIP() << "no network namespace can be made here";
  for (const Given& given :
       {Given{.route = "live", .credentials = true}, Given{.broker = "upstox", .route = "LIVE"},
        Given{.broker = "paper", .route = "live"},
        Given{.broker = "sim", .route = "live", .sim_url = "https://sim.internal:7443"}}) {
    // With all that it needs to run: it ends by itself, and for the reason of the route.
    const Finished ran = Start(given, {"--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0"});
    EXPECT_EQ(ran.exit_code, 1) << given;
    EXPECT_THAT(ran.output, HasSubstr("not started")) << given;
    EXPECT_THAT(ran.output, testing::Not(HasSubstr("SAUDA_POSTGRES_URL"))) << given;
  }
}

/// A service's own variable comes before the shared one, and a flag before both.
TEST(RouteMatrixTest, TheNearestSettingCounts) {
  struct Case {
    std::map<std::string, std::string> environment;
    std::vector<std::string> flags;
    std::string said;
  };
  const std::map<std::string, std::string> live{{"SAUDA_BROKER", "upstox"},
                                                {"SAUDA_ORDER_ROUTE", "live"}};
  const auto with = [&](std::map<std::string, std::string> more) {
    more.insert(live.begin(), live.end());
    return more;
  };
  const std::string simulated =
      std::string{"live, simulated: orders go to "} + kUsualSimulator + "\n";
  for (const Case& one : {
           Case{live, {}, kRealMoney},
           Case{live, {"--order-route=paper"}, kPaper},
           Case{live, {"--broker=sim"}, simulated},
           Case{with({{"SAUDA_ORDERS_ORDER_ROUTE", "paper"}}), {}, kPaper},
           Case{with({{"SAUDA_ORDERS_BROKER", "sim"}}), {}, simulated},
           Case{with({{"SAUDA_FEED_BROKER", "sim"}}), {}, kRealMoney},
           Case{{{"SAUDA_BROKER", ""}, {"SAUDA_ORDER_ROUTE", ""}}, {}, kPaper},
           Case{{{"SAUDA_ORDERS_BROKER", "upstox"}, {"SAUDA_ORDERS_ORDER_ROUTE", "live"}},
                {},
                kRealMoney},
       }) {
    auto arguments = WithoutNetwork();
    arguments.insert(arguments.end(), {SAUDA_BUILD_DIR "/bin/sauda-orders", "--print-route"});
    arguments.insert(arguments.end(), one.flags.begin(), one.flags.end());
    EXPECT_EQ(RunCommand({.arguments = arguments, .environment = one.environment}).output,
              one.said);
  }
}

/// What stands where the simulator's address should.
struct AddressCase {
  std::string name;
  std::string url;
  std::string said;  ///< part of the refusal, or the host that orders would go to
  bool starts = false;
};
class SimulatorsAddressTest : public testing::TestWithParam<AddressCase> {};

TEST_P(SimulatorsAddressTest, IsTakenAsWrittenOrNotAtAll) {
  const Finished asked =
      Ask({.broker = "sim", .route = "live", .sim_url = GetParam().url, .by_flags = true});
  EXPECT_EQ(asked.exit_code == 0, GetParam().starts) << asked.output;
  EXPECT_THAT(asked.output, HasSubstr(GetParam().said));
}

constexpr auto kNoBroker = "expected a simulator's address";
constexpr auto kNoAddress = "not an absolute";
constexpr auto kNoCa = "needs https and --broker-ca";

INSTANTIATE_TEST_SUITE_P(
    Addresses, SimulatorsAddressTest,
    testing::Values(
        AddressCase{"Loopback", "https://127.0.0.1:7443", "go to https://127.0.0.1:7443\n", true},
        AddressCase{"LoopbackInClear", "http://127.0.0.9:80", "go to http://127.0.0.9:80\n", true},
        AddressCase{"LoopbackSix", "https://[::1]:7443", "go to https://[::1]:7443\n", true},
        AddressCase{"Localhost", "https://LOCALHOST:7443/x?y", "go to https://localhost:7443\n",
                    true},
        AddressCase{"BrokerAsUser", "https://api-hft.upstox.com@127.0.0.1:7443", kNoAddress},
        AddressCase{"BrokerAsPassword", "https://u:api-hft.upstox.com@127.0.0.1", kNoAddress},
        AddressCase{"LoopbackAsUser", "https://127.0.0.1:7443@api-hft.upstox.com", kNoBroker},
        AddressCase{"LoopbackAsUserOfAnother", "https://127.0.0.1@evil.example", kNoAddress},
        AddressCase{"LoopbackGoesOn", "https://127.0.0.1.evil.example:7443", kNoCa},
        AddressCase{"LoopbackGoesOnInClear", "http://127.0.0.1.evil.example", kNoCa},
        AddressCase{"LocalhostGoesOn", "https://localhost.evil.example", kNoCa},
        AddressCase{"ShortAddress", "https://127.1:7443", kNoCa},
        AddressCase{"WholeNumber", "https://2130706433:7443", kNoCa},
        AddressCase{"Octal", "https://0177.0.0.1:7443", kNoCa},
        AddressCase{"Mapped", "https://[::ffff:127.0.0.1]:7443", kNoCa},
        AddressCase{"AnyAddress", "https://0.0.0.0:7443", kNoCa},
        AddressCase{"AnotherMachine", "https://10.0.0.7:7443", kNoCa},
        AddressCase{"AnotherName", "https://sim.internal:7443", kNoCa},
        AddressCase{"BrokerWithDot", "https://api-hft.upstox.com.:443", kNoBroker},
        AddressCase{"BrokerInCapitals", "HTTPS://API-HFT.UPSTOX.COM", kNoBroker},
        AddressCase{"BrokerEncoded", "https://api-hft%2eupstox.com", kNoAddress},
        AddressCase{"BrokerBehindBackslash", "https://127.0.0.1\\@api-hft.upstox.com", kNoAddress},
        AddressCase{"BrokerInFullWidthDots",
                    "https://api-hft\xe3\x80\x82upstox\xe3\x80\x82"
                    "com",
                    kNoAddress},
        AddressCase{"PortTwice", "https://127.0.0.1:7443:443", kNoAddress},
        AddressCase{"PortTooLarge", "https://127.0.0.1:74430", kNoAddress},
        AddressCase{"PortOfWords", "https://127.0.0.1:443api-hft.upstox.com", kNoAddress},
        AddressCase{"SpaceInIt", "https://127.0.0.1 .upstox.com", kNoBroker},
        AddressCase{"AnotherScheme", "ftp://127.0.0.1", kNoAddress},
        AddressCase{"NoScheme", "127.0.0.1:7443", kNoAddress}),
    CaseName{});

TEST(RouteMatrixTest, ASimulatorElsewhereNeedsItsOwnAuthority) {
  auto arguments = WithoutNetwork();
  arguments.insert(arguments.end(),
                   {SAUDA_BUILD_DIR "/bin/sauda-orders", "--print-route", "--broker=sim",
                    "--order-route=live", "--sim-url=https://sim:7443", "--broker-ca=/run/ca.pem"});
  EXPECT_EQ(RunCommand({.arguments = arguments}).output,
            "live, simulated: orders go to https://sim:7443\n");
}

}  // namespace
}  // namespace sauda::test
