#include "services/instruments/src/core/symbol_forms.hpp"

#include <algorithm>
#include <array>

#include "libs/calendar/ist.hpp"

namespace sauda::instruments {
namespace {

using calendar::IstDate;

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kMonthLetters = "123456789OND";
constexpr int kCentury = 2000;  // contracts of another one are not listed any more, or not yet

struct ExchangeCode {
  std::string_view code;
  std::string_view segment;
};
// OpenAlgo's codes, by the segments they stand for.
constexpr std::array<ExchangeCode, 10> kExchangeCodes{{{"NSE", "NSE_EQ"},
                                                       {"BSE", "BSE_EQ"},
                                                       {"NFO", "NSE_FO"},
                                                       {"BFO", "BSE_FO"},
                                                       {"CDS", "NCD_FO"},
                                                       {"BCD", "BCD_FO"},
                                                       {"MCX", "MCX_FO"},
                                                       {"NCO", "NSE_COM"},
                                                       {"NSE_INDEX", "NSE_INDEX"},
                                                       {"BSE_INDEX", "BSE_INDEX"}}};

bool IsContract(const Instrument& it) {
  return it.kind == Kind::kFuture || it.kind == Kind::kOption;
}

std::string TwoDigits(int number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

std::string Ending(const Instrument& it) {
  return it.kind == Kind::kFuture ? "FUT" : it.strike.ToString() + it.type;
}

/// Takes what a form is made of off the front of a text, one after the other.
class Taker {
 public:
  explicit Taker(std::string_view text) : rest_{text} {}

  /// A number of two digits.
  std::optional<int> Two() {
    if (rest_.size() < 2 || !IsDigit(rest_[0]) || !IsDigit(rest_[1])) return std::nullopt;
    const int number = (rest_[0] - '0') * 10 + (rest_[1] - '0');
    rest_.remove_prefix(2);
    return number;
  }
  /// 1 to 12 by its name.
  std::optional<int> Month() { return Among(kMonths, 3); }
  /// 1 to 12 by its one character.
  std::optional<int> MonthLetter() {
    const std::size_t at = rest_.empty() ? std::string_view::npos : kMonthLetters.find(rest_[0]);
    if (at == std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(1);
    return static_cast<int>(at) + 1;
  }
  /// `FUT`, or a strike with `CE` or `PE`: all that is left.
  bool Contract(Catalog::Terms& terms) const {
    if (rest_ == "FUT") {
      terms.contract = instruments::Contract::kFuture;
      return true;
    }
    const bool call = rest_.ends_with("CE");
    if (!call && !rest_.ends_with("PE")) return false;
    const auto strike = Decimal::Parse(rest_.substr(0, rest_.size() - 2));
    if (!strike || *strike <= Decimal{}) return false;
    terms.contract = call ? instruments::Contract::kCall : instruments::Contract::kPut;
    terms.strike = *strike;
    return true;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  template <std::size_t Count>
  std::optional<int> Among(const std::array<std::string_view, Count>& names, std::size_t length) {
    const auto found = std::find(names.begin(), names.end(), rest_.substr(0, length));
    if (found == names.end()) return std::nullopt;
    rest_.remove_prefix(length);
    return static_cast<int>(found - names.begin()) + 1;
  }

  std::string_view rest_;
};

bool Exists(const IstDate& date) {
  return date.day >= 1 && IstDate::FromDays(date.DaysSinceEpoch()) == date;
}

std::vector<Place> OnDay(const Catalog& catalog, std::string_view underlying, IstDate day,
                         Catalog::Terms terms) {
  if (!Exists(day)) return {};
  terms.expires_from_ms = day.StartMs();
  terms.expires_until_ms = day.Plus(1).StartMs();
  return catalog.FindContracts(underlying, terms);
}

/// `28NOV2424000CE`: day, month, year.
std::vector<Place> FindOpenAlgo(const Catalog& catalog, std::string_view underlying,
                                std::string_view rest) {
  Taker taker{rest};
  Catalog::Terms terms;
  const auto day = taker.Two();
  const auto month = day ? taker.Month() : std::nullopt;
  const auto year = month ? taker.Two() : std::nullopt;
  if (!year || !taker.Contract(terms)) return {};
  return OnDay(catalog, underlying, {kCentury + *year, *month, *day}, terms);
}

/// `25D0226000CE`: year, month, day.
std::vector<Place> FindWeekly(const Catalog& catalog, std::string_view underlying,
                              std::string_view rest) {
  Taker taker{rest};
  Catalog::Terms terms;
  const auto year = taker.Two();
  const auto month = year ? taker.MonthLetter() : std::nullopt;
  const auto day = month ? taker.Two() : std::nullopt;
  if (!day || !taker.Contract(terms)) return {};
  return OnDay(catalog, underlying, {kCentury + *year, *month, *day}, terms);
}

/// `25NOV26000CE`: year, month.
std::vector<Place> FindMonthly(const Catalog& catalog, std::string_view underlying,
                               std::string_view rest) {
  Taker taker{rest};
  Catalog::Terms terms;
  const auto year = taker.Two();
  const auto month = year ? taker.Month() : std::nullopt;
  if (!month || !taker.Contract(terms)) return {};
  const IstDate first{kCentury + *year, *month, 1};
  const IstDate next{first.year + *month / 12, *month % 12 + 1, 1};
  terms.expires_from_ms = first.StartMs();
  terms.expires_until_ms = next.StartMs();
  const std::vector<Place> found = catalog.FindContracts(underlying, terms);
  // In each segment: of the commodity exchanges every one has days of its own.
  std::vector<Place> best;
  for (const Place place : found) {
    const auto rank = [&](Place each) {
      const Catalog::Row& row = catalog.row(each);
      return std::pair{!row.weekly, row.expiry_ms};
    };
    const bool same =
        !best.empty() && catalog.row(best.back()).segment == catalog.row(place).segment;
    if (same && rank(place) < rank(best.back())) continue;
    if (same && rank(place) > rank(best.back())) best.pop_back();
    best.push_back(place);
  }
  return best;
}

}  // namespace

std::string OpenAlgoSymbol(const Instrument& instrument) {
  if (!IsContract(instrument)) return instrument.symbol;
  const IstDate day = IstDate::Of(instrument.expiry_ms);
  return instrument.underlying_symbol + TwoDigits(day.day) +
         std::string{kMonths[static_cast<std::size_t>(day.month - 1)]} + TwoDigits(day.year) +
         Ending(instrument);
}

std::string_view OpenAlgoExchange(Segment segment) {
  for (const ExchangeCode& each : kExchangeCodes) {
    if (each.segment == kSegments[segment].name) return each.code;
  }
  return "";
}

std::string CompactSymbol(const Instrument& instrument) {
  if (!IsContract(instrument)) return instrument.symbol;
  const IstDate day = IstDate::Of(instrument.expiry_ms);
  const auto month = static_cast<std::size_t>(day.month - 1);
  const std::string when =
      instrument.weekly ? kMonthLetters[month] + TwoDigits(day.day) : std::string{kMonths[month]};
  return instrument.underlying_symbol + TwoDigits(day.year) + when + Ending(instrument);
}

std::vector<Place> FindByForm(const Catalog& catalog, std::string_view symbol) {
  std::string_view tried;  // several underlyings may share a symbol
  for (const Catalog::Underlying& each : catalog.underlyings()) {
    const std::string_view underlying = catalog.Text(each.symbol);
    if (underlying.empty() || underlying == tried || !symbol.starts_with(underlying)) continue;
    tried = underlying;
    const std::string_view rest = symbol.substr(underlying.size());
    for (const auto find : {FindOpenAlgo, FindMonthly, FindWeekly}) {
      auto found = find(catalog, underlying, rest);
      if (!found.empty()) return found;
    }
  }
  return {};
}

QualifiedSymbol SplitExchange(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {std::nullopt, name};
  const std::string_view before = name.substr(0, colon);
  std::string_view segment = before;
  for (const ExchangeCode& each : kExchangeCodes) {
    if (each.code == before) segment = each.segment;
  }
  const auto known = FindSegment(segment);
  if (!known) return {std::nullopt, name};
  return {known, name.substr(colon + 1)};
}

}  // namespace sauda::instruments
