#include "services/instruments/src/core/chains.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

using calendar::IstDate;
using View = std::shared_ptr<const CatalogView>;

Error Invalid(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

/// The contracts of an underlying that have not expired, of one segment, in order; never empty.
Result<std::vector<Place>> FindContracts(const Catalog& catalog, const ContractsOf& of,
                                         std::int64_t market_now_ms) {
  if (of.underlying.empty()) return Invalid("NO_INSTRUMENT_NAMED", "underlying is empty");
  std::optional<Segment> segment;
  if (!of.segment.empty()) {
    segment = FindSegment(of.segment);
    if (!segment) return Invalid("SEGMENT_UNKNOWN", "'" + Shown(of.segment) + "' is no segment");
  }
  const bool by_key = of.underlying.find('|') != std::string::npos;
  const TextId named = catalog.FindText(of.underlying);
  std::vector<Place> places;
  for (Place place = 0; named != 0 && place < catalog.size(); ++place) {
    const Catalog::Row& row = catalog.row(place);
    if (row.contract == Contract::kNone || !row.ActiveAt(market_now_ms)) continue;
    const Catalog::Underlying& underlying = catalog.underlyings()[row.underlying];
    if ((by_key ? underlying.key : underlying.symbol) != named) continue;
    if (!segment) segment = row.segment;
    if (row.segment == *segment) places.push_back(place);
  }
  if (places.empty()) {
    return Error{Code::kNotFound, "CONTRACTS_NONE",
                 "no contract is listed on '" + Shown(of.underlying) + "'" +
                     (of.segment.empty() ? "" : " in " + of.segment)};
  }
  return places;
}

Result<void> CheckRequest(const ChainRequest& request) {
  if (request.strikes < 0 || request.strikes > Chains::kMostStrikes) {
    return Invalid("STRIKES_INVALID", "strikes must be 0 to 1000");
  }
  if (request.strikes > 0 && request.near_price.empty()) {
    return Invalid("STRIKES_INVALID", "strikes are those nearest to near_price: give it too");
  }
  if (request.near_price.empty()) return {};
  const auto price = Decimal::Parse(request.near_price);
  if (price && *price > Decimal{}) return {};
  return Invalid("PRICE_INVALID",
                 "near_price: '" + Shown(request.near_price) + "' is no price above zero");
}

/// Leaves the strikes nearest to a price, still the lowest first.
void KeepNearest(Decimal price, std::size_t count, std::vector<ChainRow>& rows) {
  if (rows.size() <= count) return;
  const auto away = [&](const ChainRow& row) {
    return std::abs(row.strike.nanos() - price.nanos());
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const ChainRow& a, const ChainRow& b) { return away(a) < away(b); });
  rows.resize(count);
  std::sort(rows.begin(), rows.end(),
            [](const ChainRow& a, const ChainRow& b) { return a.strike < b.strike; });
}

}  // namespace

Result<Expiries> Chains::ListExpiries(const ContractsOf& of, std::int64_t market_now_ms) const {
  const auto view = catalogs_.Need();
  if (!view) return view.error();
  const Catalog& catalog = (*view)->catalog;
  const auto places = FindContracts(catalog, of, market_now_ms);
  if (!places) return places.error();
  Expiries expiries{.segment = catalog.row(places->front()).segment};
  for (const Place place : *places) {
    const Catalog::Row& row = catalog.row(place);
    const bool same = !expiries.days.empty() && expiries.days.back().expiry_ms == row.expiry_ms;
    if (!same) expiries.days.push_back({.expiry_ms = row.expiry_ms, .weekly = true});
    ExpiryDay& day = expiries.days.back();
    day.weekly = day.weekly && row.weekly;
    ++(row.contract == Contract::kFuture ? day.futures : day.options);
  }
  return expiries;
}

Result<Chain> Chains::Get(const ChainRequest& request, std::int64_t market_now_ms) const {
  if (auto checked = CheckRequest(request); !checked) return checked.error();
  std::optional<IstDate> day;
  if (!request.expiry.empty()) {
    const auto parsed = IstDate::Parse(request.expiry);
    if (!parsed) return parsed.error();
    day = *parsed;
  }
  const auto view = catalogs_.Need();
  if (!view) return view.error();
  const Catalog& catalog = (*view)->catalog;
  const auto places = FindContracts(catalog, request.of, market_now_ms);
  if (!places) return places.error();
  Chain chain{.segment = catalog.row(places->front()).segment};
  std::map<std::int64_t, ChainRow> rows;  // by strike
  for (const Place place : *places) {
    const Catalog::Row& row = catalog.row(place);
    if (row.contract == Contract::kFuture) continue;
    if (!day) day = IstDate::Of(row.expiry_ms);
    if (IstDate::Of(row.expiry_ms) != *day) continue;
    chain.expiry_ms = row.expiry_ms;
    ChainRow& at = rows[row.strike_nanos];
    at.strike = Decimal::FromNanos(row.strike_nanos);
    (row.contract == Contract::kCall ? at.call : at.put) = catalog.Get(place);
  }
  if (rows.empty()) {
    return Error{Code::kNotFound, "EXPIRY_UNKNOWN",
                 "no option on '" + Shown(request.of.underlying) + "' expires " +
                     (day ? "on " + day->ToString() : "at all")};
  }
  for (auto& [strike, row] : rows) chain.rows.push_back(std::move(row));
  if (request.strikes > 0) {
    KeepNearest(*Decimal::Parse(request.near_price), static_cast<std::size_t>(request.strikes),
                chain.rows);
  }
  return chain;
}

}  // namespace sauda::instruments
