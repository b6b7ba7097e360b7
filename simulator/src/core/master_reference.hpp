#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sauda::sim {

/// A real, widely known company with contracts of its own. Facts as of late 2025; the price is only
/// where the simulated one starts.
struct Company {
  std::string_view symbol, name, isin, nse_token, bse_code;
  double price;      ///< rupees
  double tick;       ///< paise
  std::int64_t lot;  ///< units
  std::int64_t freeze_in_lots;
};

/// An index and where its simulated level starts.
struct Index {
  std::string_view name;  ///< as in the key
  std::string_view token;
  std::string_view symbol;
  double level;
};

/// A currency pair or commodity with futures and options.
struct Underlying {
  std::string_view symbol, name;
  double price;        ///< rupees in the exchange's quotation unit
  double strike_step;  ///< 0: no options
  double tick;         ///< of the future, paise
  double option_tick;
  std::int64_t lot;
  double freeze;
  double multiplier;
  std::string_view unit;  ///< price_quote_unit; empty: none
};

std::span<const Company> KnownCompanies();
std::span<const Index> NseIndices();
std::span<const Index> BseIndices();
std::span<const Underlying> CurrencyPairs();
std::span<const Underlying> McxCommodities();
std::span<const Underlying> NseCommodities();

/// Two words that name an invented company; 2304 different pairs.
std::pair<std::string_view, std::string_view> CompanyWords(std::size_t number);

/// A price that always belongs to this text: 20 to 4000 rupees, most of them low.
double HashedPrice(std::string_view text);

/// The price step of a share at this price, paise: 1 below 250 rupees, 5 to 1000, 10 to 5000, 50 to
/// 10 000, 100 to 20 000, else 500. Source: NSE circular of April 2025 on tick sizes.
double ShareTick(double price);

/// A spreading 64-bit hash: FNV-1a through a finaliser.
std::uint64_t HashText(std::string_view text);

/// One step of the splitmix64 generator's finaliser: turns a counter into noise.
constexpr std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// Adds the check digit to the first eleven characters of an ISIN (ISO 6166).
std::string WithCheckDigit(std::string_view eleven);

}  // namespace sauda::sim
