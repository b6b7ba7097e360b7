#include "services/instruments/src/core/lookup.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "services/instruments/src/core/page_token.hpp"
#include "services/instruments/src/core/search/query_words.hpp"
#include "services/instruments/src/core/search/search.hpp"
#include "services/instruments/src/core/symbol_forms.hpp"

namespace sauda::instruments {
namespace {

constexpr int kDefaultPage = 50;

bool IsKey(const std::string& name) { return name.find('|') != std::string_view::npos; }

Error Refuse(Code code, const char* reason, std::string message) {
  return {code, reason, std::move(message)};
}

std::string Quoted(const std::string& name) { return "'" + name.substr(0, 120) + "'"; }

Error Unknown(const std::string& name) {
  return Refuse(Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + Quoted(name));
}

/// Smaller is preferred.
std::tuple<int, int, int> Rank(const Catalog& catalog, Place place) {
  const Catalog::Row& row = catalog.row(place);
  const SegmentFacts& facts = kSegments[row.segment];
  const int exchange = facts.exchange == "NSE" ? 0 : facts.exchange == "BSE" ? 1 : 2;
  const int kind = facts.kind == SegmentClass::kCash    ? 0
                   : facts.kind == SegmentClass::kIndex ? 1
                                                        : 2;
  return {exchange, kind, catalog.Text(row.type) == "EQ" ? 0 : 1};
}

/// What a listed name stands for; absent when nothing goes by it.
Result<std::optional<Place>> FindListed(const Catalog& catalog, const std::string& name) {
  if (IsKey(name)) return catalog.FindKey(name);
  std::vector<Place> places = catalog.FindSymbol(name);
  const QualifiedSymbol qualified = SplitExchange(name);
  if (places.empty() && qualified.segment) places = catalog.FindSymbol(qualified.symbol);
  if (places.empty()) places = FindByForm(catalog, qualified.symbol);
  if (qualified.segment) {
    const auto elsewhere = [&](Place place) {
      return catalog.row(place).segment != *qualified.segment;
    };
    places.erase(std::remove_if(places.begin(), places.end(), elsewhere), places.end());
  }
  if (places.empty()) return std::optional<Place>{};
  const auto picked = PickBySymbol(catalog, places);
  if (!picked) return picked.error();
  return std::optional{*picked};
}

/// The newest row of each key; keys of which the store has none are left out.
using ByKey = std::unordered_map<std::string, StoredInstrument>;

Result<ByKey> FindUnlisted(InstrumentStore& store, const std::vector<std::string>& keys) {
  ByKey by_key;
  if (keys.empty()) return by_key;
  auto rows = store.FindByKeys(keys);
  if (!rows) return rows.error();
  for (StoredInstrument& row : *rows) {
    const auto found = by_key.find(row.instrument.key);
    const bool better =
        found == by_key.end() ||
        std::tie(row.listed, row.id) > std::tie(found->second.listed, found->second.id);
    if (better) by_key.insert_or_assign(row.instrument.key, std::move(row));
  }
  return by_key;
}

/// What a page token belongs to.
std::string TokenText(const SearchRequest& request) {
  return request.query + '\n' + request.segment + '\n' + request.type + '\n';
}

/// A search and the page of its results that is asked for.
struct PagedQuery {
  SearchQuery query;
  std::size_t offset = 0;
  std::size_t page = 0;
};

Result<PagedQuery> ReadQuery(const SearchRequest& request, std::int64_t market_now_ms) {
  const auto invalid = [](const char* reason, std::string message) {
    return Refuse(Code::kInvalidArgument, reason, std::move(message));
  };
  if (request.query.size() > Lookup::kMostQueryBytes) {
    return invalid("QUERY_TOO_LONG", "the query is longer than 100 characters");
  }
  if (SearchWords(request.query).empty()) {
    return invalid("QUERY_EMPTY", "the query has no word to look for");
  }
  SearchQuery query{.text = request.query, .market_now_ms = market_now_ms};
  if (request.page_size < 0 || request.page_size > Lookup::kMostPage) {
    return invalid("PAGE_SIZE_INVALID", "page_size must be 0 to 500");
  }
  if (!request.segment.empty()) {
    query.segment = FindSegment(request.segment);
    if (!query.segment) {
      return invalid("SEGMENT_UNKNOWN", Quoted(request.segment) + " is no segment");
    }
  }
  const bool plausible = request.type.size() <= 10 &&
                         std::all_of(request.type.begin(), request.type.end(), [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                         });
  if (!plausible) return invalid("TYPE_UNKNOWN", Quoted(request.type) + " is no instrument type");
  query.type = request.type;
  const auto offset = ReadPageToken(request.page_token, TokenText(request));
  if (!offset) return offset.error();
  const int page = request.page_size == 0 ? kDefaultPage : request.page_size;
  return PagedQuery{std::move(query), static_cast<std::size_t>(*offset),
                    static_cast<std::size_t>(page)};
}

}  // namespace

Result<Place> PickBySymbol(const Catalog& catalog, const std::vector<Place>& places) {
  const auto rank = [&](Place place) { return Rank(catalog, place); };
  const Place best = *std::min_element(places.begin(), places.end(),
                                       [&](Place a, Place b) { return rank(a) < rank(b); });
  std::string tied;
  std::size_t ties = 0;
  for (const Place place : places) {
    if (rank(place) != rank(best)) continue;
    ++ties;
    tied += (tied.empty() ? "" : ", ") + catalog.KeyOf(place);
  }
  if (ties == 1) return best;
  return Refuse(Code::kFailedPrecondition, "SYMBOL_AMBIGUOUS",
                Quoted(catalog.SymbolOf(best)) + " stands for several: " + tied);
}

Result<StoredInstrument> Lookup::Get(const std::string& name) const {
  if (name.empty()) {
    return Refuse(Code::kInvalidArgument, "NO_INSTRUMENT_NAMED", "name is empty");
  }
  const auto view = catalogs_.Need();
  if (!view) return view.error();
  const Catalog& catalog = (*view)->catalog;
  const auto place = FindListed(catalog, name);
  if (!place) return place.error();
  if (*place) return catalog.Get(**place);
  if (!IsKey(name)) return Unknown(name);
  auto unlisted = FindUnlisted(store_, {name});
  if (!unlisted) return unlisted.error();
  if (unlisted->empty()) return Unknown(name);
  return std::move(unlisted->begin()->second);
}

Result<StoredInstrument> Lookup::GetAsOf(const std::string& name, const std::string& day) const {
  if (name.empty()) {
    return Refuse(Code::kInvalidArgument, "NO_INSTRUMENT_NAMED", "name is empty");
  }
  const auto date = calendar::IstDate::Parse(day);
  if (!date) return date.error();
  auto found = store_.FindAsOf(name, date->Plus(1).StartMs() - 1);
  if (!found) return found.error();
  if (!*found) {
    return Refuse(Code::kNotFound, "AS_OF_TOO_EARLY",
                  "no sync was committed up to " + date->ToString());
  }
  std::vector<StoredInstrument>& rows = **found;
  if (IsKey(name)) {
    const auto newest = std::max_element(
        rows.begin(), rows.end(), [](const StoredInstrument& a, const StoredInstrument& b) {
          return std::tie(a.listed, a.id) < std::tie(b.listed, b.id);
        });
    return newest == rows.end() ? Result<StoredInstrument>{Unknown(name)} : std::move(*newest);
  }
  // A catalogue of these few picks among them as among today's.
  CatalogBuilder builder{rows.size()};
  for (const StoredInstrument& row : rows) {
    if (!row.listed) continue;
    if (auto added = builder.Add(row); !added) return added.error();
  }
  const Catalog catalog = builder.Build();
  const auto places = catalog.FindSymbol(name);
  if (places.empty()) return Unknown(name);
  const auto picked = PickBySymbol(catalog, places);
  if (!picked) return picked.error();
  return catalog.Get(*picked);
}

Result<NamedInstruments> Lookup::BatchGet(const std::vector<std::string>& names) const {
  if (names.empty() || std::find(names.begin(), names.end(), "") != names.end()) {
    return Refuse(Code::kInvalidArgument, "NO_INSTRUMENT_NAMED",
                  names.empty() ? "names is empty" : "one of the names is empty");
  }
  if (names.size() > kMostNames) {
    return Refuse(Code::kInvalidArgument, "TOO_MANY_INSTRUMENTS",
                  std::to_string(names.size()) + " names, at most 5000");
  }
  const auto view = catalogs_.Need();
  if (!view) return view.error();
  const Catalog& catalog = (*view)->catalog;
  std::vector<std::optional<Place>> places;
  std::vector<std::string> not_listed;
  for (const std::string& name : names) {
    const auto place = FindListed(catalog, name);
    places.push_back(place ? *place : std::nullopt);  // one that means several means none here
    if (!places.back() && IsKey(name)) not_listed.push_back(name);
  }
  const auto unlisted = FindUnlisted(store_, not_listed);
  if (!unlisted) return unlisted.error();
  NamedInstruments named;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto row = unlisted->find(names[i]);
    if (places[i]) {
      named.found.push_back({names[i], catalog.Get(*places[i])});
    } else if (row != unlisted->end()) {
      named.found.push_back({names[i], row->second});
    } else {
      named.unknown.push_back(names[i]);
    }
  }
  return named;
}

Result<SearchPage> Lookup::Search(const SearchRequest& request, std::int64_t market_now_ms) const {
  auto asked = ReadQuery(request, market_now_ms);
  if (!asked) return asked.error();
  const auto view = catalogs_.Need();
  if (!view) return view.error();
  const Catalog& catalog = (*view)->catalog;
  const std::size_t end = asked->offset + asked->page;
  asked->query.most = end + 1;  // one more tells whether there is a next page
  const auto places = instruments::Search(catalog, (*view)->names, asked->query);
  SearchPage page;
  for (std::size_t i = asked->offset; i < std::min(end, places.size()); ++i) {
    page.found.push_back(catalog.Get(places[i]));
  }
  if (places.size() > end) {
    page.next_page_token = PageToken(static_cast<std::int64_t>(end), TokenText(request));
  }
  return page;
}

}  // namespace sauda::instruments
