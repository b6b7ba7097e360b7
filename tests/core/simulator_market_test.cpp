#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "libs/base/check.hpp"
#include "simulator/src/core/market_generated.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/core/market_price.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::sim {
namespace {

using namespace std::chrono_literals;

constexpr Date kDay{.year = 2025, .month = 12, .day = 15};
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kTenMs = 1'765'773'000'000;  // 2025-12-15 10:00 IST

/// A part of the generated master, so that a market over it is made in no time.
const Master& Made() {
  static const Master master{[] {
    const std::set<std::string> symbols = {"NIFTY", "RELIANCE", "INFY", "USDINR", "GOLD"};
    std::vector<Listing> kept = GenerateMaster(1, kDay);
    std::erase_if(kept, [&](const Listing& listing) {
      return !symbols.contains(listing.underlying_symbol) &&
             !symbols.contains(listing.trading_symbol) && listing.instrument_type != "N0";
    });
    return kept;
  }()};
  return master;
}

/// The first listing with this start of its symbol, type and segment.
ListingId Find(std::string_view segment, std::string_view type, std::string_view symbol) {
  const auto& listings = Made().listings();
  const auto found = std::find_if(listings.begin(), listings.end(), [&](const Listing& listing) {
    return listing.segment == segment && listing.instrument_type == type &&
           listing.trading_symbol.rfind(symbol, 0) == 0;
  });
  Check(found != listings.end(), "the listing is in the generated master");
  return static_cast<ListingId>(found - listings.begin());
}

struct KindCase {
  std::string name;
  std::string segment, type, symbol;
};
class GeneratedListingTest : public testing::TestWithParam<KindCase> {
 protected:
  ListingId id() const { return Find(GetParam().segment, GetParam().type, GetParam().symbol); }
};

bool OnTick(double price, std::int64_t tick_units) {
  const double units = std::round(price * 10'000);
  return std::abs(price - units / 10'000) < 1e-12 * std::max(1.0, price) &&
         static_cast<std::int64_t>(units) % tick_units == 0;
}

void ExpectBook(const FullState& state, std::int64_t tick) {
  ASSERT_EQ(state.depth.size(), 30U);
  for (std::size_t i = 0; i < state.depth.size(); ++i) {
    const DepthLevel& level = state.depth[i];
    EXPECT_TRUE(OnTick(level.bid, tick)) << level.bid;
    EXPECT_TRUE(OnTick(level.ask, tick)) << level.ask;
    EXPECT_EQ(level.bid > 0, level.bid_qty > 0);
    EXPECT_GT(level.ask_qty, 0);
    const bool bids = level.bid_qty > 0;
    EXPECT_TRUE(!bids || level.bid < level.ask);
    if (i == 0) continue;
    EXPECT_TRUE(!bids || level.bid < state.depth[i - 1].bid);
    EXPECT_GT(level.ask, state.depth[i - 1].ask);
  }
}

void ExpectBars(const FullState& state, std::int64_t now_ms) {
  ASSERT_EQ(state.bars.size(), 2U);
  for (const Bar& bar : state.bars) {
    EXPECT_GE(bar.high, std::max(bar.open, bar.close)) << bar.interval;
    EXPECT_LE(bar.low, std::min(bar.open, bar.close)) << bar.interval;
    EXPECT_GT(bar.low, 0) << bar.interval;
  }
  EXPECT_EQ(state.bars[0].interval, "1d");
  EXPECT_EQ(state.bars[0].start_ms, IstMidnightMs(now_ms));
  EXPECT_EQ(state.bars[0].close, state.ltp);
  EXPECT_GE(state.vtt, state.bars[0].volume);
  EXPECT_EQ(state.bars[1].interval, "I1");
  EXPECT_EQ(state.bars[1].start_ms % 60'000, 0);
  EXPECT_LE(state.bars[1].start_ms + 60'000, now_ms) << "I1 is the last completed minute";
}

TEST_P(GeneratedListingTest, KeepsItsPromisesForAMinuteAndMore) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 7, .start_ms = kTenMs}, clock.Now()};
  const Listing& listing = Made().at(id());
  const std::int64_t tick = listing.TickUnits();
  market.Follow(id());
  std::uint64_t number = 0;
  std::int64_t volume = 0;
  std::int64_t traded_ms = 0;
  double high = 0;
  int depth_only = 0;
  for (int i = 0; i < 15'000; ++i) {
    clock.Advance(GeneratedMarket::kStep);
    for (const Update& update : market.Advance(clock.Now(), 100)) {
      const FullState& state = *update.state;
      ASSERT_EQ(update.id, id());
      ASSERT_EQ(update.number, ++number);
      ASSERT_TRUE(OnTick(state.ltp, tick)) << state.ltp;
      ASSERT_GE(state.vtt, volume);
      ASSERT_GE(state.ltt_ms, traded_ms);
      ASSERT_LE(state.ltt_ms, update.market_ms);
      ASSERT_GE(state.bars[0].high, high);
      if (state.ltt_ms == traded_ms) ++depth_only;
      volume = state.vtt;
      traded_ms = state.ltt_ms;
      high = state.bars[0].high;
      ExpectBars(state, update.market_ms);
      if (!state.index) ExpectBook(state, tick);
      if (HasFailure()) return;
    }
  }
  EXPECT_NEAR(static_cast<double>(number), 150, 45) << "two updates a second";
  if (listing.IsIndex()) return;
  EXPECT_GT(depth_only, static_cast<int>(number) / 5);
  EXPECT_GT(volume, 0);
}

TEST_P(GeneratedListingTest, IsTheSameForTheSameSeed) {
  const auto last = [&](std::uint64_t seed) {
    ManualClock clock;
    GeneratedMarket market{Made(), {.seed = seed, .start_ms = kTenMs}, clock.Now()};
    market.Follow(id());
    for (int i = 0; i < 1'000; ++i) {
      clock.Advance(GeneratedMarket::kStep);
      market.Advance(clock.Now(), 100);
    }
    return *market.State(id());
  };
  EXPECT_EQ(last(7), last(7));
  EXPECT_NE(last(7), last(8));
}

INSTANTIATE_TEST_SUITE_P(Kinds, GeneratedListingTest,
                         testing::Values(KindCase{"Share", "NSE_EQ", "EQ", "RELIANCE"},
                                         KindCase{"Index", "NSE_INDEX", "INDEX", "NIFTY"},
                                         KindCase{"IndexFuture", "NSE_FO", "FUT", "NIFTY FUT"},
                                         KindCase{"IndexCall", "NSE_FO", "CE", "NIFTY 260"},
                                         KindCase{"FarPut", "NSE_FO", "PE", "NIFTY 214"},
                                         KindCase{"ShareOption", "NSE_FO", "PE", "INFY 150"},
                                         KindCase{"Currency", "NCD_FO", "FUT", "USDINR"},
                                         KindCase{"CurrencyOption", "BCD_FO", "CE", "USDINR 89"},
                                         KindCase{"Commodity", "MCX_FO", "FUT", "GOLD FUT"},
                                         KindCase{"OptionOnFuture", "MCX_FO", "CE", "GOLD 1239"},
                                         KindCase{"Debenture", "NSE_EQ", "N0", ""}),
                         CaseName{});

TEST(GeneratedMarketTest, PricesOptionsOfTheirUnderlying) {
  const PriceModel model{Made(), 3};
  const ListingId call = Find("NSE_FO", "CE", "NIFTY 26000 CE 30 DEC 25");
  const ListingId put = Find("NSE_FO", "PE", "NIFTY 26000 PE 30 DEC 25");
  const ListingId index = Find("NSE_INDEX", "INDEX", "NIFTY");
  const Pricing call_pricing = model.PricingOf(call);
  EXPECT_EQ(call_pricing.kind, Pricing::Kind::kOption);
  for (std::int64_t ms = kTenMs; ms < kTenMs + 3'600'000; ms += 60'000) {
    const double spot = model.PriceAt(model.PricingOf(index), ms);
    const double years = static_cast<double>(call_pricing.expires_ms - ms) / (365.0 * 86'400'000.0);
    const Fair of_call = model.FairAt(call_pricing, ms);
    const Fair of_put = model.FairAt(model.PricingOf(put), ms);
    EXPECT_NEAR(of_call.price - of_put.price, spot - 26'000 * std::exp(-PriceModel::kRate * years),
                1e-6);
    EXPECT_NEAR(of_call.greeks.delta - of_put.greeks.delta, 1, 1e-4);
    EXPECT_LT(of_call.greeks.theta, 0);
    EXPECT_GT(of_call.iv, 0.05);
    EXPECT_LT(of_call.iv, 0.5);
    EXPECT_EQ(of_call.iv, static_cast<double>(static_cast<float>(of_call.iv)));
  }
}

TEST(GeneratedMarketTest, KeepsAShareNearItselfOnBothExchanges) {
  const PriceModel model{Made(), 3};
  const auto nse = model.PricingOf(*Made().Find("NSE_EQ|INE002A01018"));
  const auto bse = model.PricingOf(*Made().Find("BSE_EQ|INE002A01018"));
  for (std::int64_t ms = kTenMs; ms < kTenMs + 3'600'000; ms += 600'000) {
    EXPECT_EQ(model.PriceAt(nse, ms), model.PriceAt(bse, ms));
  }
}

TEST(GeneratedMarketTest, PublishesAtTheRateItWasGiven) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = kTenMs, .rate = 20'000}, clock.Now()};
  for (ListingId id = 0; id < 100; ++id) market.Follow(Find("NSE_FO", "CE", "") + id);
  std::size_t updates = 0;
  for (int i = 0; i < 100; ++i) {
    clock.Advance(GeneratedMarket::kStep);
    do {
      updates += market.Advance(clock.Now(), 1'000).size();
    } while (*market.NextDue() <= clock.Now());
  }
  EXPECT_NEAR(static_cast<double>(updates), 10'000, 200);
}

TEST(GeneratedMarketTest, GivesNoMoreThanTheBudgetAndTheRestLater) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = kTenMs, .rate = 1'000}, clock.Now()};
  for (ListingId id = 0; id < 500; ++id) market.Follow(Find("NSE_FO", "CE", "") + id);
  clock.Advance(100ms);
  EXPECT_TRUE(market.Advance(clock.Now(), 0).empty());
  EXPECT_EQ(market.Advance(clock.Now(), 30).size(), 30U);
  EXPECT_LE(*market.NextDue(), clock.Now());
  EXPECT_EQ(market.Advance(clock.Now(), 1'000).size(), 70U);
  EXPECT_GT(*market.NextDue(), clock.Now());
}

TEST(GeneratedMarketTest, KeepsItsPaceHoweverOftenItIsLookedAt) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = kTenMs}, clock.Now()};
  market.Follow(*Made().Find("NSE_EQ|INE002A01018"));
  std::size_t updates = 0;
  for (int i = 0; i < 60'000; ++i) {  // as when requests come without a pause
    clock.Advance(1ms);
    updates += market.Advance(clock.Now(), 10).size();
  }
  EXPECT_GE(updates, 115U);
  EXPECT_LE(updates, 121U);
}

TEST(GeneratedMarketTest, UpdatesOnlyWhatIsFollowedAsOftenAsItIsFollowed) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = kTenMs}, clock.Now()};
  const ListingId id = *Made().Find("NSE_EQ|INE002A01018");
  const auto updates_in_a_minute = [&] {
    std::size_t updates = 0;
    for (int i = 0; i < 12'000; ++i) {
      clock.Advance(GeneratedMarket::kStep);
      updates += market.Advance(clock.Now(), 10).size();
    }
    return updates;
  };
  EXPECT_EQ(updates_in_a_minute(), 0U);
  market.Follow(id);
  market.Follow(id);
  market.Unfollow(id);
  EXPECT_GT(updates_in_a_minute(), 60U);
  market.Unfollow(id);
  EXPECT_EQ(updates_in_a_minute(), 0U);
  market.Unfollow(id);
  EXPECT_NE(market.State(id), nullptr) << "quotes are had without following";
  EXPECT_EQ(market.State(static_cast<ListingId>(Made().size())), nullptr);
}

