#include "services/instruments/src/core/search/contract_wish.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sauda::instruments {
namespace {

using calendar::IstDate;

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr int kCentury = 2000;

bool IsAny(std::string_view word, std::initializer_list<std::string_view> of) {
  return std::find(of.begin(), of.end(), word) != of.end();
}

/// 1 to 12 by the whole name or its first three letters.
std::optional<int> MonthOf(std::string_view word) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (word == kMonths[i] || word == kMonths[i].substr(0, 3)) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

/// A whole number of at most four digits.
std::optional<int> SmallNumber(std::string_view word) {
  if (word.empty() || word.size() > 4) return std::nullopt;
  int number = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool IsDay(std::optional<int> number) { return number && *number >= 1 && *number <= 31; }

/// 2025 of 25 and of 2025.
std::optional<int> YearOf(std::optional<int> number) {
  if (!number) return std::nullopt;
  if (*number >= 10 && *number <= 99) return kCentury + *number;
  if (*number >= kCentury && *number < kCentury + 100) return number;
  return std::nullopt;
}

/// Reads one word after the other.
class Reader {
 public:
  Reader(const std::vector<std::string>& words, IstDate today)
      : words_{words}, used_(words.size(), false), today_{today} {}

  ContractWish Read() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      if (used_[at_]) continue;
      if (ReadKind() || ReadPeriod() || ReadMonth()) used_[at_] = true;
    }
    ReadStrike();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!used_[i]) wish_.names.push_back(words_[i]);
    }
    return std::move(wish_);
  }

 private:
  bool ReadKind() {
    const std::string& word = words_[at_];
    bool* const kind = IsAny(word, {"ce", "call", "calls"})        ? &wish_.call
                       : IsAny(word, {"pe", "put", "puts"})        ? &wish_.put
                       : IsAny(word, {"fut", "future", "futures"}) ? &wish_.future
                                                                   : nullptr;
    if (kind != nullptr) *kind = true;
    return kind != nullptr;
  }

  bool ReadPeriod() {
    const std::string& word = words_[at_];
    if (word == "weekly" || word == "monthly") {
      wish_.weekly = word == "weekly";
      return true;
    }
    if (word == "today" || word == "tomorrow") {
      wish_.on_day = today_.Plus(word == "today" ? 0 : 1);
      return true;
    }
    const bool next = IsAny(word, {"next", "following"});
    if (!next && !IsAny(word, {"this", "current", "near", "nearest"})) return false;
    const std::string_view what = Word(at_ + 1);
    if (what == "month") {
      wish_.month_of =
          next ? IstDate{today_.year + today_.month / 12, today_.month % 12 + 1, 1} : today_;
    } else if (what == "week") {
      // 1970-01-01 was a Thursday.
      const auto weekday = static_cast<int>((today_.DaysSinceEpoch() + 3) % 7);
      wish_.week_from = today_.Plus((next ? 7 : 0) - weekday);
    } else if (IsAny(what, {"expiry", "weekly", "monthly"}) || IsKind(what)) {
      if (next) wish_.skip_expiries = 1;
      if (what == "expiry") used_[at_ + 1] = true;
      return true;
    } else {
      return false;  // `next 50`
    }
    used_[at_ + 1] = true;
    return true;
  }

  bool ReadMonth() {
    const auto month = MonthOf(words_[at_]);
    if (!month || wish_.month) return false;
    wish_.month = month;
    const bool free = at_ > 0 && !used_[at_ - 1];
    const auto before = free ? SmallNumber(words_[at_ - 1]) : std::nullopt;
    if (IsDay(before)) {
      wish_.day = before;
      used_[at_ - 1] = true;
    }
    std::size_t after = at_ + 1;
    if (!wish_.day && IsDay(SmallNumber(Word(after)))) {
      wish_.day_or_year = SmallNumber(Word(after));
      used_[after++] = true;
    }
    const auto year = YearOf(SmallNumber(Word(after)));
    // `dec 26000 ce` has no year, and neither has `dec 2025 ce`, which is a strike.
    const bool ends = Word(after).size() == 2 || !IsKind(Word(after + 1));
    if (year && ends) {
      wish_.year = year;
      if (wish_.day_or_year) wish_.day = std::exchange(wish_.day_or_year, std::nullopt);
      used_[after] = true;
    }
    return true;
  }

  /// The last number that is left. Futures have none: `nifty 50 fut`.
  void ReadStrike() {
    if (wish_.future && !wish_.call && !wish_.put) return;
    for (std::size_t i = words_.size(); i-- > 0;) {
      const bool number = !used_[i] && words_[i].front() >= '0' && words_[i].front() <= '9';
      const auto strike = number ? Decimal::Parse(words_[i]) : Result<Decimal>{Decimal{}};
      if (!strike || *strike <= Decimal{}) continue;
      wish_.strike = *strike;
      wish_.strike_text = words_[i];
      used_[i] = true;
      return;
    }
  }

  static bool IsKind(std::string_view word) {
    return IsAny(word, {"ce", "call", "calls", "pe", "put", "puts", "fut", "future", "futures"});
  }
  std::string_view Word(std::size_t at) const {
    return at < words_.size() && !used_[at] ? std::string_view{words_[at]} : std::string_view{};
  }

  const std::vector<std::string>& words_;
  std::vector<bool> used_;
  const IstDate today_;
  std::size_t at_ = 0;
  ContractWish wish_;
};

}  // namespace

bool ContractWish::Fits(const Catalog::Row& row) const {
  if (row.contract == Contract::kNone) return false;
  if (future || call || put) {
    const bool wanted = row.contract == Contract::kFuture ? future
                        : row.contract == Contract::kCall ? call
                                                          : put;
    if (!wanted) return false;
  }
  if (weekly && row.weekly != *weekly) return false;
  const IstDate date = IstDate::Of(row.expiry_ms);
  if (month && date.month != *month) return false;
  if (day && date.day != *day) return false;
  if (year && date.year != *year) return false;
  if (day_or_year && date.day != *day_or_year && date.year % 100 != *day_or_year) return false;
  if (month_of && (date.year != month_of->year || date.month != month_of->month)) return false;
  if (week_from && (date < *week_from || date >= week_from->Plus(7))) return false;
  return !on_day || date == *on_day;
}

ContractWish ReadContractWish(const std::vector<std::string>& words, calendar::IstDate today) {
  return Reader{words, today}.Read();
}

}  // namespace sauda::instruments
