#pragma once

#include <string>

#include "libs/base/market_clock.hpp"
#include "services/instruments/src/core/master_source.hpp"

namespace sauda::instruments {

/// Files that a person put into the import folder, by plain name: no path leads out of it, and
/// links are not followed. Thread-safe.
class FolderMasterSource final : public MasterSource {
 public:
  /// `folder` empty: there is none, and every file is unknown. `simulated` marks what is read, and
  /// that the time is the simulator's: until `market_clock` has heard it, Read fails with
  /// kUnavailable / CLOCK_UNKNOWN, since nobody can tell what has expired.
  FolderMasterSource(std::string folder, bool simulated, const MarketClock& market_clock)
      : folder_{std::move(folder)}, simulated_{simulated}, market_clock_{market_clock} {}

  Result<MasterOrigin> Read(const MasterRequest& request, const Sink& sink) override;

 private:
  const std::string folder_;
  const bool simulated_;
  const MarketClock& market_clock_;
};

/// Hands each request to the source that it names.
class MasterSources final : public MasterSource {
 public:
  MasterSources(MasterSource& broker, MasterSource& folder, MasterSource& sample)
      : broker_{broker}, folder_{folder}, sample_{sample} {}

  Result<MasterOrigin> Read(const MasterRequest& request, const Sink& sink) override {
    if (request.sample) return sample_.Read(request, sink);
    return request.file.empty() ? broker_.Read(request, sink) : folder_.Read(request, sink);
  }

 private:
  MasterSource& broker_;
  MasterSource& folder_;
  MasterSource& sample_;
};

}  // namespace sauda::instruments
