#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace sauda::sim {

/// The user as token exchange and profile show it.
inline nlohmann::json ProfileJson(const std::string& user_id) {
  return {{"email", "trader@simulated.invalid"},
          {"exchanges", {"NSE", "NFO", "CDS", "BSE", "BFO", "BCD", "MCX", "NSCOM"}},
          {"products", {"I", "D", "CO", "OCO", "MTF"}},
          {"broker", "UPSTOX"},
          {"user_id", user_id},
          {"user_name", "Simulated Trader"},
          {"order_types", {"MARKET", "LIMIT", "SL", "SL-M"}},
          {"user_type", "individual"},
          {"poa", false},
          {"ddpi", false},
          {"is_active", true}};
}

}  // namespace sauda::sim
