#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/catalog/catalog.hpp"

namespace sauda::instruments {

/// Something that a trader has a name for: a share on every exchange that has it, an index, or a
/// commodity or currency that only contracts are written on; with its contracts.
using ThingId = std::uint32_t;

/// A thing and how well a query's words name it.
struct NamedThing {
  ThingId thing = 0;
  float score = 0;
};

/// The names of everything in a catalogue, and which names are like which words. Takes about 3 MB
/// for a master of 127 k instruments. Reading is thread-safe.
class NameIndex {
 public:
  explicit NameIndex(const Catalog& catalog);

  enum class Spelling : std::uint8_t { kRight, kWrong };

  /// Things whose names have every word, or a word that begins with it, or the words written as
  /// one, best first. With kWrong, words that differ by a letter or two count too.
  std::vector<NamedThing> Find(const std::vector<std::string>& words, Spelling spelling) const;

  /// Every thing that has contracts, the one with most first.
  std::vector<NamedThing> WithContracts() const;

  /// Shares or index, in the traders' order; none for what only contracts are written on.
  std::span<const Place> Cash(ThingId thing) const {
    return Slice(cash_, things_[thing].cash, things_[thing + 1].cash);
  }
  /// In the traders' order.
  std::span<const Place> Contracts(ThingId thing) const {
    return Slice(contracts_, things_[thing].contracts, things_[thing + 1].contracts);
  }

  /// A score from which on the words are the thing's own symbol or whole name.
  static constexpr float kExact = 900;

 private:
  friend class NameIndexBuilder;

  /// What a word is to a thing.
  enum class Use : std::uint8_t { kWord, kName, kSymbol };
  /// Where a thing's places begin; one more stands behind the last.
  struct Thing {
    std::uint32_t cash = 0;
    std::uint32_t contracts = 0;
    float liking = 0;  // how much rather it is meant than another of like name
    std::uint32_t symbol_size = 0;
  };
  struct Posting {
    ThingId thing = 0;
    Use use = Use::kWord;
    bool first = false;  // the first word of a name
  };
  struct Word {
    std::uint32_t text = 0;  // begins in letters_
    std::uint32_t postings = 0;
    std::uint32_t has = 0;  // LettersOf it
  };
  class Match;

  static std::span<const Place> Slice(const std::vector<Place>& places, std::uint32_t from,
                                      std::uint32_t to) {
    return std::span{places}.subspan(from, to - from);
  }
  std::size_t WordCount() const { return words_.size() - 1; }
  /// The first word that is not before this one.
  std::size_t LowerBound(std::string_view word) const;
  std::string_view Text(std::size_t word) const {
    return std::string_view{letters_}.substr(words_[word].text,
                                             words_[word + 1].text - words_[word].text);
  }
  std::span<const Posting> Postings(std::size_t word) const {
    return std::span{postings_}.subspan(words_[word].postings,
                                        words_[word + 1].postings - words_[word].postings);
  }

  std::vector<Thing> things_;
  std::vector<Place> cash_;       // by thing
  std::vector<Place> contracts_;  // by thing
  std::string letters_;
  std::vector<Word> words_;  // in order; one more stands behind the last
  std::vector<Posting> postings_;
};

}  // namespace sauda::instruments
