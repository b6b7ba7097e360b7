#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::storage {
class BinaryRows;
class CopyTransaction;
}  // namespace sauda::storage

namespace sauda::instruments {

/// The SQL by which a sync's rows get into the master. Every function fails as the transaction's
/// own do.

/// A row on its way; `id` absent: new, or to be found by the merge.
struct MasterRow {
  std::optional<std::int64_t> id;
  Instrument instrument;
  std::uint64_t digest = 0;
};

/// Where rows are copied to.
enum class CopyTarget : std::uint8_t { kMaster, kStaging };

/// The COPY statement of a target.
const char* CopySql(CopyTarget target);

/// One row of that COPY.
void AppendRow(storage::BinaryRows& rows, CopyTarget target, const MasterRow& row,
               std::int64_t sync_id);

/// Makes the staging table of this transaction unless it is there.
Result<void> MakeStaging(storage::CopyTransaction& transaction);

/// Merges the staging table into the master: finds ids, writes events, keeps what rows were,
/// rewrites what differs, adds the rest. Sets updated, reactivated and unchanged, and adds to
/// inserted.
Result<void> MergeStaging(storage::CopyTransaction& transaction, SyncReport& report);

/// Writes an event for each row that this sync added, unless it is the first of all, when
/// everything is new.
Result<void> WriteListed(storage::CopyTransaction& transaction, std::int64_t sync_id);

/// Takes rows off the list, with an event each, and keeps what they were.
Result<void> Deactivate(storage::CopyTransaction& transaction, std::int64_t sync_id,
                        const std::vector<std::int64_t>& gone);

/// The first number of the first row.
Result<std::int64_t> NumberOf(storage::CopyTransaction& transaction, const char* sql);

/// A column of type bigint; 0 for NULL.
std::int64_t Number(const std::optional<std::string>& text);

}  // namespace sauda::instruments
