#include "libs/journal/payloads.hpp"

#include <algorithm>

#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/little_endian.hpp"

namespace sauda::journal {
namespace {

constexpr std::size_t kStretchBytes = 48;  // then the cause

/// When what a record tells of begins: a notice of a gap comes when the gap is over.
std::int64_t BeginOf(const RecordView& record) {
  if (record.kind != Kind::kNotice) return record.received_ns;
  const auto gap = ParseGap(record.payload);
  const bool known = gap && gap->from_ns > 0;
  return known ? std::min(gap->from_ns, record.received_ns) : record.received_ns;
}

}  // namespace

void Stretch::Add(const RecordView& record) {
  Add(Stretch{.from_ns = BeginOf(record),
              .to_ns = record.received_ns,
              .records = 1,
              .ticks = record.ticks,
              .first_seq = record.ticks > 0 ? record.first_seq : 0,
              .bytes = kRecordBytesWithoutText + record.payload.size()});
}

void Stretch::Add(const Stretch& other) {
  if (other.records == 0) return;
  if (records == 0) {
    from_ns = other.from_ns;
    to_ns = other.to_ns;
  }
  if (cause.empty()) cause = other.cause;
  from_ns = std::min(from_ns, other.from_ns);
  to_ns = std::max(to_ns, other.to_ns);
  if (first_seq == 0 || (other.first_seq != 0 && other.first_seq < first_seq)) {
    first_seq = other.first_seq;
  }
  records += other.records;
  ticks += other.ticks;
  bytes += other.bytes;
}

void Seal::Count(const RecordView& record) {
  if (record.kind == Kind::kSeal) return;
  ++records;
  ticks += record.ticks;
  if (record.kind != Kind::kFrame) return;
  ++frames;
  if (first_ns == 0) first_ns = record.received_ns;
  last_ns = record.received_ns;
}

std::string Encode(const Stretch& stretch) {
  std::string bytes;
  Put(bytes, stretch.from_ns);
  Put(bytes, stretch.to_ns);
  Put(bytes, stretch.records);
  Put(bytes, stretch.ticks);
  Put(bytes, stretch.first_seq);
  Put(bytes, stretch.bytes);
  return bytes + stretch.cause;
}

std::string Encode(const Seal& seal) {
  std::string bytes;
  Put(bytes, static_cast<std::uint8_t>(seal.last));
  Put(bytes, seal.records);
  Put(bytes, seal.frames);
  Put(bytes, seal.ticks);
  Put(bytes, seal.first_ns);
  Put(bytes, seal.last_ns);
  return bytes;
}

std::optional<Stretch> ParseStretch(std::string_view payload) {
  if (payload.size() < kStretchBytes) return std::nullopt;
  return Stretch{.from_ns = Get<std::int64_t>(payload, 0),
                 .to_ns = Get<std::int64_t>(payload, 8),
                 .records = Get<std::uint64_t>(payload, 16),
                 .ticks = Get<std::uint64_t>(payload, 24),
                 .first_seq = Get<std::uint64_t>(payload, 32),
                 .bytes = Get<std::uint64_t>(payload, 40),
                 .cause = std::string{payload.substr(kStretchBytes)}};
}

std::optional<Seal> ParseSeal(std::string_view payload) {
  if (payload.size() != kSealPayloadBytes) return std::nullopt;
  return Seal{.last = Get<std::uint8_t>(payload, 0) != 0,
              .records = Get<std::uint64_t>(payload, 1),
              .frames = Get<std::uint64_t>(payload, 9),
              .ticks = Get<std::uint64_t>(payload, 17),
              .first_ns = Get<std::int64_t>(payload, 25),
              .last_ns = Get<std::int64_t>(payload, 33)};
}

}  // namespace sauda::journal
