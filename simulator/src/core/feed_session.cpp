#include "simulator/src/core/feed_session.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include <nlohmann/json.hpp>

#include "simulator/src/core/master_reference.hpp"

namespace sauda::sim {
namespace {

constexpr std::array<std::string_view, kFeedModes> kModeNames = {"ltpc", "option_greeks", "full",
                                                                 "full_d30"};

/// Most keys of a mode, when it is the only one in use and when it is not. Source: docs/broker.md,
/// "Modes and limits".
struct Limit {
  std::size_t alone;
  std::size_t combined;
};
constexpr std::array<Limit, kFeedModes> kLimits = {
    {{5'000, 2'000}, {3'000, 2'000}, {2'000, 1'500}, {50, 1'500}}};

bool WithinLimits(const std::array<std::size_t, kFeedModes>& per_mode) {
  const auto used =
      std::count_if(per_mode.begin(), per_mode.end(), [](std::size_t count) { return count > 0; });
  for (std::size_t mode = 0; mode < kFeedModes; ++mode) {
    const Limit& limit = kLimits.at(mode);
    if (per_mode.at(mode) > (used > 1 ? limit.combined : limit.alone)) return false;
  }
  return true;
}

enum class Method : std::uint8_t { kSub, kChangeMode, kUnsub };

struct Request {
  Method method = Method::kSub;
  FeedMode mode = FeedMode::kLtpc;
  std::vector<std::string> keys;
};

/// Absent when it is not a request as the documents describe one.
std::optional<Request> ParseRequest(std::string_view payload) {
  const auto json = nlohmann::json::parse(payload, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto method = json.find("method");
  const auto data = json.find("data");
  if (method == json.end() || !method->is_string()) return std::nullopt;
  if (data == json.end() || !data->is_object()) return std::nullopt;

  Request request;
  const auto& name = method->get_ref<const std::string&>();
  if (name == "change_mode") {
    request.method = Method::kChangeMode;
  } else if (name == "unsub") {
    request.method = Method::kUnsub;
  } else if (name != "sub") {
    return std::nullopt;
  }
  if (const auto mode = data->find("mode"); mode != data->end() && !mode->is_null()) {
    if (!mode->is_string()) return std::nullopt;
    const auto known = FeedModeOf(mode->get_ref<const std::string&>());
    if (!known) return std::nullopt;
    request.mode = *known;
  } else if (request.method == Method::kChangeMode) {
    return std::nullopt;
  }
  const auto keys = data->find("instrumentKeys");
  if (keys == data->end() || !keys->is_array()) return std::nullopt;
  for (const auto& key : *keys) {
    if (!key.is_string()) return std::nullopt;
    request.keys.push_back(key.get<std::string>());
  }
  return request;
}

/// Folds values into a hash, to see whether a part of a message changed.
class Fold {
 public:
  Fold& operator<<(double value) { return *this << std::bit_cast<std::uint64_t>(value); }
  Fold& operator<<(std::int64_t value) { return *this << static_cast<std::uint64_t>(value); }
  Fold& operator<<(std::uint64_t value) {
    hash_ = Mix(hash_ ^ value);
    return *this;
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 1;
};

/// A hash of each part of the state, in the order of Part's bits.
std::array<std::uint64_t, 4> PartHashes(const FullState& state) {
  Fold trade;
  trade << state.ltp << state.ltt_ms << state.ltq << state.cp << state.trade_iep.value_or(0);
  Fold depth;
  for (const DepthLevel& level : state.depth) {
    depth << level.bid_qty << level.bid << level.ask_qty << level.ask;
  }
  const Greeks& greeks = state.greeks;
  Fold greek;
  greek << greeks.delta << greeks.theta << greeks.gamma << greeks.vega << greeks.rho;
  Fold bars;
  for (const Bar& bar : state.bars) {
    bars << bar.open << bar.high << bar.low << bar.close << bar.volume << bar.start_ms;
  }
  return {trade.hash(), depth.hash(), greek.hash(), bars.hash()};
}

}  // namespace

std::optional<FeedMode> FeedModeOf(std::string_view name) {
  const auto* const found = std::find(kModeNames.begin(), kModeNames.end(), name);
  if (found == kModeNames.end()) return std::nullopt;
  return static_cast<FeedMode>(found - kModeNames.begin());
}

FeedSession::FeedSession(Market& market, Options options) : market_{market}, options_{options} {}

FeedSession::~FeedSession() {
  for (const auto& [id, subscription] : subscriptions_) market_.Unfollow(id);
}

FeedFrame FeedSession::Open(Monotonic now) {
  open_ = true;
  told_ = market_.statuses();
  ++counts_.frames;
  return {.type = FeedFrame::Type::kMarketInfo,
          .current_ms = market_.NowMs(now),
          .market_info = &told_};
}

std::optional<FeedFrame> FeedSession::OnRequest(std::string_view payload, bool binary,
                                                Monotonic now) {
  if (!binary) {
    ++counts_.refused.frames_not_binary;
    return std::nullopt;
  }
  const auto request = ParseRequest(payload);
  if (!request) {
    ++counts_.refused.frames_malformed;
    return std::nullopt;
  }
  FeedFrame snapshot{.type = FeedFrame::Type::kInitial, .current_ms = market_.NowMs(now)};
  ++frame_number_;
  for (const std::string& key : request->keys) {
    const auto id = market_.master().Find(key);
    if (!id) {
      ++counts_.refused.keys_unknown;
    } else if (request->method == Method::kUnsub) {
      Drop(*id);
    } else if (Take(*id, request->mode, request->method == Method::kSub)) {
      AddTo(snapshot, *id, market_.State(*id));
    }
  }
  if (snapshot.feeds.empty()) return std::nullopt;
  ++counts_.frames;
  counts_.initial += snapshot.feeds.size();
  return snapshot;
}

void FeedSession::Drop(ListingId id) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return;
  --per_mode_.at(static_cast<std::size_t>(found->second.mode));
  subscriptions_.erase(found);
  market_.Unfollow(id);
}

bool FeedSession::Take(ListingId id, FeedMode mode, bool may_add) {
  if (mode == FeedMode::kFullD30 && !options_.plus_plan) {
    ++counts_.refused.keys_not_allowed;
    return false;
  }
  const auto found = subscriptions_.find(id);
  const bool known = found != subscriptions_.end();
  if (!known && !may_add) return false;
  auto wanted = per_mode_;
  if (known) --wanted.at(static_cast<std::size_t>(found->second.mode));
  ++wanted.at(static_cast<std::size_t>(mode));
  const std::size_t keys = std::accumulate(wanted.begin(), wanted.end(), std::size_t{0});
  const bool fits = options_.most_keys == 0 || keys <= options_.most_keys;
  if (!fits || !WithinLimits(wanted)) {
    ++counts_.refused.keys_over_limit;
    return false;
  }
  per_mode_ = wanted;
  if (known) {
    found->second.mode = mode;
  } else {
    subscriptions_.emplace(id, Subscription{.mode = mode});
    market_.Follow(id);
  }
  return true;
}

bool FeedSession::AddTo(FeedFrame& frame, ListingId id, const FullState* state) {
  if (state == nullptr) return false;
  Subscription& subscription = subscriptions_.at(id);
  if (frame.type == FeedFrame::Type::kInitial && subscription.frame == frame_number_) return false;
  // An element of an incremental recording may hold nothing that this mode shows.
  if (subscription.mode == FeedMode::kLtpc && (state->parts & kTrade) == 0) return false;
  FeedEntry entry{.key = &market_.master().at(id).instrument_key,
                  .state = state,
                  .mode = subscription.mode,
                  .parts = state->parts};
  if (options_.incremental) {
    const auto hashes = PartHashes(*state);
    if (frame.type == FeedFrame::Type::kLive) {
      for (std::size_t part = 0; part < hashes.size(); ++part) {
        if (hashes.at(part) == subscription.sent.at(part)) {
          entry.parts = static_cast<std::uint8_t>(entry.parts & ~(1U << part));
        }
      }
      if (entry.mode == FeedMode::kLtpc && (entry.parts & kTrade) == 0) return false;
    }
    subscription.sent = hashes;
  }
  subscription.frame = frame_number_;
  frame.feeds.push_back(entry);
  return true;
}

std::vector<FeedFrame> FeedSession::OnUpdates(std::span<const Update> updates, Monotonic now) {
  std::vector<FeedFrame> frames;
  if (!open_) return frames;
  if (told_ != market_.statuses()) frames.push_back(Open(now));
  FeedFrame* current = nullptr;
  for (const Update& update : updates) {
    const auto found = subscriptions_.find(update.id);
    if (found == subscriptions_.end()) continue;
    if (current == nullptr || current->current_ms != update.market_ms ||
        found->second.frame == frame_number_) {
      if (current != nullptr && current->feeds.empty()) frames.pop_back();
      ++frame_number_;
      current = &frames.emplace_back();
      current->current_ms = update.market_ms;
    }
    if (!AddTo(*current, update.id, update.state)) continue;
    ++counts_.live;
    if (options_.count_by_listing) ++counts_.live_by_listing[update.id];
  }
  if (current != nullptr && current->feeds.empty()) frames.pop_back();
  counts_.frames += static_cast<std::uint64_t>(
      std::count_if(frames.begin(), frames.end(),
                    [](const FeedFrame& frame) { return frame.type == FeedFrame::Type::kLive; }));
  return frames;
}

std::size_t FeedSession::subscribed(FeedMode mode) const {
  return per_mode_.at(static_cast<std::size_t>(mode));
}

std::optional<FeedMode> FeedSession::ModeOf(ListingId id) const {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return std::nullopt;
  return found->second.mode;
}

}  // namespace sauda::sim
