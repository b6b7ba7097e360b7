#include "simulator/src/core/market_generated.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/core/market_listing.hpp"
#include "simulator/src/core/market_price.hpp"
#include "simulator/src/core/master_reference.hpp"

namespace sauda::sim {

class GeneratedMarket::Impl {
 public:
  Impl(const Master& master, Options options, Monotonic now)
      : master_{master},
        options_{options},
        model_{master, options.seed},
        started_{now},
        advanced_{now},
        now_ms_{options.start_ms} {
    UpdateStatuses();
  }

  std::int64_t NowMs(Monotonic now) const {
    const auto since = std::chrono::duration<double, std::milli>(now - started_).count();
    return options_.start_ms + static_cast<std::int64_t>(std::max(0.0, since) * options_.speed);
  }

  const FullState* State(ListingId id) {
    if (id >= master_.size()) return nullptr;
    MarketListing& listing = Live(id);
    constexpr std::int64_t kFreshMs = 1'000;
    if (!followers_.contains(id) && now_ms_ - listing.moved_ms() > kFreshMs &&
        Trades(id, listing)) {
      listing.Move(now_ms_);
    }
    if (options_.numbered) listing.ShowNumber();
    return &listing.state();
  }

  void Follow(ListingId id) {
    if (id >= master_.size()) return;
    const auto [found, is_new] = followers_.try_emplace(id, 0);
    ++found->second;
    if (!is_new) return;
    order_.push_back(id);
    Live(id);
  }

  void Unfollow(ListingId id) {
    const auto found = followers_.find(id);
    if (found == followers_.end() || found->second == 0 || --found->second > 0) return;
    if (options_.numbered) return;
    followers_.erase(found);
    std::erase(order_, id);
    changed_.erase(id);
    if (next_ >= order_.size()) next_ = 0;
  }

  std::span<const Update> Advance(Monotonic now, std::size_t budget) {
    published_.clear();
    AddDue(now);
    now_ms_ = std::max(now_ms_, NowMs(now));
    UpdateStatuses();
    PublishChanged(budget);
    MoveDue(budget);
    return published_;
  }

  std::optional<Monotonic> NextDue() const {
    if (!changed_.empty() || (due_ >= 1 && !order_.empty())) return advanced_;
    return advanced_ + kStep;
  }

  template <typename Change>
  void ChangeByOrder(ListingId id, Change change) {
    if (id >= master_.size()) return;
    change(Live(id), now_ms_);
    if (followers_.contains(id)) changed_.insert(id);
  }

  const Master& master_;
  const Options options_;
  SegmentStatuses statuses_{};

 private:
  MarketListing& Live(ListingId id) {
    std::unique_ptr<MarketListing>& live = live_[id];
    if (!live) {
      live = std::make_unique<MarketListing>(model_, master_.at(id), model_.PricingOf(id),
                                             options_.always_open, now_ms_);
    }
    return *live;
  }

  bool Trades(ListingId id, const MarketListing& listing) const {
    return statuses_.at(FeedSegmentOf(master_.at(id).segment)) == SegmentStatus::kNormalOpen &&
           !listing.ExpiredAt(now_ms_);
  }

  /// Updates that ought to have been published by now and were not; at most a second's worth, so a
  /// reader who stood still is not paid back in a flood.
  void AddDue(Monotonic now) {
    const double seconds = std::max(0.0, std::chrono::duration<double>(now - advanced_).count());
    advanced_ = std::max(advanced_, now);
    const double a_second = options_.rate > 0
                                ? options_.rate
                                : options_.updates_per_key * static_cast<double>(order_.size());
    due_ = std::min(due_ + seconds * a_second, std::max(1.0, a_second));
  }

  void UpdateStatuses() {
    statuses_ =
        options_.always_open ? AllSegments(SegmentStatus::kNormalOpen) : StatusesAt(now_ms_);
  }

  void PublishChanged(std::size_t budget) {
    while (!changed_.empty() && published_.size() < budget) {
      const ListingId id = *changed_.begin();
      changed_.erase(changed_.begin());
      Publish(id, Live(id));
    }
  }

