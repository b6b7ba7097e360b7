#include "services/instruments/src/core/search/name_index.hpp"

#include <algorithm>

#include "services/instruments/src/core/search/edit_distance.hpp"
#include "services/instruments/src/core/search/query_words.hpp"

namespace sauda::instruments {
namespace {

// Scores, found by what traders type (tests/support/search_queries.hpp): a symbol before a whole
// name before the beginning of a symbol before words of a name; wrong spellings behind all.
constexpr float kSymbol = 1'000;
constexpr float kBeginsSymbol = 500;  // and up to 250 more, the more of it is there
constexpr float kBeginsName = 350;    // and up to 200 more
constexpr float kOfWhole = 250;
constexpr float kOfWholeName = 200;
constexpr float kWords = 300;  // and up to 250 more, the better the words fit
constexpr float kOfWords = 250;
constexpr float kFirstWord = 60;
constexpr float kMisspelt = 0.55F;      // of what a word is worth that is right
constexpr float kMistakenSymbol = 620;  // less 90 for each mistake
constexpr float kMistakenName = 560;
constexpr float kMistake = 90;

/// How many mistakes may be in a word of that length.
int MostMistakes(std::size_t length) { return length < 4 ? 0 : length < 8 ? 1 : 2; }

}  // namespace

/// Gathers, word by word, what each thing has of a query.
class NameIndex::Match {
 public:
  Match(const NameIndex& index, Spelling spelling)
      : index_{index}, spelling_{spelling}, all_(Things(), 1.0F), best_(Things(), 0.0F) {}

  /// A word of the query: things without anything like it are out.
  void Word(const std::string& word, bool first) {
    touched_.clear();
    word_at_front_ = first;
    const std::size_t exact_or_next = index_.LowerBound(word);
    for (std::size_t at = exact_or_next; at < index_.WordCount(); ++at) {
      const std::string_view text = index_.Text(at);
      if (!text.starts_with(word)) break;
      const auto share = static_cast<float>(word.size()) / static_cast<float>(text.size());
      const float quality = text.size() == word.size() ? 1.0F : 0.5F + 0.35F * share;
      for (const Posting& posting : index_.Postings(at)) Better(posting, quality);
    }
    if (spelling_ == Spelling::kWrong) Misspelt(word);
    Combine();
  }

  /// All words written as one.
  void Whole(const std::string& joined) {
    if (joined.empty()) return;
    for (std::size_t at = index_.LowerBound(joined); at < index_.WordCount(); ++at) {
      const std::string_view text = index_.Text(at);
      if (!text.starts_with(joined)) break;
      const auto share = static_cast<float>(joined.size()) / static_cast<float>(text.size());
      for (const Posting& posting : index_.Postings(at)) {
        Score(posting.thing, WholeScore(posting.use, text.size() == joined.size(), share));
      }
    }
    if (spelling_ == Spelling::kWrong) MisspeltWhole(joined);
  }

  std::vector<NamedThing> Best() {
    for (ThingId thing = 0; thing < all_.size(); ++thing) {
      if (words_ > 0 && all_[thing] > 0) {
        const float average = all_[thing] / static_cast<float>(words_);
        Score(thing, kWords + kOfWords * std::min(average, 1.0F) +
                         (fronted_.empty() || !fronted_[thing] ? 0 : kFirstWord));
      }
    }
    std::vector<NamedThing> found;
    for (ThingId thing = 0; thing < best_.size(); ++thing) {
      if (best_[thing] <= 0) continue;
      found.push_back({thing, best_[thing] + index_.things_[thing].liking});
    }
    std::sort(found.begin(), found.end(), [&](const NamedThing& a, const NamedThing& b) {
      if (a.score != b.score) return a.score > b.score;
      const auto size_of = [&](const NamedThing& each) {
        return index_.things_[each.thing].symbol_size;
      };
      if (size_of(a) != size_of(b)) return size_of(a) < size_of(b);
      return a.thing < b.thing;
    });
    return found;
  }

 private:
  std::size_t Things() const { return index_.things_.size() - 1; }

