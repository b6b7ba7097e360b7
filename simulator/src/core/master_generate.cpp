#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <set>

#include "simulator/src/core/master.hpp"
#include "simulator/src/core/master_contracts.hpp"
#include "simulator/src/core/master_reference.hpp"

namespace sauda::sim {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month;

/// Collects listings and gives out tokens.
class Builder {
 public:
  Builder(std::uint64_t seed, Date as_of)
      : seed_{seed},
        today_{sys_days{std::chrono::year{as_of.year} / std::chrono::month{as_of.month} /
                        std::chrono::day{as_of.day}}},
        month_{std::chrono::year{as_of.year} / std::chrono::month{as_of.month}} {}

  std::vector<Listing> Build() {
    listings_.reserve(110'000);
    Shares();
    AddIndices(NseIndices(), "NSE_INDEX", "NSE", 100);
    AddIndices(BseIndices(), "BSE_INDEX", "BSE", 60);
    NseIndexContracts();
    ShareContracts();
    BseIndexContracts();
    Currencies("NCD_FO", "NSE", 1'000);
    Currencies("BCD_FO", "BSE", 2'100'000);
    McxContracts();
    NseCommodityContracts();
    return std::move(listings_);
  }

 private:
  struct Share {
    std::string symbol, name, isin;
    double price = 0;
    double tick = 0;
    std::int64_t lot = 0;
    double freeze = 0;
  };

  static constexpr int kSharesWithContracts = 165;
  static constexpr int kInventedShares = 2'300;

  std::uint64_t Random() { return Mix(seed_ ^ Mix(draws_++)); }
  std::uint64_t Below(std::uint64_t limit) { return Random() % limit; }

  /// An issuer code that no real issuer has: digit 9, a letter, two digits.
  static std::string Issuer(int number) {
    const auto letter = static_cast<char>('A' + number / 100 % 26);
    return std::string{"INE9"} + letter + Padded(static_cast<unsigned>(number % 100));
  }

  std::string InventName(int number, std::string& symbol) {
    const auto [first, second] = CompanyWords(static_cast<std::size_t>(number));
    symbol = std::string{first.substr(0, 6)} + std::string{second.substr(0, 5)};
    while (!symbols_.insert(symbol).second) symbol += 'X';
    return std::string{first} + ' ' + std::string{second} + " LIMITED";
  }

  Listing ShareListing(const Share& share, std::string_view exchange, std::string token,
                       std::string_view series) const {
    Listing made;
    made.exchange = exchange;
    made.segment = made.exchange + "_EQ";
    made.name = share.name;
    made.isin = share.isin;
    made.instrument_type = series;
    made.instrument_key = made.segment + '|' + share.isin;
    made.exchange_token = std::move(token);
    made.trading_symbol = share.symbol;
    made.lot_size = 1;
    made.freeze_quantity = 100'000;
    made.tick_size = share.tick;
    made.qty_multiplier = 1;
    if (exchange == "NSE") made.security_type = series == "SM" || series == "ST" ? "SME" : "NORMAL";
    return made;
  }

  void Shares() {
    for (const Company& known : KnownCompanies()) {
      symbols_.insert(std::string{known.symbol});
      Share share{.symbol = std::string{known.symbol},
                  .name = std::string{known.name},
                  .isin = std::string{known.isin},
                  .price = known.price,
                  .tick = known.tick,
                  .lot = known.lot,
                  .freeze = static_cast<double>(known.lot * known.freeze_in_lots)};
      Listing nse = ShareListing(share, "NSE", std::string{known.nse_token}, "EQ");
      nse.short_name = known.symbol;
      nse.mtf_enabled = true;
      nse.mtf_bracket = 20.0 + static_cast<double>(Below(5)) * 5.0;
      nse.cas_eligible = true;
      listings_.push_back(std::move(nse));
      Listing bse = ShareListing(share, "BSE", std::string{known.bse_code}, "A");
      bse.tick_size = std::min(share.tick, 5.0);
      listings_.push_back(std::move(bse));
      shares_.push_back(std::move(share));
    }
    for (int i = 0; i < kInventedShares; ++i) InventedShare(i);
    Debt("NSE", "SG", 3'700, 800'000);
    Debt("NSE", "N0", 900, 900'000);
    Debt("NSE", "GS", 150, 910'000);
    Debt("NSE", "TB", 90, 920'000);
    Debt("NSE", "GB", 50, 930'000);
    Debt("BSE", "F", 6'600, 900'000);
    Debt("BSE", "G", 1'100, 960'000);
  }

  void InventedShare(int number) {
    Share share;
    share.name = InventName(number, share.symbol);
    share.isin = WithCheckDigit(Issuer(number) + "0101");
    share.price = HashedPrice(share.isin);
    share.tick = ShareTick(share.price);
    const std::uint64_t kind = number < kSharesWithContracts ? 99 : Below(100);
    const std::string_view series = kind < 14 ? "SM" : kind < 18 ? "ST" : kind < 24 ? "BE" : "EQ";
    listings_.push_back(ShareListing(share, "NSE", std::to_string(700'000 + number), series));
    if (series == "SM" || series == "ST") {
      listings_.back().lot_size = 100 * static_cast<std::int64_t>(1 + Below(20));
    } else {
      static constexpr std::array<std::string_view, 5> kGroups = {"B", "X", "XT", "T", "A"};
      Listing bse = ShareListing(share, "BSE", std::to_string(540'000 + number),
                                 kGroups.at(Below(kGroups.size())));
      bse.tick_size = std::min(share.tick, 5.0);
      listings_.push_back(std::move(bse));
    }
    if (number < kSharesWithContracts) {
      // Contracts are worth about 7.5 lakh; lots are multiples of 25.
      share.lot = std::max<std::int64_t>(25, std::llround(750'000 / share.price / 25) * 25);
      share.freeze = static_cast<double>(share.lot * 40);
      shares_.push_back(std::move(share));
    }
  }

  void Debt(std::string_view exchange, std::string_view series, int count, int first_token) {
    const bool government = series == "SG" || series == "GS" || series == "TB" || series == "G";
    for (int i = 0; i < count; ++i) {
      const int number = debts_++;
      Share share;
      const int rate = 650 + static_cast<int>(Below(350));
      const int matures = month_.year().operator int() + 1 + static_cast<int>(Below(25));
      share.symbol = std::to_string(rate) + std::string{government ? "GS" : "NC"} +
                     std::to_string(matures % 100);
      while (!symbols_.insert(share.symbol).second) share.symbol += 'A';
      share.name = std::string{government ? "GOVT LOAN " : "DEBENTURE "} +
                   std::to_string(rate / 100) + '.' + Padded(static_cast<unsigned>(rate % 100)) +
                   "% " + std::to_string(matures) + " SR " + std::to_string(number);
      std::string serial = std::to_string(number);
      serial.insert(0, 6 - serial.size(), '0');
      share.isin = WithCheckDigit((government ? "IN099" : "INE9Z") + serial);
      share.price = government ? 100 : 1'000;
      share.tick = 1;
      listings_.push_back(ShareListing(share, exchange, std::to_string(first_token + i), series));
    }
  }

  void AddIndices(std::span<const Index> known, std::string_view segment, std::string_view exchange,
                  int total) {
    for (int i = 0; i < total; ++i) {
      const auto at = static_cast<std::size_t>(i);
      Listing made;
      made.segment = segment;
      made.exchange = exchange;
      made.instrument_type = "INDEX";
      if (at < known.size()) {
        made.name = known[at].name;
        made.exchange_token = known[at].token;
        made.trading_symbol = known[at].symbol;
      } else {
        made.name = "SIM " + made.exchange + " THEME " + std::to_string(i);
        made.exchange_token = std::to_string(27'000 + i);
        made.trading_symbol = made.name;
      }
      made.instrument_key = made.segment + '|' + made.name;
      listings_.push_back(std::move(made));
    }
  }

  static double LevelOf(std::span<const Index> indices, std::string_view symbol) {
    return std::find_if(indices.begin(), indices.end(),
                        [&](const Index& index) { return index.symbol == symbol; })
        ->level;
  }

  void NseIndexContracts() {
    const auto tuesday = [](year_month m) { return LastWeekdayOf(m, std::chrono::Tuesday); };
    struct Terms {
      std::string_view symbol, index;
      std::int64_t lot;
      double freeze, tick, step;
      int each_side;
    };
    for (const Terms& terms : {Terms{"NIFTY", "Nifty 50", 65, 1755, 10, 50, 90},
                               Terms{"BANKNIFTY", "Nifty Bank", 30, 600, 20, 100, 90},
                               Terms{"FINNIFTY", "Nifty Fin Service", 60, 1800, 10, 50, 60},
                               Terms{"MIDCPNIFTY", "NIFTY MID SELECT", 120, 2760, 5, 25, 60},
                               Terms{"NIFTYNXT50", "Nifty Next 50", 25, 600, 20, 100, 60}}) {
      Family family{.spot = LevelOf(NseIndices(), terms.symbol),
                    .step = terms.step,
                    .each_side = terms.each_side,
                    .future_tick = terms.tick,
                    .option_tick = 5,
                    .futures = MonthliesFrom(today_, tuesday, 3)};
      family.base = ContractBase({.segment = "NSE_FO",
                                  .exchange = "NSE",
                                  .name = std::string{terms.symbol},
                                  .symbol = std::string{terms.symbol},
                                  .key = "NSE_INDEX|" + std::string{terms.index},
                                  .type = "INDEX",
                                  .lot = terms.lot,
                                  .freeze = terms.freeze});
      family.base.qty_multiplier = 1;
      family.options = family.futures;
      if (terms.symbol == "NIFTY") {
        family.options = MonthliesFrom(today_, tuesday, 7);
        const auto weeklies = WeekliesFrom(today_, std::chrono::Tuesday, 4);
        family.options.insert(family.options.end(), weeklies.begin(), weeklies.end());
      }
      AppendContracts(family, nse_token_, listings_);
    }
  }

  void ShareContracts() {
    const auto tuesday = [](year_month m) { return LastWeekdayOf(m, std::chrono::Tuesday); };
    for (const Share& share : shares_) {
      static constexpr std::array<double, 12> kSteps = {0.5, 1,  2.5, 5,   10,  20,
                                                        40,  50, 100, 200, 250, 500};
      const auto step = std::find_if(kSteps.begin(), kSteps.end(),
                                     [&](double s) { return s >= share.price * 0.012; });
      Family family{.spot = share.price,
                    .step = step == kSteps.end() ? 500 : *step,
                    .each_side = 15,
                    .future_tick = share.tick,
                    .option_tick = 5,
                    .futures = MonthliesFrom(today_, tuesday, 3)};
      family.options = family.futures;
      family.base = ContractBase({.segment = "NSE_FO",
                                  .exchange = "NSE",
                                  .name = share.name,
                                  .symbol = share.symbol,
                                  .key = "NSE_EQ|" + share.isin,
                                  .type = "EQUITY",
                                  .lot = share.lot,
                                  .freeze = share.freeze});
      family.base.qty_multiplier = 1;
      AppendContracts(family, nse_token_, listings_);
    }
  }

  void BseIndexContracts() {
    const auto thursday = [](year_month m) { return LastWeekdayOf(m, std::chrono::Thursday); };
    int token = 1'130'000;
    struct Terms {
      std::string_view symbol;
      std::int64_t lot;
      double freeze, step;
    };
    for (const Terms& terms : {Terms{"SENSEX", 20, 1000, 100}, Terms{"BANKEX", 30, 600, 100},
                               Terms{"SENSEX50", 75, 1800, 50}}) {
      const bool weekly = terms.symbol == "SENSEX";
      Family family{.spot = LevelOf(BseIndices(), terms.symbol),
                    .step = terms.step,
                    .each_side = weekly ? 130 : 75,
                    .future_tick = 5,
                    .option_tick = 5,
                    .futures = MonthliesFrom(today_, thursday, 3)};
      family.base = ContractBase({.segment = "BSE_FO",
                                  .exchange = "BSE",
                                  .name = std::string{terms.symbol},
                                  .symbol = std::string{terms.symbol},
                                  .key = "BSE_INDEX|" + std::string{terms.symbol},
                                  .type = "INDEX",
                                  .lot = terms.lot,
                                  .freeze = terms.freeze});
      family.options = family.futures;
      if (weekly) {
        const auto weeklies = WeekliesFrom(today_, std::chrono::Thursday, 4);
        family.options.insert(family.options.end(), weeklies.begin(), weeklies.end());
      }
      AppendContracts(family, token, listings_);
    }
  }

  void Currencies(std::string_view segment, std::string_view exchange, int first_token) {
    int token = first_token;
    for (const Underlying& pair : CurrencyPairs()) {
      Family family{.spot = pair.price,
                    .step = pair.strike_step,
                    .each_side = 45,
                    .future_tick = pair.tick,
                    .option_tick = pair.option_tick,
                    .futures = MonthliesFrom(today_, CurrencyMonthEnd, 12)};
      family.base = ContractBase({.segment = segment,
                                  .exchange = exchange,
                                  .name = std::string{pair.name},
                                  .symbol = std::string{pair.symbol},
                                  .type = "CUR",
                                  .lot = pair.lot,
                                  .freeze = pair.freeze});
      family.base.qty_multiplier = pair.multiplier;
      family.options = MonthliesFrom(today_, CurrencyMonthEnd, 4);
      const auto weeklies = WeekliesFrom(today_, std::chrono::Friday, 4);
      family.options.insert(family.options.end(), weeklies.begin(), weeklies.end());
      AppendContracts(family, token, listings_);
    }
  }

  void Commodity(std::string_view segment, std::string_view exchange, const Underlying& underlying,
                 std::string key, int& token) {
    Family family{.spot = underlying.price,
                  .step = underlying.strike_step,
                  .each_side = 80,
                  .future_tick = underlying.tick,
                  .option_tick = underlying.option_tick,
                  .last_trading_date = true,
                  .options_on_future = true};
    family.futures = MonthliesFrom(
        today_, [](year_month m) { return WorkingDayAt(m, 27); }, 6);
    family.options = MonthliesFrom(
        today_, [](year_month m) { return WorkingDayAt(m, 23); }, 4);
    family.base = ContractBase({.segment = segment,
                                .exchange = exchange,
                                .name = std::string{underlying.name},
                                .symbol = std::string{underlying.symbol},
                                .key = std::move(key),
                                .type = underlying.symbol == "MCXBULLDEX" ? "INDEX" : "COM",
                                .lot = underlying.lot,
                                .freeze = underlying.freeze});
    family.base.minimum_lot.reset();
    family.base.price_quote_unit = underlying.unit;
    family.base.qty_multiplier = underlying.multiplier;
    AppendContracts(family, token, listings_);
  }

  void McxContracts() {
    int token = 440'000;
    int spot = 100;
    for (const Underlying& underlying : McxCommodities()) {
      Commodity("MCX_FO", "MCX", underlying, "MCX_COM|" + std::to_string(spot++), token);
    }
  }

  void NseCommodityContracts() {
    int token = 120'000;
    int spot = 1;
    for (const Underlying& underlying : NseCommodities()) {
      Listing made;
      made.segment = "NSE_COM";
      made.exchange = "NSE";
      made.name = made.trading_symbol = underlying.symbol;
      made.instrument_type = "COM";
      made.exchange_token = std::to_string(spot++);
      made.instrument_key = "NSE_COM|" + made.exchange_token;
      made.lot_size = underlying.lot;
      made.freeze_quantity = underlying.freeze;
      made.tick_size = underlying.tick;
      made.strike_price = 0;
      made.price_quote_unit = underlying.unit;
      made.qty_multiplier = underlying.multiplier;
      listings_.push_back(made);
      Commodity("NSE_COM", "NSE", underlying, made.instrument_key, token);
    }
  }

  const std::uint64_t seed_;
  const sys_days today_;
  const year_month month_;
  std::uint64_t draws_ = 0;
  std::vector<Listing> listings_;
  std::vector<Share> shares_;  ///< those with contracts
  std::set<std::string> symbols_;
  int debts_ = 0;
  int nse_token_ = 35'000;
};

}  // namespace

std::vector<Listing> GenerateMaster(std::uint64_t seed, Date as_of) {
  return Builder{seed, as_of}.Build();
}

}  // namespace sauda::sim
