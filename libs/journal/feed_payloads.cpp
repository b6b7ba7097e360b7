#include "libs/journal/feed_payloads.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "libs/journal/little_endian.hpp"

namespace sauda::journal {
namespace {

constexpr std::size_t kFrameHeadBytes = 5;
constexpr std::size_t kGapHeadBytes = 26;

}  // namespace

std::string Encode(const FramePayload& frame) {
  std::string payload;
  payload.reserve(kFrameHeadBytes + frame.instruments.size_bytes() + frame.bytes.size());
  Put(payload, static_cast<std::uint8_t>(frame.simulated));
  Put(payload, static_cast<std::uint32_t>(frame.instruments.size()));
  for (const std::int64_t each : frame.instruments) Put(payload, each);
  payload.append(frame.bytes);
  return payload;
}

std::optional<FramePayload> ParseFrame(std::string_view payload,
                                       std::vector<std::int64_t>& instruments) {
  if (payload.size() < kFrameHeadBytes) return std::nullopt;
  const std::size_t entries = Get<std::uint32_t>(payload, 1);
  const std::size_t room = (payload.size() - kFrameHeadBytes) / sizeof(std::int64_t);
  if (entries > room) return std::nullopt;
  instruments.clear();
  std::size_t at = kFrameHeadBytes;
  for (std::size_t i = 0; i < entries; ++i, at += sizeof(std::int64_t)) {
    instruments.push_back(Get<std::int64_t>(payload, at));
  }
  return FramePayload{.simulated = Get<std::uint8_t>(payload, 0) != 0,
                      .instruments = instruments,
                      .bytes = payload.substr(at)};
}

std::string Encode(const GapPayload& gap) {
  const auto cause_bytes =
      std::min<std::size_t>(gap.cause.size(), std::numeric_limits<std::uint16_t>::max());
  std::string payload;
  Put(payload, gap.from_ns);
  Put(payload, gap.to_ns);
  Put(payload, gap.ticks);
  Put(payload, static_cast<std::uint16_t>(cause_bytes));
  payload.append(gap.cause, 0, cause_bytes);
  return payload + gap.detail;
}

std::optional<GapPayload> ParseGap(std::string_view payload) {
  if (payload.size() < kGapHeadBytes) return std::nullopt;
  const std::size_t cause_bytes = Get<std::uint16_t>(payload, 24);
  if (payload.size() - kGapHeadBytes < cause_bytes) return std::nullopt;
  return GapPayload{.from_ns = Get<std::int64_t>(payload, 0),
                    .to_ns = Get<std::int64_t>(payload, 8),
                    .ticks = Get<std::uint64_t>(payload, 16),
                    .cause = std::string{payload.substr(kGapHeadBytes, cause_bytes)},
                    .detail = std::string{payload.substr(kGapHeadBytes + cause_bytes)}};
}

}  // namespace sauda::journal
