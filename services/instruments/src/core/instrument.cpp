#include "services/instruments/src/core/instrument.hpp"

#include <string_view>

namespace sauda::instruments {
namespace {

/// FNV-1a with a length before each text and murmur's finish: stable, and good enough that a change
/// going unseen has a chance of 2^-64.
class Hasher {
 public:
  void Add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) AddByte(static_cast<unsigned char>(number >> (8 * i)));
  }
  void Add(std::string_view text) {
    Add(text.size());
    for (const char c : text) AddByte(static_cast<unsigned char>(c));
  }
  std::uint64_t Finish() const {
    std::uint64_t h = state_;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
  }

 private:
  void AddByte(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

std::uint64_t Bits(std::int64_t number) { return static_cast<std::uint64_t>(number); }

}  // namespace

Contract ContractOf(Kind kind, const std::string& type) {
  if (kind == Kind::kFuture) return Contract::kFuture;
  if (kind != Kind::kOption) return Contract::kNone;
  return type == "CE" ? Contract::kCall : Contract::kPut;
}

std::uint64_t KeyHash(const std::string& key) {
  Hasher hasher;
  hasher.Add(key);
  return hasher.Finish();
}

std::uint64_t IdentityHash(const Instrument& instrument) {
  Hasher hasher;
  hasher.Add(instrument.key);
  hasher.Add(static_cast<std::uint64_t>(ContractOf(instrument.kind, instrument.type)));
  hasher.Add(Bits(instrument.strike.nanos()));
  return hasher.Finish();
}

std::uint64_t Digest(const Instrument& instrument) {
  Hasher hasher;
  for (const std::string* text :
       {&instrument.key, &instrument.exchange, &instrument.type, &instrument.symbol,
        &instrument.name, &instrument.token, &instrument.isin, &instrument.underlying_key,
        &instrument.underlying_symbol}) {
    hasher.Add(*text);
  }
  for (const std::int64_t number :
       {static_cast<std::int64_t>(instrument.kind), instrument.lot_size, instrument.freeze_quantity,
        instrument.tick_size.nanos(), instrument.quantity_multiplier.nanos(), instrument.expiry_ms,
        instrument.strike.nanos(), std::int64_t{instrument.weekly},
        std::int64_t{instrument.simulated}}) {
    hasher.Add(Bits(number));
  }
  // Where there is none, the digest is what it was before the master's short names were kept.
  if (!instrument.short_name.empty()) hasher.Add(instrument.short_name);
  return hasher.Finish();
}

}  // namespace sauda::instruments
