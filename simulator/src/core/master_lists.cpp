#include "simulator/src/core/master_lists.hpp"

#include <unordered_set>
#include <utility>

#include "simulator/src/core/master_reference.hpp"

namespace sauda::sim {
namespace {

constexpr double kUsualBracket = 20;
constexpr std::size_t kSuspendedEvery = 25;

bool IsShareOfNse(const Listing& listing) {
  return listing.segment == "NSE_EQ" && !listing.isin.empty();
}

/// ISINs of the shares with margin trading.
std::unordered_set<std::string> MarginIsins(const Master& master) {
  std::unordered_set<std::string> said;
  std::unordered_set<std::string> written_on;  // keys
  for (const Listing& each : master.listings()) {
    if (each.mtf_enabled.value_or(false) && IsShareOfNse(each)) said.insert(each.isin);
    if (!each.underlying_key.empty()) written_on.insert(each.underlying_key);
  }
  if (!said.empty()) return said;
  for (const Listing& each : master.listings()) {
    if (IsShareOfNse(each) && written_on.contains(each.instrument_key)) said.insert(each.isin);
  }
  return said;
}

/// Puts records one behind the other.
class ListText {
 public:
  /// `more` are members that a listing does not have, each with a comma before it.
  void Add(const Listing& listing, std::string_view more = "") {
    if (text_.size() > 1) text_ += ",\n";
    AppendJson(listing, text_);
    text_.pop_back();
    text_ += more;
    text_ += '}';
  }
  std::string Take() { return std::move(text_) + "]"; }

 private:
  std::string text_ = "[";
};

std::string MtfJson(const Master& master) {
  const auto margin = MarginIsins(master);
  ListText out;
  for (const Listing& each : master.listings()) {
    if (!IsShareOfNse(each) || !margin.contains(each.isin)) continue;
    Listing listing = each;
    listing.mtf_enabled = true;
    listing.mtf_bracket = each.mtf_bracket.value_or(kUsualBracket);
    out.Add(listing);
  }
  return out.Take();
}

std::string MisJson(const Master& master, std::string_view segment) {
  const auto margin = MarginIsins(master);
  ListText out;
  for (const Listing& each : master.listings()) {
    if (each.segment != segment || each.isin.empty()) continue;
    const bool usual = each.instrument_type == "EQ" || each.instrument_type == "A";
    if (margin.contains(each.isin)) {
      out.Add(each, R"(,"intraday_margin":20.0,"intraday_leverage":5.0)");
    } else if (usual) {
      out.Add(each, R"(,"intraday_margin":50.0,"intraday_leverage":2.0)");
    }
  }
  return out.Take();
}

std::string SuspendedJson(const Master& master) {
  constexpr std::size_t kIssuer = 7;  // INE and four more: the company
  ListText out;
  std::size_t shares = 0;
  for (const Listing& each : master.listings()) {
    const bool company = each.isin.size() == 12 && each.isin.starts_with("INE");
    if (!IsShareOfNse(each) || !company || each.instrument_type != "EQ") continue;
    if (shares++ % kSuspendedEvery != 0) continue;
    Listing earlier = each;
    earlier.isin = WithCheckDigit(each.isin.substr(0, kIssuer) + "A99" + each.isin[10]);
    earlier.instrument_key = "NSE_EQ|" + earlier.isin;
    if (master.Find(earlier.instrument_key)) continue;
    earlier.name += " (EARLIER ISSUE)";
    earlier.mtf_enabled.reset();
    earlier.mtf_bracket.reset();
    earlier.cas_eligible.reset();
    for (const char* const series : {"BE", "BZ"}) {
      earlier.instrument_type = series;
      earlier.exchange_token = (series[1] == 'E' ? "8" : "9") + each.exchange_token;
      earlier.trading_symbol = each.trading_symbol + "-" + series;
      out.Add(earlier);
    }
  }
  return out.Take();
}

}  // namespace

std::string ListJson(const Master& master, ListFile file) {
  switch (file) {
    case ListFile::kMtf:
      return MtfJson(master);
    case ListFile::kNseMis:
      return MisJson(master, "NSE_EQ");
    case ListFile::kBseMis:
      return MisJson(master, "BSE_EQ");
    case ListFile::kSuspended:
      break;
  }
  return SuspendedJson(master);
}

}  // namespace sauda::sim
