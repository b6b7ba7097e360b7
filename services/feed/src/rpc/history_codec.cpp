#include "services/feed/src/rpc/history_codec.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace sauda::feed {
namespace {

constexpr std::size_t kMaxHistoryBytes = 65'536;

static_assert(static_cast<int>(v1alpha1::HistoryBatch::kTicksFieldNumber) ==
                  static_cast<int>(v1alpha1::TickBatch::kTicksFieldNumber),
              "a tick encoded for the one is an element of the other");

/// `<time>.<number>.<instance>`, the same for both kinds of places.
struct Token {
  std::int64_t time_ns = 0;
  std::uint64_t number = 0;
  std::string instance;
};

std::string Join(const Token& token) {
  return std::to_string(token.time_ns) + "." + std::to_string(token.number) + "." + token.instance;
}

std::optional<Token> Split(const std::string& text) {
  Token token;
  const char* const end = text.data() + text.size();
  const auto time = std::from_chars(text.data(), end, token.time_ns);
  if (time.ec != std::errc{} || time.ptr == end || *time.ptr != '.') return std::nullopt;
  const auto number = std::from_chars(time.ptr + 1, end, token.number);
  if (number.ec != std::errc{} || number.ptr == end || *number.ptr != '.') return std::nullopt;
  token.instance.assign(number.ptr + 1, end);
  const bool plain = token.instance.find('\0') == std::string::npos;  // PostgreSQL takes no NUL
  if (!plain || token.number > (1ULL << 63U) - 1) return std::nullopt;
  return token;
}

}  // namespace

v1alpha1::Gap ToProto(const StoredGap& stored) {
  v1alpha1::Gap out;
  out.set_instance(stored.instance);
  out.set_number(stored.gap.number);
  out.set_from_ns(stored.gap.from_ns);
  out.set_to_ns(stored.gap.to_ns);
  out.set_cause(stored.gap.cause);
  out.set_ticks(stored.gap.ticks);
  out.set_detail(stored.gap.detail);
  return out;
}

std::deque<std::string> EncodeHistory(std::span<const StoredTick> ticks,
                                      ProtoTickEncoder& encoder) {
  std::deque<std::string> batches;
  std::string pieces;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    pieces += *encoder.Encode(0, ticks[i].tick).bytes;
    ++count;
    const bool last = i + 1 == ticks.size() || ticks[i + 1].instance != ticks[i].instance;
    if (!last && pieces.size() + pieces.size() / count < kMaxHistoryBytes) continue;
    v1alpha1::HistoryBatch header;
    header.set_instance(ticks[i].instance);
    header.set_count(count);
    header.set_resume_token(TokenOf(ticks[i].place()));
    batches.push_back(header.SerializeAsString() + pieces);
    pieces.clear();
    count = 0;
  }
  return batches;
}

std::string TokenOf(const TickPlace& place) {
  return Join({.time_ns = place.received_ns, .number = place.seq, .instance = place.instance});
}

Result<std::optional<TickPlace>> ResumeFrom(const std::string& token) {
  if (token.empty()) return std::optional<TickPlace>{};
  auto split = Split(token);
  if (!split) {
    return Error{Code::kInvalidArgument, "RESUME_TOKEN_INVALID", "not one that was given out"};
  }
  return std::optional{TickPlace{split->time_ns, std::move(split->instance), split->number}};
}

std::string TokenOf(const GapRange::Place& place) {
  return Join({.time_ns = place.from_ns, .number = place.number, .instance = place.instance});
}

Result<std::optional<GapRange::Place>> PageFrom(const std::string& token) {
  if (token.empty()) return std::optional<GapRange::Place>{};
  auto split = Split(token);
  if (!split) {
    return Error{Code::kInvalidArgument, "PAGE_TOKEN_INVALID", "not one that was given out"};
  }
  return std::optional{GapRange::Place{split->time_ns, std::move(split->instance), split->number}};
}

}  // namespace sauda::feed
