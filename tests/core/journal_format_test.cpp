#include <random>

#include <gtest/gtest.h>

#include "libs/journal/crc32c.hpp"
#include "libs/journal/format.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/payloads.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::journal {
namespace {

using Status = ParsedRecord::Status;

const SegmentHeader kHeader{.instance = "feed-1",
                            .account = "AB/12 \xC3\xA9",
                            .simulated = true,
                            .clock = MarketClock::Source::kBroker,
                            .created_ns = -5,
                            .number = 7};

Record Sample(Kind kind) {
  return {.kind = kind,
          .connection = 0xFEDCBA98U,
          .received_ns = 1'765'771'200'000'000'001,
          .monotonic_ns = -2,
          .first_seq = 0xFFFF'FFFF'FFFF'FFFEU,
          .ticks = 3,
          .payload = std::string("a\0b", 3)};
}

std::string BytesOfOne(const Record& record) {
  std::string bytes;
  AppendRecord(bytes, View(record));
  return bytes;
}

TEST(Crc32cTest, GivesThePublishedValues) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);    // RFC 3720, B.4
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43U);  // RFC 3720, B.4
  EXPECT_EQ(Crc32c(""), 0U);
}

TEST(Crc32cTest, TableAndInstructionAgreeOnEveryLengthAndJoin) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Crc32c(bytes), Crc32cByTable(bytes)) << i;
    EXPECT_EQ(Crc32c(std::string_view{bytes}.substr(bytes.size() / 3),
                     Crc32c(std::string_view{bytes}.substr(0, bytes.size() / 3))),
              Crc32c(bytes));
    bytes += static_cast<char>(i * 37);
  }
}

TEST(HeaderTest, ComesBackAsItWas) {
  const std::string bytes = EncodeHeader(kHeader);
  EXPECT_LE(bytes.size(), kMaxHeaderBytes);
  const auto parsed = ParseHeader(bytes + "records");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->header, kHeader);
  EXPECT_EQ(parsed->bytes, bytes.size());
}

TEST(HeaderTest, LongestIdsFit) {
  SegmentHeader header = kHeader;
  header.instance.assign(kMaxTextBytes, 'i');
  header.account.assign(kMaxTextBytes, 'a');
  const std::string bytes = EncodeHeader(header);
  EXPECT_EQ(bytes.size(), kMaxHeaderBytes);
  ASSERT_TRUE(ParseHeader(bytes));
  EXPECT_EQ(ParseHeader(bytes)->header, header);
}

TEST(HeaderTest, LaysBytesOutTheSameOnEveryMachine) {
  const std::string bytes = EncodeHeader(
      {.instance = "i", .account = "a", .simulated = true, .created_ns = 0x0102, .number = 3});
  EXPECT_EQ(bytes.substr(0, 16), std::string("SAUDAJ\r\n\x01\0\0\0\x2C\0\0\0", 16));
  EXPECT_EQ(bytes.substr(20),
            std::string("\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x01\0\x01\0i\x01\0a", 24));
}

TEST(HeaderTest, CutAnywhereItIsTorn) {
  const std::string bytes = EncodeHeader(kHeader);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto parsed = ParseHeader(bytes.substr(0, size));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().reason, "HEADER_TORN") << size;
  }
}

TEST(HeaderTest, NoFlippedBitIsBelieved) {
  const std::string bytes = EncodeHeader(kHeader);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto parsed = ParseHeader(flipped);
    ASSERT_FALSE(parsed) << bit;
    const char* const reason = bit < 64                 ? "NOT_A_JOURNAL"
                               : bit < 80               ? "VERSION_UNKNOWN"
                               : bit >= 96 && bit < 128 ? nullptr  // its size: torn or corrupt
                                                        : "HEADER_CORRUPT";
    if (reason != nullptr) {
      EXPECT_EQ(parsed.error().reason, reason) << bit;
    }
  }
}

