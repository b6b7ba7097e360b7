#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"
#include "services/instruments/src/core/search/search.hpp"
#include "services/instruments/src/core/symbol_forms.hpp"
#include "tests/support/real_master.hpp"
#include "tests/support/search_queries.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kNoon = 1'763'965'800'000;  // of 2025-11-24 in India
constexpr auto kMaster = "upstox_complete_2025-11-24.json.gz";
constexpr int kQueries = 100;
constexpr int kMostWrong = 5;

/// What is typed, and `segment symbol` of what must come first.
struct Typed {
  std::string query;
  std::string wanted;
};

std::string Named(const Instrument& it) {
  return std::string{kSegments[it.segment].name} + " " + it.symbol;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string MonthOf(const Instrument& contract) {
  constexpr std::array<const char*, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                "jul", "aug", "sep", "oct", "nov", "dec"};
  return kMonths[static_cast<std::size_t>(calendar::IstDate::Of(contract.expiry_ms).month - 1)];
}

/// `count` of them, from all over.
template <typename T>
std::vector<T> Spread(const std::vector<T>& all, std::size_t count) {
  std::vector<T> some;
  for (std::size_t i = 0; i < count; ++i)
    some.push_back(all[(2 * i + 1) * all.size() / (2 * count)]);
  return some;
}

/// Makes queries from the master by rule, without asking what a search would make of them.
class Rules {
 public:
  explicit Rules(const std::vector<Instrument>& master) {
    for (const Instrument& it : master) {
      if (it.segment != *FindSegment("NSE_FO") || it.expiry_ms <= kNoon) continue;
      (it.kind == Kind::kFuture ? futures_ : options_).push_back(it);
      keys_[it.underlying_key] = true;
    }
    for (const Instrument& it : master) {
      if (it.kind == Kind::kEquity && keys_.count(it.key) > 0) shares_.push_back(it);
    }
  }

  std::vector<Typed> Make() const {
    std::vector<Typed> all;
    for (const auto& more : {Symbols(), Misspelt(), PartsOfNames(), Expiries()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }

 private:
  /// Contracts in four forms, three of each.
  std::vector<Typed> Symbols() const {
    std::vector<Typed> typed;
    for (const Instrument& it : Spread(options_, 3))
      typed.push_back({CompactSymbol(it), Named(it)});
    for (const Instrument& it : Spread(options_, 4)) {
      if (typed.size() < 6) typed.push_back({OpenAlgoSymbol(it), Named(it)});
    }
    for (const Instrument& it : Spread(options_, 5)) {
      if (typed.size() < 9) typed.push_back({Lower(it.symbol), Named(it)});
    }
    for (const Instrument& it : Spread(futures_, 3)) {
      typed.push_back({Lower(OpenAlgoSymbol(it)), Named(it)});
    }
    return typed;
  }

  /// Symbols of at least seven letters: the fourth left out, or the third and fourth swapped.
  std::vector<Typed> Misspelt() const {
    std::vector<Instrument> with_long;
    for (const Instrument& it : shares_) {
      const bool letters = std::all_of(it.symbol.begin(), it.symbol.end(),
                                       [](char c) { return c >= 'A' && c <= 'Z'; });
      if (letters && it.symbol.size() >= 7 && it.symbol[2] != it.symbol[3]) with_long.push_back(it);
    }
    std::vector<Typed> typed;
    for (const Instrument& it : Spread(with_long, 10)) {
      std::string wrong = Lower(it.symbol);
      if (typed.size() % 2 == 0) {
        wrong.erase(3, 1);
      } else {
        std::swap(wrong[2], wrong[3]);
      }
      typed.push_back({wrong, Named(it)});
    }
    return typed;
  }

  /// The first word of a name and four letters of the second.
  std::vector<Typed> PartsOfNames() const {
    std::vector<Typed> typed;
    std::vector<Instrument> of_two_words;
    for (const Instrument& it : shares_) {
      const std::size_t space = it.name.find(' ');
      const bool second = space != std::string::npos && it.name.size() >= space + 5 &&
                          it.name.substr(space + 1, 4).find_first_of(" .&") == std::string::npos;
      if (second && space >= 4) of_two_words.push_back(it);
    }
    for (const Instrument& it : Spread(of_two_words, 8)) {
      typed.push_back({Lower(it.name.substr(0, it.name.find(' ') + 5)), Named(it)});
    }
    return typed;
  }

  /// Futures by their month, options by their day.
  std::vector<Typed> Expiries() const {
    std::vector<Typed> typed;
    for (const Instrument& it : Spread(futures_, 5)) {
      typed.push_back({Lower(it.underlying_symbol) + " " + MonthOf(it) + " fut", Named(it)});
    }
    for (const Instrument& it : Spread(options_, 5)) {
      const int day = calendar::IstDate::Of(it.expiry_ms).day;
      typed.push_back({Lower(it.underlying_symbol + " " + it.strike.ToString() + " " + it.type) +
                           " " + std::to_string(day) + " " + MonthOf(it),
                       Named(it)});
    }
    return typed;
  }

  std::map<std::string, bool> keys_;  // of what contracts are written on
  std::vector<Instrument> futures_;
  std::vector<Instrument> options_;
  std::vector<Instrument> shares_;
};

class SearchQualityTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    CatalogBuilder builder;
    std::int64_t id = 0;
    const bool there = ReadMaster(kMaster, [&](const Instrument& instrument) {
      EXPECT_TRUE(builder.Add({.id = ++id, .instrument = instrument, .listed = true}));
      master_.push_back(instrument);
    });
    if (there) view_ = std::make_unique<CatalogView>(builder.Build(), 1);
  }
  static void TearDownTestSuite() {
    view_.reset();
    master_ = {};
  }
  void SetUp() override {
    if (!view_) GTEST_SKIP() << RealFile(kMaster) << " is not there (SAUDA_REAL_DATA)";
  }

