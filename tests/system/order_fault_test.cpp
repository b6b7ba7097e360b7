// Orders under fault: callers place, change and cancel orders while the simulator loses answers,
// resets, answers late and with errors, loses, doubles and reorders what its stream tells, and
// sauda-orders is killed again and again. The judge is order_oracle.py, over the ledger and the
// simulator's record.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stack.hpp"
#include "tests/system/order_caller.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int kCallers = 8;
constexpr std::size_t kKeys = 10;

int OfEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// Calls of the simulator's record that were looked at later than they came, or will be.
class LateCalls {
 public:
  explicit LateCalls(const std::string& record) : file_{record} {}

  /// Reads on. Whether none waits.
  bool NoneWaits() {
    file_.clear();
    for (std::string line; std::getline(file_, line);) {
      if (line.find(R"("what":"call")") != std::string::npos &&
          line.find(R"("fault":"late")") != std::string::npos) {
        waiting_.insert(json::parse(line)["call"].get<int>());
      } else if (line.find(R"("what":"done")") != std::string::npos) {
        waiting_.erase(json::parse(line)["call"].get<int>());
      }
    }
    return waiting_.empty();
  }

 private:
  std::ifstream file_;
  std::set<int> waiting_;
};

class OrderFaultTest : public testing::Test {
 protected:
  OrderFaultTest()
      : seed_{static_cast<std::uint64_t>(OfEnvironment(
            "SAUDA_TEST_SEED", static_cast<int>(std::random_device{}() % 1'000'000)))},
        random_{seed_},
        stack_{{.simulator = {"--always-open", "--order-record", Record(), "--opening-cash",
                              "1000000000", "--order-per-second", "0", "--order-per-minute", "0",
                              "--order-per-half-hour", "0", "--api-per-second", "0",
                              "--api-per-minute", "0", "--api-per-half-hour", "0"},
                .environment = {{"SAUDA_ORDER_ROUTE", "live"},
                                {"SAUDA_ORDERS_BUDGET_PER_SECOND", "100000"},
                                {"SAUDA_ORDERS_BUDGET_PER_MINUTE", "1000000"},
                                {"SAUDA_ORDERS_BUDGET_PER_HALF_HOUR", "10000000"},
                                {"SAUDA_ORDERS_BROKER_DEADLINE_MS", "1000"},
                                {"SAUDA_ORDERS_SETTLE_EVERY_MS", "1000"},
                                {"SAUDA_ORDERS_COMPARE_EVERY_MS", "2000"},
                                {"SAUDA_ORDERS_NEVER_ARRIVED_AFTER_MS", "3000"}}}} {
    std::cout << "seed " << seed_ << " (SAUDA_TEST_SEED)" << std::endl;
  }

  std::string Record() const { return folder_.path() + "/record"; }

  void StartAll() {
    stack_.StartAll();
    stack_.LogIn();
    (void)stack_.SyncInstruments();
    const json login = json::parse(stack_.Admin("POST", "/tokens", "{}").body);
    token_ = login["data"]["access_token"];
    std::istringstream keys{stack_.postgres().Sql(
        "sauda",
        "SELECT instrument_key FROM instruments.instruments WHERE segment = 'NSE_EQ' AND is_active "
        "ORDER BY 1 LIMIT 100")};
    for (std::string key; quotes_.size() < kKeys && std::getline(keys, key);) {
      const int rupees = LastPrice(key);
      if (rupees >= 100) quotes_.push_back({.key = key, .rupees = rupees});
    }
    ASSERT_EQ(quotes_.size(), kKeys);
  }

  int LastPrice(const std::string& key) const {
    std::string named = key;
    named.replace(named.find('|'), 1, "%7C");
    const auto called = RunCommand(
        {.arguments = {"curl", "-s", "--cacert", stack_.CaFile(), "-H",
                       "Authorization: Bearer " + token_,
                       stack_.SimulatorUrl() + "/v3/market-quote/ltp?instrument_key=" + named}});
    const json quote = json::parse(called.output, nullptr, false);
    if (!quote.is_object() || !quote.contains("data") || quote["data"].empty()) return 0;
    return static_cast<int>(quote["data"].begin()->value("last_price", 0.0));
  }

  void BeginFaults() const {
    const json plan = {
        {"seed", seed_},
        {"status", 500},
        {"least_delay_ms", 50},
        {"most_delay_ms", 4'000},
        {"orders",
         {{"status", 0.02},
          {"status-after", 0.02},
          {"reset-before", 0.02},
          {"reset-after", 0.02},
          {"no-answer", 0.015},
          {"slow", 0.015},
          {"late", 0.015}}},
        {"rest", {{"status", 0.02}, {"reset-before", 0.01}, {"reset-after", 0.01}}},
        {"portfolio", {{"duplicate", 0.05}, {"reorder", 0.1}, {"lose", 0.01}, {"cut", 0.0005}}}};
    const auto begun = stack_.Admin("PUT", "/fault-plan", plan.dump());
    ASSERT_EQ(begun.status, 200) << begun.body;
  }

  /// Kills the service after every so many orders until all are answered; some kills meet one that
  /// only starts. How many.
  int KillNowAndThen(const std::atomic<int>& answered, int orders) {
    int kills = 0;
    int next = Random(40, 120);
    while (next < orders) {
      const bool reached = WaitUntil([&] { return answered >= next || HasFailure(); }, 300s);
      EXPECT_TRUE(reached) << answered << " of " << orders << stack_.Log("orders");
      if (!reached || HasFailure()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds{Random(0, 30)});
      stack_.Kill("orders");  // the instant is what is tested
      stack_.Start("orders");
      if (++kills % 4 == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{Random(0, 600)});
        stack_.Kill("orders");
        stack_.Start("orders");
        ++kills;
      }
      next = answered + Random(40, 120);
    }
    return kills;
  }

