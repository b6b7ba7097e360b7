#include "services/feed/src/rpc/candle_stream.hpp"

#include <algorithm>
#include <utility>

#include "services/feed/src/rpc/candle_codec.hpp"
#include "services/feed/src/rpc/history_stream.hpp"

namespace sauda::feed {
namespace {

constexpr std::size_t kMostUpdates = 500;  // in a message: about 64 KiB

}  // namespace

CandleStream::CandleStream(grpc::CallbackServerContext& context, Parts parts, Sources sources,
                           Wanted wanted)
    : PulledStream{context, parts, "StreamCandles", parts.metrics.candle_streams},
      sources_{sources},
      wanted_{std::move(wanted)} {}

void CandleStream::Turn() {
  if (sources_.candles.version() == seen_version_.load()) return;
  const std::int64_t now_ns = parts().clock.Now().time_since_epoch().count();
  const std::int64_t gap_ns = std::chrono::nanoseconds{kLeastGap}.count();
  if (now_ns - pulled_at_ns_.load() >= gap_ns) Wake();
}

Result<void> CandleStream::Begin() {
  auto keys = KeysOf(sources_.directory, wanted_.names, request_id());
  if (!keys) return keys.error();
  std::sort(keys->begin(), keys->end());
  for (std::string& key : *keys) lines_.push_back({.key = std::move(key)});
  return {};
}

Result<PulledStream::Pulled> CandleStream::Pull() {
  const bool first = !std::exchange(begun_, true);
  if (first) {
    if (auto begun = Begin(); !begun) return begun.error();
  }
  pulled_at_ns_ = parts().clock.Now().time_since_epoch().count();
  seen_version_ = sources_.candles.version();
  Pulled pulled{.then = Pulled::Then::kWait};
  v1alpha1::CandleBatch batch;
  for (Line& line : lines_) {
    const std::uint64_t version = sources_.candles.VersionOf(line.key);
    if (version == line.version) continue;
    for (const Candle& candle : NewsOf(line, version)) {
      v1alpha1::CandleUpdate& update = *batch.add_updates();
      update.set_instrument_key(line.key);
      *update.mutable_candle() = ToProto(candle);
    }
    if (static_cast<std::size_t>(batch.updates_size()) < kMostUpdates) continue;
    pulled.messages.push_back(batch.SerializeAsString());
    batch.Clear();
  }
  if (batch.updates_size() > 0 || first) pulled.messages.push_back(batch.SerializeAsString());
  return pulled;
}

std::vector<Candle> CandleStream::NewsOf(Line& line, std::uint64_t version) const {
  const bool first = line.version == 0;
  line.version = version;
  auto bars = sources_.candles.Read(line.key, wanted_.interval, kBarsAtOnce);
  std::vector<Candle> news;
  if (first) {
    if (!bars.empty()) news.push_back(bars.back());
  } else {
    for (const Candle& bar : bars) {
      const bool sent = std::find(line.sent.begin(), line.sent.end(), bar) != line.sent.end();
      if (!sent) news.push_back(bar);
    }
  }
  line.sent = std::move(bars);
  return news;
}

}  // namespace sauda::feed
