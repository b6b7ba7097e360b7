// One calendar for all of Sauda: what the broker and a file of the owner's say of a day reaches
// whoever asks when markets trade.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::int64_t kEveningMs = 1'784'030'400'000;  // 2026-07-14 17:30 IST, a Tuesday
constexpr double kDay = 86'400;

class MarketCalendarTest : public testing::Test {
 protected:
  void SetUp() override {
    file_ = stack_.folder() + "/days.json";
    Write("[]");
    stack_.Set("SAUDA_INSTRUMENTS_CALENDAR_FILE", file_);
    stack_.StartAll();
    stack_.LogIn();
  }
  void Write(const std::string& days) const {
    std::ofstream{file_ + ".new"} << days;
    std::filesystem::rename(file_ + ".new", file_);
  }
  json Get(const std::string& path) const {
    const auto answer = stack_.Get(path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body);
  }
  /// Seconds until auth will miss a token, by the calendar that it has.
  double TokenDue() const {
    const auto page = RunCommand(
        {.arguments = {"curl", "-s", "http://" + stack_.MetricsAddress("auth") + "/metrics"}});
    const auto at = page.output.find("\nsauda_auth_token_due_seconds{");
    if (at == std::string::npos) return -2;
    return std::stod(page.output.substr(page.output.find("} ", at) + 2));
  }

  Stack stack_{{.simulator = {"--start-ms", std::to_string(kEveningMs), "--speed", "1"}}};
  std::string file_;
};

TEST_F(MarketCalendarTest, ADayOfTheOwnersReachesWhoeverAsks) {
  const auto answered = [&] {
    const json calendar = Get("/api/v1/market/status")["data"]["calendar"];
    return calendar["broker_answered_ms"] != 0 && calendar["simulated"] == true;
  };
  ASSERT_TRUE(WaitUntil(answered, 30s)) << stack_.Log("instruments");
  const json holidays = Get("/api/v1/market/holidays?year=2026")["data"];
  EXPECT_EQ(holidays.size(), 17U);
  EXPECT_EQ(holidays[0]["origin"], "BROKER");
  EXPECT_EQ(Get("/api/v1/market/timings/2026-07-15")["data"].size(), 8U);

  // The token dies at 03:30 of the 15th; what is missed first is that day's pre-open at 09:00.
  ASSERT_TRUE(WaitUntil([&] { return TokenDue() > 0; }, 30s)) << stack_.Log("auth");
  const double before = TokenDue();
  EXPECT_LT(before, kDay);

  // Nothing trades on the 15th, says the owner: a day more.
  Write(R"([{"date": "2026-07-15", "description": "Closed for a poll", "sessions": []}])");
  EXPECT_TRUE(
      WaitUntil([&] { return Get("/api/v1/market/timings/2026-07-15")["data"].empty(); }, 30s));
  EXPECT_TRUE(WaitUntil([&] { return TokenDue() > kDay; }, 60s)) << stack_.Log("auth");

  // A file that is wrong leaves it so, and says what is wrong.
  Write(R"([{"date": "2026-07-15", "sessions": [{"open": "9:15"}]}])");
  EXPECT_TRUE(WaitUntil(
      [&] {
        const std::string failure = Get("/api/v1/market/status")["data"]["calendar"]["failure"];
        return failure.find("CALENDAR_FILE_INVALID") != std::string::npos;
      },
      30s));
  EXPECT_TRUE(Get("/api/v1/market/timings/2026-07-15")["data"].empty());

  // Instruments starts again while the broker is away: what the broker said is still known.
  stack_.Kill("instruments");
  Write("[]");
  stack_.Kill("sim");
  stack_.Start("instruments");
  EXPECT_TRUE(WaitUntil(
      [&] {
        const auto answer = stack_.Get("/api/v1/market/holidays?year=2026");
        return answer.status == 200 && json::parse(answer.body)["data"][0]["origin"] == "BROKER";
      },
      60s))
      << stack_.Log("instruments");
}

}  // namespace
}  // namespace sauda::test
