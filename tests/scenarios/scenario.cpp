#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

namespace sauda::scenarios {
namespace {

using orders::OrderType;
using orders::Product;
using orders::Validity;

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::int64_t kFirstDayMs = kStartMs - (9 * 60 + 30) * kMsPerMinute;

/// What a line says that it must not; caught where the line's number is known.
struct Malformed {
  std::string what;
};

/// The words of one line, taken from the front.
class Words {
 public:
  explicit Words(const std::string& line) : line_{line} {}
  bool more() { return static_cast<bool>(line_ >> std::ws) && !line_.eof(); }
  std::string Next() {
    std::string word;
    if (!(line_ >> word)) throw Malformed{"a word is missing at the end"};
    return word;
  }
  std::string Rest() {
    std::string rest;
    std::getline(line_ >> std::ws, rest);
    return rest;
  }
  std::int64_t Number() { return ToNumber(Next()); }
  Decimal Price() { return ToPrice(Next()); }

  static std::int64_t ToNumber(const std::string& word) {
    std::int64_t number = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || stop != end) throw Malformed{"no number: " + word};
    return number;
  }
  static Decimal ToPrice(const std::string& word) {
    const auto price = Decimal::Parse(word);
    if (!price) throw Malformed{"no price: " + word};
    return *price;
  }

 private:
  std::istringstream line_;
};

/// `HH:MM` or `HH:MM:SS`, on the first day; `+1 HH:MM` on the day after it.
std::int64_t ReadTime(Words& words) {
  std::string word = words.Next();
  std::int64_t day = 0;
  if (word.starts_with('+')) {
    day = Words::ToNumber(word.substr(1));
    word = words.Next();
  }
  if (word.size() == 5) word += ":00";
  if (word.size() != 8 || word[2] != ':' || word[5] != ':') throw Malformed{"no time: " + word};
  const std::int64_t seconds =
      (Words::ToNumber(word.substr(0, 2)) * 60 + Words::ToNumber(word.substr(3, 2))) * 60 +
      Words::ToNumber(word.substr(6, 2));
  return kFirstDayMs + day * kMsPerDay + seconds * 1'000;
}

exchange::Level ToLevel(const std::string& word) {
  const auto at = word.find('@');
  if (at == std::string::npos) throw Malformed{"no level, such as 65@100.05: " + word};
  return {.price = Words::ToPrice(word.substr(at + 1)),
          .quantity = Words::ToNumber(word.substr(0, at))};
}

std::string ReadInstrument(Words& words) {
  const std::string name = words.Next();
  std::string key = KeyOf(name);
  if (key.empty()) throw Malformed{"no instrument: " + name};
  return key;
}

void ReadMarket(Words& words, Step& step) {
  step.kind = Step::Kind::kMarket;
  step.instrument = ReadInstrument(words);
  std::vector<exchange::Level>* side = nullptr;
  while (words.more()) {
    const std::string word = words.Next();
    if (word == "bid") {
      side = &step.bids;
    } else if (word == "ask") {
      side = &step.asks;
    } else if (word == "last") {
      step.last_price = words.Price();
    } else if (word == "again") {
      step.again = true;
    } else if (side == nullptr) {
      throw Malformed{"bid or ask goes before " + word};
    } else {
      side->push_back(ToLevel(word));
    }
  }
}

Validity ToValidity(const std::string& word) {
  if (word == "ioc") return Validity::kIoc;
  if (word == "day") return Validity::kDay;
  throw Malformed{"no validity: " + word};
}

Product ToProduct(const std::string& word) {
  if (word == "I") return Product::kIntraday;
  if (word == "D") return Product::kDelivery;
  throw Malformed{"no product: " + word};
}

/// `market`, `limit P`, `stop T market`, `stop T limit P`; a part that is not there is left out.
void ReadType(Words& words, orders::NewOrder& order) {
  std::string word = words.Next();
  if (word == "stop") {
    order.trigger = words.Price();
    word = words.Next();
  }
  if (word == "limit") {
    order.price = words.Price();
  } else if (word != "market") {
    throw Malformed{"no order type: " + word};
  }
  if (order.trigger) order.type = order.price ? OrderType::kStopLimit : OrderType::kStopMarket;
  if (!order.trigger) order.type = order.price ? OrderType::kLimit : OrderType::kMarket;
}

void ReadPlace(Words& words, Step& step) {
  step.kind = Step::Kind::kPlace;
  step.order = words.Next();
  orders::NewOrder& order = step.asked;
  order = {
      .client_order_id = step.order, .product = Product::kIntraday, .validity = Validity::kDay};
  const std::string side = words.Next();
  if (side != "buy" && side != "sell") throw Malformed{"buy or sell: " + side};
  order.side = side == "buy" ? orders::Side::kBuy : orders::Side::kSell;
  order.quantity = words.Number();
  order.instrument = ReadInstrument(words);
  ReadType(words, order);
  while (words.more()) {
    const std::string word = words.Next();
    if (word == "product") {
      order.product = ToProduct(words.Next());
    } else if (word == "disclosed") {
      order.disclosed_quantity = words.Number();
    } else if (word == "protect") {
      order.protection_percent = static_cast<std::int32_t>(words.Number());
    } else {
      order.validity = ToValidity(word);
    }
  }
}

OrderType ToType(const std::string& word) {
  constexpr std::array<std::pair<const char*, OrderType>, 4> kTypes{
      {{"market", OrderType::kMarket},
       {"limit", OrderType::kLimit},
       {"stop", OrderType::kStopLimit},
       {"stop-market", OrderType::kStopMarket}}};
  for (const auto& [text, type] : kTypes) {
    if (word == text) return type;
  }
  throw Malformed{"no order type: " + word};
}

void ReadModify(Words& words, Step& step) {
  step.kind = Step::Kind::kModify;
  step.order = words.Next();
  while (words.more()) {
    const std::string word = words.Next();
    if (word == "quantity") {
      step.change.quantity = words.Number();
    } else if (word == "price") {
      step.change.price = words.Price();
    } else if (word == "trigger") {
      step.change.trigger = words.Price();
    } else if (word == "type") {
      step.change.type = ToType(words.Next());
    } else {
      step.change.validity = ToValidity(word);
    }
  }
}

void ReadSession(Words& words, Step& step) {
  step.kind = Step::Kind::kSession;
  const std::string word = words.Next();
  if (word != "open" && word != "closed") throw Malformed{"open or closed: " + word};
  step.open = word == "open";
}

void ReadExpectation(Words& words, std::map<std::string, std::string>& outcomes) {
  std::string order = words.Next();
  if (!order.ends_with(':')) throw Malformed{"a colon is missing after " + order};
  order.pop_back();
  if (!outcomes.emplace(order, words.Rest()).second) throw Malformed{order + " is there twice"};
}

void ReadLine(const std::string& line, int number, Scenario& scenario) {
  Words words{line};
  const std::string verb = words.Next();
  if (verb == "differs") {
    scenario.differs = words.Next();
    return;
  }
  if (verb == "expect" || verb == "paper") {
    return ReadExpectation(words, verb == "expect" ? scenario.expected : scenario.on_paper);
  }
  Step step{.line = number};
  if (verb == "at") {
    step.at_ms = ReadTime(words);
  } else if (verb == "market") {
    ReadMarket(words, step);
  } else if (verb == "session") {
    ReadSession(words, step);
  } else if (verb == "place") {
    ReadPlace(words, step);
  } else if (verb == "modify") {
    ReadModify(words, step);
  } else if (verb == "cancel") {
    step.kind = Step::Kind::kCancel;
    step.order = words.Next();
  } else {
    throw Malformed{"no such verb: " + verb};
  }
  if (words.more()) throw Malformed{"too much: " + words.Rest()};
  scenario.steps.push_back(std::move(step));
}

}  // namespace