  static float WholeScore(Use use, bool whole, float share) {
    if (use == Use::kSymbol) return whole ? kSymbol : kBeginsSymbol + kOfWhole * share;
    if (use == Use::kName) return whole ? kExact : kBeginsName + kOfWholeName * share;
    return 0;
  }

  void Score(ThingId thing, float score) { best_[thing] = std::max(best_[thing], score); }

  void Better(const Posting& posting, float quality) {
    if (now_.empty()) now_.assign(Things(), 0.0F);
    if (fronted_.empty()) fronted_.assign(Things(), false);
    float& has = now_[posting.thing];
    if (has == 0) touched_.push_back(posting.thing);
    has = std::max(has, quality);
    if (word_at_front_ && posting.first && quality >= 1) fronted_[posting.thing] = true;
  }

  void Combine() {
    std::vector<float> combined(all_.size(), 0.0F);
    for (const ThingId thing : touched_) {
      const float before = words_ == 0 ? 0 : all_[thing];
      if (words_ == 0 || before > 0) combined[thing] = before + now_[thing];
      now_[thing] = 0;
    }
    all_ = std::move(combined);
    ++words_;
  }

  void Misspelt(const std::string& word) {
    const int most = MostMistakes(word.size());
    if (most == 0) return;
    const std::uint32_t has = LettersOf(word);
    for (std::size_t at = 0; at < index_.WordCount(); ++at) {
      if (!MayBeNear(has, index_.words_[at].has, most)) continue;
      const int mistakes = EditDistance(word, index_.Text(at), most);
      if (mistakes == 0 || mistakes > most) continue;
      const float quality = kMisspelt / static_cast<float>(mistakes);
      for (const Posting& posting : index_.Postings(at)) Better(posting, quality);
    }
  }

  void MisspeltWhole(const std::string& joined) {
    const int most = MostMistakes(joined.size());
    if (most == 0) return;
    const std::uint32_t has = LettersOf(joined);
    for (std::size_t at = 0; at < index_.WordCount(); ++at) {
      if (!MayBeNear(has, index_.words_[at].has, most)) continue;
      const int mistakes = EditDistance(joined, index_.Text(at), most);
      if (mistakes == 0 || mistakes > most) continue;
      for (const Posting& posting : index_.Postings(at)) {
        if (posting.use == Use::kWord) continue;
        const float right = posting.use == Use::kSymbol ? kMistakenSymbol : kMistakenName;
        Score(posting.thing, right - kMistake * static_cast<float>(mistakes));
      }
    }
  }

  const NameIndex& index_;
  const Spelling spelling_;
  std::vector<float> all_;   // by thing: what the words so far are worth; 0: it lacks one
  std::vector<float> best_;  // by thing: its score
  std::vector<float> now_;   // by thing: what the word at hand is worth
  std::vector<bool> fronted_;
  std::vector<ThingId> touched_;
  bool word_at_front_ = false;
  int words_ = 0;
};

std::size_t NameIndex::LowerBound(std::string_view word) const {
  std::size_t low = 0;
  std::size_t high = WordCount();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (Text(middle) < word) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::vector<NamedThing> NameIndex::Find(const std::vector<std::string>& words,
                                        Spelling spelling) const {
  if (words.empty() || words_.size() < 2) return {};
  Match match{*this, spelling};
  for (std::size_t i = 0; i < words.size(); ++i) match.Word(words[i], i == 0);
  match.Whole(Joined(words));
  return match.Best();
}

std::vector<NamedThing> NameIndex::WithContracts() const {
  std::vector<NamedThing> found;
  for (ThingId thing = 0; thing + 1 < things_.size(); ++thing) {
    const std::size_t count = Contracts(thing).size();
    if (count > 0) found.push_back({thing, static_cast<float>(count)});
  }
  std::sort(found.begin(), found.end(), [](const NamedThing& a, const NamedThing& b) {
    return a.score != b.score ? a.score > b.score : a.thing < b.thing;
  });
  return found;
}

}  // namespace sauda::instruments
