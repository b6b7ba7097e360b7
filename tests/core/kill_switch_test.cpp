#include "services/orders/src/core/kill/kill_switch.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace sauda::orders {
namespace {

using namespace std::chrono_literals;

/// A disk that fails when it is told to; bytes go through the real encoding.
class FakeHaltFile final : public HaltFile {
 public:
  Result<std::optional<HaltRecord>> Read() override {
    if (!bytes) return std::optional<HaltRecord>{};
    auto record = DecodeHaltRecord(*bytes);
    if (!record) return record.error();
    return std::optional{*std::move(record)};
  }
  Result<void> Write(const HaltRecord& record) override {
    if (before_write) before_write(record);
    if (full) return Error{Code::kUnavailable, "HALT_STATE_FAILED", "no disk"};
    bytes = EncodeHaltRecord(record);
    return {};
  }
  std::optional<std::string> bytes;
  bool full = false;
  std::function<void(const HaltRecord&)> before_write;
};

class KillSwitchTest : public testing::Test {
 protected:
  std::unique_ptr<KillSwitch> Started() {
    auto made = std::make_unique<KillSwitch>(file_, clock_,
                                             [this] { return "code-" + std::to_string(++codes_); });
    made->Load();
    return made;
  }
  static std::string Reason(const Result<void>& result) {
    return result ? std::string{} : result.error().reason;
  }

  ManualClock clock_;
  FakeHaltFile file_;
  int codes_ = 0;
};

TEST_F(KillSwitchTest, IsOnUntilItsStateIsRead) {
  const KillSwitch unread{file_, clock_, [] { return "x"; }};
  EXPECT_EQ(Reason(unread.Check()), "KILL_SWITCH_ON");
}

TEST_F(KillSwitchTest, IsOffAtTheFirstStartAndWritesSo) {
  EXPECT_EQ(Reason(Started()->Check()), "");
  ASSERT_TRUE(file_.bytes);
  EXPECT_FALSE(DecodeHaltRecord(*file_.bytes)->halted);
}

TEST_F(KillSwitchTest, IsOnAtTheFirstStartWhenTheDiskTakesNothing) {
  file_.full = true;
  EXPECT_EQ(Reason(Started()->Check()), "KILL_SWITCH_ON");
}

TEST_F(KillSwitchTest, StaysOnOverARestart) {
  EXPECT_EQ(Reason(Started()->Halt("asha", "runaway")), "");
  const auto again = Started();
  EXPECT_EQ(Reason(again->Check()), "KILL_SWITCH_ON");
  EXPECT_EQ(again->Record().by, "asha");
  EXPECT_EQ(again->Record().reason, "runaway");
  EXPECT_NE(again->Check().error().message.find("asha: runaway"), std::string::npos);
}

TEST_F(KillSwitchTest, WhatCannotBeReadIsOn) {
  (void)Started();
  const std::string whole = *file_.bytes;
  for (const std::string& bytes :
       {std::string{}, whole.substr(0, 511), whole + " ", std::string(512, '\0'),
        std::string{"sauda-halt 2"} + whole.substr(12)}) {
    file_.bytes = bytes;
    EXPECT_EQ(Reason(Started()->Check()), "KILL_SWITCH_ON") << bytes.size();
  }
}

TEST_F(KillSwitchTest, EveryBitThatIsWrongIsOn) {
  (void)Started();
  const std::string whole = *file_.bytes;
  for (std::size_t at = 0; at < 8 * whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at / 8] = static_cast<char>(bytes[at / 8] ^ (1 << at % 8));
    file_.bytes = bytes;
    EXPECT_EQ(Reason(Started()->Check()), "KILL_SWITCH_ON") << "bit " << at;
  }
}

TEST_F(KillSwitchTest, StopsOrdersBeforeTheDiskHasIt) {
  const auto kill = Started();
  std::string seen;
  file_.before_write = [&](const HaltRecord&) { seen = Reason(kill->Check()); };
  EXPECT_EQ(Reason(kill->Halt("asha", "now")), "");
  EXPECT_EQ(seen, "KILL_SWITCH_ON");
}

TEST_F(KillSwitchTest, IsOnAndSaysThatTheDiskDoesNotKnow) {
  const auto kill = Started();
  file_.full = true;
  EXPECT_EQ(Reason(kill->Halt("asha", "now")), "HALT_STATE_FAILED");
  EXPECT_EQ(Reason(kill->Check()), "KILL_SWITCH_ON");
  file_.full = false;
  EXPECT_EQ(Reason(kill->Halt("ravi", "again")), "") << "a second call writes it";
  EXPECT_EQ(Started()->Record().by, "asha") << "the first reason stays";
}

