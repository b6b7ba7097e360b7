#include <gtest/gtest.h>

#include "libs/journal/retention.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHourNs = 3'600'000'000'000;

/// Four segments of two frames: 1 to 3 of `old`, which has ended, and 1 of `new`, being written.
class JournalRetentionTest : public testing::Test {
 protected:
  JournalRetentionTest() {
    for (std::uint64_t number = 1; number <= 3; ++number) {
      Put("old", number,
          BytesOfAll({{.kind = Kind::kSeal, .payload = Encode(Seal{.last = number == 3})}}));
    }
    Put("new", 1, "");
    WriteFile(temp_.path() / "notes.txt", std::string(10'000, 'x'));
  }
  void Put(const std::string& instance, std::uint64_t number, const std::string& end) {
    const std::uint64_t n = number * 2;
    WriteFile(temp_.path() / FileName({instance, number}),
              EncodeHeader({.instance = instance,
                            .account = "A1",
                            .created_ns = kFirstNs + (instance == "new" ? kHourNs : 0),
                            .number = number}) +
                  BytesOfAll({StateOf("s"), FrameOf(n - 1), FrameOf(n)}) + end);
  }
  /// What goes, such as "old-1 room: store misses 2".
  std::vector<std::string> Plan(RetentionLimits limits, const std::vector<Consumer>& consumers,
                                std::chrono::hours later = 0h) {
    const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                            std::chrono::system_clock::now().time_since_epoch() + later)
                            .count();
    auto plan = PlanRetention(temp_.path(), limits, consumers, now_ns);
    Check(plan.has_value(), "the directory can be read");
    plan_ = std::move(*plan);
    std::vector<std::string> texts;
    for (const Removal& removal : plan_) {
      std::string text = removal.segment.name.instance + "-" +
                         std::to_string(removal.segment.name.number) +
                         (removal.for_room ? " room" : " age");
      for (const auto& unread : removal.unread) {
        text += ": " + unread.consumer + " misses " + std::to_string(unread.frames.records);
      }
      texts.push_back(text);
    }
    return texts;
  }
  /// After the first frame of a segment.
  static Position Within(std::uint64_t number) {
    return {number, HeaderOf("old", number).size() + BytesOf(StateOf("s")) + BytesOf(FrameOf(1))};
  }

  TempDirectory temp_;
  std::vector<Removal> plan_;
};

using Texts = std::vector<std::string>;

TEST_F(JournalRetentionTest, NothingGoesBeforeItsTime) {
  EXPECT_EQ(Plan({}, {}), Texts{});
  EXPECT_EQ(Plan({}, {}, 167h), Texts{});
}

TEST_F(JournalRetentionTest, AgeTakesWhatEveryConsumerHasPassed) {
  const std::vector<Consumer> none;
  EXPECT_EQ(Plan({}, none, 169h), (Texts{"old-1 age", "old-2 age", "old-3 age"}));
  const Consumer far{.name = "far", .read_to = {{"old", {9, 0}}, {"new", {1, 0}}}};
  const Consumer near{.name = "near", .read_to = {{"old", Within(2)}}};
  const Consumer never{.name = "never"};
  EXPECT_EQ(Plan({}, {far}, 169h), (Texts{"old-1 age", "old-2 age", "old-3 age"}));
  EXPECT_EQ(Plan({}, {far, near}, 169h), (Texts{"old-1 age"}));
  EXPECT_EQ(Plan({}, {far, never}, 169h), Texts{});
}

TEST_F(JournalRetentionTest, LastRecordReadIsPassed) {
  Position at;
  for (const Read& read : ReadAll(temp_.path(), "old")) {
    if (read.what == Follower::What::kRecord) at = read.next;
  }
  EXPECT_EQ(at.segment, 3U);
  EXPECT_EQ(Plan({}, {{.name = "store", .read_to = {{"old", at}}}}, 169h),
            (Texts{"old-1 age", "old-2 age", "old-3 age"}));
}

TEST_F(JournalRetentionTest, ByteLimitTakesTheOldestAndSaysWhoMissesWhat) {
  const std::uint64_t size = std::filesystem::file_size(temp_.path() / FileName({"old", 1}));
  const Consumer store{.name = "store", .read_to = {{"old", Within(1)}}};
  const Consumer other{.name = "other", .read_to = {{"old", {2, 0}}}};
  EXPECT_EQ(Plan({.bytes = 4 * size}, {store}), Texts{});
  EXPECT_EQ(Plan({.bytes = 3 * size}, {store, other}), (Texts{"old-1 room: store misses 1"}));
  ASSERT_EQ(plan_.size(), 1U);
  EXPECT_EQ(plan_[0].unread[0].frames, (Stretch{.from_ns = FrameOf(2).received_ns,
                                                .to_ns = FrameOf(2).received_ns,
                                                .records = 1,
                                                .ticks = 2,
                                                .first_seq = FrameOf(2).first_seq,
                                                .bytes = BytesOf(FrameOf(2)),
                                                .cause = "JOURNAL_RETENTION"}));
  EXPECT_EQ(Plan({.bytes = 0}, {store, other}),
            (Texts{"old-1 room: store misses 1", "old-2 room: store misses 2: other misses 2",
                   "old-3 room: store misses 2: other misses 2"}))
      << "what is being written stays";
}

TEST_F(JournalRetentionTest, RemovesWhatWasPlannedOnceOrTwice) {
  (void)Plan({.bytes = 0}, {});
  for (int i = 0; i < 2; ++i) {
    for (const Removal& removal : plan_) EXPECT_TRUE(Remove(removal));
  }
  std::vector<std::string> left;
  for (const auto& file : std::filesystem::directory_iterator{temp_.path()}) {
    left.push_back(file.path().filename().string());
  }
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (Texts{"new-000001.saudaj", "notes.txt"}));
}

TEST_F(JournalRetentionTest, SegmentThatCannotBeReadGoesByItsFilesTime) {
  WriteFile(temp_.path() / FileName({"bad", 1}), "no segment");
  const Consumer never{.name = "never"};
  EXPECT_EQ(Plan({}, {never}, 169h), (Texts{"bad-1 age"}));
}

}  // namespace
}  // namespace sauda::journal
