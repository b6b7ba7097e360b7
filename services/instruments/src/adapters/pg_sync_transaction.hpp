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
#include "services/instruments/src/adapters/pg_merge.hpp"
#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::storage {
class CopyTransaction;
}  // namespace sauda::storage

namespace sauda::instruments {

/// One sync's writes on a connection of its own. A thread owns connection and transaction and does
/// the steps in the order given; rows go to it in batches, of which a bounded number of rows waits,
/// so that the master is parsed while the database works and memory stays flat. Batches for one
/// table that follow each other are one COPY. New rows are copied straight into the table, for
/// nothing can be there yet; rows that differ are copied to a temporary table and merged by Apply.
/// Used by one thread, except that it owns the other.
class PgSyncTransaction final : public SyncTransaction {
 public:
  PgSyncTransaction(storage::PgOptions options, std::int64_t sync_id, std::size_t batch_rows);
  /// Rolls back what was not committed.
  ~PgSyncTransaction() override;

  Result<bool> IsEmpty() override;
  Result<void> ForEachKnown(std::int64_t market_now_ms,
                            const std::function<void(const KnownInstrument&)>& tell) override;
  Result<void> Insert(const Instrument& instrument, std::uint64_t digest) override;
  Result<void> Update(std::int64_t id, const Instrument& instrument, std::uint64_t digest) override;
  Result<void> Upsert(const Instrument& instrument, std::uint64_t digest) override;
  Result<SyncReport> Apply(const std::vector<std::int64_t>& gone) override;
  Result<void> Commit(const SyncReport& report) override;

 private:
  using Rows = std::vector<MasterRow>;
  using Action = std::function<Result<void>(storage::CopyTransaction&)>;
  /// What the thread is to do: copy rows, or an action.
  struct Step {
    std::optional<CopyTarget> target;  // of rows
    Rows rows;
    Action action;
  };

  void Work();
  Result<void> DoSteps(storage::CopyTransaction& transaction);
  /// Waits for the next step; absent when none will follow.
  std::optional<Step> Take();
  /// Waits for the next step and takes it if it has rows for that target.
  std::optional<Step> TakeMoreFor(CopyTarget target);
  Result<void> Copy(storage::CopyTransaction& transaction, Step first);

  /// Hands a step to the thread, waiting while too many rows wait already. Fails with the failure
  /// of an earlier step.
  Result<void> Post(Step step);
  /// Hands a step to the thread and waits until it and all before it are done.
  Result<void> Do(const Action& action);

  /// Hands the rows gathered for a target to the thread.
  Result<void> PostRows(CopyTarget target, Rows& rows);
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
  std::size_t waiting_rows_ = 0;  // in steps_
  std::optional<Error> failure_;  // of the first step that failed
  bool closing_ = false;          // no step follows: commit, or roll back when abandoned_
  bool abandoned_ = false;
  std::optional<Result<void>> outcome_;  // of the whole, once the thread is done

  std::jthread worker_;  // last: it uses everything above
};

}  // namespace sauda::instruments
