#include "services/instruments/src/adapters/pg_sync_transaction.hpp"

#include <array>
#include <utility>

#include "libs/base/check.hpp"
#include "libs/storage/pg_copy.hpp"
#include "services/instruments/src/adapters/pg_merge.hpp"
#include "services/instruments/src/adapters/report_json.hpp"

namespace sauda::instruments {
namespace {

using storage::BinaryRows;
using storage::CopyTransaction;

// A few megabytes: enough that neither side waits for the other while a busy machine runs neither.
constexpr std::size_t kMostRows = 8'000;

constexpr auto kDeclareKnown = R"(
  DECLARE known NO SCROLL CURSOR FOR
  SELECT instrument_id, identity, digest, expiry_ms, segment, is_active
  FROM instruments.instruments WHERE is_active OR expiry_ms = 0 OR expiry_ms > )";
constexpr auto kAnyRow = "SELECT 1 FROM instruments.instruments LIMIT 1";
constexpr auto kFetchKnown = "FETCH 2000 FROM known";

// Locked until the commit, so that no other sync can begin between the look and the commit.
constexpr auto kFence = "SELECT newest FROM instruments.sync_fence FOR UPDATE";
constexpr auto kCommitRun =
    "UPDATE instruments.sync_runs SET state = 'committed', report = $2::jsonb, market_ms = $3 "
    "WHERE sync_id = $1";

}  // namespace

PgSyncTransaction::PgSyncTransaction(storage::PgOptions options, std::int64_t sync_id,
                                     std::size_t batch_rows)
    : options_{std::move(options)}, sync_id_{sync_id}, batch_rows_{batch_rows}, worker_{[this] {
        Work();
      }} {
  Check(batch_rows_ > 0, "a batch has rows");
}

PgSyncTransaction::~PgSyncTransaction() {
  const std::lock_guard lock{mutex_};
  if (!closing_) abandoned_ = true;
  closing_ = true;
  changed_.notify_all();
}

void PgSyncTransaction::Work() {
  storage::CopyConnection connection{options_};
  auto result =
      connection.Transact([this](CopyTransaction& transaction) { return DoSteps(transaction); });
  const std::lock_guard lock{mutex_};
  if (!result && !failure_)
    failure_ = result.error();  // it did not even begin, or the commit failed
  outcome_ = std::move(result);
  changed_.notify_all();
}

/// Runs steps until the end is asked for; an error rolls back.
Result<void> PgSyncTransaction::DoSteps(CopyTransaction& transaction) {
  while (auto step = Take()) {
    auto done = step->action ? step->action(transaction) : Copy(transaction, std::move(*step));
    if (!done) {
      const std::lock_guard lock{mutex_};
      failure_ = done.error();
      changed_.notify_all();
      return done;
    }
  }
  const std::lock_guard lock{mutex_};
  if (abandoned_) return Error{Code::kCancelled, "SYNC_ABANDONED", "rolled back"};
  return {};
}

std::optional<PgSyncTransaction::Step> PgSyncTransaction::Take() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closing_ || !steps_.empty(); });
  if (abandoned_ || steps_.empty()) return std::nullopt;
  std::optional<Step> step{std::move(steps_.front())};
  steps_.pop();
  waiting_rows_ -= step->rows.size();
  changed_.notify_all();
  return step;
}

std::optional<PgSyncTransaction::Step> PgSyncTransaction::TakeMoreFor(CopyTarget target) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closing_ || !steps_.empty(); });
  if (abandoned_ || steps_.empty() || steps_.front().target != target) return std::nullopt;
  std::optional<Step> step{std::move(steps_.front())};
  steps_.pop();
  waiting_rows_ -= step->rows.size();
  changed_.notify_all();
  return step;
}

/// One COPY for this step and those behind it that go to the same table.
Result<void> PgSyncTransaction::Copy(CopyTransaction& transaction, Step first) {
  const CopyTarget target = *first.target;
  if (target == CopyTarget::kStaging) {
    if (auto made = MakeStaging(transaction); !made) return made;
  }
  const auto fill = [&](BinaryRows& rows) -> Result<void> {
    std::optional<Step> step{std::move(first)};
    do {
      for (const MasterRow& row : step->rows) AppendRow(rows, target, row, sync_id_);
      // Without a connection there is no more to take; CopyIn says why.
      step = rows.good() ? TakeMoreFor(target) : std::nullopt;
    } while (step);
    return {};
  };
  const auto copied = transaction.CopyIn(CopySql(target), fill);
  if (!copied) return copied.error();
  return {};
}

Result<void> PgSyncTransaction::Post(Step step) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return failure_ || waiting_rows_ < kMostRows; });
  if (failure_) return *failure_;
  waiting_rows_ += step.rows.size();
  steps_.push(std::move(step));
  changed_.notify_all();
  return {};
}

