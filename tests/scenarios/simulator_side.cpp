#include <utility>

#include <gtest/gtest.h>

#include "simulator/src/core/brokerage.hpp"
#include "tests/scenarios/outcome.hpp"
#include "tests/scenarios/simulator_venue.hpp"

namespace sauda::scenarios {
namespace {

/// Moves when it is told to. As a recording, it is not moved by trades.
class ScriptedMarket final : public sim::Market {
 public:
  explicit ScriptedMarket(const sim::Master& master) : master_{master} {}

  const sim::Master& master() const override { return master_; }
  std::int64_t NowMs(Monotonic) const override { return now_ms; }
  double Speed() const override { return 0; }
  sim::MarketPhase phase() const override { return sim::MarketPhase::kRunning; }
  const sim::SegmentStatuses& statuses() const override { return statuses_; }
  const sim::FullState* State(sim::ListingId id) override {
    const auto found = states.find(id);
    return found == states.end() ? nullptr : &found->second;
  }
  void Follow(sim::ListingId) override {}
  void Unfollow(sim::ListingId) override {}
  std::span<const sim::Update> Advance(Monotonic, std::size_t) override { return {}; }
  std::optional<Monotonic> NextDue() const override { return std::nullopt; }
  bool Movable() const override { return false; }
  void ShowResting(sim::ListingId, sim::Side, double, std::int64_t) override {}
  void PrintTrade(sim::ListingId, double, std::int64_t, sim::Side, bool) override {}

  void SetOpen(bool open) {
    statuses_.fill(open ? sim::SegmentStatus::kNormalOpen : sim::SegmentStatus::kNormalClose);
  }

  std::int64_t now_ms = kStartMs;
  std::map<sim::ListingId, sim::FullState> states;

 private:
  const sim::Master& master_;
  sim::SegmentStatuses statuses_{};
};

sim::FullState StateOf(const Step& market, std::int64_t volume) {
  sim::FullState state;
  state.ltp = market.last_price.ToDouble();
  state.ltt_ms = kStartMs;
  state.cp = market.previous_close.ToDouble();
  state.vtt = volume;
  state.depth.resize(std::max(market.bids.size(), market.asks.size()));
  for (std::size_t i = 0; i < market.bids.size(); ++i) {
    state.depth[i].bid = market.bids[i].price.ToDouble();
    state.depth[i].bid_qty = market.bids[i].quantity;
  }
  for (std::size_t i = 0; i < market.asks.size(); ++i) {
    state.depth[i].ask = market.asks[i].price.ToDouble();
    state.depth[i].ask_qty = market.asks[i].quantity;
  }
  return state;
}

class SimulatorSide final : public Side {
 public:
  SimulatorSide(const std::vector<sim::Listing>& listings, std::int64_t cash_rupees)
      : Side{listings}, master_{listings}, cash_{Decimal::FromUnits(cash_rupees)} {
    market_.SetOpen(true);
  }

  std::string RefusalOf(const orders::NewOrder& order) override {
    orders::Order asked{.request = order};
    asked.terms = {.quantity = order.quantity,
                   .type = order.type,
                   .price = order.price,
                   .trigger = order.trigger,
                   .validity = order.validity};
    asked.instrument_key = order.instrument;
    asked.tag = "refused";
    return Forgotten(venue_.RefusalOf(brokerage_.Place(ToPlaceRequest(asked), now_ms())));
  }
  std::string RefusalOf(const orders::Order& order, const orders::TermsChange& change) override {
    orders::Terms terms = order.terms;
    if (change.quantity) terms.quantity = *change.quantity;
    if (change.type) terms.type = *change.type;
    if (change.price) terms.price = change.price;
    if (change.trigger) terms.trigger = change.trigger;
    if (change.validity) terms.validity = *change.validity;
    return Forgotten(venue_.RefusalOfModify(order, terms));
  }

 private:
  orders::OrderDesk& used() override { return live_; }
  /// The ledger hears nothing of an order that our own rules refuse.
  std::string Forgotten(const std::string& refusal) {
    stream_.rows.clear();
    return refusal.empty() ? "TAKEN" : refusal;
  }
  void OnTime() override {
    market_.now_ms = now_ms();
    brokerage_.OnUpdates({}, now_ms());
  }
  void OnMarket(const Step& market) override {
    if (!market.again) ++volume_;
    const auto id = *master_.Find(market.instrument);
    if (!market.again) market_.states[id] = StateOf(market, volume_);
    const sim::Update update{.id = id, .market_ms = now_ms(), .state = &market_.states.at(id)};
    brokerage_.OnUpdates({&update, 1}, now_ms());
  }
  void OnSession(bool open) override {
    market_.SetOpen(open);
    brokerage_.OnUpdates({}, now_ms());
  }
  void Pump() override {
    for (const orders::BrokerRow& row : std::exchange(stream_.rows, {})) {
      const auto learnt = live_.Learn(row);
      EXPECT_TRUE(learnt) << learnt.error().message;
    }
    EXPECT_EQ(watchman.Count(orders::Watchman::What::kNotUnderstood), 0U);
  }

  const sim::Master master_;
  const Decimal cash_;
  ScriptedMarket market_{master_};
  OrderStream stream_;
  sim::Brokerage brokerage_{
      market_,
      stream_,
      {.opening_cash = cash_,
       .holdings = {{.listing = *master_.Find("NSE_EQ|INE002A01018"), .quantity = 500}}}};
  SimulatorVenue venue_{brokerage_, market_clock};
  orders::OrderDesk live_{PartsWith(venue_)};
  std::int64_t volume_ = 1'000;
};

}  // namespace

std::unique_ptr<Side> MakeSimulatorSide(const std::vector<sim::Listing>& listings,
                                        std::int64_t cash_rupees) {
  return std::make_unique<SimulatorSide>(listings, cash_rupees);
}

}  // namespace sauda::scenarios
