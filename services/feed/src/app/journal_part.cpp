#include "services/feed/src/app/journal_part.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libs/journal/names.hpp"
#include "libs/journal/recover.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::feed {

using telemetry::Quoted;

Result<void> JournalPart::Start() {
  const Config& config = ground_.config;
  if (auto mended = Mend(); !mended) return mended;
  const auto directory = journal::AccountDirectory(config.journal_dir, config.broker.account);
  const auto past = ReadJournalPast(directory);
  if (!past) return past.error();
  past_ = *past;
  auto started = FileJournal::Start(
      {.root = config.journal_dir,
       .instance = ground_.instance,
       .account = config.broker.account,
       .clock = ground_.clock_source(),
       .limits = {.ring_bytes = static_cast<std::size_t>(config.journal_ring_mib) << 20U,
                  .segment_bytes = static_cast<std::uint64_t>(config.journal_segment_mib) << 20U},
       .sync = config.journal_sync.count() > 0 ? journal::Sync::kInterval : journal::Sync::kNever,
       .sync_interval = std::max(config.journal_sync, std::chrono::milliseconds{1})},
      ground_.clock, Events());
  if (!started) return started.error();
  journal_ = std::move(*started);
  reader_ = std::make_unique<FileJournalReader>(
      FileJournalReader::Options{
          .directory = directory,
          .retention = {.age = std::chrono::days{config.journal_keep_days},
                        .bytes = static_cast<std::uint64_t>(config.journal_max_mib) << 20U}},
      ground_.clock);
  return {};
}

void JournalPart::Stop() {
  if (journal_) journal_->Stop();
}

Result<void> JournalPart::Mend() {
  const auto recovered = journal::Recover(
      journal::AccountDirectory(ground_.config.journal_dir, ground_.config.broker.account),
      ground_.instance);
  if (!recovered) return recovered.error();
  for (const auto& each : *recovered) {
    if (each.problem) {
      spdlog::error("journal cannot be mended file={} reason={} message={}",
                    Quoted(each.path.string()), each.problem->reason,
                    Quoted(each.problem->message));
    } else if (each.what != journal::Recovered::What::kInUse) {
      spdlog::warn("journal mended file={} records={} cut_bytes={}", Quoted(each.path.string()),
                   each.records, each.cut_bytes);
    }
  }
  return {};
}

journal::Writer::Events JournalPart::Events() {
  return {.on_written =
              [this] {
                journal::Writer& writer = journal_->writer();
                ground_.metrics.journal_waiting.Set(static_cast<double>(writer.waiting_records()));
                const std::chrono::duration<double> wait = writer.TakeLongestWait();
                if (wait.count() > 0) ground_.metrics.journal_seconds.Observe(wait.count());
              },
          .on_stopped =
              [this](const Error& why) {
                ground_.metrics.journal_stopped.Set(1);
                ground_.Tell("journal", &why);
                spdlog::error("journal stopped reason={} message={}", why.reason,
                              Quoted(why.message));
              },
          .on_resumed =
              [this] {
                ground_.metrics.journal_stopped.Set(0);
                ground_.Tell("journal", nullptr);
                spdlog::warn("journal goes on");
              },
          .on_lost =
              [this](const journal::Stretch& lost, bool) {
                ground_.metrics.journal_lost_frames.Increment(static_cast<double>(lost.records));
                spdlog::error("frames not journaled count={} ticks={} from_ns={} to_ns={} cause={}",
                              lost.records, lost.ticks, lost.from_ns, lost.to_ns, lost.cause);
              }};
}

}  // namespace sauda::feed
