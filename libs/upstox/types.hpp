#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"

namespace sauda::upstox {

/// What the token exchange and the profile say of the account.
struct Profile {
  std::string user_id;  // the broker's client code (UCC)
  std::string user_name;
  std::string email;
  std::string user_type;
  std::string broker;
  std::vector<std::string> exchanges;
  std::vector<std::string> products;
  std::vector<std::string> order_types;
  bool poa = false;
  bool ddpi = false;
  bool is_active = false;
};

/// The answer to a code. The broker names no expiry: a token ends at 03:30 IST after its creation.
struct LoginToken {
  Profile profile;
  Secret access_token;
  Secret extended_token;  // empty unless the account has it
};

/// The answer to a request for a token that the person consents to in the broker's app.
struct TokenRequest {
  std::int64_t expires_ms = 0;  // when it dies unanswered, epoch ms; 0 when the broker did not say
  std::string notifier_url;     // where the token will be sent, as registered with the app
};

struct CodeExchange {
  Secret code;
  std::string client_id;
  Secret client_secret;
  std::string redirect_uri;
};

/// One of the two pockets of the funds answer, in rupees.
struct Margin {
  Decimal available;
  Decimal used;
  Decimal payin;
  Decimal span;
  Decimal adhoc;
  Decimal notional_cash;
  Decimal exposure;
};
struct Funds {
  Margin equity;     // both pockets are pooled here since July 2025
  Margin commodity;  // zeros when the broker leaves it out
};

/// One number of the newer funds answer.
struct FundsFigure {
  std::string path;  // names joined by dots
  Decimal amount;    // rupees
};

/// The addresses from which the broker takes an app's orders; empty where none is registered.
struct StaticIp {
  std::string primary;
  std::string secondary;
  std::string primary_updated_at;  // "2024-02-21 14:40:02", IST
  std::string secondary_updated_at;
};

/// One segment of the broker's kill switch.
struct SegmentSwitch {
  std::string segment;  // "NSE_FO", …
  std::string status;   // ACTIVE, INACTIVE
  bool killed = false;
};

/// When an exchange (NSE, NFO, MCX, …) trades on a day, milliseconds since the Unix epoch.
struct ExchangeHours {
  std::string exchange;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
};

/// A day on which some exchange does not keep its regular hours.
struct MarketHoliday {
  std::string date;  // yyyy-MM-dd
  std::string description;
  std::string type;  // TRADING_HOLIDAY, SETTLEMENT_HOLIDAY, SPECIAL_TIMING
  std::vector<std::string> closed_exchanges;
  std::vector<ExchangeHours> open_exchanges;  // one that is in neither list is as always
};

/// A row of the order book or of an order's history, or an order update of the portfolio stream.
/// Text is as the broker sends it; empty where it was absent or null. Prices are in rupees.
struct OrderRow {
  std::string order_id;
  std::string exchange_order_id;  // empty before the exchange accepts
  std::string parent_order_id;
  std::string order_ref_id;
  std::string order_request_id;
  std::string tag;
  std::string guid;
  std::string placed_by;
  std::string user_id;
  std::string exchange;  // "NSE", "NFO", …
  std::string instrument_key;
  std::string trading_symbol;
  std::string product;           // I, D, MTF, CO, OCO
  std::string order_type;        // MARKET, LIMIT, SL, SL-M
  std::string validity;          // DAY, IOC, EOS
  std::string transaction_type;  // BUY, SELL
  std::string variety;
  std::string status;  // lower case with spaces: "put order req received"
  std::string status_message;
  std::string status_message_raw;
  std::string order_timestamp;  // "2024-02-21 14:40:02", IST
  std::string exchange_timestamp;
  std::int64_t quantity = 0;
  std::int64_t filled_quantity = 0;
  std::int64_t pending_quantity = 0;  // history rows do not carry it
  std::int64_t disclosed_quantity = 0;
  Decimal price;
  Decimal trigger_price;
  Decimal average_price;
  bool is_amo = false;
};

/// A trade of the day. Amounts in rupees.
struct TradeRow {
  std::string trade_id;
  std::string order_id;
  std::string exchange_order_id;
  std::string order_ref_id;
  std::string exchange;
  std::string instrument_key;
  std::string trading_symbol;
  std::string product;
  std::string order_type;
  std::string transaction_type;
  std::string order_timestamp;
  std::string exchange_timestamp;
  std::int64_t quantity = 0;
  Decimal average_price;
};

/// Shares that are owned. Amounts in rupees.
struct HoldingRow {
  std::string instrument_key;
  std::string isin;
  std::string trading_symbol;
  std::string exchange;
  std::string product;
  std::int64_t quantity = 0;     ///< settled; what was sold today is in it
  std::int64_t t1_quantity = 0;  ///< bought, not settled yet
  std::int64_t cnc_used_quantity = 0;
  Decimal average_price;
};

/// A position as the portfolio stream sends it: no last price, no profit.
struct PositionUpdate {
  std::string instrument_key;
  std::string exchange;
  std::string product;
  std::int64_t quantity = 0;
  Decimal average_price;
  std::int64_t day_buy_quantity = 0;
  std::int64_t day_sell_quantity = 0;
  Decimal day_buy_value;
  Decimal day_sell_value;
  std::int64_t overnight_quantity = 0;
};

/// A message of the portfolio stream that this version has no type for (gtt_order, holding, newer
/// ones): its update_type and the text as it came.
struct OtherUpdate {
  std::string update_type;
  std::string text;
};

using PortfolioUpdate = std::variant<OrderRow, PositionUpdate, OtherUpdate>;

/// Reads one message of the portfolio stream. Fails with kInvalidArgument / BROKER_ANSWER_MALFORMED
/// when it is no JSON object, or a field has another type than documented.
Result<PortfolioUpdate> ParsePortfolioUpdate(std::string_view text);

/// Reads "2024-02-21 14:40:02" as IST into milliseconds since the epoch, UTC. Absent when it is
/// empty or in another form.
std::optional<std::int64_t> ParseIstMs(std::string_view text);

}  // namespace sauda::upstox
