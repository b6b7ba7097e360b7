#include <gtest/gtest.h>

#include "tests/scenarios/side.hpp"

namespace sauda::scenarios {
namespace {

constexpr std::size_t kLevelsOfTheFeed = 5;  // of mode full, in which the paper route asks

/// What the feed has told last of each instrument.
class ToldMarket final : public orders::MarketData {
 public:
  void Follow(const std::string&) override {}
  void Release(const std::string&) override {}
  Result<exchange::Depth> Latest(const std::string& key) override {
    if (const auto depth = Newest(key)) return *depth;
    return Error{Code::kUnavailable, "FEED_DOWN", "no tick came"};
  }
  std::optional<exchange::Depth> Newest(const std::string& key) override {
    const auto found = newest.find(key);
    return found == newest.end() ? std::nullopt : std::optional{found->second};
  }
  std::map<std::string, exchange::Depth> newest;
};

class KeptSteps final : public orders::StepSink {
 public:
  bool HasRoom() const override { return true; }
  void Put(orders::PaperStep step) override { steps.push_back(std::move(step)); }
  std::vector<orders::PaperStep> steps;
};

class PaperSide final : public Side {
 public:
  explicit PaperSide(const std::vector<sim::Listing>& listings) : Side{listings} { engine_.Open(); }

 private:
  orders::OrderDesk& used() override { return paper_; }
  void OnTime() override { engine_.EndOldDays(); }
  void OnMarket(const Step& market) override {
    exchange::Depth depth{.bids = market.bids, .asks = market.asks};
    for (auto* side : {&depth.bids, &depth.asks}) {
      if (side->size() > kLevelsOfTheFeed) side->resize(kLevelsOfTheFeed);
    }
    if (market.last_price > Decimal{}) depth.last_price = market.last_price;
    depth.sequence = exchange::NumberOf(depth);
    if (market.again) depth = market_.newest.at(market.instrument);
    market_.newest[market.instrument] = depth;
    engine_.OnMarket(market.instrument, depth);
  }
  void OnSession(bool open) override {
    for (const char* segment : {"NSE_EQ", "NSE_FO", "MCX_FO"}) engine_.OnSegment(segment, open);
  }
  void Pump() override {
    for (const orders::PaperStep& step : std::exchange(sink_.steps, {})) {
      const auto kept = paper_.Apply(step.name, step.row);
      EXPECT_TRUE(kept) << kept.error().message;
    }
  }

  ToldMarket market_;
  KeptSteps sink_;
  orders::PaperEngine engine_{market_, sink_, market_clock};
  orders::OrderDesk paper_{PartsWith(engine_)};
};

}  // namespace

std::unique_ptr<Side> MakePaperSide(const std::vector<sim::Listing>& listings) {
  return std::make_unique<PaperSide>(listings);
}

}  // namespace sauda::scenarios