  /// The first of them, or more for a message.
  static std::string First(const std::string& text, std::size_t most = 1) {
    const auto places =
        Search(view_->catalog, view_->names, {.text = text, .market_now_ms = kNoon, .most = most});
    std::string found;
    for (const Place place : places) {
      found += (found.empty() ? "" : ", ") + Named(view_->catalog.Get(place).instrument);
    }
    return found;
  }

  static std::unique_ptr<CatalogView> view_;
  static std::vector<Instrument> master_;
};
std::unique_ptr<CatalogView> SearchQualityTest::view_;
std::vector<Instrument> SearchQualityTest::master_;

TEST_F(SearchQualityTest, FindsWhatTradersMean) {
  std::vector<Typed> all;
  for (const test::SearchQuery& each : test::kSearchQueries) {
    all.push_back(
        {std::string{each.query}, std::string{each.segment} + " " + std::string{each.symbol}});
  }
  const auto by_rule = Rules{master_}.Make();
  all.insert(all.end(), by_rule.begin(), by_rule.end());
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kQueries));
  int wrong = 0;
  for (const Typed& each : all) {
    if (First(each.query) == each.wanted) continue;
    ++wrong;
    std::cout << "'" << each.query << "' should give " << each.wanted << ", gives "
              << First(each.query, 4) << "\n";
  }
  EXPECT_LE(wrong, kMostWrong) << "of " << kQueries;
  std::cout << kQueries - wrong << " of " << kQueries << " come first\n";
}

/// Both directions of every form, for every contract of the master.
TEST_F(SearchQualityTest, EveryFormLeadsBack) {
  const Catalog& catalog = view_->catalog;
  int contracts = 0;
  int other = 0;
  for (Place place = 0; place < catalog.size(); ++place) {
    if (catalog.row(place).contract == Contract::kNone || place % 7 != 0) continue;
    ++contracts;
    const auto it = catalog.Get(place).instrument;
    for (const std::string& form : {OpenAlgoSymbol(it), CompactSymbol(it)}) {
      const auto found = FindByForm(catalog, form);
      const bool back = std::find(found.begin(), found.end(), place) != found.end();
      if (!back && other++ < 5) std::cout << form << " is not " << it.symbol << "\n";
    }
  }
  EXPECT_GT(contracts, 10'000);
  EXPECT_EQ(other, 0);
}

}  // namespace
}  // namespace sauda::instruments
