#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <thread>
#include <vector>

#include "libs/storage/pg_options.hpp"
#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::storage {
class CopyTransaction;
}  // namespace sauda::storage

namespace sauda::instruments {

/// One sync's writes on a connection of its own. A thread owns connection and transaction and does
/// the steps in the order given; rows go to it in batches, at most two waiting, so that the master
/// is parsed while the database works and memory stays flat. New rows are copied straight into the
/// table, for nothing can be there yet; rows that differ are copied to a temporary table and merged
/// by Apply. Used by one thread, except that it owns the other.
class PgSyncTransaction final : public SyncTransaction {
 public:
  PgSyncTransaction(storage::PgOptions options, std::int64_t sync_id, std::size_t batch_rows);
  /// Rolls back what was not committed.
  ~PgSyncTransaction() override;

  Result<void> ForEachKnown(std::int64_t market_now_ms,
                            const std::function<void(const KnownInstrument&)>& tell) override;
  Result<void> Insert(const Instrument& instrument, std::uint64_t digest) override;
  Result<void> Update(std::int64_t id, const Instrument& instrument, std::uint64_t digest) override;
  Result<void> Upsert(const Instrument& instrument, std::uint64_t digest) override;
  Result<SyncReport> Apply(const std::vector<std::int64_t>& gone) override;
  Result<void> Commit(const SyncReport& report) override;

 private:
  /// A row on its way; `id` absent: to be found by the merge.
  struct Row {
    std::optional<std::int64_t> id;
    Instrument instrument;
    std::uint64_t digest = 0;
  };
  using Rows = std::vector<Row>;
  using Step = std::function<Result<void>(storage::CopyTransaction&)>;

  void Work();
  Result<void> DoSteps(storage::CopyTransaction& transaction);

  /// Hands a step to the thread, waiting while two wait already. Fails with the failure of an
  /// earlier step.
  Result<void> Post(Step step);
  /// Hands a step to the thread and waits until it and all before it are done.
  Result<void> Do(const Step& step);

  Result<void> PostNew();
  Result<void> PostStaged();
  Result<void> Stage(std::optional<std::int64_t> id, const Instrument& instrument,
                     std::uint64_t digest);

  const storage::PgOptions options_;
  const std::int64_t sync_id_;
  const std::size_t batch_rows_;
  Rows new_rows_;
  Rows staged_rows_;
  std::int64_t inserted_ = 0;
  bool staging_used_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  // mutex_ guards the rest
  std::queue<Step> steps_;
  std::optional<Error> failure_;  // of the first step that failed
  bool closing_ = false;          // no step follows: commit, or roll back when abandoned_
  bool abandoned_ = false;
  std::optional<Result<void>> outcome_;  // of the whole, once the thread is done

  std::jthread worker_;  // last: it uses everything above
};

}  // namespace sauda::instruments
