#pragma once

// The schedule of charges: nothing but its tables, each with its sources. schedule.cpp reads them.

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>

#include "libs/base/decimal.hpp"
#include "libs/charges/schedule.hpp"

namespace sauda::charges::tables {

using enum Kind;

// Circulars and Acts are named as brokers, the press and others quote them; the originals were not
// at hand. What no two of them agree on is marked as unconfirmed, with what was chosen and why.
//
// The schedule begins with the day from which the exchanges charge every member alike (SEBI's "true
// to label", SEBI/HO/MRD/TPD-1/P/CIR/2024/92 of 1 July 2024). A row that begins with kBeginning may
// state a rate that is older.
inline constexpr Day kBeginning = 2024'10'01;
inline constexpr Day kOpen = 9999'12'31;  // still holds

/// First and last day.
struct Days {
  Day from = kBeginning;
  Day to = kOpen;

  constexpr bool Contain(Day day) const { return from <= day && day <= to; }
};

/// A set of kinds, a bit for each.
using KindSet = std::uint32_t;

constexpr KindSet Kinds(std::same_as<Kind> auto... kinds) {
  return ((KindSet{1} << static_cast<unsigned>(kinds)) | ...);
}

constexpr bool Contains(KindSet set, Kind kind) {
  return kind <= kCommodityOptions && (set & Kinds(kind)) != 0;
}

inline constexpr KindSet kShares = Kinds(kEquityDelivery, kEquityIntraday);
inline constexpr KindSet kFutures = Kinds(kStockFutures, kIndexFutures);
inline constexpr KindSet kOptions = Kinds(kStockOptions, kIndexOptions);

/// A decimal in text, in units of so many nanos: the exact rate, written as its source writes it.
constexpr Decimal Scaled(std::string_view text, std::int64_t unit_nanos) {
  std::int64_t nanos = 0;
  bool after_point = false;
  for (const char c : text) {
    if (c == '.') {
      after_point = true;
    } else if (after_point) {
      unit_nanos /= 10;
      nanos += (c - '0') * unit_nanos;
    } else {
      nanos = nanos * 10 + (c - '0') * unit_nanos;
    }
  }
  return Decimal::FromNanos(nanos);
}

constexpr Decimal Rupees(std::string_view text) { return Scaled(text, 1'000'000'000); }
constexpr Decimal Percent(std::string_view text) { return Scaled(text, 10'000'000); }
constexpr Decimal PerLakh(std::string_view text) { return Scaled(text, 10'000); }  // of 10^5
constexpr Decimal PerCrore(std::string_view text) { return Scaled(text, 100); }    // of 10^7
inline constexpr Decimal kNone;

/// A tax, as shares of what the buyer pays and of what the seller gets.
struct Tax {
  KindSet kinds = 0;
  Days days;
  Decimal buy;
  Decimal sell;
};

// STT: s. 98 of the Finance (No. 2) Act 2004; CTT: s. 117 of the Finance Act 2013; as amended. Of
// options on the premium. Finance Act 2026 changed the three rates for futures and options in
// securities alone: NSE/FATAX/73524, 31 March 2026.
inline constexpr std::array kTransactionTax{
    Tax{Kinds(kEquityDelivery), {}, Percent("0.1"), Percent("0.1")},  // Finance Act 2012
    Tax{Kinds(kEquityIntraday), {}, kNone, Percent("0.025")},         // Finance Act 2006
    // Finance (No. 2) Act 2024, NSE/FATAX/63809; then Finance Act 2026.
    Tax{kFutures, {kBeginning, 2026'03'31}, kNone, Percent("0.02")},
    Tax{kFutures, {2026'04'01, kOpen}, kNone, Percent("0.05")},
    Tax{kOptions, {kBeginning, 2026'03'31}, kNone, Percent("0.1")},
    Tax{kOptions, {2026'04'01, kOpen}, kNone, Percent("0.15")},
    // Not securities, nor commodities.
    Tax{Kinds(kCurrencyFutures, kCurrencyOptions), {}, kNone, kNone},
    // CTT: Finance Act 2013; options since Finance Act 2018. The Budget of 2026 names STT alone.
    Tax{Kinds(kCommodityFutures), {}, kNone, Percent("0.01")},
    Tax{Kinds(kCommodityOptions), {}, kNone, Percent("0.05")},
};

// The holder's STT on the intrinsic value of an option exercised: Finance (No. 2) Act 2019; then
// Finance Act 2026.
inline constexpr std::array kExerciseTax{
    Tax{Kinds(kIndexOptions), {kBeginning, 2026'03'31}, Percent("0.125"), kNone},
    Tax{Kinds(kIndexOptions), {2026'04'01, kOpen}, Percent("0.15"), kNone},
};

// Indian Stamp Act 1899, Schedule I, art. 56A, as amended by Finance Act 2019: the same in all
// states, from the buyer, since 1 July 2020 (Ministry of Finance, PIB 1635399 of 30 June 2020).
inline constexpr std::array kStampDuty{
    Tax{Kinds(kEquityDelivery), {}, Percent("0.015"), kNone},
    Tax{Kinds(kEquityIntraday), {}, Percent("0.003"), kNone},
    Tax{Kinds(kStockFutures, kIndexFutures, kCommodityFutures), {}, Percent("0.002"), kNone},
    Tax{Kinds(kStockOptions, kIndexOptions, kCommodityOptions), {}, Percent("0.003"), kNone},
    Tax{Kinds(kCurrencyFutures, kCurrencyOptions), {}, Percent("0.0001"), kNone},
};

/// What an exchange takes from each side, as shares of turnover.
struct ExchangeFee {
  Exchange exchange = Exchange::kNse;
  KindSet kinds = 0;
  Days days;
  Decimal transaction;
  Decimal ipft;
  std::string_view bse_groups = {};  // between spaces; none: every one
};

// NSE: NSE/FA/64232 of 27 September 2024 from 1 October 2024, IPFT by NSE/FA/56129 of 24 March
// 2023; then NSE/FA/73061 of 27 February 2026 from 1 March 2026, which moves IPFT into the charge
// and leaves the sums as they were. Unconfirmed: that the latter leaves currencies alone (the sum
// is the same either way), and IPFT of currency futures: 0.05 a lakh by Upstox (help 260397) and
// Samco, ten times that by Zerodha and Fyers.
inline constexpr Days kUntilFebruary2026{kBeginning, 2026'02'28};
inline constexpr Days kSinceMarch2026{2026'03'01, kOpen};
inline constexpr auto kNse = Exchange::kNse;
inline constexpr auto kBse = Exchange::kBse;
inline constexpr auto kMcx = Exchange::kMcx;

inline constexpr std::array kExchangeFees{
    ExchangeFee{kNse, kShares, kUntilFebruary2026, PerLakh("2.97"), PerCrore("10")},
    ExchangeFee{kNse, kShares, kSinceMarch2026, PerCrore("306.99"), PerCrore("0.01")},
    ExchangeFee{kNse, kFutures, kUntilFebruary2026, PerLakh("1.73"), PerCrore("10")},
    ExchangeFee{kNse, kFutures, kSinceMarch2026, PerCrore("182.99"), PerCrore("0.01")},
    ExchangeFee{kNse, kOptions, kUntilFebruary2026, PerLakh("35.03"), PerCrore("50")},
    ExchangeFee{kNse, kOptions, kSinceMarch2026, PerCrore("3552.99"), PerCrore("0.01")},
    ExchangeFee{kNse, Kinds(kCurrencyFutures), {}, PerLakh("0.35"), PerLakh("0.05")},
    ExchangeFee{kNse, Kinds(kCurrencyOptions), {}, PerLakh("31.1"), PerLakh("2")},

    // A, B and T: BSE 20221109-7 of 9 November 2022. SMEs, and X, XT and Z (20151217-28): as on
    // Zerodha's charges page. Unconfirmed: scrips of T that trade at BSE alone may pay 275, which
    // the group does not tell. Other groups are not shares or not known, and have no row.
    ExchangeFee{kBse, kShares, {}, PerCrore("375"), kNone, " A B T "},
    ExchangeFee{kBse, kShares, {}, PerCrore("275"), kNone, " M MS MT TS "},
    ExchangeFee{kBse, kShares, {}, PerCrore("10000"), kNone, " X XT Z "},
    // BSE 20240927-37 of 27 September 2024; futures free since 20190819-14.
    ExchangeFee{kBse, kFutures, {}, kNone, kNone},
    ExchangeFee{kBse, Kinds(kIndexOptions), {}, PerCrore("3250"), kNone},
    ExchangeFee{kBse, Kinds(kStockOptions), {}, PerCrore("500"), kNone},
    // BSE's notice of the same day on currencies (NDTV Profit, 27 September 2024).
    ExchangeFee{kBse, Kinds(kCurrencyFutures), {}, PerCrore("45"), kNone},
    ExchangeFee{kBse, Kinds(kCurrencyOptions), {}, PerCrore("100"), kNone},

    // MCX/F&A/631/2024 of 24 September 2024; no later one was found.
    ExchangeFee{kMcx, Kinds(kCommodityFutures), {}, PerLakh("2.10"), kNone},
    ExchangeFee{kMcx, Kinds(kCommodityOptions), {}, PerLakh("41.80"), kNone},
};

/// What Upstox takes for an executed order.
struct Brokerage {
  KindSet kinds = 0;
  Days days;
  BrokerageRate rate;
};

// upstox.com/brokerage-charges and help 257195, for each executed order, on the standard plan. Not
// here: Plus (30 rupees an order), and the offer for orders by API (10 rupees an order; announced
// until 31 December 2025, later until 30 September 2026; its first day is unknown).
// Unconfirmed: the day on which intraday went from 0.05 to 0.1 %. The lower one is last seen in
// February 2025, the higher one first on 25 May 2026: the dearer one counts in between.
inline constexpr std::array kBrokerage{
    // 2.5 % is also what SEBI lets a broker take at most.
    Brokerage{Kinds(kEquityDelivery), {}, {Rupees("20"), Percent("2.5")}},
    Brokerage{Kinds(kEquityIntraday), {kBeginning, 2025'02'28}, {Rupees("20"), Percent("0.05")}},
    Brokerage{Kinds(kEquityIntraday), {2025'03'01, kOpen}, {Rupees("20"), Percent("0.1")}},
    Brokerage{Kinds(kStockFutures, kIndexFutures, kCurrencyFutures, kCommodityFutures),
              {},
              {Rupees("20"), Percent("0.05")}},
    Brokerage{Kinds(kStockOptions, kIndexOptions, kCurrencyOptions, kCommodityOptions),
              {},
              {Rupees("20"), kNone}},
};

/// What is alike for every trade.
struct Common {
  Days days;
  Decimal sebi_turnover;
  Decimal gst;
  Decimal demat_for_scrip;  // rupees
};

// SEBI: Payment of Fees (Amendment) Regulations 2019, kept by the Stock Brokers Regulations 2026.
// GST: 18 %. Unconfirmed: whether Upstox puts it on the SEBI fee. Its help (257195) and the law
// (BSE 20220830-5: since 18 July 2022) say yes, its pricing page leaves that fee out; yes here,
// which is 1.8 paise for a lakh of turnover.
// Demat: 3.50 of CDSL and 16.50 of Upstox, and GST on both (pricing page, 25 May 2026).
// Unconfirmed: since when; 18.50 before. The dearer one counts from CDSL's change, 1 October 2024.
inline constexpr std::array kCommon{
    Common{{}, PerCrore("10"), Percent("18"), Rupees("20")},
};

}  // namespace sauda::charges::tables
