#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/journal/records.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RecordsTest : public testing::Test {
 protected:
  std::filesystem::path PathOf(std::uint64_t number, const std::string& account = "A1") const {
    return directory_.path() / account / FileName({"run1", number});
  }
  void Write(std::uint64_t number, const std::vector<Record>& records,
             const std::string& after = {}, const std::string& account = "A1") {
    WriteFile(PathOf(number, account), HeaderOf("run1", number) + BytesOfAll(records) + after);
  }
  /// first_seq of all records.
  std::vector<std::uint64_t> Read(Records& records) {
    std::vector<std::uint64_t> read;
    for (;;) {
      const auto item = records.Next();
      EXPECT_TRUE(item);
      if (!item || !*item) return read;
      read.push_back((*item)->record.first_seq);
    }
  }
  Records Open(const std::filesystem::path& path) {
    auto segments = FindSegments(path);
    EXPECT_TRUE(segments) << segments.error().message;
    return Records{segments ? *std::move(segments) : std::vector<SegmentInfo>{},
                   [this](const std::string& what) { troubles_.push_back(what); }};
  }

  const TempDirectory directory_;
  std::vector<std::string> troubles_;
};

TEST_F(RecordsTest, ReadsSegmentsOneAfterTheOtherAndAgain) {
  Write(1, {FrameOf(1), FrameOf(2)});
  Write(2, {FrameOf(3)});
  Records records = Open(directory_.path());
  EXPECT_THAT(Read(records), ElementsAre(1, 3, 5));
  EXPECT_THAT(Read(records), ElementsAre()) << "the end stays the end";
  records.Rewind();
  EXPECT_THAT(Read(records), ElementsAre(1, 3, 5));
  EXPECT_THAT(troubles_, ElementsAre());
}

TEST_F(RecordsTest, TellsWhatItLeavesOut) {
  std::string damaged = BytesOfAll({FrameOf(2), FrameOf(3)});
  damaged[20] ^= 1;
  Write(1, {FrameOf(1)}, damaged);
  Write(4, {FrameOf(4)}, BytesOfAll({FrameOf(5)}).substr(0, 30));
  WriteFile(PathOf(5), "no segment");
  Write(6, {FrameOf(6)});
  Records records = Open(directory_.path() / "A1");
  EXPECT_THAT(Read(records), ElementsAre(1, 7, 11));
  EXPECT_THAT(troubles_,
              ElementsAre(HasSubstr("damaged from byte"), HasSubstr("segments 2 to 3 are missing"),
                          HasSubstr("ends within a record"), HasSubstr("000005")));
}

TEST_F(RecordsTest, OneFileIsReadWhateverItsName) {
  Write(3, {FrameOf(1)});
  std::filesystem::rename(PathOf(3), directory_.path() / "copy");
  Records records = Open(directory_.path() / "copy");
  EXPECT_THAT(Read(records), ElementsAre(1));
}

TEST_F(RecordsTest, AJournalOfSeveralAccountsIsAmbiguous) {
  Write(1, {FrameOf(1)});
  Write(1, {FrameOf(1)}, {}, "A2");
  const auto found = FindSegments(directory_.path());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, "JOURNAL_AMBIGUOUS");
  EXPECT_THAT(found.error().message, HasSubstr("A2"));
}

TEST_F(RecordsTest, WhatIsNoJournalIsNotFound) {
  std::filesystem::create_directories(directory_.path() / "A1");
  for (const auto& path : {directory_.path(), directory_.path() / "A1", directory_.path() / "B"}) {
    const auto found = FindSegments(path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().reason, "JOURNAL_NOT_FOUND");
    EXPECT_THAT(found.error().message, HasSubstr(path.string()));
  }
}

}  // namespace
}  // namespace sauda::journal
