#include "services/instruments/src/core/sample_master.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/catalog/catalog.hpp"

namespace sauda::instruments {
namespace {

using calendar::IstDate;

struct Cash {
  std::string_view segment;
  std::string_view key;  // after the bar
  std::string_view symbol;
  std::string_view name;
  std::string_view short_name;
  int token = 0;
};
constexpr std::array<Cash, 16> kCash{{
    {"NSE_INDEX", "Nifty 50", "NIFTY", "Nifty 50", "", 26'000},
    {"NSE_INDEX", "Nifty Bank", "BANKNIFTY", "Nifty Bank", "", 26'009},
    {"NSE_INDEX", "India VIX", "INDIA VIX", "India VIX", "", 26'017},
    {"BSE_INDEX", "SENSEX", "SENSEX", "SENSEX", "", 1},
    {"NSE_EQ", "INE002A01018", "RELIANCE", "RELIANCE INDUSTRIES LTD", "Reliance Industries", 2'885},
    {"NSE_EQ", "INE467B01029", "TCS", "TATA CONSULTANCY SERV LT", "TCS", 11'536},
    {"NSE_EQ", "INE040A01034", "HDFCBANK", "HDFC BANK LTD", "", 1'333},
    {"NSE_EQ", "INE009A01021", "INFY", "INFOSYS LIMITED", "Infosys", 1'594},
    {"NSE_EQ", "INE090A01021", "ICICIBANK", "ICICI BANK LTD.", "", 4'963},
    {"NSE_EQ", "INE062A01020", "SBIN", "STATE BANK OF INDIA", "SBI", 3'045},
    {"NSE_EQ", "INE154A01025", "ITC", "ITC LTD", "", 1'660},
    {"NSE_EQ", "INE018A01030", "LT", "LARSEN & TOUBRO LTD.", "Larsen & Toubro", 11'483},
    {"NSE_EQ", "INE397D01024", "BHARTIARTL", "BHARTI AIRTEL LIMITED", "Bharti Airtel", 10'604},
    {"NSE_EQ", "INE585B01010", "MARUTI", "MARUTI SUZUKI INDIA LTD.", "", 10'999},
    {"NSE_EQ", "INE296A01032", "BAJFINANCE", "BAJAJ FINANCE LIMITED", "", 317},
    {"NSE_EQ", "INE081A01020", "TATASTEEL", "TATA STEEL LIMITED", "", 3'499},
}};

struct Underlying {
  std::string_view symbol;
  bool index = false;
  int lot = 0;
  int freeze = 0;
  int future_tick_paise = 0;
  int middle = 0;  // strike, about where it traded
  int step = 0;    // between strikes
};
constexpr std::array<Underlying, 5> kUnderlyings{{
    {"NIFTY", true, 65, 1'755, 10, 26'000, 50},
    {"BANKNIFTY", true, 30, 600, 20, 59'000, 100},
    {"RELIANCE", false, 500, 20'000, 10, 1'500, 10},
    {"INFY", false, 400, 16'000, 10, 1'500, 20},
    {"SBIN", false, 750, 30'000, 5, 980, 10},
}};
constexpr int kMonths = 3;
constexpr int kStrikesEachWay = 10;
constexpr int kFirstToken = 990'001;

/// The last Tuesday of the month.
IstDate ExpiryIn(int year, int month) {
  IstDate day = IstDate{year + month / 12, month % 12 + 1, 1}.Plus(-1);
  while ((day.DaysSinceEpoch() + 4) % 7 != 2) day = day.Plus(-1);  // 1970-01-01 was a Thursday
  return day;
}

std::vector<IstDate> NextExpiries(const IstDate& today) {
  std::vector<IstDate> days;
  for (int ahead = 0; static_cast<int>(days.size()) < kMonths; ++ahead) {
    const int months = today.month - 1 + ahead;
    const IstDate day = ExpiryIn(today.year + months / 12, months % 12 + 1);
    if (day >= today) days.push_back(day);
  }
  return days;
}

/// Puts records one behind the other.
class Writer {
 public:
  void Begin() {
    text_ += text_.empty() ? "[{" : ",\n{";
    first_ = true;
  }
  void End() { text_ += "}"; }
  void Text(std::string_view name, std::string_view value) {
    if (!value.empty()) Member(name, "\"" + std::string{value} + "\"");
  }
  void Number(std::string_view name, std::int64_t value) { Member(name, std::to_string(value)); }
  void Flag(std::string_view name, bool value) { Member(name, value ? "true" : "false"); }
  std::string Take() { return std::move(text_) + "]\n"; }

 private:
  void Member(std::string_view name, const std::string& value) {
    text_ += (first_ ? "\"" : ",\"") + std::string{name} + "\":" + value;
    first_ = false;
  }
  std::string text_;
  bool first_ = true;
};

void Write(const Cash& cash, Writer& out) {
  const bool share = cash.segment == "NSE_EQ";
  out.Begin();
  out.Text("segment", cash.segment);
  out.Text("name", cash.name);
  out.Text("exchange", cash.segment.substr(0, 3));
  out.Text("isin", share ? cash.key : "");
  out.Text("instrument_type", share ? "EQ" : "INDEX");
  out.Text("instrument_key", std::string{cash.segment} + "|" + std::string{cash.key});
  out.Text("exchange_token", std::to_string(cash.token));
  out.Text("trading_symbol", cash.symbol);
  out.Text("short_name", cash.short_name);
  if (share) {
    out.Number("lot_size", 1);
    out.Number("freeze_quantity", 100'000);
    out.Number("tick_size", 10);
    out.Number("qty_multiplier", 1);
  }
  out.End();
}

const Cash& CashOf(const Underlying& underlying) {
  for (const Cash& each : kCash) {
    if (each.symbol == underlying.symbol) return each;
  }
  return kCash.front();  // every underlying is in the list above
}

void Write(const Underlying& underlying, Contract contract, int strike, const IstDate& expiry,
           int token, Writer& out) {
  const Cash& cash = CashOf(underlying);
  const bool future = contract == Contract::kFuture;
  out.Begin();
  out.Flag("weekly", false);
  out.Text("segment", "NSE_FO");
  out.Text("name", cash.name);
  out.Text("exchange", "NSE");
  out.Number("expiry", expiry.Plus(1).StartMs() - 1'000);
  out.Text("instrument_type", future ? "FUT" : contract == Contract::kCall ? "CE" : "PE");
  out.Text("underlying_symbol", underlying.symbol);
  out.Text("instrument_key", "NSE_FO|" + std::to_string(token));
  out.Number("lot_size", underlying.lot);
  out.Number("freeze_quantity", underlying.freeze);
  out.Text("exchange_token", std::to_string(token));
  out.Text("underlying_key", std::string{cash.segment} + "|" + std::string{cash.key});
  out.Number("tick_size", future ? underlying.future_tick_paise : 5);
  out.Text("trading_symbol",
           ContractSymbol(underlying.symbol, contract, Decimal::FromUnits(strike), expiry));
  out.Number("strike_price", strike);
  out.Number("qty_multiplier", 1);
  out.End();
}

}  // namespace

std::string SampleMaster(const IstDate& today) {
  Writer out;
  for (const Cash& cash : kCash) Write(cash, out);
  int token = kFirstToken;
  for (const Underlying& underlying : kUnderlyings) {
    for (const IstDate& expiry : NextExpiries(today)) {
      Write(underlying, Contract::kFuture, 0, expiry, token++, out);
      for (int i = -kStrikesEachWay; i <= kStrikesEachWay; ++i) {
        const int strike = underlying.middle + i * underlying.step;
        Write(underlying, Contract::kCall, strike, expiry, token++, out);
        Write(underlying, Contract::kPut, strike, expiry, token++, out);
      }
    }
  }
  return out.Take();
}

}  // namespace sauda::instruments
