#include "bench/instruments_floor.hpp"

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>

#include <simdjson.h>
#include <zlib.h>

#include "libs/base/check.hpp"
#include "libs/storage/pg_copy.hpp"
#include "services/instruments/src/core/raw_record.hpp"
#include "services/instruments/src/migrations.hpp"

namespace sauda::bench {
namespace {

using instruments::Field;
using instruments::kFieldNames;
using storage::BinaryRows;
using storage::CopyTransaction;
namespace json = simdjson::ondemand;

constexpr auto kCopy =
    "COPY floor.instruments (instrument_key, segment, exchange, instrument_type, kind, contract, "
    "trading_symbol, name, short_name, exchange_token, isin, lot_size, freeze_quantity, "
    "tick_nanos, "
    "multiplier_nanos, expiry_ms, strike_nanos, underlying_key, underlying_symbol, weekly, "
    "simulated, identity, digest, first_sync, changed_sync) FROM STDIN (FORMAT binary)";
constexpr std::int16_t kColumns = 25;
constexpr double kNanos = 1e9;

std::string Gunzip(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const std::string packed{std::istreambuf_iterator<char>{file}, {}};
  z_stream stream{};
  Check(inflateInit2(&stream, 15 + 16) == Z_OK, "zlib starts");
  std::string plain;
  std::array<char, 65'536> piece{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    plain.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  Check(result == Z_STREAM_END, "the master is a whole gzip file");
  plain.reserve(plain.size() + simdjson::SIMDJSON_PADDING);
  return plain;
}

/// What one record says, by Field: texts, and numbers as doubles.
struct Bare {
  std::array<std::string_view, kFieldNames.size()> texts{};
  std::array<double, kFieldNames.size()> numbers{};
  bool weekly = false;

  std::string_view text(Field field) const { return texts[static_cast<std::size_t>(field)]; }
  double number(Field field) const { return numbers[static_cast<std::size_t>(field)]; }
};

void Read(json::object object, Bare& out) {
  out = {};
  for (auto field : object) {
    const std::string_view name = field.unescaped_key();
    std::size_t index = 0;
    while (index < kFieldNames.size() && kFieldNames[index] != name) ++index;
    if (index == kFieldNames.size()) continue;
    json::value value = field.value();
    switch (value.type()) {
      case json::json_type::string:
        out.texts[index] = value.get_string();
        break;
      case json::json_type::number:
        out.numbers[index] = value.get_double();
        break;
      case json::json_type::boolean:
        out.weekly = value.get_bool();
        break;
      default:
        break;
    }
  }
}

void Append(BinaryRows& rows, const Bare& bare, std::int64_t number) {
  const auto whole = [&](Field field) { rows.Int8(static_cast<std::int64_t>(bare.number(field))); };
  const auto nanos = [&](Field field) {
    rows.Int8(static_cast<std::int64_t>(bare.number(field) * kNanos));
  };
  rows.Row(kColumns);
  rows.Text(bare.text(Field::kKey));
  rows.Text(bare.text(Field::kSegment));
  rows.Text(bare.text(Field::kExchange));
  rows.Text(bare.text(Field::kType));
  rows.Int2(2);
  rows.Int2(0);
  rows.Text(bare.text(Field::kSymbol));
  rows.Text(bare.text(Field::kName));
  rows.Text(bare.text(Field::kShortName));
  rows.Text(bare.text(Field::kToken));
  rows.Text(bare.text(Field::kIsin));
  whole(Field::kLotSize);
  whole(Field::kFreezeQuantity);
  nanos(Field::kTickSize);
  nanos(Field::kMultiplier);
  whole(Field::kExpiry);
  nanos(Field::kStrike);
  rows.Text(bare.text(Field::kUnderlyingKey));
  rows.Text(bare.text(Field::kUnderlyingSymbol));
  rows.Bool(bare.weekly);
  rows.Bool(false);
  for (int column = 0; column < 4; ++column) rows.Int8(number);
}

/// Runs `take` for every record of the file.
template <typename Take>
void ForEach(const std::string& file, const Take& take) {
  std::string plain = Gunzip(file);
  json::parser parser;
  json::document document = parser.iterate(plain);
  Bare bare;
  for (json::object object : document.get_array()) {
    Read(object, bare);
    take(bare);
  }
}

void Run(const storage::PgOptions& database, const std::string& sql) {
  storage::CopyConnection connection{database};
  const auto done =
      connection.Transact([&](CopyTransaction& transaction) { return transaction.Exec(sql); });
  Check(done.has_value(), "the floor's database answers");
}

/// The service's own migrations for another schema.
std::string Migrations() {
  const std::string from = "instruments.";
  std::string all = "CREATE SCHEMA floor;";
  for (const auto& migration : instruments::kMigrations) all += migration.sql;
  for (auto at = all.find(from); at != std::string::npos; at = all.find(from, at)) {
    const bool whole = at == 0 || all[at - 1] == ' ';
    if (whole) all.replace(at, from.size(), "floor.");
    at += 1;
  }
  return all;
}

}  // namespace

InstrumentsFloor::InstrumentsFloor(storage::PgOptions database, std::string file)
    : database_{std::move(database)}, file_{std::move(file)} {
  Run(database_, Migrations());
}

double InstrumentsFloor::Load() {
  Run(database_, "TRUNCATE floor.instruments CASCADE");
  const auto began = std::chrono::steady_clock::now();
  storage::CopyConnection connection{database_};
  std::int64_t number = 0;
  const auto copied = connection.Transact([&](CopyTransaction& transaction) {
    return transaction.CopyIn(kCopy, [&](BinaryRows& rows) -> Result<void> {
      ForEach(file_, [&](const Bare& bare) { Append(rows, bare, number++); });
      return {};
    });
  });
  Check(copied.has_value() && number > 0 && *copied == static_cast<std::uint64_t>(number),
        "the floor loads every record");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace sauda::bench
