#include "services/orders/src/adapters/pg_ledger.hpp"

#include <utility>

#include "libs/storage/pg_pool.hpp"
#include "services/orders/src/adapters/deal_rows.hpp"
#include "services/orders/src/adapters/order_rows.hpp"

namespace sauda::orders {
namespace {

// One statement, so that the intent, its event and its numbers are one round trip and one commit.
constexpr storage::PgStatement kInsert{"orders_begin", R"(
  WITH kept AS (
    INSERT INTO orders.orders (
      account_id, client_order_id, tag, instrument, side, product, asked_quantity, asked_type,
      asked_price, asked_trigger, asked_validity, disclosed_quantity, protection_percent, user_tags,
      instrument_id, instrument_key, trading_symbol, route, simulated, created_ms, market_ms,
      quantity, type, price, trigger_price, validity, state, broker_status, reason, message,
      filled_quantity, average_price, updated_ms, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
      string_to_array($14, E'\n'), $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
      $27, $28, $29, $30, $31, $32, $33, $34)
    ON CONFLICT (account_id, client_order_id) DO NOTHING
    RETURNING *),
  event AS (
    INSERT INTO orders.order_events
      SELECT order_no, version, $35, state, filled_quantity, broker_status, reason, message,
             updated_ms
      FROM kept),
  numbers AS (
    INSERT INTO orders.broker_orders (account_id, simulated, broker_order_id, order_no)
      SELECT account_id, simulated, id, order_no FROM kept, unnest(string_to_array($36, E'\n')) AS id
    ON CONFLICT DO NOTHING)
  SELECT order_no FROM kept)"};

constexpr auto kUpdate = R"(
  WITH kept AS (
    UPDATE orders.orders SET quantity = $2, type = $3, price = $4, trigger_price = $5,
      validity = $6, state = $7, broker_status = $8, reason = $9, message = $10,
      filled_quantity = $11, average_price = $12, updated_ms = $13, version = $14,
      traded_quantity = $18
    WHERE order_no = $1
    RETURNING *),
  event AS (
    INSERT INTO orders.order_events
      SELECT order_no, version, $15, state, filled_quantity, broker_status, reason, $16, updated_ms
      FROM kept)
  INSERT INTO orders.broker_orders (account_id, simulated, broker_order_id, order_no)
    SELECT account_id, simulated, id, order_no FROM kept, unnest(string_to_array($17, E'\n')) AS id
  ON CONFLICT DO NOTHING)";

const std::string kSelect = "SELECT " + kOrderColumns + " FROM orders.orders o ";
const std::string kByName = kSelect + "WHERE o.account_id = $1 AND o.client_order_id = $2";
const std::string kByNameLocked = kByName + " FOR UPDATE OF o";
const std::string kByNumber = kSelect +
                              "JOIN orders.broker_orders n USING (order_no) "
                              "WHERE n.account_id = $1 AND n.simulated = $2 "
                              "AND n.broker_order_id = $3";
const std::string kByTag = kSelect + "WHERE o.account_id = $1 AND o.simulated = $2 AND o.tag = $3";
const std::string kPage = kSelect +
                          "WHERE o.account_id = $1 AND ($2 = 0 OR o.order_no < $2) "
                          "ORDER BY o.order_no DESC LIMIT $3";
const std::string kOpenPage = kSelect +
                              "WHERE o.account_id = $1 AND ($2 = 0 OR o.order_no < $2) "
                              "AND o.state IN (1, 2, 3, 4, 8) ORDER BY o.order_no DESC LIMIT $3";
const std::string kUnsettled = kSelect +
                               "WHERE o.account_id = $1 AND o.route = $2 AND o.simulated = $3 "
                               "AND o.state IN (1, 2, 3, 4, 8) ORDER BY o.order_no";
const std::string kUntraded = kSelect +
                              "WHERE o.account_id = $1 AND o.route = $2 AND o.simulated = $3 "
                              "AND o.filled_quantity > o.traded_quantity AND o.updated_ms >= $4 "
                              "ORDER BY o.order_no LIMIT 1000";
const std::string kWithNumbers =
    kSelect +
    "WHERE o.order_no IN (SELECT n.order_no "
    "FROM orders.broker_orders n WHERE n.account_id = $1 AND n.simulated = $2 "
    "AND n.broker_order_id = ANY(string_to_array($3, E'\\n')))";
constexpr auto kCount = R"(
  SELECT count(*) FILTER (WHERE state = 8), count(*) FILTER (WHERE state IN (2, 3, 4))
  FROM orders.orders WHERE account_id = $1 AND state IN (1, 2, 3, 4, 8))";
constexpr auto kSentSince = R"(
  SELECT e.at_ms FROM orders.order_events e JOIN orders.orders o USING (order_no)
  WHERE e.at_ms >= $2 AND e.kind IN ('INTENT', 'MODIFY_ASKED', 'CANCEL_ASKED')
    AND o.account_id = $1 AND o.route = 2
  ORDER BY e.at_ms DESC LIMIT $3)";