  /// Visits followed listings in turn, each at most once a call, skipping one in four so that their
  /// spacing is not a metronome's.
  void MoveDue(std::size_t budget) {
    bool moved = published_.size() >= budget;
    const std::size_t before = published_.size();
    for (std::size_t visits = 0; visits < order_.size() && due_ >= 1 && published_.size() < budget;
         ++visits) {
      const ListingId id = order_[next_];
      next_ = next_ + 1 == order_.size() ? 0 : next_ + 1;
      if (Mix(options_.seed ^ ++visits_) % 4 == 0) {
        moved = true;
        continue;
      }
      MarketListing& listing = Live(id);
      if (!Trades(id, listing)) {
        if (options_.rate <= 0) due_ -= 1;
        continue;
      }
      if (std::any_of(published_.begin(), published_.begin() + static_cast<std::ptrdiff_t>(before),
                      [id](const Update& update) { return update.id == id; })) {
        continue;
      }
      listing.Move(now_ms_);
      Publish(id, listing);
      due_ -= 1;
      moved = true;
    }
    if (!moved && due_ >= 1) due_ = 0.99;  // nothing followed trades now
  }

  void Publish(ListingId id, MarketListing& listing) {
    ++listing.updates;
    if (options_.numbered) listing.ShowNumber();
    published_.push_back(
        {.id = id, .number = listing.updates, .market_ms = now_ms_, .state = &listing.state()});
  }

  const PriceModel model_;
  const Monotonic started_;
  Monotonic advanced_;
  std::int64_t now_ms_;
  double due_ = 0;
  std::uint64_t visits_ = 0;
  std::unordered_map<ListingId, std::unique_ptr<MarketListing>> live_;
  std::unordered_map<ListingId, std::uint32_t> followers_;
  std::vector<ListingId> order_;  ///< followed listings, visited in turn
  std::size_t next_ = 0;
  std::unordered_set<ListingId> changed_;  ///< by orders since the last Advance
  std::vector<Update> published_;
};

GeneratedMarket::GeneratedMarket(const Master& master, Options options, Monotonic now)
    : impl_{std::make_unique<Impl>(master, options, now)} {}
GeneratedMarket::~GeneratedMarket() = default;

const Master& GeneratedMarket::master() const { return impl_->master_; }
std::int64_t GeneratedMarket::NowMs(Monotonic now) const { return impl_->NowMs(now); }
double GeneratedMarket::Speed() const { return impl_->options_.speed; }
const SegmentStatuses& GeneratedMarket::statuses() const { return impl_->statuses_; }
const FullState* GeneratedMarket::State(ListingId id) { return impl_->State(id); }
void GeneratedMarket::Follow(ListingId id) { impl_->Follow(id); }
void GeneratedMarket::Unfollow(ListingId id) { impl_->Unfollow(id); }
std::span<const Update> GeneratedMarket::Advance(Monotonic now, std::size_t budget) {
  return impl_->Advance(now, budget);
}
std::optional<Monotonic> GeneratedMarket::NextDue() const { return impl_->NextDue(); }

void GeneratedMarket::ShowResting(ListingId id, Side side, double price, std::int64_t quantity) {
  impl_->ChangeByOrder(id, [&](MarketListing& listing, std::int64_t) {
    listing.ShowResting(side, price, quantity);
  });
}

void GeneratedMarket::PrintTrade(ListingId id, double price, std::int64_t quantity, Side aggressor,
                                 bool against_book) {
  impl_->ChangeByOrder(id, [&](MarketListing& listing, std::int64_t ms) {
    listing.PrintTrade(price, quantity, aggressor, against_book, ms);
  });
}

std::int64_t DefaultStartMs(std::int64_t wall_ms) {
  if (StatusAt("NSE_EQ", wall_ms) == SegmentStatus::kNormalOpen) return wall_ms;
  constexpr std::int64_t kAfterOpenMs = 300'000;
  return LastSession("NSE_EQ", wall_ms - kAfterOpenMs).open_ms + kAfterOpenMs;
}

}  // namespace sauda::sim
