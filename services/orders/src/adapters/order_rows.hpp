#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <pqxx/pqxx>

#include "services/orders/src/core/ledger.hpp"

namespace sauda::orders {

/// The columns that OrderOf reads, of `orders.orders o`, in its order.
extern const std::string kOrderColumns;

/// An order and its number in the table.
struct NumberedOrder {
  std::int64_t number = 0;
  Order order;
};

/// Reads a row of kOrderColumns.
NumberedOrder OrderOf(const pqxx::row& row);

/// Decimal text, or NULL.
std::optional<std::string> ToColumn(const std::optional<Decimal>& price);

/// One text of several that hold no newline, and back.
std::string Joined(const std::vector<std::string>& texts);
std::vector<std::string> Split(const std::string& text);

}  // namespace sauda::orders