std::string KeyOf(std::string_view short_name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kKeys{
      {{"share", "NSE_EQ|INE002A01018"},
       {"option", "NSE_FO|46913"},
       {"expired", "NSE_FO|46000"},
       {"gold", "MCX_FO|472782"},
       {"index", "NSE_INDEX|Nifty 50"}}};
  for (const auto& [name, key] : kKeys) {
    if (name == short_name) return std::string{key};
  }
  return {};
}

Result<Scenario> ReadScenario(const std::filesystem::path& file) {
  Scenario scenario{.name = file.stem().string()};
  std::ifstream text{file};
  int number = 0;
  const auto malformed = [&](const std::string& what) {
    return Error{Code::kInvalidArgument, "SCENARIO_MALFORMED",
                 file.filename().string() + ":" + std::to_string(number) + ": " + what};
  };
  if (!text) return malformed("cannot be read");
  for (std::string line; std::getline(text, line);) {
    ++number;
    line = line.substr(0, line.find('#'));
    if (std::all_of(line.begin(), line.end(), [](unsigned char c) { return std::isspace(c); })) {
      continue;
    }
    try {
      ReadLine(line, number, scenario);
    } catch (const Malformed& problem) {
      return malformed(problem.what);
    }
  }
  if (scenario.steps.empty() || scenario.expected.empty()) return malformed("nothing is expected");
  return scenario;
}

Result<Step> ReadStep(const std::string& line) {
  Scenario scenario;
  try {
    ReadLine(line, 1, scenario);
  } catch (const Malformed& problem) {
    return Error{Code::kInvalidArgument, "SCENARIO_MALFORMED", line + ": " + problem.what};
  }
  return scenario.steps.at(0);
}

std::vector<std::filesystem::path> ScenarioFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace sauda::scenarios
