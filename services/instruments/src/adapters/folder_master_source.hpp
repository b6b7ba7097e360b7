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

  Result<void> Read(const std::string& file, const Sink& sink) override;

 private:
  const std::string folder_;
  const bool simulated_;
  const MarketClock& market_clock_;
};

/// Hands an empty file name to the broker, any other to the folder.
class MasterSources final : public MasterSource {
 public:
  MasterSources(MasterSource& broker, MasterSource& folder) : broker_{broker}, folder_{folder} {}

  Result<void> Read(const std::string& file, const Sink& sink) override {
    return file.empty() ? broker_.Read(file, sink) : folder_.Read(file, sink);
  }

 private:
  MasterSource& broker_;
  MasterSource& folder_;
};

}  // namespace sauda::instruments