TEST(RecordTest, EveryKindComesBackAsItWas) {
  for (const auto kind : {Kind::kFrame, Kind::kState, Kind::kGap, Kind::kSeal, Kind{200}}) {
    const Record record = Sample(kind);
    const std::string bytes = BytesOfOne(record);
    EXPECT_EQ(bytes.size(), BytesOf(record));
    const std::string longer = bytes + "more";
    const auto parsed = ParseRecord(longer);
    ASSERT_EQ(parsed.status, Status::kWhole);
    EXPECT_EQ(parsed.bytes, bytes.size());
    EXPECT_EQ(Copy(parsed.record), record);
  }
}

TEST(RecordTest, LaysBytesOutTheSameOnEveryMachine) {
  const std::string bytes = BytesOfOne({.kind = Kind::kFrame,
                                        .connection = 0x0201,
                                        .received_ns = 0x0403,
                                        .monotonic_ns = 0x0605,
                                        .first_seq = 0x0807,
                                        .ticks = 0x0A09,
                                        .payload = "p"});
  EXPECT_EQ(bytes.substr(0, 4), std::string("\x22\0\0\0", 4));
  EXPECT_EQ(bytes.substr(8), std::string("\x01\x01\x02\0\0\x03\x04\0\0\0\0\0\0\x05\x06\0\0\0\0\0\0"
                                         "\x07\x08\0\0\0\0\0\0\x09\x0A\0\0p",
                                         34));
}

TEST(RecordTest, CutAnywhereItIsShortAndSaysWhatIsNeeded) {
  const std::string bytes = BytesOfOne(Sample(Kind::kFrame));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto parsed = ParseRecord(std::string_view{bytes}.substr(0, size));
    EXPECT_EQ(parsed.status, Status::kShort) << size;
    EXPECT_GT(parsed.bytes, size);
    EXPECT_LE(parsed.bytes, bytes.size());
  }
}

TEST(RecordTest, NoFlippedBitIsBelieved) {
  const std::string bytes = BytesOfOne(Sample(Kind::kFrame));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(ParseRecord(flipped + std::string(64, 'z')).status, Status::kWhole) << bit;
  }
}

TEST(RecordTest, LengthHasTwoLimits) {
  const Record largest{.payload = std::string(kMaxPayloadBytes, 'p')};
  const std::string bytes = BytesOfOne(largest);
  EXPECT_EQ(bytes.size(), kMaxRecordBytes);
  EXPECT_EQ(ParseRecord(bytes).status, Status::kWhole);
  std::string longer = bytes.substr(0, 64);
  longer[0] = static_cast<char>(longer[0] + 1);
  EXPECT_EQ(ParseRecord(longer).status, Status::kCorrupt);
  EXPECT_EQ(ParseRecord(std::string(64, '\0')).status, Status::kCorrupt) << "zeros are no record";
  EXPECT_EQ(ParseRecord(BytesOfOne({})).status, Status::kWhole) << "nothing in it is allowed";
}

TEST(RecordTest, AnyBytesMayBeParsed) {
  const auto seed = std::random_device{}();
  std::mt19937 random{seed};
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::string good = BytesOfOne(Sample(Kind::kFrame));
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good + good;
    bytes.resize(random() % bytes.size());
    for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto parsed = ParseRecord(bytes);
    if (parsed.status == Status::kWhole) {
      ASSERT_EQ(bytes.substr(0, parsed.bytes), good);
    }
    (void)ParseHeader(bytes);
    (void)ParseStretch(bytes);
    (void)ParseSeal(bytes);
  }
}

TEST(PayloadTest, StretchComesBackAsItWas) {
  const Stretch stretch{.from_ns = -1,
                        .to_ns = 2,
                        .records = 3,
                        .ticks = 1ULL << 40U,
                        .first_seq = 5,
                        .bytes = 6,
                        .cause = "DISK_FULL"};
  EXPECT_EQ(ParseStretch(Encode(stretch)), stretch);
  EXPECT_FALSE(ParseStretch("short"));
}

