#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

using namespace std::chrono_literals;
using What = Follower::What;

class JournalFollowerTest : public testing::Test {
 protected:
  std::filesystem::path PathOf(std::uint64_t number) const {
    return temp_.path() / FileName({"i", number});
  }
  /// A segment of these frames.
  void Put(std::uint64_t number, const std::vector<std::uint64_t>& frames,
           const std::string& rest = {}) {
    std::string bytes = HeaderOf("i", number);
    for (const std::uint64_t n : frames) bytes += BytesOfAll({FrameOf(n)});
    WriteFile(PathOf(number), bytes + rest);
  }
  static std::string SealBytes(bool last) {
    return BytesOfAll({{.kind = Kind::kSeal, .payload = Encode(Seal{.last = last})}});
  }
  Follower Follow(Position from = {}) {
    return Follower{{.directory = temp_.path(), .instance = "i", .from = from}};
  }
  static std::string Next(Follower& follower) {
    const auto item = follower.Next(0ms);
    if (!item) return item.error().reason;
    switch (item->what) {
      case What::kRecord:
        return "frame " + std::to_string(item->record.first_seq / 2 + 1);
      case What::kNothing:
        return "nothing";
      case What::kDamage:
        return "damage " + std::to_string(item->segment);
      case What::kMissing:
        return "missing " + std::to_string(item->segment) + " " + std::to_string(item->count);
      case What::kEnd:
        return "end";
    }
    return "?";
  }
  static std::vector<std::string> NextFew(Follower& follower, std::size_t count) {
    std::vector<std::string> all(count);
    for (std::string& text : all) text = Next(follower);
    return all;
  }

  TempDirectory temp_;
};

using Texts = std::vector<std::string>;

TEST_F(JournalFollowerTest, WaitsForTheFirstSegmentAndTheDirectory) {
  Follower follower{{.directory = temp_.path() / "later", .instance = "i"}};
  EXPECT_EQ(Next(follower), "nothing");
  WriteFile(temp_.path() / "later" / FileName({"i", 1}),
            HeaderOf("i", 1) + BytesOfAll({FrameOf(1)}));
  EXPECT_EQ(Next(follower), "frame 1");
}

TEST_F(JournalFollowerTest, CrossesSegmentsOnlyWhenTheNextIsThere) {
  Put(1, {1});
  auto follower = Follow();
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 1", "nothing"}));
  Put(1, {1, 2}, SealBytes(false));
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 2", "nothing"}));
  Put(2, {3});
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 3", "nothing"}));
  Put(2, {3}, SealBytes(true));
  EXPECT_EQ(NextFew(follower, 2), (Texts{"end", "end"}));
}

TEST_F(JournalFollowerTest, ReadsOnlyItsOwnInstance) {
  WriteFile(temp_.path() / FileName({"j", 1}), HeaderOf("j", 1) + BytesOfAll({FrameOf(7)}));
  WriteFile(temp_.path() / "notes.txt", "x");
  Put(1, {1});
  auto follower = Follow();
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 1", "nothing"}));
}

TEST_F(JournalFollowerTest, SegmentThatEndsTornIsDamageOnceTheNextIsThere) {
  Put(1, {1}, "torn");
  auto follower = Follow();
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 1", "nothing"}));
  Put(2, {3});
  EXPECT_EQ(NextFew(follower, 3), (Texts{"damage 1", "frame 3", "nothing"}));
}

TEST_F(JournalFollowerTest, SegmentThatWasCutIsNoDamage) {
  Put(1, {1}, "torn");
  auto follower = Follow();
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 1", "nothing"}));
  Put(1, {1});
  Put(2, {3});
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 3", "nothing"}));
}

TEST_F(JournalFollowerTest, NothingAfterDamageInASegmentIsTrusted) {
  std::string bad = BytesOfAll({FrameOf(2)});
  bad.back() = '!';
  Put(1, {1}, bad + BytesOfAll({FrameOf(3)}) + SealBytes(false));
  Put(2, {4}, SealBytes(true));
  auto follower = Follow();
  EXPECT_EQ(Next(follower), "frame 1");
  const auto damage = follower.Next(0ms);
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->what, What::kDamage);
  EXPECT_EQ(damage->offset, HeaderOf("i", 1).size() + BytesOf(FrameOf(1)));
  EXPECT_EQ(damage->count, 2 * BytesOf(FrameOf(2)) + kSealRecordBytes);
  EXPECT_EQ(damage->after_ns, FrameOf(1).received_ns);
  EXPECT_EQ(damage->next, (Position{2, 0}));
  EXPECT_NE(damage->detail.find(PathOf(1).string()), std::string::npos);
  EXPECT_EQ(NextFew(follower, 2), (Texts{"frame 4", "end"}));
}

TEST_F(JournalFollowerTest, DamageInTheLastSegmentStillComesToTheEnd) {
  std::string bad = BytesOfAll({FrameOf(2)});
  bad.back() = '!';
  Put(1, {1}, bad + SealBytes(true));
  auto follower = Follow();
  EXPECT_EQ(NextFew(follower, 3), (Texts{"frame 1", "damage 1", "end"}));
}

