#include "libs/journal/format.hpp"

#include "libs/base/check.hpp"
#include "libs/journal/crc32c.hpp"
#include "libs/journal/little_endian.hpp"

namespace sauda::journal {
namespace {

// The line ends show a copy that was taken for text on the way.
constexpr std::string_view kMagic{"SAUDAJ\r\n", 8};
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kHeaderBytesAt = 12;
constexpr std::size_t kHeaderCrcAt = 16;
constexpr std::size_t kLeastHeaderBytes = kHeaderPrefixBytes + 22;

constexpr std::size_t kRecordCrcAt = 4;
constexpr std::size_t kLeastLength = kRecordBytesWithoutText - kRecordPrefixBytes;

/// The crc covers what stands before it too: a length that was changed is never believed.
std::uint32_t SumAround(std::string_view whole, std::size_t crc_at) {
  return Crc32c(whole.substr(crc_at + sizeof(std::uint32_t)), Crc32c(whole.substr(0, crc_at)));
}

void PutAt(std::string& in, std::size_t offset, std::uint32_t value) {
  std::string bytes;
  Put(bytes, value);
  in.replace(offset, bytes.size(), bytes);
}

void PutText(std::string& to, const std::string& text) {
  Check(!text.empty() && text.size() <= kMaxTextBytes, "a segment's ids are within their limit");
  Put(to, static_cast<std::uint16_t>(text.size()));
  to += text;
}

/// Takes a text off the front of `from`. False: there is none, or none that can be.
bool TakeText(std::string_view& from, std::string& text) {
  if (from.size() < sizeof(std::uint16_t)) return false;
  const std::size_t size = Get<std::uint16_t>(from, 0);
  from.remove_prefix(sizeof(std::uint16_t));
  if (size == 0 || size > kMaxTextBytes || size > from.size()) return false;
  text = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

}  // namespace

RecordView View(const Record& record) {
  return {record.kind,      record.connection, record.received_ns, record.monotonic_ns,
          record.first_seq, record.ticks,      record.payload};
}

Record Copy(const RecordView& view) {
  return {view.kind,      view.connection, view.received_ns,         view.monotonic_ns,
          view.first_seq, view.ticks,      std::string{view.payload}};
}

bool IsKnown(Kind kind) {
  switch (kind) {
    case Kind::kFrame:
    case Kind::kState:
    case Kind::kGap:
    case Kind::kNotice:
    case Kind::kSeal:
      return true;
  }
  return false;
}

std::string EncodeHeader(const SegmentHeader& header) {
  std::string bytes{kMagic};
  Put(bytes, kFormatVersion);
  Put(bytes, std::uint16_t{0});
  Put(bytes, std::uint32_t{0});  // its size and its crc come when they are known
  Put(bytes, std::uint32_t{0});
  Put(bytes, header.created_ns);
  Put(bytes, header.number);
  Put(bytes, static_cast<std::uint8_t>(header.simulated));
  Put(bytes, static_cast<std::uint8_t>(header.clock));
  PutText(bytes, header.instance);
  PutText(bytes, header.account);
  PutAt(bytes, kHeaderBytesAt, static_cast<std::uint32_t>(bytes.size()));
  PutAt(bytes, kHeaderCrcAt, SumAround(bytes, kHeaderCrcAt));
  return bytes;
}

Result<ParsedHeader> ParseHeader(std::string_view bytes) {
  const Error torn{Code::kOutOfRange, "HEADER_TORN", "the header is not all there"};
  const Error corrupt{Code::kDataLoss, "HEADER_CORRUPT", "the header is damaged"};
  const std::string_view magic = bytes.substr(0, kMagic.size());
  if (magic != kMagic.substr(0, magic.size())) {
    return Error{Code::kInvalidArgument, "NOT_A_JOURNAL", "it is not a segment of a journal"};
  }
  if (bytes.size() < kHeaderPrefixBytes) return torn;
  const auto version = Get<std::uint16_t>(bytes, kVersionAt);
  if (version != kFormatVersion) {
    return Error{Code::kUnimplemented, "VERSION_UNKNOWN",
                 "format version " + std::to_string(version) + " is not " +
                     std::to_string(kFormatVersion) + ": read it with the release that wrote it"};
  }
  const std::size_t size = Get<std::uint32_t>(bytes, kHeaderBytesAt);
  if (size < kLeastHeaderBytes || size > kMaxHeaderBytes) return corrupt;
  if (bytes.size() < size) return torn;
  bytes = bytes.substr(0, size);
  if (Get<std::uint32_t>(bytes, kHeaderCrcAt) != SumAround(bytes, kHeaderCrcAt)) return corrupt;

  ParsedHeader parsed{.bytes = size};
  std::string_view rest = bytes.substr(kHeaderPrefixBytes);
  parsed.header.created_ns = Get<std::int64_t>(rest, 0);
  parsed.header.number = Get<std::uint64_t>(rest, 8);
  const auto simulated = Get<std::uint8_t>(rest, 16);
  const auto clock = Get<std::uint8_t>(rest, 17);
  rest.remove_prefix(18);
  if (simulated > 1 || clock > static_cast<std::uint8_t>(MarketClock::Source::kBroker)) {
    return corrupt;
  }
  parsed.header.simulated = simulated == 1;
  parsed.header.clock = static_cast<MarketClock::Source>(clock);
  if (!TakeText(rest, parsed.header.instance) || !TakeText(rest, parsed.header.account)) {
    return corrupt;
  }
  if (!rest.empty()) return corrupt;
  return parsed;
}

void AppendRecord(std::string& to, const RecordView& record) {
  Check(record.payload.size() <= kMaxPayloadBytes, "a record's payload is within its limit");
  const std::size_t start = to.size();
  Put(to, static_cast<std::uint32_t>(kLeastLength + record.payload.size()));
  Put(to, std::uint32_t{0});
  Put(to, static_cast<std::uint8_t>(record.kind));
  Put(to, record.connection);
  Put(to, record.received_ns);
  Put(to, record.monotonic_ns);
  Put(to, record.first_seq);
  Put(to, record.ticks);
  to += record.payload;
  PutAt(to, start + kRecordCrcAt, SumAround(std::string_view{to}.substr(start), kRecordCrcAt));
}

ParsedRecord ParseRecord(std::string_view bytes) {
  using Status = ParsedRecord::Status;
  if (bytes.size() < kRecordPrefixBytes) return {Status::kShort, kRecordBytesWithoutText, {}};
  const std::size_t length = Get<std::uint32_t>(bytes, 0);
  if (length < kLeastLength || length > kLeastLength + kMaxPayloadBytes) {
    return {Status::kCorrupt, 0, {}};
  }
  const std::size_t size = kRecordPrefixBytes + length;
  if (bytes.size() < size) return {Status::kShort, size, {}};
  bytes = bytes.substr(0, size);
  if (Get<std::uint32_t>(bytes, kRecordCrcAt) != SumAround(bytes, kRecordCrcAt)) {
    return {Status::kCorrupt, size, {}};
  }
  return {Status::kWhole, size,
          RecordView{.kind = static_cast<Kind>(Get<std::uint8_t>(bytes, 8)),
                     .connection = Get<std::uint32_t>(bytes, 9),
                     .received_ns = Get<std::int64_t>(bytes, 13),
                     .monotonic_ns = Get<std::int64_t>(bytes, 21),
                     .first_seq = Get<std::uint64_t>(bytes, 29),
                     .ticks = Get<std::uint32_t>(bytes, 37),
                     .payload = bytes.substr(kRecordBytesWithoutText)}};
}

}  // namespace sauda::journal
