#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "simulator/src/core/brokerage.hpp"
#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// Which of the three forms an order has.
enum class RowForm : std::uint8_t { kBook, kHistory, kStream };

nlohmann::json OrderJson(const OrderRow& row, const Listing& listing, const std::string& user_id,
                         RowForm form);

nlohmann::json TradeJson(const TradeRow& trade, const Listing& listing);

/// A row of short-term-positions. Prices in rupees; `last_price` and `close_price` are the
/// market's.
nlohmann::json PositionJson(const Position& position, const Listing& listing, double last_price,
                            double close_price);

/// The stream's form: the same without prices of now.
nlohmann::json PositionUpdateJson(const Position& position, const Listing& listing);

/// A row of long-term-holdings.
nlohmann::json HoldingJson(const Holding& holding, const Listing& listing, double last_price,
                           double close_price);

/// The stream's form.
nlohmann::json HoldingUpdateJson(const Holding& holding, const Listing& listing);

}  // namespace sauda::sim
