#pragma once

#include <array>
#include <string_view>

namespace sauda::test {

/// What a trader types and the instrument that must come first, on the master of 2025-11-24 at noon
/// of that day. Written before there was a ranker, and not to be changed to please one.
struct SearchQuery {
  std::string_view query;
  std::string_view segment;
  std::string_view symbol;
};

// clang-format off
inline constexpr std::array<SearchQuery, 60> kSearchQueries{{
    // Shares, as their symbols, names and everyday names.
    {"reliance", "NSE_EQ", "RELIANCE"},
    {"TCS", "NSE_EQ", "TCS"},
    {"hdfc bank", "NSE_EQ", "HDFCBANK"},
    {"infosys", "NSE_EQ", "INFY"},
    {"sbi", "NSE_EQ", "SBIN"},
    {"state bank", "NSE_EQ", "SBIN"},
    {"icici bank", "NSE_EQ", "ICICIBANK"},
    {"tata motors", "NSE_EQ", "TMPV"},
    {"bajaj finance", "NSE_EQ", "BAJFINANCE"},
    {"bajfin", "NSE_EQ", "BAJFINANCE"},
    {"m&m", "NSE_EQ", "M&M"},
    {"larsen", "NSE_EQ", "LT"},
    {"maruti", "NSE_EQ", "MARUTI"},
    {"hindustan unilever", "NSE_EQ", "HINDUNILVR"},
    {"asian paint", "NSE_EQ", "ASIANPAINT"},
    {"itc", "NSE_EQ", "ITC"},
    {"adani ent", "NSE_EQ", "ADANIENT"},
    {"airtel", "NSE_EQ", "BHARTIARTL"},
    {"kotak bank", "NSE_EQ", "KOTAKBANK"},
    {"bajaj auto", "NSE_EQ", "BAJAJ-AUTO"},
    {"zomato", "NSE_EQ", "ETERNAL"},
    {"lic", "NSE_EQ", "LICI"},
    {"vodafone", "NSE_EQ", "IDEA"},
    {"dr reddy", "NSE_EQ", "DRREDDY"},
    {"relianse", "NSE_EQ", "RELIANCE"},
    {"hdfcbnk", "NSE_EQ", "HDFCBANK"},
    {"INE002A01018", "NSE_EQ", "RELIANCE"},
    {"nifty bees", "NSE_EQ", "NIFTYBEES"},
    {"goldbees", "NSE_EQ", "GOLDBEES"},
    // Indices: before what is written on them.
    {"nifty", "NSE_INDEX", "NIFTY"},
    {"nifty 50", "NSE_INDEX", "NIFTY"},
    {"bank nifty", "NSE_INDEX", "BANKNIFTY"},
    {"finnifty", "NSE_INDEX", "FINNIFTY"},
    {"sensex", "BSE_INDEX", "SENSEX"},
    {"vix", "NSE_INDEX", "INDIA VIX"},
    {"nifty it", "NSE_INDEX", "NIFTY IT"},
    {"next 50", "NSE_INDEX", "NIFTYNXT50"},
    // Options: the nearest expiry unless a month or a day is said.
    {"nifty 24000 ce", "NSE_FO", "NIFTY 24000 CE 25 NOV 25"},
    {"NIFTY 26000 PE", "NSE_FO", "NIFTY 26000 PE 25 NOV 25"},
    {"nifty 26000 ce dec", "NSE_FO", "NIFTY 26000 CE 02 DEC 25"},
    {"nifty 26000 ce 30 dec", "NSE_FO", "NIFTY 26000 CE 30 DEC 25"},
    {"26000 pe nifty 2 dec", "NSE_FO", "NIFTY 26000 PE 02 DEC 25"},
    {"bank nifty 59000 ce", "NSE_FO", "BANKNIFTY 59000 CE 25 NOV 25"},
    {"banknifty 58000 ce dec", "NSE_FO", "BANKNIFTY 58000 CE 30 DEC 25"},
    {"reliance 1500 call", "NSE_FO", "RELIANCE 1500 CE 25 NOV 25"},
    {"tcs 3100 put", "NSE_FO", "TCS 3100 PE 25 NOV 25"},
    {"sensex 85000 ce", "BSE_FO", "SENSEX 85000 CE 27 NOV 25"},
    {"crude 5500 ce", "MCX_FO", "CRUDEOIL 5500 CE 16 DEC 25"},
    {"usdinr 89 ce", "NCD_FO", "USDINR 89 CE 26 NOV 25"},
    {"NIFTY25NOV2526000CE", "NSE_FO", "NIFTY 26000 CE 25 NOV 25"},
    {"nifty26000ce", "NSE_FO", "NIFTY 26000 CE 25 NOV 25"},
    // Futures: the front month unless another is said.
    {"nifty fut", "NSE_FO", "NIFTY FUT 25 NOV 25"},
    {"nifty dec fut", "NSE_FO", "NIFTY FUT 30 DEC 25"},
    {"banknifty future", "NSE_FO", "BANKNIFTY FUT 25 NOV 25"},
    {"infy fut dec", "NSE_FO", "INFY FUT 30 DEC 25"},
    {"sensex fut", "BSE_FO", "SENSEX FUT 27 NOV 25"},
    {"crude oil fut", "MCX_FO", "CRUDEOIL FUT 18 DEC 25"},
    {"gold fut", "MCX_FO", "GOLD FUT 05 DEC 25"},
    {"natural gas dec fut", "MCX_FO", "NATURALGAS FUT 26 DEC 25"},
    {"usdinr fut", "NCD_FO", "USDINR FUT 26 NOV 25"},
}};
// clang-format on

}  // namespace sauda::test
