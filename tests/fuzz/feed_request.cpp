// What a client sends over a market-data socket of sauda-sim: the frames of one session, with a
// zero byte between two. What must hold of any bytes:
// - a session never has more keys than the broker's limits, and follows exactly what it has;
// - a snapshot names listings that there are, each once, in a mode that the session has;
// - a session that ends follows nothing.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/check.hpp"
#include "simulator/src/core/feed_session.hpp"
#include "simulator/src/core/market_hours.hpp"

namespace sauda::sim {
namespace {

constexpr std::size_t kListings = 60;  // more than the 50 keys that full_d30 may have

const Master& TheMaster() {
  static const Master master{[] {
    std::vector<Listing> made(kListings);
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i].segment = "NSE_EQ";
      made[i].instrument_key = "NSE_EQ|" + std::to_string(i);
    }
    return made;
  }()};
  return master;
}

/// Stands still, and counts who follows what. Of every third listing nothing is known.
class StillMarket final : public Market {
 public:
  const Master& master() const override { return TheMaster(); }
  std::int64_t NowMs(Monotonic) const override { return 1'765'771'200'000; }
  double Speed() const override { return 1; }
  MarketPhase phase() const override { return MarketPhase::kRunning; }
  const SegmentStatuses& statuses() const override { return statuses_; }
  const FullState* State(ListingId id) override { return id % 3 == 2 ? nullptr : &state; }
  void Follow(ListingId id) override { ++followers[id]; }
  void Unfollow(ListingId id) override {
    Check(followers[id] > 0, "only what is followed is unfollowed");
    if (--followers[id] == 0) followers.erase(id);
  }
  std::span<const Update> Advance(Monotonic, std::size_t) override { return {}; }
  std::optional<Monotonic> NextDue() const override { return std::nullopt; }
  bool Movable() const override { return false; }
  void ShowResting(ListingId, Side, double, std::int64_t) override {}
  void PrintTrade(ListingId, double, std::int64_t, Side, bool) override {}

  FullState state{.depth = std::vector<DepthLevel>(30)};
  std::map<ListingId, int> followers;

 private:
  const SegmentStatuses statuses_ = AllSegments(SegmentStatus::kNormalOpen);
};

void CheckFrame(const FeedFrame& frame, const FeedSession& session, const StillMarket& market) {
  std::set<std::string> keys;
  for (const FeedEntry& entry : frame.feeds) {
    Check(keys.insert(*entry.key).second, "a frame names a key once");
    const auto id = market.master().Find(*entry.key);
    Check(id.has_value() && session.ModeOf(*id) == entry.mode, "in the mode that it is had in");
    Check(entry.state != nullptr, "and says something of it");
  }
}

void CheckSession(const FeedSession& session, const StillMarket& market) {
  std::size_t keys = 0;
  for (const FeedMode mode :
       {FeedMode::kLtpc, FeedMode::kOptionGreeks, FeedMode::kFull, FeedMode::kFullD30}) {
    keys += session.subscribed(mode);
  }
  Check(session.subscribed(FeedMode::kFullD30) <= 50, "the limit of full_d30 holds");
  Check(market.followers.size() == keys, "what is had is followed");
  for (const auto& [id, count] : market.followers) {
    Check(count == 1 && session.ModeOf(id).has_value(), "once");
  }
}

void Try(std::string_view bytes) {
  StillMarket market;
  {
    // The first byte says what kind of session it is.
    const auto kind = bytes.empty() ? 0U : static_cast<unsigned char>(bytes.front());
    FeedSession session{market, {.plus_plan = (kind & 1U) != 0, .incremental = (kind & 2U) != 0}};
    if ((kind & 4U) != 0) (void)session.Open({});
    if (!bytes.empty()) bytes.remove_prefix(1);
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\0');
      const auto frame = session.OnRequest(bytes.substr(0, end), true, {});
      if (frame) {
        Check(frame->type == FeedFrame::Type::kInitial && !frame->feeds.empty(),
              "an answer is a snapshot of something");
        CheckFrame(*frame, session, market);
      }
      CheckSession(session, market);
      bytes = end == std::string_view::npos ? std::string_view{} : bytes.substr(end + 1);
    }
    std::vector<Update> updates;
    for (ListingId id = 0; id < kListings; ++id) {
      updates.push_back({.id = id, .number = 1, .market_ms = 1, .state = &market.state});
    }
    for (const FeedFrame& frame : session.OnUpdates(updates, {})) {
      CheckFrame(frame, session, market);
    }
  }
  Check(market.followers.empty(), "a session that ends follows nothing");
}

}  // namespace
}  // namespace sauda::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sauda::sim::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