TEST(PayloadTest, StretchesJoin) {
  Stretch whole{.cause = "RING_FULL"};
  whole.Add(RecordView{.received_ns = 20, .first_seq = 9, .ticks = 2, .payload = "12"});
  whole.Add(RecordView{.received_ns = 10, .ticks = 0});
  whole.Add(Stretch{.cause = "NOTHING"});
  whole.Add(
      Stretch{.from_ns = 30, .to_ns = 40, .records = 5, .ticks = 7, .first_seq = 11, .bytes = 100});
  EXPECT_EQ(whole, (Stretch{.from_ns = 10,
                            .to_ns = 40,
                            .records = 7,
                            .ticks = 9,
                            .first_seq = 9,
                            .bytes = 2 * kRecordBytesWithoutText + 102,
                            .cause = "RING_FULL"}));
}

TEST(PayloadTest, SealComesBackAsItWas) {
  const Seal seal{
      .last = true, .records = 1, .frames = 2, .ticks = 3, .first_ns = 4, .last_ns = -5};
  EXPECT_EQ(Encode(seal).size(), kSealPayloadBytes);
  EXPECT_EQ(ParseSeal(Encode(seal)), seal);
  EXPECT_FALSE(ParseSeal(Encode(seal) + "x"));
}

struct NameCase {
  std::string name;
  std::string text;
  std::string encoded;
};
class PercentTest : public testing::TestWithParam<NameCase> {};

TEST_P(PercentTest, GoesThereAndBack) {
  EXPECT_EQ(PercentEncode(GetParam().text), GetParam().encoded);
  EXPECT_EQ(PercentDecode(GetParam().encoded), GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Names, PercentTest,
                         testing::Values(NameCase{"Plain", "AB_12-c.d", "AB_12-c.d"},
                                         NameCase{"Parent", "..", "%2E."},
                                         NameCase{"Slash", "a/b", "a%2Fb"},
                                         NameCase{"Percent", "%2F", "%252F"},
                                         NameCase{"Zero", std::string(1, '\0'), "%00"},
                                         NameCase{"NotAscii", "\xC3\xA9", "%C3%A9"}),
                         CaseName{});

TEST(NamesTest, OneTextHasOneName) {
  for (const char* name : {"%2f", "%41", "%", "%4", "%zz", ".", "a/b", "a b"}) {
    EXPECT_FALSE(PercentDecode(name)) << name;
  }
}

TEST(NamesTest, FileNamesGoThereAndBack) {
  const SegmentName name{.instance = "feed-1/x", .number = 42};
  EXPECT_EQ(FileName(name), "feed-1%2Fx-000042.saudaj");
  EXPECT_EQ(ParseFileName(FileName(name)), name);
  EXPECT_EQ(ParseFileName("i-1000000.saudaj"), (SegmentName{"i", 1'000'000}));
  for (const char* foreign :
       {"", "x", ".saudaj", "-000001.saudaj", "i-1.saudaj", "i-0000001.saudaj",
        "i-000001.saudaj.tmp", "i-00000x.saudaj", "i-99999999999999999999.saudaj",
        "i-000001.SAUDAJ", "i-+00001.saudaj"}) {
    EXPECT_FALSE(ParseFileName(foreign)) << foreign;
  }
}

TEST(NamesTest, IdsMustFitIntoAFileName) {
  EXPECT_TRUE(CheckId(std::string(200, 'a'), "account"));
  EXPECT_TRUE(CheckId(std::string(66, '/'), "account"));
  for (const std::string& id : {std::string{}, std::string(201, 'a'), std::string(67, '/')}) {
    const auto checked = CheckId(id, "account");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().reason, "ID_INVALID");
  }
}

}  // namespace
}  // namespace sauda::journal
