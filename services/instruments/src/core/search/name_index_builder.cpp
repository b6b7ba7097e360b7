#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include "services/instruments/src/core/search/edit_distance.hpp"
#include "services/instruments/src/core/search/name_index.hpp"
#include "services/instruments/src/core/search/query_words.hpp"

namespace sauda::instruments {
namespace {

// How much rather a thing is meant than another of like name: what has contracts is what is traded.
constexpr float kHasContracts = 140;
constexpr float kIsIndex = 30;
constexpr float kIsNseShare = 30;  // series EQ
constexpr float kIsNse = 10;
constexpr float kIsDebt = -40;

/// Words that end the name of a company and that nobody types.
constexpr std::array<std::string_view, 4> kCompanyWords{"ltd", "limited", "corporation", "company"};

bool IsNse(Segment segment) { return kSegments[segment].exchange == "NSE"; }

}  // namespace

class NameIndexBuilder {
 public:
  explicit NameIndexBuilder(const Catalog& catalog) : catalog_{catalog} {}

  void Build(NameIndex& out) {
    GatherCash();
    GatherContracts();
    for (ThingId thing = 0; thing < things_.size(); ++thing) AddNames(thing);
    Write(out);
  }

 private:
  struct Thing {
    std::vector<Place> cash;
    std::vector<Place> contracts;
    TextId underlying_symbol = 0;  // of what has no cash
  };

  /// Shares by their ISIN, everything else by itself.
  void GatherCash() {
    std::unordered_map<TextId, ThingId> by_isin;
    thing_of_.assign(catalog_.size(), 0);
    for (Place place = 0; place < catalog_.size(); ++place) {
      const Catalog::Row& row = catalog_.row(place);
      if (row.contract != Contract::kNone || row.kind == Kind::kSpot) continue;
      auto thing = static_cast<ThingId>(things_.size());
      if (row.isin != 0) thing = by_isin.emplace(row.isin, thing).first->second;
      if (thing == things_.size()) things_.emplace_back();
      things_[thing].cash.push_back(place);
      thing_of_[place] = thing;
    }
  }

  /// Contracts go to what they are written on; that may be known by its symbol only.
  void GatherContracts() {
    std::vector<ThingId> of_underlying(catalog_.underlyings().size());
    std::unordered_map<TextId, ThingId> by_symbol;
    for (std::size_t i = 1; i < of_underlying.size(); ++i) {
      const Catalog::Underlying& underlying = catalog_.underlyings()[i];
      const auto place = catalog_.FindKey(catalog_.Text(underlying.key));
      const bool cash = place && catalog_.row(*place).contract == Contract::kNone &&
                        catalog_.row(*place).kind != Kind::kSpot;
      of_underlying[i] = cash ? thing_of_[*place] : ThingOfSymbol(underlying.symbol, by_symbol);
    }
    for (Place place = 0; place < catalog_.size(); ++place) {
      const Catalog::Row& row = catalog_.row(place);
      const bool spot = row.kind == Kind::kSpot;
      if (row.contract == Contract::kNone && !spot) continue;
      // The masters of old do not say what a contract is written on, but in its name.
      const ThingId thing = spot                  ? ThingOfSymbol(row.symbol, by_symbol)
                            : row.underlying == 0 ? ThingOfSymbol(row.name, by_symbol)
                                                  : of_underlying[row.underlying];
      (spot ? things_[thing].cash : things_[thing].contracts).push_back(place);
    }
  }

  ThingId ThingOfSymbol(TextId symbol, std::unordered_map<TextId, ThingId>& by_symbol) {
    const auto [found, is_new] = by_symbol.emplace(symbol, static_cast<ThingId>(things_.size()));
    if (is_new) {
      things_.emplace_back();
      things_.back().underlying_symbol = symbol;
    }
    return found->second;
  }

  void AddNames(ThingId id) {
    const Thing& thing = things_[id];
    AddSymbol(id, catalog_.Text(thing.underlying_symbol));
    for (const Place place : thing.cash) {
      const Catalog::Row& row = catalog_.row(place);
      AddSymbol(id, catalog_.Text(row.symbol));
      AddName(id, catalog_.Text(row.name));
      AddName(id, catalog_.Text(row.short_name));
      Add(Joined(catalog_.Text(row.isin)), {id, NameIndex::Use::kSymbol, false});
    }
    for (const Place place : Samples(thing.contracts)) {
      const Catalog::Row& row = catalog_.row(place);
      AddSymbol(id, catalog_.Text(catalog_.underlyings()[row.underlying].symbol));
      AddName(id, catalog_.Text(row.name));
    }
  }

  /// The first contract of each segment: the others of it have the same names.
  std::vector<Place> Samples(const std::vector<Place>& contracts) const {
    std::vector<Place> first;
    for (const Place place : contracts) {
      const bool same =
          !first.empty() && catalog_.row(first.back()).segment == catalog_.row(place).segment;
      if (!same) first.push_back(place);
    }
    return first;
  }

