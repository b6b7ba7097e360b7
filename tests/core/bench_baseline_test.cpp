#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/baseline.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

Row WithRatio(const std::string& name, double ratio, bool larger_is_better = true) {
  return {.name = name,
          .value = ratio * 100,
          .unit = "x",
          .floor = 100,
          .ratio = ratio,
          .budget = 1,
          .larger_is_better = larger_is_better};
}

Row WithoutFloor(const std::string& name) {
  return {.name = name, .value = 7, .unit = "MiB", .budget = 64, .larger_is_better = false};
}

/// Gives one list of rows after the other, the last one for ever; counts.
struct Script {
  std::vector<std::vector<Row>> runs;
  std::size_t done = 0;

  Measured First() {
    Benchmark benchmark{.name = "b", .run = [this] { return runs.at(std::min(done++, Last())); }};
    auto rows = benchmark.run();
    return {std::move(benchmark), std::move(rows)};
  }
  std::size_t Last() const { return runs.size() - 1; }
};

bool All(const std::string&) { return true; }
void Silent(const std::string&) {}

struct RepeatCase {
  std::string name;
  double before = 0;
  bool larger_is_better = true;
  std::vector<double> ratios;  ///< what the runs give
  std::size_t runs = 0;        ///< that are made
  std::string worse;           ///< empty: it holds
};

class JudgeTest : public testing::TestWithParam<RepeatCase> {};

TEST_P(JudgeTest, RepeatsUntilTheMedianIsSettled) {
  Script script;
  for (const double ratio : GetParam().ratios) {
    script.runs.push_back({WithRatio("b.r", ratio, GetParam().larger_is_better)});
  }
  std::vector<std::string> told;
  const Verdict verdict = Judge({script.First()}, {{"b.r", GetParam().before}}, All,
                                [&](const std::string& line) { told.push_back(line); });
  EXPECT_EQ(script.done, GetParam().runs);
  EXPECT_THAT(told, SizeIs(GetParam().runs - 1));
  EXPECT_EQ(verdict.ok(), GetParam().worse.empty());
  EXPECT_EQ(verdict.worse.empty() ? "" : verdict.worse.front(), GetParam().worse);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, JudgeTest,
    testing::Values(
        RepeatCase{"LessThanATenthWorse", 0.8, true, {0.73}, 1, ""},
        RepeatCase{"Better", 0.8, true, {2.0}, 1, ""},
        RepeatCase{"MoreIsWorse", 1.0, false, {1.11, 1.12}, 2, "b.r: ratio 1.11 1.12, was 1"},
        RepeatCase{"MoreByLessThanATenth", 1.0, false, {1.09}, 1, ""},
        RepeatCase{"LessIsBetter", 1.0, false, {0.5}, 1, ""},
        RepeatCase{
            "TwiceWorseIsSettled", 0.8, true, {0.71, 0.7, 0.8}, 2, "b.r: ratio 0.71 0.7, was 0.8"},
        RepeatCase{"ThirdSaysGood", 0.8, true, {0.5, 0.8, 0.79}, 3, ""},
        RepeatCase{
            "ThirdSaysWorse", 0.8, true, {0.5, 0.8, 0.6}, 3, "b.r: ratio 0.5 0.8 0.6, was 0.8"},
        RepeatCase{"NoNumberIsWorse",
                   0.8,
                   true,
                   {kNotANumber, kNotANumber},
                   2,
                   "b.r: ratio nan nan, was 0.8"}),
    CaseName{});

TEST(JudgeRowsTest, OnlyWhatWasWorseAtFirstIsJudgedAgain) {
  Script script{{{WithRatio("b.bad", 0.5), WithRatio("b.good", 1.0)},
                 {WithRatio("b.bad", 1.0), WithRatio("b.good", 0.5)}}};
  std::vector<std::string> told;
  const Verdict verdict = Judge({script.First()}, {{"b.bad", 1.0}, {"b.good", 1.0}}, All,
                                [&](const std::string& line) { told.push_back(line); });
  EXPECT_TRUE(verdict.ok());
  EXPECT_THAT(told, ElementsAre("running b again, b.bad: ratio 0.5, was 1",
                                "running b again, b.bad: ratio 0.5 1, was 1"));
}

