// The lists beside the master.

#include <array>

#include "libs/storage/pg_copy.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/adapters/pg_rows.hpp"

namespace sauda::instruments {
namespace {

// A macro, so that statements are put together when they are compiled.
#define ROW_COLUMNS                                                                      \
  "place, instrument_key, trading_symbol, name, instrument_type, isin, exchange_token, " \
  "margin_nanos, leverage_nanos"
constexpr std::int16_t kCopied = 10;

constexpr auto kHeads =
    "SELECT list, sync_id, market_ms, rows, tag, simulated FROM instruments.lists";
constexpr auto kDeclareRows = "DECLARE listed NO SCROLL CURSOR FOR SELECT " ROW_COLUMNS
                              " FROM instruments.list_rows WHERE list = $1 ORDER BY place";
constexpr auto kFetchRows = "FETCH 2000 FROM listed";
constexpr auto kSuspended = "SELECT " ROW_COLUMNS
                            " FROM instruments.list_rows WHERE list = 'suspended' AND place > $1 "
                            "AND ($2 = '' OR instrument_key = $2 OR trading_symbol = $2 "
                            "OR isin = $2) ORDER BY place LIMIT $3";
// The head first: it holds whoever replaces the same list until the end of this.
constexpr auto kPutHead =
    "INSERT INTO instruments.lists (list, sync_id, market_ms, rows, tag, simulated) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (list) DO UPDATE SET "
    "sync_id = excluded.sync_id, market_ms = excluded.market_ms, rows = excluded.rows, "
    "tag = excluded.tag, simulated = excluded.simulated";
constexpr auto kClearRows = "DELETE FROM instruments.list_rows WHERE list = $1";
constexpr auto kCopyRows =
    "COPY instruments.list_rows (list, " ROW_COLUMNS ") FROM STDIN (FORMAT binary)";
#undef ROW_COLUMNS

PlacedRow PlacedFrom(const pqxx::row& row) {
  int column = 0;
  const auto number = [&] { return row[column++].as<std::int64_t>(); };
  const auto text = [&] { return std::string{View(row[column++])}; };
  PlacedRow placed;
  placed.place = number();
  placed.row.key = text();
  placed.row.symbol = text();
  placed.row.name = text();
  placed.row.type = text();
  placed.row.isin = text();
  placed.row.token = text();
  placed.row.margin_percent = Decimal::FromNanos(number());
  placed.row.leverage = Decimal::FromNanos(number());
  return placed;
}

Result<void> FillRows(storage::BinaryRows& out, std::string_view list,
                      const std::vector<ListRow>& rows) {
  std::int64_t place = 0;
  for (const ListRow& row : rows) {
    if (!out.good()) break;  // CopyIn says why
    out.Row(kCopied);
    out.Text(list);
    out.Int8(++place);
    for (const auto* const text :
         {&row.key, &row.symbol, &row.name, &row.type, &row.isin, &row.token}) {
      out.Text(*text);
    }
    out.Int8(row.margin_percent.nanos());
    out.Int8(row.leverage.nanos());
  }
  return {};
}

}  // namespace

Result<std::vector<KeptList>> PgInstrumentStore::KeptLists() {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<KeptList>> {
    std::vector<KeptList> kept;
    for (const auto& row : work.exec(kHeads)) {
      const auto list = FindList(View(row[0]));
      if (!list) continue;  // of a later release
      kept.push_back({.list = *list,
                      .sync_id = row[1].as<std::int64_t>(),
                      .market_ms = row[2].as<std::int64_t>(),
                      .rows = row[3].as<std::int64_t>(),
                      .tag = std::string{View(row[4])},
                      .simulated = View(row[5]) == "t"});
    }
    return kept;
  });
}

Result<void> PgInstrumentStore::ReplaceList(const KeptList& head,
                                            const std::vector<ListRow>& rows) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  const std::string list{NameOf(head.list)};
  storage::CopyConnection connection{settings_.database};
  return connection.Transact([&](storage::CopyTransaction& transaction) -> Result<void> {
    const std::array<std::optional<std::string>, 6> values{list,
                                                           std::to_string(head.sync_id),
                                                           std::to_string(head.market_ms),
                                                           std::to_string(head.rows),
                                                           head.tag,
                                                           head.simulated ? "true" : "false"};
    if (const auto put = transaction.Query(kPutHead, values); !put) return put.error();
    const std::array<std::optional<std::string>, 1> of{list};
    if (const auto cleared = transaction.Query(kClearRows, of); !cleared) return cleared.error();
    const auto copied = transaction.CopyIn(
        kCopyRows, [&](storage::BinaryRows& out) { return FillRows(out, list, rows); });
    if (!copied) return copied.error();
    return {};
  });
}

Result<void> PgInstrumentStore::ForEachOfList(ListKind list,
                                              const std::function<void(const ListRow&)>& tell) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    work.exec_params0(kDeclareRows, std::string{NameOf(list)});
    while (true) {
      const pqxx::result rows = work.exec(kFetchRows);
      if (rows.empty()) return {};
      for (const auto& row : rows) tell(PlacedFrom(row).row);
    }
  });
}

Result<std::vector<PlacedRow>> PgInstrumentStore::Suspended(const SuspendedQuery& query) {
  if (auto ready = CheckPrepared(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<PlacedRow>> {
    std::vector<PlacedRow> found;
    for (const auto& row : work.exec_params(kSuspended, query.after, query.name, query.limit)) {
      found.push_back(PlacedFrom(row));
    }
    return found;
  });
}

}  // namespace sauda::instruments
