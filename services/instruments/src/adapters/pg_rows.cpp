#include "services/instruments/src/adapters/pg_rows.hpp"

namespace sauda::instruments {

std::string_view View(const pqxx::field& field) { return {field.c_str(), field.size()}; }

StoredInstrument FromRow(const pqxx::row& row) {
  StoredInstrument stored;
  Instrument& it = stored.instrument;
  int column = 0;
  const auto number = [&] { return row[column++].as<std::int64_t>(); };
  const auto text = [&] { return std::string{View(row[column++])}; };
  const auto flag = [&] { return View(row[column++]) == "t"; };
  const auto decimal = [&] { return Decimal::FromNanos(number()); };
  stored.id = number();
  it.key = text();
  it.segment = FindSegment(text()).value_or(0);
  it.exchange = text();
  it.type = text();
  it.kind = static_cast<Kind>(number());
  it.symbol = text();
  it.name = text();
  it.short_name = text();
  it.token = text();
  it.isin = text();
  it.lot_size = number();
  it.freeze_quantity = number();
  it.tick_size = decimal();
  it.quantity_multiplier = decimal();
  it.expiry_ms = number();
  it.strike = decimal();
  it.underlying_key = text();
  it.underlying_symbol = text();
  it.weekly = flag();
  it.simulated = flag();
  stored.listed = flag();
  stored.version = number();
  return stored;
}

std::vector<StoredInstrument> FromRows(const pqxx::result& rows) {
  std::vector<StoredInstrument> stored;
  stored.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) stored.push_back(FromRow(row));
  return stored;
}

}  // namespace sauda::instruments
