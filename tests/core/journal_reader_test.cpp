#include <gtest/gtest.h>

#include "libs/journal/reader.hpp"
#include "libs/journal/scan.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

using Found = SegmentReader::Found;

class JournalReaderTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return temp_.path() / "i-000001.saudaj"; }
  SegmentReader Open(const std::string& records) {
    WriteFile(path(), HeaderOf("i", 1) + records);
    auto reader = SegmentReader::Open(path());
    Check(reader.has_value(), "the segment opens");
    return std::move(*reader);
  }
  static SegmentReader::Item Next(SegmentReader& reader) {
    const auto item = reader.Next();
    Check(item.has_value(), "the disk is well");
    return *item;
  }

  TempDirectory temp_;
};

std::string SealBytes(const Seal& seal) {
  return BytesOfAll({{.kind = Kind::kSeal, .payload = Encode(seal)}});
}

TEST_F(JournalReaderTest, GivesEveryRecordWithItsPlace) {
  const std::vector<Record> records{StateOf("s"), FrameOf(1), FrameOf(2, 1'000'000), FrameOf(3)};
  auto reader = Open(BytesOfAll(records));
  EXPECT_EQ(reader.header().instance, "i");
  EXPECT_TRUE(reader.header().simulated);
  std::uint64_t offset = HeaderOf("i", 1).size();
  for (const Record& record : records) {
    const auto item = Next(reader);
    ASSERT_EQ(item.found, Found::kRecord);
    EXPECT_EQ(Copy(item.record), record);
    EXPECT_EQ(item.offset, offset);
    offset += BytesOf(record);
    EXPECT_EQ(item.next_offset, offset);
  }
  EXPECT_EQ(Next(reader).found, Found::kEnd);
}

TEST_F(JournalReaderTest, SeesWhatIsWrittenLaterByteForByte) {
  auto reader = Open("");
  EXPECT_EQ(Next(reader).found, Found::kEnd);
  const std::string bytes = BytesOfAll({FrameOf(1), FrameOf(2)});
  std::uint64_t seen = 0;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    WriteFile(path(), HeaderOf("i", 1) + bytes.substr(0, size));
    const bool whole = size == bytes.size() / 2 || size == bytes.size();
    const auto item = Next(reader);
    ASSERT_EQ(item.found, whole ? Found::kRecord : Found::kTorn) << size;
    if (whole) {
      EXPECT_EQ(Copy(item.record), FrameOf(++seen));
      EXPECT_EQ(Next(reader).found, Found::kEnd);
    }
  }
  EXPECT_EQ(seen, 2U);
}

TEST_F(JournalReaderTest, TornAtEveryByteOfTheLastRecord) {
  const std::string good = BytesOfAll({FrameOf(1), FrameOf(2)});
  const std::string last = BytesOfAll({FrameOf(3)});
  for (std::size_t size = 0; size < last.size(); ++size) {
    auto reader = Open(good + last.substr(0, size));
    EXPECT_EQ(Copy(Next(reader).record), FrameOf(1));
    EXPECT_EQ(Copy(Next(reader).record), FrameOf(2));
    const auto item = Next(reader);
    EXPECT_EQ(item.found, size == 0 ? Found::kEnd : Found::kTorn) << size;
    EXPECT_EQ(item.offset, HeaderOf("i", 1).size() + good.size());
    EXPECT_EQ(item.next_offset, item.offset);
  }
}

TEST_F(JournalReaderTest, NoBitOfTheLastRecordMayDiffer) {
  const std::string good = BytesOfAll({FrameOf(1)});
  const std::string last = BytesOfAll({FrameOf(2)});
  for (std::size_t bit = 0; bit < last.size() * 8; ++bit) {
    std::string flipped = last;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    auto reader = Open(good + flipped);
    EXPECT_EQ(Copy(Next(reader).record), FrameOf(1));
    const auto item = Next(reader);
    const bool in_length = bit < 32;  // a longer one may look as if it were not all there
    EXPECT_TRUE(item.found == Found::kCorrupt || (in_length && item.found == Found::kTorn)) << bit;
    EXPECT_EQ(Next(reader).found, item.found) << "and it stays so";
  }
}

