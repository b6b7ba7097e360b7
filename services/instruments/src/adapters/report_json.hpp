#pragma once

#include <string>
#include <string_view>

#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::instruments {

/// A report as it is kept in sync_runs.
std::string ReportToJson(const SyncReport& report);

/// The way back. Fails with kInternal / DATABASE_ERROR when the text is no report.
Result<SyncReport> ReportFromJson(std::string_view text);

}  // namespace sauda::instruments