// An answer is the next event of a modify after its question.
constexpr auto kModifiesSince = R"(
  SELECT o.client_order_id, e.message
  FROM orders.order_events e JOIN orders.orders o USING (order_no)
  WHERE e.at_ms >= $2 AND e.kind = 'MODIFY_ASKED'
    AND o.account_id = $1 AND o.route = 2 AND o.state IN (2, 3, 4)
    AND coalesce((SELECT a.kind FROM orders.order_events a
                  WHERE a.order_no = e.order_no AND a.version > e.version AND a.kind LIKE 'MODIFY%'
                  ORDER BY a.version LIMIT 1), '') <> 'MODIFY_REFUSED'
  ORDER BY e.at_ms, e.order_no, e.version LIMIT $3)";
constexpr auto kHistory = R"(
  SELECT e.version, e.kind, e.state, e.filled_quantity, e.broker_status, e.reason, e.message, e.at_ms
  FROM orders.order_events e JOIN orders.orders o USING (order_no)
  WHERE o.account_id = $1 AND o.client_order_id = $2 ORDER BY e.version)";

template <typename Enum>
int Number(Enum word) {
  return static_cast<int>(word);
}

Error NotFound(const std::string& what) {
  return {Code::kNotFound, "ORDER_UNKNOWN", "no order " + what};
}

/// What the pool says, as the ledger's callers know it.
template <typename T>
Result<T> Told(Result<T> result) {
  if (result) return result;
  const std::string& reason = result.error().reason;
  if (reason != "DATABASE_BUSY" && reason != "CONFLICT" && reason != "STATEMENT_TIMEOUT") {
    return result;
  }
  return Error{Code::kUnavailable, "DATABASE_DOWN", reason + ": " + result.error().message};
}

Result<pqxx::result> InsertRow(storage::PgPool& pool, const Order& order) {
  const NewOrder& asked = order.request;
  const char* const kind = order.state == OrderState::kIntent ? "INTENT" : "ADOPTED";
  return pool.Execute(kInsert, asked.account_id, asked.client_order_id, order.tag, asked.instrument,
                      Number(asked.side), Number(asked.product), asked.quantity, Number(asked.type),
                      ToColumn(asked.price), ToColumn(asked.trigger), Number(asked.validity),
                      asked.disclosed_quantity, asked.protection_percent, Joined(asked.tags),
                      order.instrument_id, order.instrument_key, order.trading_symbol,
                      Number(order.route), order.simulated, order.created_ms, order.market_ms,
                      order.terms.quantity, Number(order.terms.type), ToColumn(order.terms.price),
                      ToColumn(order.terms.trigger), Number(order.terms.validity),
                      Number(order.state), order.broker_status, order.reason, order.message,
                      order.filled_quantity, ToColumn(order.average_price), order.updated_ms,
                      order.version, kind, Joined(order.broker_order_ids));
}

void UpdateRow(pqxx::work& work, std::int64_t number, const Order& order, const Report& report) {
  const auto* const noted = std::get_if<Noted>(&report);
  work.exec_params(kUpdate, number, order.terms.quantity, Number(order.terms.type),
                   ToColumn(order.terms.price), ToColumn(order.terms.trigger),
                   Number(order.terms.validity), Number(order.state), order.broker_status,
                   order.reason, order.message, order.filled_quantity,
                   ToColumn(order.average_price), order.updated_ms, order.version,
                   std::string{KindOf(report)}, noted != nullptr ? noted->detail : order.message,
                   Joined(order.broker_order_ids), order.traded_quantity);
}

/// The order that a query gives, `what` last among its arguments.
template <typename... Arguments>
Result<Order> FindOne(pqxx::work& work, const std::string& sql, const std::string& what,
                      const Arguments&... before) {
  const pqxx::result rows = work.exec_params(sql, before..., what);
  if (rows.empty()) return NotFound(what);
  return OrderOf(rows.front()).order;
}

}  // namespace

Result<Ledger::Begun> PgLedger::Begin(const Order& intent) {
  const auto inserted = Told(InsertRow(pool_, intent));
  if (!inserted) return inserted.error();
  if (!inserted->empty()) return Begun{.order = intent, .is_new = true};
  auto kept = Find(NameOf(intent));
  if (!kept) return kept.error();
  const bool ours = kept->tag == intent.tag;
  return Begun{.order = *std::move(kept), .is_new = ours};
}

Result<Ledger::Change> PgLedger::Apply(const OrderName& name, const Report& report,
                                       std::int64_t now_ms) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<Change> {
    const pqxx::result rows =
        work.exec_params(kByNameLocked, name.account_id, name.client_order_id);
    if (rows.empty()) return NotFound(name.client_order_id);
    const NumberedOrder kept = OrderOf(rows.front());
    auto deals = KeepDeals(work, kept, DealsOf(report), now_ms);
    if (!deals) return deals.error();
    const Report news = WithDeals(report, DealsIn(*deals));
    auto next = Advance(kept.order, news, now_ms);
    if (!next) return next.error();
    if (!*next) return Change{.order = kept.order, .changed = false};
    UpdateRow(work, kept.number, **next, news);
    return Change{.order = **std::move(next), .changed = true, .deals = *std::move(deals)};
  }));
}

