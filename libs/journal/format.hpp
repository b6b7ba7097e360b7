#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"

namespace sauda::journal {

// A segment is a header and then records, one after the other. All numbers are little-endian.
//
//   header  magic 8 | version u16 | 0 u16 | bytes of the header u32 | crc u32 | created_ns i64 |
//           number u64 | simulated u8 | clock u8 | instance u16 + text | account u16 + text
//   record  length u32 | crc u32 | kind u8 | connection u32 | received_ns i64 | monotonic_ns i64 |
//           first_seq u64 | ticks u32 | payload
//
// A crc is the CRC-32C of everything else in its header or record; `length` counts what stands
// after the crc.

inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::size_t kMaxPayloadBytes = 16UL << 20U;
inline constexpr std::size_t kMaxTextBytes = 200;  ///< of an instance's or an account's id
inline constexpr std::size_t kHeaderPrefixBytes = 20;
inline constexpr std::size_t kMaxHeaderBytes = kHeaderPrefixBytes + 22 + 2 * kMaxTextBytes;
inline constexpr std::size_t kRecordPrefixBytes = 8;        ///< length and crc
inline constexpr std::size_t kRecordBytesWithoutText = 41;  ///< of a record without a payload
inline constexpr std::size_t kMaxRecordBytes = kRecordBytesWithoutText + kMaxPayloadBytes;

/// What a segment says of itself.
struct SegmentHeader {
  std::string instance;  ///< of the process that wrote it; 1 to kMaxTextBytes bytes
  std::string account;   ///< whose market data it is; 1 to kMaxTextBytes bytes
  bool simulated = false;
  MarketClock::Source clock = MarketClock::Source::kWall;
  std::int64_t created_ns = 0;  ///< since the Unix epoch, UTC
  std::uint64_t number = 0;     ///< counts the segments of an instance from 1, without holes

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

/// What a record is. Others may come: readers skip and count what they do not know.
enum class Kind : std::uint8_t {
  kFrame = 1,   ///< one message of the broker's, as it came
  kState = 2,   ///< what the frames before amount to; together those at a segment's head are all
  kGap = 3,     ///< a Stretch (payloads.hpp) that was pushed and is not in the journal
  kNotice = 5,  ///< the owner's own words (feed_payloads.hpp), in the order of its frames
  kSeal = 4,    ///< a Seal (payloads.hpp): the segment ends here; readers do not hand it on
};

/// One entry, with bytes of its own.
struct Record {
  Kind kind = Kind::kFrame;
  std::uint32_t connection = 0;   ///< which of the owner's connections it came by
  std::int64_t received_ns = 0;   ///< wall clock at the read, since the Unix epoch, UTC
  std::int64_t monotonic_ns = 0;  ///< steady clock at the read; comparable within an instance
  std::uint64_t first_seq = 0;    ///< number of the first tick made of it; 0: no tick was
  std::uint32_t ticks = 0;        ///< how many were made of it
  std::string payload;            ///< up to kMaxPayloadBytes

  friend bool operator==(const Record&, const Record&) = default;
};

/// One entry, with a payload that lives elsewhere. Fields as in Record.
struct RecordView {
  Kind kind = Kind::kFrame;
  std::uint32_t connection = 0;
  std::int64_t received_ns = 0;
  std::int64_t monotonic_ns = 0;
  std::uint64_t first_seq = 0;
  std::uint32_t ticks = 0;
  std::string_view payload;
};

RecordView View(const Record& record);
Record Copy(const RecordView& view);

/// Bytes that the record takes in a file.
inline std::size_t BytesOf(const Record& record) {
  return kRecordBytesWithoutText + record.payload.size();
}

/// Whether readers of this version know the kind.
bool IsKnown(Kind kind);

/// The header's bytes. Both texts are within their limits: a Check.
std::string EncodeHeader(const SegmentHeader& header);

struct ParsedHeader {
  SegmentHeader header;
  std::size_t bytes = 0;  ///< where the records begin
};

/// Reads the header that `bytes` begin with; kMaxHeaderBytes of them are enough. Fails with
///   kOutOfRange          HEADER_TORN: there are fewer bytes than the header has
///   kInvalidArgument     NOT_A_JOURNAL: it begins with something else
///   kUnimplemented       VERSION_UNKNOWN
///   kDataLoss            HEADER_CORRUPT: the crc does not fit, or a field cannot be
Result<ParsedHeader> ParseHeader(std::string_view bytes);

/// Appends the record's bytes. The payload is within its limit: a Check.
void AppendRecord(std::string& to, const RecordView& record);

struct ParsedRecord {
  enum class Status : std::uint8_t {
    kWhole,    ///< `record` is good, and `bytes` long
    kShort,    ///< it goes on after the end: there must be `bytes`, at least
    kCorrupt,  ///< `bytes` is what its length says, 0 when no record can have that length
  };
  Status status = Status::kShort;
  std::size_t bytes = 0;
  RecordView record;  ///< looks into what was parsed
};

/// Reads the record that `bytes` begin with. Pure, total, and reads nothing past the end: any bytes
/// may be given to it.
ParsedRecord ParseRecord(std::string_view bytes);

}  // namespace sauda::journal
