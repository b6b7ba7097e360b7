#include "services/instruments/src/core/lookup.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "services/instruments/src/core/page_token.hpp"

namespace sauda::instruments {
namespace {

constexpr int kDefaultPage = 50;

bool IsKey(const std::string& name) { return name.find('|') != std::string_view::npos; }

Error Refuse(Code code, const char* reason, std::string message) {
  return {code, reason, std::move(message)};
}

std::string Quoted(const std::string& name) { return "'" + name.substr(0, 120) + "'"; }

/// Smaller is preferred.
std::tuple<int, int, int> Rank(const Instrument& instrument) {
  const SegmentFacts& facts = kSegments[instrument.segment];
  const int exchange = facts.exchange == "NSE" ? 0 : facts.exchange == "BSE" ? 1 : 2;
  const int kind = facts.kind == SegmentClass::kCash    ? 0
                   : facts.kind == SegmentClass::kIndex ? 1
                                                        : 2;
  return {exchange, kind, instrument.type == "EQ" ? 0 : 1};
}

/// Rows by symbol or key, many to a name.
using ByName = std::unordered_map<std::string, std::vector<const StoredInstrument*>>;

/// The newest listed row of a key, else the newest.
const StoredInstrument* PickByKey(const std::vector<const StoredInstrument*>& rows) {
  const StoredInstrument* picked = rows.front();
  for (const StoredInstrument* row : rows) {
    if (std::tie(row->listed, row->id) > std::tie(picked->listed, picked->id)) picked = row;
  }
  return picked;
}

/// What a page token belongs to.
std::string TokenText(const SearchRequest& request) {
  return request.query + '\n' + request.segment + '\n' + request.type + '\n';
}

Result<SearchQuery> ReadQuery(const SearchRequest& request) {
  const auto invalid = [](const char* reason, std::string message) {
    return Refuse(Code::kInvalidArgument, reason, std::move(message));
  };
  if (request.query.size() > Lookup::kMostQueryBytes) {
    return invalid("QUERY_TOO_LONG", "the query is longer than 100 characters");
  }
  SearchQuery query{.words = SearchWords(request.query)};
  if (query.words.empty()) {
    return invalid("QUERY_EMPTY", "the query has no word to look for");
  }
  if (request.page_size < 0 || request.page_size > Lookup::kMostPage) {
    return invalid("PAGE_SIZE_INVALID", "page_size must be 0 to 500");
  }
  query.limit = request.page_size == 0 ? kDefaultPage : request.page_size;
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
  query.offset = *offset;
  return query;
}

}  // namespace

Result<std::size_t> PickBySymbol(const std::vector<const StoredInstrument*>& rows) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (Rank(rows[i]->instrument) < Rank(rows[best]->instrument)) best = i;
  }
  std::string tied;
  std::size_t ties = 0;
  for (const StoredInstrument* row : rows) {
    if (Rank(row->instrument) != Rank(rows[best]->instrument)) continue;
    ++ties;
    tied += (tied.empty() ? "" : ", ") + row->instrument.key;
  }
  if (ties == 1) return best;
  return Refuse(Code::kFailedPrecondition, "SYMBOL_AMBIGUOUS",
                Quoted(rows[best]->instrument.symbol) + " stands for several: " + tied);
}

std::vector<std::string> SearchWords(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
    if (upper) words.back().push_back(static_cast<char>(c - 'A' + 'a'));
    if (plain) words.back().push_back(c);
    if (!upper && !plain && !words.back().empty()) words.emplace_back();
  }
  for (std::string& word : words) {
    word.erase(0, word.find_first_not_of('.'));
    word.erase(word.find_last_not_of('.') + 1);
  }
  words.erase(std::remove(words.begin(), words.end(), std::string{}), words.end());
  return words;
}

Result<StoredInstrument> Lookup::Get(const std::string& name) {
  if (name.empty()) {
    return Refuse(Code::kInvalidArgument, "NO_INSTRUMENT_NAMED", "name is empty");
  }
  const auto rows = IsKey(name) ? store_.FindByKeys({name}) : store_.FindBySymbols({name});
  if (!rows) return rows.error();
  if (rows->empty()) {
    return Refuse(Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument goes by " + Quoted(name));
  }
  std::vector<const StoredInstrument*> candidates;
  for (const StoredInstrument& row : *rows) candidates.push_back(&row);
  if (IsKey(name)) return *PickByKey(candidates);
  const auto picked = PickBySymbol(candidates);
  if (!picked) return picked.error();
  return *candidates[*picked];
}

Result<NamedInstruments> Lookup::BatchGet(const std::vector<std::string>& names) {
  if (names.empty() || std::find(names.begin(), names.end(), "") != names.end()) {
    return Refuse(Code::kInvalidArgument, "NO_INSTRUMENT_NAMED",
                  names.empty() ? "names is empty" : "one of the names is empty");
  }
  if (names.size() > kMostNames) {
    return Refuse(Code::kInvalidArgument, "TOO_MANY_INSTRUMENTS",
                  std::to_string(names.size()) + " names, at most 5000");
  }
  std::vector<std::string> keys;
  std::vector<std::string> symbols;
  for (const std::string& name : names) (IsKey(name) ? keys : symbols).push_back(name);
  Result<std::vector<StoredInstrument>> key_rows;
  Result<std::vector<StoredInstrument>> symbol_rows;
  if (!keys.empty()) key_rows = store_.FindByKeys(keys);
  if (!key_rows) return key_rows.error();
  if (!symbols.empty()) symbol_rows = store_.FindBySymbols(symbols);
  if (!symbol_rows) return symbol_rows.error();
  ByName by_name;
  for (const StoredInstrument& row : *key_rows) by_name[row.instrument.key].push_back(&row);
  for (const StoredInstrument& row : *symbol_rows) by_name[row.instrument.symbol].push_back(&row);
  NamedInstruments named;
  for (const std::string& name : names) {
    const auto rows = by_name.find(name);
    const auto picked =
        rows == by_name.end() || IsKey(name) ? Result<std::size_t>{0} : PickBySymbol(rows->second);
    if (rows == by_name.end() || !picked) {
      named.unknown.push_back(name);
      continue;
    }
    named.found.push_back({name, IsKey(name) ? *PickByKey(rows->second) : *rows->second[*picked]});
  }
  return named;
}

Result<SearchPage> Lookup::Search(const SearchRequest& request) {
  auto query = ReadQuery(request);
  if (!query) return query.error();
  const std::int64_t page = query->limit;
  ++query->limit;  // one more tells whether there is a next page
  auto rows = store_.Search(*query);
  if (!rows) return rows.error();
  SearchPage found{.found = std::move(*rows)};
  if (static_cast<std::int64_t>(found.found.size()) > page) {
    found.found.pop_back();
    found.next_page_token = PageToken(query->offset + page, TokenText(request));
  }
  return found;
}

}  // namespace sauda::instruments
