#include <gtest/gtest.h>

#include "libs/journal/catalog.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

TEST(JournalCatalogTest, ListsSegmentsByAgeAndLeavesForeignFilesAlone) {
  const TempDirectory temp;
  const auto put = [&](const std::string& instance, std::uint64_t number, std::int64_t created_ns,
                       const std::string& records) {
    WriteFile(
        temp.path() / FileName({instance, number}),
        EncodeHeader(
            {.instance = instance, .account = "A1", .created_ns = created_ns, .number = number}) +
            records);
  };
  const Seal seal{.records = 5, .frames = 3, .ticks = 9, .first_ns = 1, .last_ns = 2};
  put("a", 10, 60, "");
  put("a", 9, 50, BytesOfAll({{.kind = Kind::kSeal, .payload = Encode(seal)}}));
  put("b", 1, 20, BytesOfAll({FrameOf(1)}));
  WriteFile(temp.path() / "z-000001.saudaj", "no segment at all, but called one");
  WriteFile(temp.path() / "a-000011.saudaj.tmp", "x");
  WriteFile(temp.path() / "notes.txt", "x");
  WriteFile(temp.path() / "a-1.saudaj", "x");
  std::filesystem::create_directory(temp.path() / "lost+found");

  const auto listing = List(temp.path());
  ASSERT_TRUE(listing);
  std::vector<std::string> names;
  for (const SegmentInfo& info : listing->segments) names.push_back(info.path.filename().string());
  EXPECT_EQ(names, (std::vector<std::string>{"b-000001.saudaj", "a-000009.saudaj",
                                             "a-000010.saudaj", "z-000001.saudaj"}));
  EXPECT_EQ(listing->segments[1].seal, seal);
  EXPECT_EQ(listing->segments[1].created_ns, 50);
  EXPECT_EQ(listing->segments[1].bytes, std::filesystem::file_size(listing->segments[1].path));
  EXPECT_FALSE(listing->segments[0].seal);
  ASSERT_TRUE(listing->segments[3].problem);
  EXPECT_EQ(listing->segments[3].problem->reason, "NOT_A_JOURNAL");
  EXPECT_EQ(listing->foreign, (std::vector{temp.path() / "a-1.saudaj", temp.path() / "lost+found",
                                           temp.path() / "notes.txt"}));
  EXPECT_EQ(listing->unfinished, std::vector{temp.path() / "a-000011.saudaj.tmp"});
}

TEST(JournalCatalogTest, NoDirectoryIsAnEmptyOne) {
  const TempDirectory temp;
  const auto listing = List(temp.path() / "none");
  ASSERT_TRUE(listing);
  EXPECT_TRUE(listing->segments.empty());
  WriteFile(temp.path() / "file", "x");
  EXPECT_FALSE(List(temp.path() / "file"));
}

}  // namespace
}  // namespace sauda::journal
