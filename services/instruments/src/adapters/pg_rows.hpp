#pragma once

#include <string_view>
#include <vector>

#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/core/instrument_store.hpp"

// The columns that FromRow reads, in order; a macro, so that statements are put together when they
// are compiled.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define INSTRUMENT_COLUMNS                                                              \
  "instrument_id, instrument_key, segment, exchange, instrument_type, kind, "           \
  "trading_symbol, name, short_name, exchange_token, isin, lot_size, freeze_quantity, " \
  "tick_nanos, multiplier_nanos, expiry_ms, strike_nanos, underlying_key, "             \
  "underlying_symbol, weekly, simulated, is_active, version"

namespace sauda::instruments {

std::string_view View(const pqxx::field& field);

/// A row of those columns.
StoredInstrument FromRow(const pqxx::row& row);
std::vector<StoredInstrument> FromRows(const pqxx::result& rows);

}  // namespace sauda::instruments
