#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/rpc/server.hpp"
#include "services/instruments/src/rpc/instruments_service.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_instrument_store.hpp"
#include "tests/support/memory_list_store.hpp"

namespace sauda::feed {

/// Nobody syncs.
struct NoSyncs final : instruments::SyncRunner {
  Result<instruments::SyncReport> Run(const instruments::SyncOrder&) override {
    return Error{Code::kUnavailable, "SOURCE_DOWN", "there is none"};
  }
  bool running() const override { return false; }
  instruments::SyncProgress progress() const override { return {}; }
};

/// The instruments service on a port of its own. NIFTY is an index with two futures and calls of
/// the strikes 100 to 600, INFY a share with a future, TCS one without.
class InstrumentsServer {
 public:
  InstrumentsServer() {
    const instruments::Instrument nifty =
        Cash("NSE_INDEX|Nifty 50", "NIFTY", instruments::Kind::kIndex);
    const instruments::Instrument infy = Cash("NSE_EQ|INFY", "INFY", instruments::Kind::kEquity);
    std::vector<instruments::Instrument> all{nifty, infy,
                                             Cash("NSE_EQ|TCS", "TCS", instruments::Kind::kEquity)};
    all.push_back(Contract("NSE_FO|1", 60, 0, nifty));
    all.push_back(Contract("NSE_FO|2", 30, 0, nifty));
    all.push_back(Contract("NSE_FO|3", 30, 0, infy));
    for (int strike = 100; strike <= 600; strike += 100) {
      all.push_back(Contract("NSE_FO|C" + std::to_string(strike), 7, strike, nifty));
    }
    all.push_back(Contract("NSE_FO|OLD", -1, 300, nifty));
    auto transaction = std::move(*store_.Begin(*store_.StartRun(0, "test")));
    for (const instruments::Instrument& each : all)
      EXPECT_TRUE(transaction->Insert(each, Digest(each)));
    const auto report = transaction->Apply({});
    EXPECT_TRUE(report && transaction->Commit(*report));
    EXPECT_TRUE(catalogs_.Refresh());
    EXPECT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&service_}));
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  void Stop() { server_.Stop(); }

 private:
  static instruments::Instrument Cash(const std::string& key, const std::string& symbol,
                                      instruments::Kind kind) {
    instruments::Instrument it;
    it.key = key;
    it.segment = *instruments::FindSegment(key.substr(0, key.find('|')));
    it.type = kind == instruments::Kind::kIndex ? "INDEX" : "EQ";
    it.kind = kind;
    it.symbol = symbol;
    return it;
  }
  instruments::Instrument Contract(const std::string& key, int days, int strike,
                                   const instruments::Instrument& of) const {
    instruments::Instrument it = Cash(key, of.symbol + " " + key, instruments::Kind::kFuture);
    it.type = strike == 0 ? "FUT" : "CE";
    if (strike != 0) it.kind = instruments::Kind::kOption;
    it.strike = Decimal::FromUnits(strike);
    it.expiry_ms = market_.NowMs() + days * std::int64_t{86'400'000};
    it.underlying_key = of.key;
    it.underlying_symbol = of.symbol;
    return it;
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  instruments::MemoryInstrumentStore store_;
  instruments::CatalogKeeper catalogs_{store_};
  instruments::MemoryListStore list_store_;
  instruments::ListKeeper lists_{list_store_};
  NoSyncs syncs_;
  prometheus::Registry registry_;
  rpc::Calls calls_{registry_, "instruments"};
  instruments::InstrumentsService service_{
      {syncs_, store_, catalogs_, list_store_, lists_, market_, calls_}};
  rpc::Server server_;
};

}  // namespace sauda::feed