TEST(GeneratedMarketTest, NumbersUpdatesWhereTheLastQuantityStandsAndMovesOnAlone) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = kTenMs, .numbered = true}, clock.Now()};
  const ListingId id = *Made().Find("NSE_EQ|INE002A01018");
  EXPECT_EQ(market.State(id)->ltq, 0) << "nothing was published";
  std::int64_t number = 0;
  const auto count_on = [&] {
    for (int i = 0; i < 12'000; ++i) {
      clock.Advance(GeneratedMarket::kStep);
      for (const Update& update : market.Advance(clock.Now(), 10)) {
        EXPECT_EQ(update.state->ltq, ++number);
      }
    }
    EXPECT_EQ(market.State(id)->ltq, number);
    return number;
  };
  market.Follow(id);
  const std::int64_t followed = count_on();
  EXPECT_GT(followed, 60);
  market.Unfollow(id);
  EXPECT_GT(count_on(), followed + 60) << "without a follower";
  market.Follow(id);
  EXPECT_LT(count_on(), 2 * followed * 2) << "not twice as often";
}

TEST(GeneratedMarketTest, StandsStillOnceItsSegmentIsClosed) {
  ManualClock clock;
  const std::int64_t before_close_ms = kTenMs + 329 * std::int64_t{60'000};  // 15:29 IST
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = before_close_ms}, clock.Now()};
  market.Follow(*Made().Find("NSE_EQ|INE002A01018"));
  EXPECT_EQ(market.statuses()[FeedSegmentOf("NSE_EQ")], SegmentStatus::kNormalOpen);
  std::size_t updates = 0;
  for (int i = 0; i < 12'001; ++i, clock.Advance(GeneratedMarket::kStep)) {
    updates += market.Advance(clock.Now(), 10).size();
  }
  EXPECT_GT(updates, 60U);
  EXPECT_EQ(market.statuses()[FeedSegmentOf("NSE_EQ")], SegmentStatus::kNormalClose);
  EXPECT_EQ(market.statuses()[FeedSegmentOf("MCX_FO")], SegmentStatus::kNormalOpen);
  for (int i = 0; i < 1'000; ++i, clock.Advance(GeneratedMarket::kStep)) {
    EXPECT_TRUE(market.Advance(clock.Now(), 10).empty());
  }
}