  /// The order ends: what is near the market is cancelled, and the ledger knows of everything.
  void Settle(std::vector<OrderCaller>& callers) {
    const auto ended = stack_.Admin("DELETE", "/fault-plan");
    std::cout << "drawn " << json::parse(ended.body)["data"]["drawn"] << std::endl;
    LateCalls late{Record()};
    EXPECT_TRUE(WaitUntil([&] { return late.NoneWaits(); }, 60s));
    for (OrderCaller& caller : callers) caller.CancelWhatIsNear();
    EXPECT_TRUE(WaitUntil([&] { return Unsettled() == "0"; }, 300s))
        << Unsettled() << stack_.Log("orders");
    const int before = Compared();  // one of the two after the next began when all was settled
    EXPECT_TRUE(WaitUntil([&] { return Compared() >= before + 2; }, 120s)) << stack_.Log("orders");
  }

  std::string Unsettled() {
    return stack_.postgres().Sql("sauda",
                                 "SELECT count(*) FROM orders.orders WHERE state IN (1, 2, 8)");
  }
  /// How often this run of the service has compared the ledger with the book.
  int Compared() const {
    const auto page = RunCommand(
        {.arguments = {"curl", "-s", "http://" + stack_.MetricsAddress("orders") + "/metrics"}});
    const std::string name = "\nsauda_orders_reconciliations_total{result=\"ok\"} ";
    const auto at = page.output.find(name);
    return at == std::string::npos ? 0 : std::atoi(page.output.c_str() + at + name.size());
  }

  void AskOracle(const std::vector<OrderCaller>& callers) {
    std::ofstream asked{folder_.path() + "/asked"};
    for (const OrderCaller& caller : callers) {
      for (const std::string& id : caller.asked()) asked << id << "\tanswered\n";
    }
    asked.close();
    const auto judged =
        RunCommand({.arguments = {"python3", SAUDA_ORACLE, "--record", Record(), "--database",
                                  stack_.DatabaseUrl(), "--asked", folder_.path() + "/asked"}},
                   600s);
    EXPECT_EQ(judged.exit_code, 0) << "seed " << seed_;
    std::cout << judged.output;
    const char* const keep = std::getenv("SAUDA_TEST_KEEP");
    if (judged.exit_code == 0 || keep == nullptr) return;
    (void)RunCommand({.arguments = {"cp", Record(), std::string{keep} + ".record"}});
  }

  /// Since the last call, or since faults began.
  std::int64_t Seconds() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration_cast<std::chrono::seconds>(now - std::exchange(since_, now))
        .count();
  }

  int Random(int least, int most) {
    return least + static_cast<int>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  TempFolder folder_;
  Stack stack_;
  std::string token_;
  std::vector<OrderCaller::Quote> quotes_;
  std::chrono::steady_clock::time_point since_;
};

TEST_F(OrderFaultTest, EveryOrderLeavesOnceAndTheBooksAgreeWhateverHappens) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  ASSERT_NO_FATAL_FAILURE(BeginFaults());
  (void)Seconds();
  const int orders = OfEnvironment("SAUDA_TEST_ORDERS", 1'000);
  std::atomic<int> answered{0};
  std::vector<OrderCaller> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back(
        OrderCaller::Options{.name = "c" + std::to_string(i),
                             .address = stack_.Address("orders"),
                             .seed = seed_ * kCallers + static_cast<std::uint64_t>(i),
                             .orders = orders / kCallers,
                             .quotes = quotes_,
                             .answered = answered});
  }
  int kills = 0;
  {
    std::vector<std::jthread> threads;
    for (OrderCaller& caller : callers) threads.emplace_back([&caller] { caller.Run(); });
    kills = KillNowAndThen(answered, orders / kCallers * kCallers);
  }
  ASSERT_FALSE(HasFailure());
  std::map<std::string, int> repeats;
  for (const OrderCaller& caller : callers) {
    for (const auto& [reason, times] : caller.repeats()) repeats[reason] += times;
  }
  std::cout << "kills " << kills << "\nseconds_of_orders " << Seconds() << "\nrepeats "
            << json(repeats) << std::endl;
  Settle(callers);
  std::cout << "seconds_to_settle " << Seconds() << std::endl;
  AskOracle(callers);
}

}  // namespace
}  // namespace sauda::test
