#include "services/feed/src/rpc/history_stream.hpp"

#include <unordered_set>
#include <utility>

#include "services/feed/src/rpc/history_codec.hpp"

namespace sauda::feed {

Result<std::vector<std::string>> KeysOf(InstrumentDirectory& directory,
                                        const std::vector<std::string>& names,
                                        const std::string& request_id) {
  std::vector<std::string> symbols;
  std::unordered_set<std::string> keys;
  for (const std::string& name : names) {
    if (name.find('|') == std::string::npos) {
      symbols.push_back(name);
    } else {
      keys.insert(name);
    }
  }
  if (!symbols.empty()) {
    const auto listings = directory.Resolve(symbols, request_id);
    if (!listings) return listings.error();
    for (const Listing& listing : *listings) keys.insert(listing.key);
  }
  return std::vector<std::string>{keys.begin(), keys.end()};
}

HistoryStream::HistoryStream(grpc::CallbackServerContext& context, Parts parts, Sources sources,
                             TickRange range)
    : PulledStream{context, parts, "StreamHistory", parts.metrics.history_streams},
      sources_{sources},
      range_{std::move(range)} {}

Result<void> HistoryStream::Begin() {
  auto keys = KeysOf(sources_.directory, range_.keys, request_id());
  if (!keys) return keys.error();
  range_.keys = std::move(*keys);
  gaps_ = GapRange{.from_ns = range_.from_ns, .to_ns = range_.to_ns, .limit = kGapsAtOnce};
  pager_.emplace(std::move(range_));
  return {};
}

Result<PulledStream::Pulled> HistoryStream::Pull() {
  if (!pager_) {
    if (auto begun = Begin(); !begun) return begun.error();
  }
  if (gaps_) return PullGaps();
  if (pager_->done()) return Pulled{.then = Pulled::Then::kEnd};
  const auto page = pager_->Read(sources_.history);
  if (!page) return page.error();
  parts().metrics.history_ticks.Increment(static_cast<double>(page->size()));
  return Pulled{.messages = EncodeHistory(*page, encoder_),
                .then = pager_->done() ? Pulled::Then::kEnd : Pulled::Then::kPull};
}

Result<PulledStream::Pulled> HistoryStream::PullGaps() {
  const auto page = sources_.history.Gaps(*gaps_);
  if (!page) return page.error();
  v1alpha1::HistoryBatch batch;
  for (const StoredGap& gap : *page) *batch.add_gaps() = ToProto(gap);
  if (page->size() < gaps_->limit) {
    gaps_.reset();
  } else {
    gaps_->after = PlaceOf(page->back());
  }
  Pulled pulled;
  if (!page->empty()) pulled.messages.push_back(batch.SerializeAsString());
  return pulled;
}

}  // namespace sauda::feed
