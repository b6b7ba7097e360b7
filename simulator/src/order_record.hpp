#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"
#include "simulator/src/core/brokerage.hpp"
#include "simulator/src/core/fault.hpp"

namespace sauda::sim {

/// Every order call that reached the broker, what it came to, and every step and trade of every
/// order: for a judge that asks neither the book nor the client. One JSON object a line, with
/// `at_ns` (wall clock) and `what`:
///
///   call    call, method, path, order_id (of the query), body (as sent), fault (the kind, or null)
///   done    call, status, data (of the answer that it would get without a fault), error_code
///   step    order_id, tag, status, message, filled, average_price, the terms; prices as decimal
///   text trade   order_id, trade_id, quantity, price
///
/// A call is written before it is looked at, the rest before its answer leaves. A call that a fault
/// stops before it is looked at has no `done`. The loop's thread only.
class OrderRecord {
 public:
  /// Fails with kInvalidArgument / FILE_NOT_WRITABLE.
  static Result<std::unique_ptr<OrderRecord>> Create(const std::string& path);

  /// Gives the call's number.
  std::uint64_t Called(const http::Request& request, const std::optional<Fault>& fault);
  void Done(std::uint64_t call, const http::Response& response);
  void Stepped(const OrderRow& row, const Listing& listing);
  void Traded(const TradeRow& trade);

 private:
  explicit OrderRecord(std::ofstream file) : file_{std::move(file)} {}
  void Write(const char* what, nlohmann::json line);

  std::ofstream file_;
  std::uint64_t last_call_ = 0;
};

}  // namespace sauda::sim
