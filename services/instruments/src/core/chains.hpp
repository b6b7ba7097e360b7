#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"

namespace sauda::instruments {

/// Contracts of one underlying, as a caller names it.
struct ContractsOf {
  std::string underlying;  // key or symbol
  std::string segment;     // empty: the first in the traders' order that has contracts of it
};

/// A day on which contracts of an underlying expire.
struct ExpiryDay {
  std::int64_t expiry_ms = 0;
  bool weekly = false;  // every contract of it is
  std::int64_t futures = 0;
  std::int64_t options = 0;
};

struct Expiries {
  Segment segment = 0;
  std::vector<ExpiryDay> days;  // nearest first
};

/// One strike of a chain; what the exchange does not list is absent.
struct ChainRow {
  Decimal strike;
  std::optional<StoredInstrument> call;
  std::optional<StoredInstrument> put;
};

struct ChainRequest {
  ContractsOf of;
  std::string expiry;      // yyyy-MM-dd; empty: the nearest
  std::string near_price;  // rupees, a decimal above 0; empty: none
  int strikes = 0;         // at most as many, those nearest to the price; 0: all
};

/// The options of one day, the lowest strike first.
struct Chain {
  Segment segment = 0;
  std::int64_t expiry_ms = 0;
  std::vector<ChainRow> rows;
};

/// Expiries and option chains, in memory. Thread-safe.
class Chains {
 public:
  static constexpr int kMostStrikes = 1'000;

  explicit Chains(const CatalogKeeper& catalogs) : catalogs_{catalogs} {}

  /// Fails with NO_INSTRUMENT_NAMED, SEGMENT_UNKNOWN, kNotFound / CONTRACTS_NONE, kUnavailable /
  /// DATABASE_DOWN.
  Result<Expiries> ListExpiries(const ContractsOf& of, std::int64_t market_now_ms) const;

  /// Fails as ListExpiries, and with DATE_MALFORMED, PRICE_INVALID, STRIKES_INVALID, and kNotFound
  /// / EXPIRY_UNKNOWN.
  Result<Chain> Get(const ChainRequest& request, std::int64_t market_now_ms) const;

 private:
  const CatalogKeeper& catalogs_;
};

}  // namespace sauda::instruments
