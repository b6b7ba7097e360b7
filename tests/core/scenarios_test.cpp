// The same scripts on the simulator and on paper: each must end as its file says, and both alike
// but for the differences that are listed.

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenarios/differences.hpp"
#include "tests/scenarios/outcome.hpp"

namespace sauda::scenarios {
namespace {

const std::filesystem::path kFolder{SAUDA_SOURCE_DIR "/tests/scenarios"};

/// What the file expects on paper: as on the simulator, but for its own lines.
std::map<std::string, std::string> OnPaper(const Scenario& scenario) {
  auto expected = scenario.expected;
  for (const auto& [order, outcome] : scenario.on_paper) expected[order] = outcome;
  return expected;
}

bool IsListed(std::string_view name) {
  return std::any_of(kDifferences.begin(), kDifferences.end(),
                     [name](const Difference& listed) { return listed.name == name; });
}

class ScenarioTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ScenarioTest, EndsAlikeOnTheSimulatorAndOnPaper) {
  const auto scenario = ReadScenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto simulator = Play(*scenario, *MakeSimulatorSide());
  const auto paper = Play(*scenario, *MakePaperSide());
  EXPECT_EQ(simulator, scenario->expected);
  EXPECT_EQ(paper, OnPaper(*scenario));
  if (scenario->differs.empty()) {
    EXPECT_EQ(paper, simulator) << "a difference that is not listed";
  } else {
    EXPECT_TRUE(IsListed(scenario->differs)) << scenario->differs;
    EXPECT_NE(paper, simulator) << "a listed difference is gone";
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest, testing::ValuesIn(ScenarioFiles(kFolder)),
                         [](const testing::TestParamInfo<std::filesystem::path>& file) {
                           std::string name = file.param.stem().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(DifferencesTest, AreFewAndEachIsShownByAScenario) {
  std::set<std::string_view> listed;
  for (const Difference& difference : kDifferences) listed.insert(difference.name);
  std::set<std::string> shown;
  for (const auto& file : ScenarioFiles(kFolder)) {
    const auto scenario = ReadScenario(file);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->differs.empty(), scenario->on_paper.empty()) << scenario->name;
    if (!scenario->differs.empty()) shown.insert(scenario->differs);
  }
  EXPECT_LE(listed.size(), kMostDifferences);
  EXPECT_EQ(listed.size(), kDifferences.size()) << "a name is there twice";
  EXPECT_TRUE(std::equal(shown.begin(), shown.end(), listed.begin(), listed.end()))
      << testing::PrintToString(shown) << " are shown, listed are "
      << testing::PrintToString(listed);
}

TEST(DifferencesTest, AreOnThePageWithTheirReasons) {
  std::ifstream file{SAUDA_SOURCE_DIR "/docs/paper-trading.md"};
  std::stringstream page;
  page << file.rdbuf();
  for (const Difference& difference : kDifferences) {
    const std::string row =
        "| `" + std::string{difference.name} + "` | " + std::string{difference.reason} + " |";
    EXPECT_THAT(page.str(), testing::HasSubstr(row));
  }
}

}  // namespace
}  // namespace sauda::scenarios
