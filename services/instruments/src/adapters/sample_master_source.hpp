#pragma once

#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/master_source.hpp"
#include "services/instruments/src/core/sample_master.hpp"

namespace sauda::instruments {

/// The built-in master, marked as simulated. Thread-safe.
class SampleMasterSource final : public MasterSource {
 public:
  /// `waits_for_broker`: the time is the simulator's, and until `market_clock` has heard it Read
  /// fails with kUnavailable / CLOCK_UNKNOWN.
  SampleMasterSource(bool waits_for_broker, const MarketClock& market_clock)
      : waits_for_broker_{waits_for_broker}, market_clock_{market_clock} {}

  Result<MasterOrigin> Read(const MasterRequest&, const Sink& sink) override {
    if (waits_for_broker_ && !market_clock_.offset_ms()) {
      return Error{Code::kUnavailable, "CLOCK_UNKNOWN",
                   "the simulator has not told its time yet, so nobody can tell what expires when"};
    }
    const std::string text = SampleMaster(calendar::IstDate::Of(market_clock_.NowMs()));
    auto told = sink({.bytes = text, .simulated = true, .begins_file = true, .share_read = 1});
    if (!told) return told.error();
    return MasterOrigin{.source = "sample"};
  }

 private:
  const bool waits_for_broker_;
  const MarketClock& market_clock_;
};

}  // namespace sauda::instruments
