#include <cstdio>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include "libs/telemetry/dependencies.hpp"
#include "libs/telemetry/log.hpp"
#include "libs/telemetry/metrics.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::telemetry {
namespace {

using testing::HasSubstr;

struct Case {
  std::string name;
  std::string text;
  std::string shown;
};
class QuotedTest : public testing::TestWithParam<Case> {};

TEST_P(QuotedTest, CannotForgeALine) { EXPECT_EQ(Quoted(GetParam().text), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Values, QuotedTest,
    testing::Values(Case{"Word", "NSE_EQ|INFY", "NSE_EQ|INFY"}, Case{"Empty", "", "\"\""},
                    Case{"Space", "Nifty 50", "\"Nifty 50\""}, Case{"Equals", "a=b", "\"a=b\""},
                    Case{"Quote", "a\"b", R"("a\"b")"}, Case{"NewLine", "a\nb", R"("a\nb")"},
                    Case{"Control", "a\x1b[0m", R"("a\x1b[0m")"},
                    Case{"Long", std::string(501, 'x'), '"' + std::string(500, 'x') + "…\""}),
    CaseName{});

TEST(LogTest, WritesOneLineAnEventToTheFileAndNoSecret) {
  const std::string path = testing::TempDir() + "/sauda_log_test.log";
  (void)std::remove(path.c_str());
  LogSettings settings;
  settings.file = path;
  ASSERT_TRUE(InitLogging("feed", settings));
  spdlog::info("logged in account={} token={}", "main", Secret{"hunter2"});
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("Z info feed logged in account=main token=***\n"));
  (void)std::remove(path.c_str());
}

TEST(LogTest, UnwritableFileIsAnError) {
  LogSettings settings;
  settings.file = "/proc/nowhere/log";
  const auto started = InitLogging("feed", settings);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "LOG_FILE_UNWRITABLE");
}

TEST(DependenciesTest, TellsChangesToTheListenerAndTheGauge) {
  prometheus::Registry registry;
  Dependencies dependencies{registry, "feed", {"postgres", "auth"}};
  std::vector<std::string> heard;
  dependencies.Listen([&](const std::string& name, const Dependencies::State& state) {
    heard.push_back(name + (state.up ? " up" : " down: " + state.detail));
  });
  dependencies.Up("auth");
  dependencies.Down("postgres", "connection refused");
  dependencies.Down("postgres", "connection refused");
  EXPECT_THAT(heard,
              testing::ElementsAre("auth down: not tried yet", "postgres down: not tried yet",
                                   "auth up", "postgres down: connection refused"));
  EXPECT_FALSE(dependencies.all_up());
  const std::string page = prometheus::TextSerializer{}.Serialize(registry.Collect());
  EXPECT_THAT(page, HasSubstr("sauda_feed_dependency_up{dependency=\"auth\"} 1"));
  EXPECT_THAT(page, HasSubstr("sauda_feed_dependency_up{dependency=\"postgres\"} 0"));
}

TEST(MetricsExporterTest, AddressThatCannotBeServedIsAnError) {
  MetricsExporter exporter{"feed"};
  const auto started = exporter.Start("256.0.0.1:1");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "PORT_TAKEN");
}

}  // namespace
}  // namespace sauda::telemetry
