#include "simulator/src/market_factory.hpp"

#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "simulator/src/capture_reader.hpp"
#include "simulator/src/core/ist.hpp"
#include "simulator/src/core/market_generated.hpp"
#include "simulator/src/journal_capture.hpp"
#include "simulator/src/master_reader.hpp"

namespace sauda::sim {
namespace {

Date DayOf(std::int64_t epoch_ms) {
  const IstTime at = ToIst(epoch_ms);
  return {.year = at.year,
          .month = static_cast<unsigned>(at.month),
          .day = static_cast<unsigned>(at.day)};
}

Result<std::vector<Listing>> MakeListings(const Config& config, std::int64_t day_ms) {
  if (!config.instruments.empty()) return ReadMaster(config.instruments);
  return GenerateMaster(static_cast<std::uint64_t>(config.seed), DayOf(day_ms));
}

Result<std::unique_ptr<CaptureSource>> OpenRecording(const Config& config) {
  if (config.market_kind() == MarketKind::kJournal) {
    auto journal = JournalCapture::Open(config.journal_path());
    if (!journal) return journal.error();
    return std::unique_ptr<CaptureSource>{*std::move(journal)};
  }
  if (config.captures.empty()) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "--market replay needs at least one --capture"};
  }
  auto captures = CaptureReader::Open(config.captures);
  if (!captures) return captures.error();
  return std::unique_ptr<CaptureSource>{*std::move(captures)};
}

Result<MadeMarket> MakeReplay(const Config& config, double speed, Monotonic now) {
  if (config.numbered) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                 "--numbered is of the generated market: nothing in a recording is changed"};
  }
  MadeMarket made;
  auto recording = OpenRecording(config);
  if (!recording) return recording.error();
  made.captures = *std::move(recording);
  auto summary = Summarise(*made.captures);
  if (!summary) return summary.error();
  auto listings = MakeListings(config, summary->first_recorded_ms);
  if (!listings) return listings.error();
  AddMissing(*summary, *listings);
  made.master = std::make_unique<Master>(*std::move(listings));
  const ReplayMarket::Options options{
      .speed = speed,
      .on_subscribe = config.replay_start == ReplayStart::kSubscribed,
      .loop = config.loop,
      .stepped = config.speed == "step"};
  spdlog::info("recording read elements={} keys={} from={}", summary->elements,
               summary->elements_by_key.size(), FormatIst(summary->first_recorded_ms));
  auto replay = std::make_unique<ReplayMarket>(*made.master, *made.captures, *std::move(summary),
                                               options, now);
  made.replay = replay.get();
  made.market = std::move(replay);
  return made;
}

}  // namespace

Result<MadeMarket> MakeMarket(const Config& config, Monotonic now, std::int64_t wall_ms) {
  const auto speed = config.SpeedFactor();
  if (!speed) return speed.error();
  if (config.market_kind() != MarketKind::kGenerated) return MakeReplay(config, *speed, now);
  const std::int64_t start_ms = config.start_ms > 0 ? config.start_ms : DefaultStartMs(wall_ms);
  auto listings = MakeListings(config, start_ms);
  if (!listings) return listings.error();
  MadeMarket made;
  made.master = std::make_unique<Master>(*std::move(listings));
  made.market = std::make_unique<GeneratedMarket>(
      *made.master,
      GeneratedMarket::Options{.seed = static_cast<std::uint64_t>(config.seed),
                               .start_ms = start_ms,
                               .speed = *speed,
                               .rate = config.rate,
                               .always_open = config.always_open,
                               .numbered = config.numbered},
      now);
  return made;
}

}  // namespace sauda::sim
