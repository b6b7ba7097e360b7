#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "libs/http/client.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"

namespace sauda::upstox {

/// An order as the broker's v3 place call takes it. Texts are the broker's own values.
struct OrderPlacement {
  std::string instrument_key;
  std::string transaction_type;  // BUY, SELL
  std::string order_type;        // MARKET, LIMIT, SL, SL-M
  std::string product;           // I, D, MTF
  std::string validity;          // DAY, IOC
  std::int64_t quantity = 0;     // units; lots for commodities
  std::int64_t disclosed_quantity = 0;
  Decimal price;          // 0 for MARKET and SL-M
  Decimal trigger_price;  // 0 unless SL or SL-M
  std::string tag;        // at most 40 characters
  bool slice = false;     // let the broker split by freeze quantity
  bool is_amo = false;
  std::optional<int> market_protection;  // -1 automatic, 1 to 25 percent; absent: the default
};

/// What may be changed of an order. Absent fields keep their value.
struct OrderChange {
  std::string order_id;
  std::string order_type;
  std::string validity;
  Decimal price;
  Decimal trigger_price;
  std::optional<std::int64_t> quantity;
  std::optional<std::int64_t> disclosed_quantity;
  std::optional<int> market_protection;
};

struct OrderAnswer {
  std::vector<std::string> order_ids;  // one, several when sliced
  std::int64_t latency_ms = 0;         // as the broker measures itself
};

/// Why an order call has no good answer.
struct WriteFailure {
  Error error;
  /// False: the broker did not act on it. True: nobody knows, so look the tag or the id up; never
  /// send it again.
  bool maybe_done = false;
};
using WriteResult = tl::expected<OrderAnswer, WriteFailure>;

/// The only code that can place, change or cancel an order at a broker. On paper it is never
/// constructed. Sends everything once. Thread-safe. Errors as RestClient.
class OrderWriter {
 public:
  /// `client` and `observer` outlive it; the client's allow-list must be Endpoints::ToWrite.
  OrderWriter(http::Client& client, Endpoints endpoints, BrokerObserver& observer,
              std::chrono::milliseconds deadline = std::chrono::seconds{5});

  WriteResult Place(const Secret& token, const OrderPlacement& order);
  WriteResult Modify(const Secret& token, const OrderChange& change);
  /// Success means that the cancel was asked for, not that the order is cancelled.
  WriteResult Cancel(const Secret& token, std::string_view order_id);

 private:
  WriteResult Call(http::ClientRequest request, const Secret& token);

  http::Client& client_;
  const Endpoints endpoints_;
  BrokerObserver& observer_;
  const std::chrono::milliseconds deadline_;
};

}  // namespace sauda::upstox
