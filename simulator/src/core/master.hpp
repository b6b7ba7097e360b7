#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sauda::sim {

/// Dense number of a listing: its position in the Master it came from. Means nothing outside this
/// process.
using ListingId = std::uint32_t;

/// One record of an instrument file. Absent is what the record does not have, which is not the same
/// as zero or false. Field meaning and units are the broker's: docs/broker.md, "Instruments".
struct Listing {
  std::string segment;          ///< NSE_EQ, NSE_FO, ...
  std::string name;             ///< company, index or underlying
  std::string exchange;         ///< NSE, BSE, MCX
  std::string instrument_type;  ///< series, group, INDEX, FUT, CE, PE or COM
  std::string instrument_key;   ///< `<segment>|<ISIN, name or token>`, unique in a file
  std::string exchange_token;   ///< digits
  std::string trading_symbol;
  std::string short_name;     ///< empty: not in the record
  std::string isin;           ///< empty: not in the record
  std::string security_type;  ///< NORMAL, SME, PCA, IPO; empty: not in the record
  std::string asset_symbol, asset_key, asset_type;                 ///< derivatives; empty: absent
  std::string underlying_symbol, underlying_key, underlying_type;  ///< derivatives; empty: absent
  std::string price_quote_unit;                                    ///< commodity; empty: absent
  std::optional<std::int64_t> expiry_ms;             ///< 23:59:59 IST of the day, epoch ms
  std::optional<std::int64_t> last_trading_date_ms;  ///< the same form
  std::optional<std::int64_t> lot_size;              ///< units in a lot
  std::optional<std::int64_t> minimum_lot;
  std::optional<double> freeze_quantity;  ///< most that one order may ask for
  std::optional<double> tick_size;        ///< paise; 0.25 for currency is 0.0025 rupees
  std::optional<double> strike_price;     ///< rupees, 0 for futures
  std::optional<double> qty_multiplier;
  std::optional<double> mtf_bracket;
  std::optional<bool> weekly, mtf_enabled, cas_eligible;

  /// The smallest price step in units of 0.0001 rupees; 5 paise when the record has no tick
  /// (indices).
  std::int64_t TickUnits() const;
  bool IsIndex() const { return instrument_type == "INDEX"; }
  bool IsOption() const { return instrument_type == "CE" || instrument_type == "PE"; }
  bool IsFuture() const { return instrument_type == "FUT"; }
};

/// Every listing the simulator knows, found by key. Never changes once made, so that a ListingId
/// and a reference into it live as long as it does; any thread may read.
class Master {
 public:
  /// Keeps the first of two listings with one key.
  explicit Master(std::vector<Listing> listings);
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  std::optional<ListingId> Find(std::string_view key) const;
  const Listing& at(ListingId id) const { return listings_.at(id); }
  std::size_t size() const { return listings_.size(); }
  const std::vector<Listing>& listings() const { return listings_; }

 private:
  std::vector<Listing> listings_;
  std::unordered_map<std::string_view, ListingId> by_key_;
};

/// A calendar day.
struct Date {
  int year = 1970;
  unsigned month = 1;
  unsigned day = 1;
};

/// Makes about 100 000 listings over all ten segments, as the broker would publish them on the
/// morning of `as_of`: every contract is unexpired then. The same seed and date always make the
/// same listings. Well-known companies, indices and contracts have their real keys, lots and ticks;
/// what is invented has well-formed ISINs with a right check digit.
std::vector<Listing> GenerateMaster(std::uint64_t seed, Date as_of);

/// Appends one record in the broker's JSON form: only the fields the listing has, doubles always
/// with a decimal point as the real files print them.
void AppendJson(const Listing& listing, std::string& out);

/// The whole file: one array, in the listings' order.
std::string ToJson(const std::vector<Listing>& listings);

}  // namespace sauda::sim
