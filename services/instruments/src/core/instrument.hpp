#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/decimal.hpp"
#include "services/instruments/src/core/segment.hpp"

namespace sauda::instruments {

/// What an instrument is, for limits and for lists by type. Values equal the proto's.
enum class Kind : std::uint8_t { kIndex = 1, kEquity = 2, kFuture = 3, kOption = 4, kSpot = 5 };

/// Which contract a key stands for; part of the durable identity. Series of equities are not: a
/// share that moves from EQ to BE stays the same share.
enum class Contract : std::uint8_t { kNone = 0, kFuture = 1, kCall = 2, kPut = 3 };

/// One instrument as a master describes it. Prices are rupees.
struct Instrument {
  std::string key;  // "NSE_FO|48704"
  Segment segment = 0;
  std::string exchange;
  std::string type;  // the broker's: series, group, INDEX, FUT, CE, PE, COM
  Kind kind = Kind::kIndex;
  std::string symbol;
  std::string name;
  std::string short_name;  // as people call it, "Zomato"; empty: none
  std::string token;
  std::string isin;                  // empty: none
  std::int64_t lot_size = 0;         // 0: none
  std::int64_t freeze_quantity = 0;  // 0: none known
  Decimal tick_size;                 // 0: none
  Decimal quantity_multiplier;       // 0: none
  std::int64_t expiry_ms = 0;        // 0: does not expire
  Decimal strike;                    // 0: none
  std::string underlying_key;        // empty: none
  std::string underlying_symbol;     // empty: none
  bool weekly = false;
  bool simulated = false;

  friend bool operator==(const Instrument&, const Instrument&) = default;
};

/// An instrument as it is kept.
struct StoredInstrument {
  std::int64_t id = 0;  // durable, one per contract for ever
  Instrument instrument;
  bool listed = false;       // the last master had it
  std::int64_t version = 0;  // 1 at first, rises with every change

  friend bool operator==(const StoredInstrument&, const StoredInstrument&) = default;

  /// Listed and not expired at that time of the market clock.
  bool ActiveAt(std::int64_t market_now_ms) const {
    return listed && (instrument.expiry_ms == 0 || instrument.expiry_ms > market_now_ms);
  }
};

/// The contract a kind and the broker's type stand for.
Contract ContractOf(Kind kind, const std::string& type);

/// 64 bits of a key alone.
std::uint64_t KeyHash(const std::string& key);

/// 64 bits of everything an identity has but the expiry: key, contract and strike. The same on
/// every machine and in every release, for it is kept in the store.
std::uint64_t IdentityHash(const Instrument& instrument);

/// 64 bits of every field. Two equal digests under one identity mean that nothing changed.
std::uint64_t Digest(const Instrument& instrument);

}  // namespace sauda::instruments