TEST_F(KillSwitchTest, ComesBackInTwoSteps) {
  const auto kill = Started();
  EXPECT_EQ(kill->BeginRearm().error().reason, "NOT_HALTED");
  EXPECT_EQ(Reason(kill->Rearm("", "asha")), "NOT_HALTED");
  ASSERT_TRUE(kill->Halt("asha", "now"));
  EXPECT_EQ(Reason(kill->Rearm("", "asha")), "REARM_CODE_WRONG") << "nobody has begun";
  const auto code = kill->BeginRearm();
  ASSERT_TRUE(code);
  EXPECT_EQ(Reason(kill->Check()), "KILL_SWITCH_ON") << "one step is not enough";
  EXPECT_EQ(Reason(kill->Rearm(*code, "asha")), "");
  EXPECT_EQ(Reason(kill->Check()), "");
  EXPECT_EQ(Reason(Started()->Check()), "") << "the disk knows";
}

TEST_F(KillSwitchTest, ACodeWorksOnceAndForAMinute) {
  const auto kill = Started();
  ASSERT_TRUE(kill->Halt("asha", "now"));
  const std::string old = *kill->BeginRearm();
  const std::string code = *kill->BeginRearm();
  EXPECT_EQ(Reason(kill->Rearm(old, "asha")), "REARM_CODE_WRONG");
  EXPECT_EQ(Reason(kill->Rearm(code, "asha")), "REARM_CODE_WRONG") << "a wrong try spends it";
  const std::string late = *kill->BeginRearm();
  clock_.Advance(KillSwitch::kRearmWithin + 1ms);
  EXPECT_EQ(Reason(kill->Rearm(late, "asha")), "REARM_CODE_WRONG");
  const std::string pulled = *kill->BeginRearm();
  ASSERT_TRUE(kill->Halt("ravi", "again"));
  EXPECT_EQ(Reason(kill->Rearm(pulled, "asha")), "REARM_CODE_WRONG") << "it was pulled since";
}

TEST_F(KillSwitchTest, StaysOnWhenTheDiskDoesNotTakeTheRearm) {
  const auto kill = Started();
  ASSERT_TRUE(kill->Halt("asha", "now"));
  file_.full = true;
  EXPECT_EQ(Reason(kill->Rearm(*kill->BeginRearm(), "asha")), "HALT_STATE_FAILED");
  EXPECT_EQ(Reason(kill->Check()), "KILL_SWITCH_ON");
}

TEST_F(KillSwitchTest, APullDuringTheRearmWins) {
  const auto kill = Started();
  ASSERT_TRUE(kill->Halt("asha", "now"));
  const std::string code = *kill->BeginRearm();
  // It waits for the file while the rearm writes it; a code that is begun meanwhile is gone once
  // the pull has been noted.
  std::thread puller;
  file_.before_write = [&](const HaltRecord& record) {
    if (record.halted) return;
    (void)kill->BeginRearm();
    puller = std::thread{[&] { EXPECT_EQ(Reason(kill->Halt("ravi", "again")), ""); }};
    while (kill->rearm_begun()) std::this_thread::yield();
  };
  EXPECT_EQ(Reason(kill->Rearm(code, "asha")), "HALTED_AGAIN");
  puller.join();
  EXPECT_EQ(Reason(kill->Check()), "KILL_SWITCH_ON");
  EXPECT_EQ(Reason(Started()->Check()), "KILL_SWITCH_ON");
}

TEST(HaltRecordTest, KeepsWhatIsPrintableAndFits) {
  const HaltRecord told{
      .halted = true, .at_ms = 1'764'000'000'123, .by = "a|b\n", .reason = std::string(300, 'r')};
  const std::string bytes = EncodeHaltRecord(told);
  EXPECT_EQ(bytes.size(), kHaltRecordBytes);
  EXPECT_EQ(bytes.back(), '\n');
  const auto read = DecodeHaltRecord(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (HaltRecord{.halted = true,
                               .at_ms = 1'764'000'000'123,
                               .by = "a?b?",
                               .reason = std::string(256, 'r')}));
}

}  // namespace
}  // namespace sauda::orders
