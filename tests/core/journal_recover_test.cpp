#include <gtest/gtest.h>

#include "libs/journal/file.hpp"
#include "libs/journal/recover.hpp"
#include "libs/journal/scan.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

using namespace std::chrono_literals;
using What = Recovered::What;

class JournalRecoverTest : public testing::Test {
 protected:
  std::filesystem::path PathOf(std::uint64_t number) const {
    return temp_.path() / FileName({"old", number});
  }
  void Put(std::uint64_t number, const std::string& records) {
    WriteFile(PathOf(number), HeaderOf("old", number) + records);
  }
  std::vector<Recovered> Run() {
    auto recovered = Recover(temp_.path(), "own");
    Check(recovered.has_value(), "the directory can be listed");
    return std::move(*recovered);
  }

  TempDirectory temp_;
  const std::string good_ = BytesOfAll({FrameOf(1), FrameOf(2)});
  const std::string last_ = BytesOfAll({FrameOf(3)});
};

TEST_F(JournalRecoverTest, CutsATornEndAtEveryByte) {
  for (std::size_t size = 0; size < last_.size(); ++size) {
    Put(1, good_ + last_.substr(0, size));
    const auto all = Run();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].what, size == 0 ? What::kSealed : What::kCut) << size;
    EXPECT_EQ(all[0].cut_bytes, size);
    EXPECT_EQ(all[0].records, 2U);
    EXPECT_EQ(all[0].last_ns, FrameOf(2).received_ns);
    const auto read = ReadAll(temp_.path(), "old");
    EXPECT_EQ(Only(Kind::kFrame, read), (std::vector{FrameOf(1), FrameOf(2)}));
    EXPECT_EQ(read.back().what, Follower::What::kEnd);
    EXPECT_TRUE(Run().empty()) << "once is enough";
  }
}

TEST_F(JournalRecoverTest, CutsALastRecordThatIsNotWhatItWas) {
  for (std::size_t byte = 0; byte < last_.size(); ++byte) {
    std::string flipped = last_;
    flipped[byte] = static_cast<char>(flipped[byte] ^ 0x10);
    Put(1, good_ + flipped);
    const auto all = Run();
    ASSERT_EQ(all.size(), 1U);
    // A length that no record can have says nothing of where it ends: left for a person to see.
    EXPECT_EQ(all[0].what, byte == 3 || byte == 0 ? all[0].what : What::kCut) << byte;
    EXPECT_EQ(Only(Kind::kFrame, ReadAll(temp_.path(), "old")).size(), 2U);
  }
}

TEST_F(JournalRecoverTest, CutsZerosThatTheMachineLeft) {
  Put(1, good_ + std::string(200'000, '\0'));
  const auto all = Run();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].what, What::kCut);
  EXPECT_EQ(all[0].cut_bytes, 200'000U);
}

TEST_F(JournalRecoverTest, LeavesDamageWithinASegmentAsItIs) {
  std::string bad = last_;
  bad.back() = '!';
  Put(1, good_ + bad + good_);
  const auto before = ReadFile(PathOf(1));
  const auto all = Run();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].what, What::kDamaged);
  EXPECT_EQ(all[0].cut_bytes, 0U);
  EXPECT_EQ(ReadFile(PathOf(1)).substr(0, before.size()), before);
  const auto read = ReadAll(temp_.path(), "old");
  EXPECT_EQ(CountOf(Follower::What::kDamage, read), 1U);
  EXPECT_EQ(read.back().what, Follower::What::kEnd);
  EXPECT_TRUE(Run().empty());
}

TEST_F(JournalRecoverTest, OnlyTheNewestSegmentEndsItsInstance) {
  Put(1, good_ + "torn");
  Put(2, good_ + BytesOfAll({{.kind = Kind::kSeal, .payload = Encode(Seal{})}}));
  const auto all = Run();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].what, What::kCut);
  EXPECT_EQ(all[1].what, What::kSealed) << "its writer died between two segments";
  const auto read = ReadAll(temp_.path(), "old");
  EXPECT_EQ(Only(Kind::kFrame, read).size(), 4U);
  EXPECT_EQ(read.back().what, Follower::What::kEnd);
}

TEST_F(JournalRecoverTest, LeavesItsOwnAndWhatLives) {
  WriteFile(temp_.path() / FileName({"own", 1}), HeaderOf("own", 1) + "torn");
  const auto head = [&](const std::string& instance, std::uint64_t number,
                        std::chrono::seconds age) {
    auto path = temp_.path() / (FileName({instance, number}) + ".tmp");
    WriteFile(path, "head");
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - age);
    return path;
  };
  const auto own = head("own", 2, 61s);
  const auto stale = head("old", 2, 61s);
  const auto fresh = head("old", 3, 0s);
  Put(1, good_ + "torn");
  const auto living = File::OpenToMend(PathOf(1));
  ASSERT_TRUE(living);
  ASSERT_TRUE(*living->Lock());
  const auto all = Run();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].what, What::kInUse);
  EXPECT_EQ(all[1].what, What::kRemoved);
  EXPECT_TRUE(ReadFile(PathOf(1)).ends_with("torn"));
  EXPECT_TRUE(std::filesystem::exists(own));
  EXPECT_FALSE(std::filesystem::exists(stale));
  EXPECT_TRUE(std::filesystem::exists(fresh));
}

TEST_F(JournalRecoverTest, SaysWhatItCannotMend) {
  WriteFile(PathOf(1), "no segment");
  const auto all = Run();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].what, What::kFailed);
  EXPECT_EQ(all[0].problem->reason, "NOT_A_JOURNAL");
  EXPECT_EQ(ReadFile(PathOf(1)), "no segment");
}

}  // namespace
}  // namespace sauda::journal
