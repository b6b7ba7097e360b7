#include "services/orders/src/adapters/order_rows.hpp"

#include <sstream>

#include "libs/base/check.hpp"

namespace sauda::orders {
namespace {

/// Reads the columns of a row one after the other.
class Columns {
 public:
  explicit Columns(const pqxx::row& row) : row_{row} {}

  std::string Text() { return Next().c_str(); }
  std::int64_t Whole() { return Next().as<std::int64_t>(); }
  bool Flag() { return Next().as<bool>(); }
  template <typename Enum>
  Enum Word() {
    return static_cast<Enum>(Next().as<int>());
  }
  std::optional<Decimal> Price() {
    const pqxx::field field = Next();
    if (field.is_null()) return std::nullopt;
    const auto price = Decimal::Parse(field.c_str());
    Check(price.has_value(), "a price in the ledger is one that was written there");
    return *price;
  }
  std::vector<std::string> Texts() { return Split(Text()); }

 private:
  pqxx::field Next() { return row_[next_++]; }

  const pqxx::row& row_;
  pqxx::row::size_type next_ = 0;
};

}  // namespace

const std::string kOrderColumns = R"(
  o.order_no, o.account_id, o.client_order_id, o.tag, o.instrument, o.side, o.product,
  o.asked_quantity, o.asked_type, o.asked_price, o.asked_trigger, o.asked_validity,
  o.disclosed_quantity, o.protection_percent, array_to_string(o.user_tags, E'\n'),
  o.instrument_id, o.instrument_key, o.trading_symbol, o.route, o.simulated, o.created_ms,
  o.market_ms, o.quantity, o.type, o.price, o.trigger_price, o.validity, o.state, o.broker_status,
  o.reason, o.message, o.filled_quantity, o.average_price, o.updated_ms, o.version,
  o.traded_quantity,
  coalesce((SELECT string_agg(b.broker_order_id, E'\n' ORDER BY b.place)
            FROM orders.broker_orders b WHERE b.order_no = o.order_no), ''))";

NumberedOrder OrderOf(const pqxx::row& row) {
  Columns next{row};
  NumberedOrder numbered;
  numbered.number = next.Whole();
  Order& order = numbered.order;
  NewOrder& asked = order.request;
  asked.account_id = next.Text();
  asked.client_order_id = next.Text();
  order.tag = next.Text();
  asked.instrument = next.Text();
  asked.side = next.Word<Side>();
  asked.product = next.Word<Product>();
  asked.quantity = next.Whole();
  asked.type = next.Word<OrderType>();
  asked.price = next.Price();
  asked.trigger = next.Price();
  asked.validity = next.Word<Validity>();
  asked.disclosed_quantity = next.Whole();
  asked.protection_percent = static_cast<std::int32_t>(next.Whole());
  asked.tags = next.Texts();
  order.instrument_id = next.Whole();
  order.instrument_key = next.Text();
  order.trading_symbol = next.Text();
  order.route = next.Word<Route>();
  order.simulated = next.Flag();
  order.created_ms = next.Whole();
  order.market_ms = next.Whole();
  order.terms.quantity = next.Whole();
  order.terms.type = next.Word<OrderType>();
  order.terms.price = next.Price();
  order.terms.trigger = next.Price();
  order.terms.validity = next.Word<Validity>();
  order.state = next.Word<OrderState>();
  order.broker_status = next.Text();
  order.reason = next.Text();
  order.message = next.Text();
  order.filled_quantity = next.Whole();
  order.average_price = next.Price();
  order.updated_ms = next.Whole();
  order.version = next.Whole();
  order.traded_quantity = next.Whole();
  order.broker_order_ids = next.Texts();
  return numbered;
}

std::optional<std::string> ToColumn(const std::optional<Decimal>& price) {
  return price ? std::optional{price->ToString()} : std::nullopt;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : "\n") + text;
  return joined;
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> texts;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) texts.push_back(line);
  return texts;
}

}  // namespace sauda::orders
