#include "services/instruments/src/core/search/search.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "services/instruments/src/core/search/contract_wish.hpp"
#include "services/instruments/src/core/search/query_words.hpp"
#include "services/instruments/src/core/symbol_forms.hpp"

namespace sauda::instruments {
namespace {

constexpr std::size_t kFuturesOfTheBest = 3;  // shown before what else has such a name

std::string Upper(std::string_view text) {
  std::string upper{text};
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

/// Collects results in order, each once, of what the query lets through.
class Results {
 public:
  Results(const Catalog& catalog, const SearchQuery& query)
      : catalog_{catalog}, query_{query}, taken_(catalog.size(), false) {}

  void Add(Place place) {
    if (full() || taken_[place] || !Passes(catalog_.row(place))) return;
    taken_[place] = true;
    places_.push_back(place);
  }
  template <typename Places>
  void AddAll(const Places& places) {
    for (const Place place : places) Add(place);
  }

  bool Passes(const Catalog::Row& row) const {
    if (!row.ActiveAt(query_.market_now_ms)) return false;
    if (query_.segment && row.segment != *query_.segment) return false;
    return query_.type.empty() || catalog_.Text(row.type) == query_.type;
  }
  bool full() const { return places_.size() >= query_.most; }
  bool empty() const { return places_.empty(); }
  std::vector<Place> Take() { return std::move(places_); }

 private:
  const Catalog& catalog_;
  const SearchQuery& query_;
  std::vector<bool> taken_;
  std::vector<Place> places_;
};

class Searcher {
 public:
  Searcher(const Catalog& catalog, const NameIndex& names, const SearchQuery& query)
      : catalog_{catalog},
        names_{names},
        today_{calendar::IstDate::Of(query.market_now_ms)},
        results_{catalog, query} {}

  std::vector<Place> Run(std::string_view text) {
    AddNamedOutright(text);
    const auto words = SearchWords(text);
    const auto split = SplitWords(words);
    using Spelling = NameIndex::Spelling;
    const bool parts = split != words;
    const bool found =
        ByWords(words, Spelling::kRight) || (parts && ByWords(split, Spelling::kRight)) ||
        ByWords(words, Spelling::kWrong) || (parts && ByWords(split, Spelling::kWrong));
    if (!found && results_.empty()) AddByToken(text);
    return results_.Take();
  }

 private:
  void AddNamedOutright(std::string_view text) {
    const std::string_view name = Trimmed(text);
    const std::string upper = Upper(name);
    for (const std::string_view key : {name, std::string_view{upper}}) {
      if (const auto place = catalog_.FindKey(key)) results_.Add(*place);
    }
    const QualifiedSymbol qualified = SplitExchange(upper);
    auto places = catalog_.FindSymbol(qualified.symbol);
    // A share's symbol is an everyday word, whose best meaning the ranking knows.
    const bool contract =
        !places.empty() && catalog_.row(places.front()).contract != Contract::kNone;
    if (!qualified.segment && !contract) places.clear();
    if (places.empty()) places = FindByForm(catalog_, qualified.symbol);
    for (const Place place : places) {
      const bool of_segment =
          !qualified.segment || catalog_.row(place).segment == *qualified.segment;
      if (of_segment) results_.Add(place);
    }
  }

  /// Whether the words meant anything that could be listed.
  bool ByWords(const std::vector<std::string>& words, NameIndex::Spelling spelling) {
    if (words.empty()) return false;
    const ContractWish wish = ReadContractWish(words, today_);
    const auto things = names_.Find(words, spelling);
    const bool exact = !things.empty() && things.front().score >= NameIndex::kExact;
    bool meant = false;
    if (exact || !wish.ForSure()) meant = AddThings(things) || meant;
    if (wish.ForSure() || (wish.strike && !wish.names.empty())) {
      meant = AddContracts(wish, spelling) || meant;
    }
    if (!exact && wish.ForSure()) meant = AddThings(things) || meant;
    return meant;
  }

  /// Shares and indices, the futures of the best right behind it, then all contracts.
  bool AddThings(const std::vector<NamedThing>& things) {
    for (const NamedThing& each : things) {
      results_.AddAll(names_.Cash(each.thing));
      const bool best = &each == &things.front() && each.score >= NameIndex::kExact;
      if (best) AddFutures(each.thing, kFuturesOfTheBest);
      if (results_.full()) return true;
    }
    for (const NamedThing& each : things) {
      results_.AddAll(names_.Contracts(each.thing));
      if (results_.full()) break;
    }
    return !things.empty();
  }

  void AddFutures(ThingId thing, std::size_t most) {
    for (const Place place : names_.Contracts(thing)) {
      const Catalog::Row& row = catalog_.row(place);
      if (row.contract != Contract::kFuture || !results_.Passes(row)) continue;
      if (most-- == 0) return;
      results_.Add(place);
    }
  }

  bool AddContracts(const ContractWish& wish, NameIndex::Spelling spelling) {
    const auto things =
        wish.names.empty() ? names_.WithContracts() : names_.Find(wish.names, spelling);
    bool meant = false;
    for (const NamedThing& each : things) {
      const auto fitting = Fitting(each.thing, wish);
      meant = meant || !fitting.empty();
      results_.AddAll(fitting);
      if (results_.full()) break;
    }
    return meant;
  }

  /// The contracts of a thing that a wish is for: of its strike; without one, of the strikes that
  /// begin as it was typed; else, when it was surely a contract, those next to it.
  std::vector<Place> Fitting(ThingId thing, const ContractWish& wish) const {
    std::vector<Place> fitting;
    for (const Place place : names_.Contracts(thing)) {
      const Catalog::Row& row = catalog_.row(place);
      if (results_.Passes(row) && wish.Fits(row)) fitting.push_back(place);
    }
    SkipExpiries(wish.skip_expiries, fitting);
    if (!wish.strike) return fitting;
    const auto strike_of = [&](Place place) { return catalog_.row(place).strike_nanos; };
    std::vector<Place> of_strike;
    for (const Place place : fitting) {
      if (strike_of(place) == wish.strike->nanos()) of_strike.push_back(place);
    }
    if (!of_strike.empty()) return of_strike;
    for (const Place place : fitting) {
      const bool option = catalog_.row(place).contract != Contract::kFuture;
      const std::string text = Decimal::FromNanos(strike_of(place)).ToString();
      if (option && text.starts_with(wish.strike_text)) of_strike.push_back(place);
    }
    if (!of_strike.empty() || !(wish.call || wish.put)) return of_strike;
    const auto rank = [&](Place place) {
      const Catalog::Row& row = catalog_.row(place);
      return std::tuple{row.segment, row.expiry_ms,
                        std::abs(row.strike_nanos - wish.strike->nanos())};
    };
    std::stable_sort(fitting.begin(), fitting.end(),
                     [&](Place a, Place b) { return rank(a) < rank(b); });
    return fitting;
  }

  /// Leaves out the first expiries of each segment.
  void SkipExpiries(int count, std::vector<Place>& places) const {
    if (count == 0) return;
    std::set<std::pair<Segment, std::int64_t>> seen;
    std::vector<Place> kept;
    for (const Place place : places) {
      const Catalog::Row& row = catalog_.row(place);
      seen.emplace(row.segment, row.expiry_ms);
      const auto of_segment = std::distance(seen.lower_bound({row.segment, 0}), seen.end());
      if (of_segment > count) kept.push_back(place);
    }
    places = std::move(kept);
  }

  /// What has that number at an exchange.
  void AddByToken(std::string_view text) {
    const auto token = catalog_.FindLabel(Trimmed(text));
    if (!token) return;
    for (Place place = 0; place < catalog_.size(); ++place) {
      if (catalog_.row(place).token == *token) results_.Add(place);
    }
  }

  const Catalog& catalog_;
  const NameIndex& names_;
  const calendar::IstDate today_;
  Results results_;
};

}  // namespace

std::vector<Place> Search(const Catalog& catalog, const NameIndex& names,
                          const SearchQuery& query) {
  return Searcher{catalog, names, query}.Run(query.text);
}

}  // namespace sauda::instruments