  void AddSymbol(ThingId id, std::string_view symbol) {
    Add(Joined(symbol), {id, NameIndex::Use::kSymbol, false});
    const auto words = SearchWords(symbol);
    for (std::size_t i = 0; i < words.size(); ++i) {
      Add(words[i], {id, NameIndex::Use::kWord, i == 0});
    }
  }

  void AddName(ThingId id, std::string_view name) {
    auto words = SearchWords(name);
    for (std::size_t i = 0; i < words.size(); ++i) {
      Add(words[i], {id, NameIndex::Use::kWord, i == 0});
    }
    Add(Joined(words), {id, NameIndex::Use::kName, false});
    while (words.size() > 1 && std::find(kCompanyWords.begin(), kCompanyWords.end(),
                                         words.back()) != kCompanyWords.end()) {
      words.pop_back();
    }
    Add(Joined(words), {id, NameIndex::Use::kName, false});
  }

  void Add(const std::string& word, NameIndex::Posting posting) {
    if (!word.empty()) added_.push_back({words_.Add(word), posting});
  }

  float Liking(const Thing& thing) const {
    float liking = thing.contracts.empty() ? 0 : kHasContracts;
    if (thing.cash.empty()) return liking;
    const Catalog::Row& row = catalog_.row(thing.cash.front());
    if (row.kind == Kind::kIndex) liking += kIsIndex;
    if (!IsNse(row.segment)) return liking;
    liking += kIsNse;
    if (row.kind != Kind::kEquity) return liking;
    const std::string_view series = catalog_.Text(row.type);
    const bool debt = series.front() == 'G' || series.front() == 'N' || series.front() == 'T' ||
                      series.front() == 'Y' || series.front() == 'Z';
    return liking + (series == "EQ" ? kIsNseShare : debt ? kIsDebt : 0);
  }

  std::size_t SymbolSize(const Thing& thing) const {
    if (thing.cash.empty()) return catalog_.Text(thing.underlying_symbol).size();
    return catalog_.Text(catalog_.row(thing.cash.front()).symbol).size();
  }

  void Write(NameIndex& out) {
    for (const Thing& thing : things_) {
      out.things_.push_back({static_cast<std::uint32_t>(out.cash_.size()),
                             static_cast<std::uint32_t>(out.contracts_.size()), Liking(thing),
                             static_cast<std::uint32_t>(SymbolSize(thing))});
      out.cash_.insert(out.cash_.end(), thing.cash.begin(), thing.cash.end());
      out.contracts_.insert(out.contracts_.end(), thing.contracts.begin(), thing.contracts.end());
    }
    out.things_.push_back({static_cast<std::uint32_t>(out.cash_.size()),
                           static_cast<std::uint32_t>(out.contracts_.size()), 0, 0});
    std::vector<std::uint32_t> place(words_.size());  // of each word in alphabetical order
    std::vector<TextId> order;
    for (TextId id = 1; id < words_.size(); ++id) order.push_back(id);
    std::sort(order.begin(), order.end(),
              [&](TextId a, TextId b) { return words_[a] < words_[b]; });
    for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::sort(added_.begin(), added_.end(), [&](const Added& a, const Added& b) {
      const auto rank = [&](const Added& each) {
        return std::tuple{place[each.word], each.posting.thing, each.posting.use,
                          !each.posting.first};
      };
      return rank(a) < rank(b);
    });
    TextId last = 0;
    for (const auto& [word, posting] : added_) {
      if (word != last) {
        out.words_.push_back({static_cast<std::uint32_t>(out.letters_.size()),
                              static_cast<std::uint32_t>(out.postings_.size()),
                              LettersOf(words_[word])});
        out.letters_ += words_[word];
      } else if (out.postings_.back().thing == posting.thing &&
                 out.postings_.back().use == posting.use) {
        continue;  // the same once more; the first of a name came first
      }
      last = word;
      out.postings_.push_back(posting);
    }
    out.words_.push_back({static_cast<std::uint32_t>(out.letters_.size()),
                          static_cast<std::uint32_t>(out.postings_.size()), 0});
    out.letters_.shrink_to_fit();
    out.words_.shrink_to_fit();
    out.postings_.shrink_to_fit();
  }

  const Catalog& catalog_;
  std::vector<Thing> things_;
  std::vector<ThingId> thing_of_;  // by place
  TextPool words_;
  struct Added {
    TextId word = 0;
    NameIndex::Posting posting;
  };
  std::vector<Added> added_;
};

NameIndex::NameIndex(const Catalog& catalog) { NameIndexBuilder{catalog}.Build(*this); }

}  // namespace sauda::instruments
