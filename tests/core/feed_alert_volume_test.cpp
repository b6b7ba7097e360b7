// Volume of a minute against that of others, when some trades were not seen.
#include <string>

#include <gtest/gtest.h>

#include "tests/support/alert_script.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

/// A volume ratio that fires at three times, and minutes with volumes.
class AlertVolumeTest : public testing::Test {
 protected:
  AlertVolumeTest() {
    script_.Add({.id = "x", .measure = Measure::kVolumeRatio, .level = 3, .hysteresis = 1});
    for (int i = 0; i < 25; ++i) EXPECT_EQ(Traded(10), "");
  }
  /// A minute with one trade that shows this much more volume; what fired.
  std::string Traded(std::int64_t volume) {
    Show(volume);
    script_.Pass(60s);
    return script_.Fired();
  }
  void Show(std::int64_t volume) {
    day_ += volume;
    script_.SetVolume(day_);
    script_.Trade(100);
  }
  /// Minutes of the usual volume, then one of this; what fired.
  std::string After(int minutes, std::int64_t volume) {
    std::string fired;
    for (int i = 0; i < minutes; ++i) fired += Traded(10);
    fired += Traded(volume);
    fired += Traded(10);
    return fired;
  }

  bool wanted_ = true;
  AlertScript script_{{.is_wanted = [this](InstrumentId) { return wanted_; }}};
  std::int64_t day_ = 1'000;
};

TEST_F(AlertVolumeTest, TheVolumeOfAnOutageIsOfNoMinute) {
  const AlertTime lost = script_.Time();
  script_.Pass(10min);
  Show(1'000);
  script_.EndGap(lost);
  script_.Pass(60s);
  EXPECT_EQ(script_.Fired(), "");
  EXPECT_EQ(After(18, 100), "") << "among the twenty one there is still that of the outage";
}

TEST_F(AlertVolumeTest, AWholeWindowAfterAnOutageItCountsAgain) {
  const AlertTime lost = script_.Time();
  script_.Pass(10min);
  Show(1'000);
  script_.EndGap(lost);
  script_.Pass(60s);
  EXPECT_EQ(After(21, 31), "x ");
}

TEST_F(AlertVolumeTest, NorIsItWhenTheOutageIsToldAfterTheMinute) {
  const AlertTime lost = script_.Time();
  script_.Pass(10min);
  script_.OpenGap(lost);
  EXPECT_EQ(After(0, 1'000), "");
  script_.EndGap(lost);
  EXPECT_EQ(After(19, 100), "");
  EXPECT_EQ(After(21, 100), "x ");
}

TEST_F(AlertVolumeTest, VolumeThatWaitedForATradeMayBeOfTheOutageBefore) {
  const AlertTime lost = script_.Time();
  script_.Pass(5min);
  script_.EndGap(lost);
  script_.Pass(15min);
  EXPECT_EQ(After(0, 1'000), "") << "it had not traded since";
}

TEST_F(AlertVolumeTest, ASurgeAfterACalmIsOne) {
  script_.Pass(15min);
  EXPECT_EQ(After(0, 1'000), "x ");
}

TEST_F(AlertVolumeTest, WhatWasTradedWhileUnsubscribedIsOfNoMinute) {
  wanted_ = false;
  script_.Pass(10min);
  wanted_ = true;
  EXPECT_EQ(After(0, 1'000), "");
  EXPECT_EQ(After(0, 50), "x ") << "the minutes that were seen are still there to compare with";
}

}  // namespace
}  // namespace sauda::feed
