#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::instruments {

/// Which expired contracts, as a caller says it.
struct ExpiredRequest {
  std::string underlying;    // key or symbol
  std::string expiry;        // yyyy-MM-dd; empty: any
  std::string segment;       // empty: any
  std::optional<Kind> kind;  // absent: futures and options
  int page_size = 0;         // 0: 500
  std::string page_token;
};

/// One page; `next_page_token` is empty on the last.
struct ExpiredPage {
  std::vector<StoredInstrument> found;
  std::string next_page_token;
};

inline constexpr int kMostExpiredPage = 5'000;

/// Contracts on an underlying that had expired by `market_now_ms` and left the master, from the
/// store's own rows, the newest expiry first. Fails with NO_INSTRUMENT_NAMED, DATE_MALFORMED,
/// SEGMENT_UNKNOWN, KIND_UNKNOWN (neither future nor option), PAGE_SIZE_INVALID,
/// PAGE_TOKEN_INVALID, or as the store does.
Result<ExpiredPage> ListExpired(InstrumentStore& store, const ExpiredRequest& request,
                                std::int64_t market_now_ms);

}  // namespace sauda::instruments
