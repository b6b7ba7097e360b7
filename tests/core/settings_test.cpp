#include "libs/settings/settings.hpp"

#include <cstdio>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Environment = std::map<std::string, std::string>;

enum class Colour : std::uint8_t { kRed, kBlue };

/// One setting of each kind.
struct Sample {
  std::string listen = "127.0.0.1:7103";
  std::string broker = "sim";
  std::string url;
  std::int64_t limit = 50;
  double speed = 1.0;
  std::chrono::milliseconds pause{1'000};
  bool loud = false;
  Colour colour = Colour::kRed;
  std::vector<std::string> files;
  std::optional<Secret> key;

  Result<Settings::Outcome> Parse(const std::vector<std::string>& arguments,
                                  const Environment& environment = {}) {
    Settings settings{"feed", "sauda-feed", "A sample"};
    settings.Address("listen", listen, "where to listen");
    settings.Text(SettingName::Shared("broker"), broker, "which broker");
    settings.Required("url", url, "where it is");
    settings.Number("limit", limit, {.low = 1, .high = 100}, "how many");
    settings.Real("speed", speed, 0.1, 10.0, "how fast");
    settings.Millis("pause", pause, {.low = 1, .high = 5'000}, "how long");
    settings.Flag("loud", loud, "say more");
    settings.Choice("colour", colour, {{"red", Colour::kRed}, {"blue", Colour::kBlue}}, "which");
    settings.List("files", files, "what to read");
    settings.Hidden(SettingName::Variable("key", "SAMPLE_KEY"), key, "a secret");
    return settings.Parse(arguments, [&](const std::string& name) {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional{found->second};
    });
  }
};

TEST(SettingsTest, DefaultsHoldWhenNothingIsSaid) {
  Sample sample;
  ASSERT_TRUE(sample.Parse({"--url", "x"}));
  EXPECT_EQ(sample.listen, "127.0.0.1:7103");
  EXPECT_EQ(sample.limit, 50);
  EXPECT_FALSE(sample.key);
}

TEST(SettingsTest, FlagComesBeforeVariableBeforeDefault) {
  Sample sample;
  const Environment environment{{"SAUDA_FEED_LIMIT", "7"}, {"SAUDA_FEED_URL", "from-variable"}};
  ASSERT_TRUE(sample.Parse({"--limit=8"}, environment));
  EXPECT_EQ(sample.limit, 8);
  EXPECT_EQ(sample.url, "from-variable");
}

TEST(SettingsTest, SharedVariableYieldsToTheServicesOwn) {
  Sample sample;
  ASSERT_TRUE(sample.Parse({"--url=x"}, {{"SAUDA_BROKER", "upstox"}}));
  EXPECT_EQ(sample.broker, "upstox");
  ASSERT_TRUE(
      sample.Parse({"--url=x"}, {{"SAUDA_BROKER", "upstox"}, {"SAUDA_FEED_BROKER", "sim"}}));
  EXPECT_EQ(sample.broker, "sim");
}

TEST(SettingsTest, ReadsEveryKind) {
  Sample sample;
  ASSERT_TRUE(sample.Parse({"--url=x", "--speed", "2.5", "--pause=20", "--loud", "--colour=blue",
                            "--files", "a", "b", "--listen=0.0.0.0:0"}));
  EXPECT_EQ(sample.speed, 2.5);
  EXPECT_EQ(sample.pause, std::chrono::milliseconds{20});
  EXPECT_TRUE(sample.loud);
  EXPECT_EQ(sample.colour, Colour::kBlue);
  EXPECT_THAT(sample.files, ElementsAre("a", "b"));
}

TEST(SettingsTest, ListFromAVariableIsSplitAtCommas) {
  Sample sample;
  ASSERT_TRUE(sample.Parse({"--url=x"}, {{"SAUDA_FEED_FILES", "a,b,c"}}));
  EXPECT_THAT(sample.files, ElementsAre("a", "b", "c"));
}

TEST(SettingsTest, SecretComesFromVariableOrFileAndNeverFromAFlag) {
  Sample sample;
  ASSERT_TRUE(sample.Parse({"--url=x"}, {{"SAMPLE_KEY", "s3cret"}}));
  EXPECT_EQ(sample.key->Reveal(), "s3cret");
  const std::string path = testing::TempDir() + "/sauda_settings_secret";
  std::ofstream{path} << "from-file\n";
  ASSERT_TRUE(sample.Parse({"--url=x"}, {{"SAMPLE_KEY_FILE", path}}));
  EXPECT_EQ(sample.key->Reveal(), "from-file");
  EXPECT_FALSE(sample.Parse({"--url=x", "--key=s3cret"}));
  (void)std::remove(path.c_str());
}

struct Case {
  std::string name;
  std::vector<std::string> arguments;
  Environment environment;
  std::string says;
};
class SettingsRefusalTest : public testing::TestWithParam<Case> {};

TEST_P(SettingsRefusalTest, NamesTheSettingItsSourceAndWhatIsAllowed) {
  Sample sample;
  const auto parsed = sample.Parse(GetParam().arguments, GetParam().environment);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().reason, "SETTINGS_INVALID");
  EXPECT_THAT(parsed.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Bad, SettingsRefusalTest,
    testing::Values(
        Case{"NotANumber",
             {"--url=x", "--limit=ten"},
             {},
             "--limit=ten: expected a whole number from 1 to 100"},
        Case{"BelowTheRange",
             {"--url=x"},
             {{"SAUDA_FEED_LIMIT", "0"}},
             "SAUDA_FEED_LIMIT=0: expected a whole number from 1 to 100"},
        Case{"AboveTheRange", {"--url=x", "--limit=101"}, {}, "--limit=101"},
        Case{"TrailingText", {"--url=x", "--limit=5x"}, {}, "--limit=5x"},
        Case{"NoChoice",
             {"--url=x", "--colour=green"},
             {},
             "--colour=green: expected one of red, blue"},
        Case{"NoAddress", {"--url=x", "--listen=7103"}, {}, "--listen=7103: expected host:port"},
        Case{"PortTooLarge", {"--url=x", "--listen=h:65536"}, {}, "expected host:port"},
        Case{"NoReal", {"--url=x", "--speed=nan"}, {}, "--speed=nan: expected a number"},
        Case{"UnknownFlag", {"--url=x", "--colr=red"}, {}, "--colr=red"},
        Case{"MissingRequired", {}, {}, "--url or SAUDA_FEED_URL is required"},
        Case{"MissingFile",
             {"--url=x"},
             {{"SAMPLE_KEY_FILE", "/nowhere"}},
             "SAMPLE_KEY_FILE=/nowhere: cannot be read"}),
    CaseName{});

TEST(SettingsTest, OneProblemLeavesEveryVariableAsItWas) {
  Sample sample;
  ASSERT_FALSE(sample.Parse({"--listen", "127.0.0.1:1", "--url", "x", "--speed", "2", "--pause",
                             "7", "--loud", "--colour", "blue", "--files", "a", "--limit", "0"},
                            {{"SAMPLE_KEY", "k"}, {"SAUDA_BROKER", "upstox"}}));
  const Sample untouched;
  EXPECT_EQ(sample.listen, untouched.listen);
  EXPECT_EQ(sample.broker, untouched.broker);
  EXPECT_EQ(sample.url, untouched.url);
  EXPECT_EQ(sample.speed, untouched.speed);
  EXPECT_EQ(sample.pause, untouched.pause);
  EXPECT_EQ(sample.loud, untouched.loud);
  EXPECT_EQ(sample.colour, untouched.colour);
  EXPECT_EQ(sample.files, untouched.files);
  EXPECT_FALSE(sample.key);
}

TEST(SettingsTest, AllProblemsAreToldAtOnce) {
  Sample sample;
  const auto parsed = sample.Parse({"--limit=0"}, {{"SAUDA_FEED_COLOUR", "green"}});
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("--limit=0"));
  EXPECT_THAT(parsed.error().message, HasSubstr("SAUDA_FEED_COLOUR=green"));
  EXPECT_THAT(parsed.error().message, HasSubstr("--url"));
}

TEST(SettingsTest, HelpListsEverySettingWithItsVariableAndNoSecret) {
  Sample sample;
  const auto parsed = sample.Parse({"--help"}, {{"SAMPLE_KEY", "s3cret"}});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->run);
  for (const char* text : {"--listen", "SAUDA_FEED_LISTEN", "--url", "required", "--limit", "50",
                           "--colour", "red|blue", "SAMPLE_KEY_FILE", "SAUDA_BROKER"}) {
    EXPECT_THAT(parsed->text, HasSubstr(text));
  }
  EXPECT_THAT(parsed->text, Not(HasSubstr("s3cret")));
}

TEST(SettingsTest, VersionIsTold) {
  Sample sample;
  const auto parsed = sample.Parse({"--version"});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->run);
  EXPECT_THAT(parsed->text, HasSubstr("sauda-feed 0."));
}

}  // namespace
}  // namespace sauda