TEST(GeneratedMarketTest, BeginsADayAnewAtItsOpen) {
  ManualClock clock;
  GeneratedMarket market{Made(), {.seed = 1, .start_ms = kTenMs, .speed = 3'600}, clock.Now()};
  const ListingId id = *Made().Find("NSE_EQ|INE002A01018");
  market.Follow(id);
  const double close_before = market.State(id)->cp;
  for (int i = 0; i < 5'000; ++i, clock.Advance(GeneratedMarket::kStep)) {
    market.Advance(clock.Now(), 10);
  }
  const FullState& state = *market.State(id);  // 25 hours on: Tuesday 11:00 IST
  EXPECT_NE(state.cp, close_before);
  EXPECT_EQ(state.bars[0].start_ms, IstMidnightMs(kTenMs) + kDayMs);
  EXPECT_EQ(market.NowMs(clock.Now()), kTenMs + 90'000'000);
}

class GeneratedBookTest : public testing::Test {
 protected:
  const FullState& state() { return *market_.State(id_); }

  ManualClock clock_;
  GeneratedMarket market_{Made(), {.seed = 1, .start_ms = kTenMs}, clock_.Now()};
  ListingId id_ = *Made().Find("NSE_EQ|INE002A01018");
};

TEST_F(GeneratedBookTest, ShowsRestingOrdersAtTheirPrice) {
  market_.Follow(id_);
  const double bid = state().depth[0].bid;
  const std::int64_t quantity = state().depth[0].bid_qty;
  market_.ShowResting(id_, Side::kBuy, bid, 77);
  EXPECT_EQ(state().depth[0].bid_qty, quantity + 77);
  market_.ShowResting(id_, Side::kBuy, bid, 70);
  EXPECT_EQ(state().depth[0].bid_qty, quantity + 70);
  const auto updates = market_.Advance(clock_.Now(), 10);
  ASSERT_EQ(updates.size(), 1U) << "an order's effect is published at once";
  EXPECT_EQ(updates[0].number, 1U);
  market_.ShowResting(id_, Side::kBuy, bid, 0);
  EXPECT_EQ(state().depth[0].bid_qty, quantity);

  const double low = bid - 1'000;
  market_.ShowResting(id_, Side::kBuy, low, 5);
  const auto shown = std::find_if(state().depth.begin(), state().depth.end(),
                                  [&](const DepthLevel& level) { return level.bid == low; });
  EXPECT_EQ(shown, state().depth.end()) << "beyond the thirtieth level nothing shows";
}

TEST_F(GeneratedBookTest, NeverShowsACrossedBook) {
  market_.Follow(id_);
  market_.ShowResting(id_, Side::kBuy, state().depth[5].ask, 100);
  EXPECT_LT(state().depth[0].bid, state().depth[0].ask);
  for (int i = 0; i < 2'000; ++i) {
    clock_.Advance(GeneratedMarket::kStep);
    for (const Update& update : market_.Advance(clock_.Now(), 10)) {
      EXPECT_LT(update.state->depth[0].bid, update.state->depth[0].ask);
    }
  }
}

TEST_F(GeneratedBookTest, PrintsTradesAndTakesWhatTheyHit) {
  const FullState before = state();
  const double ask = before.depth[0].ask;
  const std::int64_t quantity = before.depth[0].ask_qty + 1;
  market_.PrintTrade(id_, ask, quantity, Side::kBuy, true);
  EXPECT_EQ(state().ltp, ask);
  EXPECT_EQ(state().ltq, quantity);
  EXPECT_EQ(state().vtt, before.vtt + quantity);
  EXPECT_EQ(state().depth[0].ask, before.depth[1].ask);
  EXPECT_EQ(state().depth[0].ask_qty, before.depth[1].ask_qty - 1);
  EXPECT_EQ(state().bars[0].close, ask);
}

}  // namespace
}  // namespace sauda::sim