TEST(JudgeRowsTest, ARowThatDoesNotComeAgainIsWorse) {
  Script script{{{WithRatio("b.r", 0.5)}, {}}};
  EXPECT_THAT(Judge({script.First()}, {{"b.r", 1.0}}, All, Silent).worse,
              ElementsAre("b.r: ratio 0.5 nan, was 1"));
}

TEST(JudgeRowsTest, ARowOfTheBaselineThatIsGoneFails) {
  Script script{{{WithRatio("b.r", 1.0)}}};
  const Baseline baseline{{"b.r", 1.0}, {"b.gone", 1.0}, {"b.absolute", std::nullopt}};
  const Verdict verdict = Judge({script.First()}, baseline, All, Silent);
  EXPECT_FALSE(verdict.ok());
  EXPECT_THAT(verdict.gone, ElementsAre("b.absolute: no benchmark gives this row",
                                        "b.gone: no benchmark gives this row"));
}

TEST(JudgeRowsTest, ARowThatNobodyAskedForIsNotMissed) {
  Script script{{{WithRatio("b.r", 1.0)}}};
  const auto asked = [](const std::string& name) { return name == "b.r"; };
  EXPECT_TRUE(Judge({script.First()}, {{"b.r", 1.0}, {"c.other", 1.0}}, asked, Silent).ok());
}

TEST(JudgeRowsTest, ARowThatLostItsRatioFails) {
  Script script{{{WithoutFloor("b.r")}}};
  EXPECT_THAT(Judge({script.First()}, {{"b.r", 1.0}}, All, Silent).gone,
              ElementsAre("b.r: has no ratio any more"));
}

TEST(JudgeRowsTest, ANewRowIsNamedAndHolds) {
  Script script{
      {{WithRatio("b.new", 0.1), WithRatio("b.was_absolute", 0.1), WithoutFloor("b.size")}}};
  const Verdict verdict = Judge({script.First()}, {{"b.was_absolute", std::nullopt}}, All, Silent);
  EXPECT_TRUE(verdict.ok());
  EXPECT_THAT(verdict.unknown, ElementsAre("b.new", "b.was_absolute"));
}

struct TextCase {
  std::string name;
  std::string text;
  std::string says;  ///< part of the message
};

class BadBaselineTest : public testing::TestWithParam<TextCase> {};

TEST_P(BadBaselineTest, IsRefused) {
  const auto baseline = ParseBaseline(GetParam().text);
  ASSERT_FALSE(baseline.has_value());
  EXPECT_EQ(baseline.error().reason, "BASELINE_INVALID");
  EXPECT_THAT(baseline.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadBaselineTest,
    testing::Values(
        TextCase{"Empty", "", "no JSON list"}, TextCase{"Cut", R"([{"name": "a")", "no JSON list"},
        TextCase{"NoList", "{}", "no JSON list"}, TextCase{"NoRows", "[]", "no JSON list"},
        TextCase{"NoObject", "[1]", "no name"}, TextCase{"NoName", "[{}]", "no name"},
        TextCase{"NameIsNoText", R"([{"name": 1}])", "no name"},
        TextCase{"NoRatio", R"([{"name": "a", "floor": 1}])", "a has no floor or no ratio"},
        TextCase{"RatioIsText", R"([{"name": "a", "floor": 1, "ratio": "1"}])", "ratio of a"},
        TextCase{"RatioIsZero", R"([{"name": "a", "floor": 1, "ratio": 0}])", "ratio of a"},
        TextCase{"FloorWithoutRatio", R"([{"name": "a", "floor": 1, "ratio": null}])",
                 "ratio of a"},
        TextCase{"Twice", ToJson({WithoutFloor("a"), WithoutFloor("a")}), "a is there twice"}),
    CaseName{});

TEST(BaselineTest, IsWhatToJsonWrites) {
  const auto baseline = ParseBaseline(ToJson({WithRatio("a", 0.8), WithoutFloor("b")}));
  ASSERT_TRUE(baseline.has_value()) << baseline.error().message;
  EXPECT_EQ(*baseline, (Baseline{{"a", 0.8}, {"b", std::nullopt}}));
}

}  // namespace
}  // namespace sauda::bench