Result<Order> PgLedger::Find(const OrderName& name) {
  return Told(pool_.Transact([&](pqxx::work& work) {
    return FindOne(work, kByName, name.client_order_id, name.account_id);
  }));
}

Result<Order> PgLedger::FindByBroker(const BrokerName& name) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<Order> {
    const auto find = [&](const std::string& sql, const std::string& what) {
      return FindOne(work, sql, what, name.account_id, name.simulated);
    };
    if (!name.broker_order_id.empty()) {
      auto found = find(kByNumber, name.broker_order_id);
      if (found) return found;
    }
    return name.tag.empty() ? NotFound(name.broker_order_id) : find(kByTag, name.tag);
  }));
}

Result<Ledger::Page> PgLedger::List(const Query& query) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<Page> {
    const pqxx::result rows = work.exec_params(query.open_only ? kOpenPage : kPage,
                                               query.account_id, query.before, query.limit + 1);
    Page page;
    std::int64_t last = 0;
    for (const pqxx::row row : rows) {
      if (page.orders.size() == static_cast<std::size_t>(query.limit)) {
        page.next = last;
        break;
      }
      NumberedOrder numbered = OrderOf(row);
      last = numbered.number;
      page.orders.push_back(std::move(numbered.order));
    }
    return page;
  }));
}

Result<std::vector<Order>> PgLedger::Unsettled(const Place& place) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<std::vector<Order>> {
    std::vector<Order> orders;
    for (const pqxx::row row :
         work.exec_params(kUnsettled, place.account_id, Number(place.route), place.simulated)) {
      orders.push_back(OrderOf(row).order);
    }
    return orders;
  }));
}

Result<std::vector<Order>> PgLedger::WithNumbers(const Numbers& numbers) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<std::vector<Order>> {
    std::vector<Order> orders;
    for (const pqxx::row row : work.exec_params(kWithNumbers, numbers.account_id, numbers.simulated,
                                                Joined(numbers.broker_order_ids))) {
      orders.push_back(OrderOf(row).order);
    }
    return orders;
  }));
}

Result<std::vector<std::int64_t>> PgLedger::SentSince(const Sent& query) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<std::vector<std::int64_t>> {
    std::vector<std::int64_t> times;
    for (const pqxx::row row :
         work.exec_params(kSentSince, query.account_id, query.since_ms, query.limit)) {
      times.push_back(row[0].as<std::int64_t>());
    }
    return times;
  }));
}

Result<std::vector<Ledger::AskedModify>> PgLedger::ModifiesSince(const Sent& query) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<std::vector<AskedModify>> {
    std::vector<AskedModify> asked;
    for (const pqxx::row row :
         work.exec_params(kModifiesSince, query.account_id, query.since_ms, query.limit)) {
      asked.push_back({.client_order_id = row[0].c_str(), .detail = row[1].c_str()});
    }
    return asked;
  }));
}

Result<std::vector<Order>> PgLedger::Untraded(const Place& place, std::int64_t since_ms) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<std::vector<Order>> {
    std::vector<Order> orders;
    for (const pqxx::row row : work.exec_params(kUntraded, place.account_id, Number(place.route),
                                                place.simulated, since_ms)) {
      orders.push_back(OrderOf(row).order);
    }
    return orders;
  }));
}

Result<Ledger::DealPage> PgLedger::Deals(const DealQuery& query) {
  return Told(pool_.Transact(
      [&](pqxx::work& work) -> Result<DealPage> { return SelectDeals(work, query); }));
}

Result<Ledger::Counts> PgLedger::Count(const std::string& account_id) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<Counts> {
    const pqxx::row row = work.exec_params1(kCount, account_id);
    return Counts{.unknown = row[0].as<std::int64_t>(), .open = row[1].as<std::int64_t>()};
  }));
}

Result<std::vector<Ledger::Event>> PgLedger::History(const OrderName& name) {
  return Told(pool_.Transact([&](pqxx::work& work) -> Result<std::vector<Event>> {
    std::vector<Event> events;
    for (const pqxx::row row : work.exec_params(kHistory, name.account_id, name.client_order_id)) {
      events.push_back({.version = row[0].as<std::int64_t>(),
                        .kind = row[1].c_str(),
                        .state = static_cast<OrderState>(row[2].as<int>()),
                        .filled_quantity = row[3].as<std::int64_t>(),
                        .broker_status = row[4].c_str(),
                        .reason = row[5].c_str(),
                        .message = row[6].c_str(),
                        .at_ms = row[7].as<std::int64_t>()});
    }
    if (events.empty()) return NotFound(name.client_order_id);
    return events;
  }));
}

}  // namespace sauda::orders