TEST_F(JournalReaderTest, UnknownKindsAreSkippedAndCounted) {
  Record later = FrameOf(9);
  later.kind = Kind{77};
  const Record later_seal{.kind = Kind::kSeal, .payload = "of another version"};
  auto reader = Open(BytesOfAll({later, FrameOf(1), later, later_seal, FrameOf(2), later}));
  EXPECT_EQ(Copy(Next(reader).record), FrameOf(1));
  EXPECT_EQ(Copy(Next(reader).record), FrameOf(2));
  EXPECT_EQ(Next(reader).found, Found::kEnd);
  EXPECT_EQ(reader.unknown_records(), 4U);
}

TEST_F(JournalReaderTest, SealIsFoundOnceAndThenTheEnd) {
  const Seal seal{.last = true, .records = 1, .frames = 1, .ticks = 2};
  auto reader = Open(BytesOfAll({FrameOf(1)}) + SealBytes(seal));
  EXPECT_EQ(Next(reader).found, Found::kRecord);
  const auto item = Next(reader);
  EXPECT_EQ(item.found, Found::kSealed);
  EXPECT_EQ(item.seal, seal);
  EXPECT_EQ(Next(reader).found, Found::kEnd);
}

TEST_F(JournalReaderTest, GoesOnAtEveryPlaceAndOnlyThere) {
  const std::string bytes = BytesOfAll({FrameOf(1), FrameOf(2)});
  auto reader = Open(bytes);
  const std::uint64_t start = HeaderOf("i", 1).size();
  for (std::uint64_t at = 0; at < start + bytes.size() + 10; ++at) {
    reader.Seek(at);
    const auto item = Next(reader);
    if (at <= start) {
      EXPECT_EQ(Copy(item.record), FrameOf(1));
    } else if (at == start + bytes.size() / 2) {
      EXPECT_EQ(Copy(item.record), FrameOf(2));
    } else {
      EXPECT_NE(item.found, Found::kRecord) << at;
      EXPECT_EQ(item.found == Found::kEnd, at >= start + bytes.size()) << at;
    }
  }
}

TEST_F(JournalReaderTest, FileThatIsNoSegmentIsNamed) {
  std::string newer = HeaderOf("i", 1);
  newer[8] = 9;
  std::string damaged = HeaderOf("i", 1);
  damaged.back() = '!';
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "HEADER_TORN"},
      {HeaderOf("i", 1).substr(0, 30), "HEADER_TORN"},
      {"#!/bin/sh\n# not at all a journal\n", "NOT_A_JOURNAL"},
      {newer, "VERSION_UNKNOWN"},
      {damaged, "HEADER_CORRUPT"}};
  for (const auto& [bytes, reason] : cases) {
    WriteFile(path(), bytes);
    const auto reader = SegmentReader::Open(path());
    ASSERT_FALSE(reader) << reason;
    EXPECT_EQ(reader.error().reason, reason);
    EXPECT_NE(reader.error().message.find(path().string()), std::string::npos);
  }
  EXPECT_EQ(SegmentReader::Open(temp_.path() / "none").error().reason, "FILE_NOT_FOUND");
}

TEST_F(JournalReaderTest, ScanCountsWhatIsThere) {
  Record later = FrameOf(9);
  later.kind = Kind{77};
  const std::string records =
      BytesOfAll({{.kind = Kind::kGap}, StateOf("a"), StateOf("b"), FrameOf(1), later, FrameOf(2)});
  const std::uint64_t start = HeaderOf("i", 1).size();
  (void)Open(records + "tail");
  const auto scan = Scan(path());
  ASSERT_TRUE(scan);
  EXPECT_EQ(scan->end, Found::kTorn);
  EXPECT_EQ(scan->file_bytes, start + records.size() + 4);
  EXPECT_EQ(scan->good_bytes, start + records.size());
  EXPECT_EQ(scan->counts, (Seal{.records = 5,
                                .frames = 2,
                                .ticks = 4,
                                .first_ns = FrameOf(1).received_ns,
                                .last_ns = FrameOf(2).received_ns}));
  EXPECT_EQ(scan->states, 2U);
  EXPECT_EQ(scan->gaps, 1U);
  EXPECT_EQ(scan->unknown, 1U);
  EXPECT_EQ(scan->frames.records, 2U);

  (void)Open(records + SealBytes(scan->counts));
  EXPECT_EQ(Scan(path())->end, Found::kSealed);
  EXPECT_EQ(Scan(path(), start + records.size())->frames.records, 0U);
}

}  // namespace
}  // namespace sauda::journal