Result<void> PgSyncTransaction::Do(const Action& action) {
  bool done = false;
  auto posted = Post({.action = [this, &done, &action](CopyTransaction& transaction) {
    auto result = action(transaction);
    const std::lock_guard lock{mutex_};
    done = true;
    if (!result) failure_ = result.error();
    changed_.notify_all();
    return result;
  }});
  if (!posted) return posted;
  std::unique_lock lock{mutex_};
  // After a failure the thread takes no further step, so it will not come back to `done`.
  changed_.wait(lock, [&] { return failure_ || done; });
  if (failure_) return *failure_;
  return {};
}

Result<bool> PgSyncTransaction::IsEmpty() {
  bool empty = false;
  const auto asked = Do([&](CopyTransaction& transaction) -> Result<void> {
    const auto rows = transaction.Query(kAnyRow);
    if (!rows) return rows.error();
    empty = rows->empty();
    return {};
  });
  if (!asked) return asked.error();
  return empty;
}

Result<void> PgSyncTransaction::ForEachKnown(
    std::int64_t market_now_ms, const std::function<void(const KnownInstrument&)>& tell) {
  return Do([&](CopyTransaction& transaction) -> Result<void> {
    const auto declared = transaction.Exec(kDeclareKnown + std::to_string(market_now_ms));
    if (!declared) return declared.error();
    while (true) {
      const auto rows = transaction.Query(kFetchKnown);
      if (!rows) return rows.error();
      if (rows->empty()) break;
      for (const auto& row : *rows) {
        const auto segment = FindSegment(row[4].value_or(""));
        if (!segment) {
          return Error{Code::kInternal, "DATABASE_ERROR",
                       "the master holds the unknown segment " + row[4].value_or("null")};
        }
        tell({.identity = static_cast<std::uint64_t>(Number(row[1])),
              .digest = static_cast<std::uint64_t>(Number(row[2])),
              .id = Number(row[0]),
              .expiry_ms = Number(row[3]),
              .segment = *segment,
              .listed = row[5] == "t"});
      }
    }
    const auto closed = transaction.Exec("CLOSE known");
    if (!closed) return closed.error();
    return {};
  });
}

Result<void> PgSyncTransaction::Insert(const Instrument& instrument, std::uint64_t digest) {
  new_rows_.push_back({std::nullopt, instrument, digest});
  ++inserted_;
  return new_rows_.size() < batch_rows_ ? Result<void>{} : PostRows(CopyTarget::kMaster, new_rows_);
}

Result<void> PgSyncTransaction::Update(std::int64_t id, const Instrument& instrument,
                                       std::uint64_t digest) {
  return Stage(id, instrument, digest);
}

Result<void> PgSyncTransaction::Upsert(const Instrument& instrument, std::uint64_t digest) {
  return Stage(std::nullopt, instrument, digest);
}

Result<void> PgSyncTransaction::Stage(std::optional<std::int64_t> id, const Instrument& instrument,
                                      std::uint64_t digest) {
  staged_rows_.push_back({id, instrument, digest});
  staging_used_ = true;
  return staged_rows_.size() < batch_rows_ ? Result<void>{}
                                           : PostRows(CopyTarget::kStaging, staged_rows_);
}

Result<void> PgSyncTransaction::PostRows(CopyTarget target, Rows& rows) {
  if (rows.empty()) return {};
  Step step{.target = target, .rows = std::move(rows)};
  rows = {};
  rows.reserve(batch_rows_);
  return Post(std::move(step));
}

Result<SyncReport> PgSyncTransaction::Apply(const std::vector<std::int64_t>& gone) {
  for (const auto& [target, rows] : {std::pair{CopyTarget::kMaster, &new_rows_},
                                     std::pair{CopyTarget::kStaging, &staged_rows_}}) {
    if (auto posted = PostRows(target, *rows); !posted) return posted.error();
  }
  SyncReport report;
  report.inserted = inserted_;
  const auto done = Do([&](CopyTransaction& transaction) -> Result<void> {
    if (staging_used_) {
      if (auto merged = MergeStaging(transaction, report); !merged) return merged;
    }
    if (report.inserted > 0) {
      if (auto told = WriteListed(transaction, sync_id_); !told) return told;
    }
    return Deactivate(transaction, sync_id_, gone);
  });
  if (!done) return done.error();
  return report;
}

Result<void> PgSyncTransaction::Commit(const SyncReport& report) {
  const std::string json = ReportToJson(report);
  auto written = Do([&](CopyTransaction& transaction) -> Result<void> {
    const auto newest = NumberOf(transaction, kFence);
    if (!newest) return newest.error();
    if (*newest != sync_id_) {
      return Error{Code::kFailedPrecondition, "LOCK_LOST",
                   "sync " + std::to_string(*newest) + " has begun since; this one was " +
                       std::to_string(sync_id_)};
    }
    const std::array<std::optional<std::string>, 3> parameters{std::to_string(sync_id_), json,
                                                               std::to_string(report.market_ms)};
    const auto noted = transaction.Query(kCommitRun, parameters);
    if (!noted) return noted.error();
    return {};
  });
  if (!written) return written;
  std::unique_lock lock{mutex_};
  closing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return outcome_.has_value(); });
  return *outcome_;
}

}  // namespace sauda::instruments
