#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "simulator/src/core/brokerage.hpp"
#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// Which of the three forms an order has (upstox-api.md 5.2, 6.7).
enum class RowForm : std::uint8_t { kBook, kHistory, kStream };

nlohmann::json OrderJson(const OrderRow& row, const Listing& listing, const std::string& user_id,
                         RowForm form);

nlohmann::json TradeJson(const TradeRow& trade, const Listing& listing);

/// A row of short-term-positions (7.1). Prices in rupees; `last_price` and `close_price` are the
/// market's.
nlohmann::json PositionJson(const Position& position, const Listing& listing, double last_price,
                            double close_price);

/// The stream's form (5.4): the same without prices of now.
nlohmann::json PositionUpdateJson(const Position& position, const Listing& listing);

/// A row of long-term-holdings (7.2).
nlohmann::json HoldingJson(const Holding& holding, const Listing& listing, double last_price,
                           double close_price);

/// The stream's form (5.5).
nlohmann::json HoldingUpdateJson(const Holding& holding, const Listing& listing);

}  // namespace sauda::sim