TEST_F(JournalFollowerTest, SegmentThatCannotBeOpenedIsDamage) {
  WriteFile(PathOf(1), "something else altogether");
  Put(2, {2}, SealBytes(false));
  WriteFile(PathOf(3), HeaderOf("i", 9));  // copied to a wrong name
  WriteFile(PathOf(4), HeaderOf("i", 4).substr(0, 9));
  Put(5, {5}, SealBytes(true));
  auto follower = Follow();
  EXPECT_EQ(NextFew(follower, 6),
            (Texts{"damage 1", "frame 2", "damage 3", "damage 4", "frame 5", "end"}));
}

TEST_F(JournalFollowerTest, SegmentsThatAreGoneAreToldUnlessNoneWasAskedFor) {
  Put(1, {1});
  Put(4, {4}, SealBytes(false));
  Put(6, {6}, SealBytes(true));
  auto all = Follow();
  EXPECT_EQ(NextFew(all, 6),
            (Texts{"frame 1", "missing 2 2", "frame 4", "missing 5 1", "frame 6", "end"}));
  auto some = Follow({2, 100});
  EXPECT_EQ(NextFew(some, 2), (Texts{"missing 2 2", "frame 4"}));
  std::filesystem::remove(PathOf(1));
  auto rest = Follow();
  EXPECT_EQ(Next(rest), "frame 4");
}

TEST_F(JournalFollowerTest, SegmentThatIsRemovedMeanwhileIsReadToItsEnd) {
  Put(1, {1, 2}, SealBytes(false));
  Put(2, {3}, SealBytes(true));
  auto follower = Follow();
  EXPECT_EQ(Next(follower), "frame 1");
  std::filesystem::remove(PathOf(1));
  EXPECT_EQ(NextFew(follower, 3), (Texts{"frame 2", "frame 3", "end"}));
}

TEST_F(JournalFollowerTest, GoesOnFromEveryPosition) {
  Put(1, {1, 2}, SealBytes(false));
  Put(2, {}, SealBytes(false));
  Put(3, {3}, "torn");
  Put(4, {4, 5}, SealBytes(true));
  const auto all = ReadAll(temp_.path(), "i");
  ASSERT_EQ(all.size(), 7U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto rest = ReadAll(temp_.path(), "i", all[i].next);
    if (i + 1 == all.size()) {
      EXPECT_TRUE(rest.empty()) << "after the end nothing is waited for but a segment";
      continue;
    }
    ASSERT_EQ(rest.size(), all.size() - i - 1) << i;
    for (std::size_t k = 0; k < rest.size(); ++k) {
      EXPECT_EQ(rest[k].what, all[i + 1 + k].what);
      EXPECT_EQ(rest[k].record, all[i + 1 + k].record);
      EXPECT_EQ(rest[k].next, all[i + 1 + k].next);
    }
  }
}

TEST_F(JournalFollowerTest, WaitIsBounded) {
  auto follower = Follow();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(follower.Next(20ms)->what, What::kNothing);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
}

// Two readers, one from the start and one that starts anew at its place again and again, while
// segments come and go.
TEST_F(JournalFollowerTest, ReadsEachExactlyOnceWhileItIsWritten) {
  constexpr std::uint64_t kFrames = 100'000;
  const SystemClock clock;
  auto writer = Writer::Start({.root = temp_.path(),
                               .instance = "i",
                               .account = "A1",
                               .limits = {.segment_bytes = 1UL << 20U}},
                              clock, {});
  ASSERT_TRUE(writer);
  const auto directory = AccountDirectory(temp_.path(), "A1");
  struct Seen {
    std::uint64_t frames = 0;
    std::uint64_t wrong = 0;
    std::uint64_t segments = 0;
  };
  const auto read = [&](std::uint64_t anew_every, Seen& seen) {
    Position at;
    for (bool ended = false; !ended;) {
      Follower follower{{.directory = directory, .instance = "i", .from = at}};
      for (std::uint64_t i = 0; i < anew_every && !ended; ++i) {
        const auto item = follower.Next(10s);
        if (!item || item->what == What::kNothing) {
          ++seen.wrong;
          return;
        }
        at = item->next;
        ended = item->what == What::kEnd;
        seen.segments = std::max(seen.segments, item->segment);
        if (item->what == What::kDamage || item->what == What::kMissing) ++seen.wrong;
        if (item->what != What::kRecord || item->record.kind != Kind::kFrame) continue;
        if (item->record.first_seq != ++seen.frames * 2 - 1) ++seen.wrong;
      }
    }
  };
  Seen steady, restless;
  std::thread first{[&] { read(~0ULL, steady); }};
  std::thread second{[&] { read(997, restless); }};
  for (std::uint64_t n = 1; n <= kFrames; ++n) {
    while ((*writer)->waiting_records() > 10'000) std::this_thread::yield();
    PushFrame(**writer, FrameOf(n, 50), "state");
  }
  (*writer)->Stop();
  first.join();
  second.join();
  EXPECT_EQ((*writer)->lost_records(), 0U);
  for (const Seen& seen : {steady, restless}) {
    EXPECT_EQ(seen.frames, kFrames);
    EXPECT_EQ(seen.wrong, 0U);
    EXPECT_GE(seen.segments, 5U);
  }
}

}  // namespace
}  // namespace sauda::journal
