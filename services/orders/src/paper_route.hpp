#pragma once

#include <memory>
#include <optional>
#include <string>

#include "services/orders/src/adapters/feed_market.hpp"
#include "services/orders/src/core/paper_engine.hpp"
#include "services/orders/src/core/paper_writer.hpp"
#include "services/orders/src/paper_link.hpp"
#include "services/orders/src/route.hpp"
#include "services/orders/src/step_recorder.hpp"

namespace sauda::orders {

/// Orders on paper: the engine, the feed's depth, the recorder of its steps. Nothing here can reach
/// a broker.
class PaperRoute final : public RouteParts {
 public:
  struct Parts {
    std::string account_id;
    std::shared_ptr<grpc::Channel> feed_channel;
    const Clock& clock;
    MarketClock& market_clock;
    telemetry::Dependencies& dependencies;
    Metrics& metrics;
    Ledger& ledger;
    InstrumentDirectory& instruments;
    StoreKeeper& store;
    std::chrono::milliseconds first_tick_limit;
    MarketClock::Source clock_source = MarketClock::Source::kBroker;
  };

  explicit PaperRoute(const Parts& parts)
      : parts_{parts},
        engine_{market_, recorder_, parts.market_clock, parts.clock_source},
        recorder_{parts.metrics},
        market_{parts.feed_channel,
                parts.clock,
                parts.market_clock,
                parts.dependencies,
                {.account_id = parts.account_id, .first_tick_limit = parts.first_tick_limit}} {}

  Venue& venue() override { return engine_; }
  BrokerBook* book() override { return nullptr; }

  void Start(OrderDesk& desk) override {
    writer_.emplace(desk, parts_.ledger, parts_.instruments);
    recorder_.Start([this](const PaperStep& step) { return writer_->Write(step); });
    market_.Start(
        [this](const std::string& key, const exchange::Depth& depth) {
          engine_.OnMarket(key, depth);
        },
        [this] { engine_.OnMarketLost(); },
        [this](const std::string& segment, bool open) { engine_.OnSegment(segment, open); });
    link_.emplace(PaperLink::Parts{.account_id = parts_.account_id,
                                   .engine = engine_,
                                   .desk = desk,
                                   .ledger = parts_.ledger,
                                   .instruments = parts_.instruments,
                                   .store = parts_.store});
    link_->Start();
  }

 private:
  const Parts parts_;
  PaperEngine engine_;  // first: the threads of the others call it until they join
  std::optional<PaperWriter> writer_;
  StepRecorder recorder_;
  FeedMarket market_;
  std::optional<PaperLink> link_;
};

}  // namespace sauda::orders
