#include "services/gateway/src/rpc/subscribe_body.hpp"

#include <array>
#include <limits>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "libs/base/decimal.hpp"
#include "services/gateway/src/rpc/envelope.hpp"

namespace sauda::gateway {
namespace {

namespace pb = feed::v1alpha1;
using nlohmann::json;

Error WrongWord(const char* reason, const char* message) {
  return {Code::kInvalidArgument, reason, message};
}

/// Unspecified keeps the mode that a key has, which others may have asked for.
Result<pb::Mode> ModeOf(const std::string& name) {
  if (name.empty()) return pb::MODE_UNSPECIFIED;
  if (name == "full") return pb::MODE_FULL;
  if (name == "ltpc") return pb::MODE_LTPC;
  if (name == "option_greeks") return pb::MODE_OPTION_GREEKS;
  if (name == "full_d30") return pb::MODE_FULL_D30;
  return WrongWord("MODE_UNKNOWN", "mode: expected ltpc, option_greeks, full or full_d30");
}

constexpr std::array<std::pair<const char*, pb::Kind>, 4> kTypes{{{"index", pb::KIND_INDEX},
                                                                  {"equity", pb::KIND_EQUITY},
                                                                  {"futures", pb::KIND_FUTURE},
                                                                  {"options", pb::KIND_OPTION}}};

Result<pb::Kind> TypeOf(const std::string& name) {
  if (name.empty()) return pb::KIND_UNSPECIFIED;
  for (const auto& [word, kind] : kTypes) {
    if (name == word) return kind;
  }
  return WrongWord("KIND_UNKNOWN", "type: expected index, equity, futures or options");
}

const char* TypeName(pb::Kind kind) {
  for (const auto& [word, each] : kTypes) {
    if (kind == each) return word;
  }
  return "";
}

Result<pb::Universe> UniverseOf(const std::string& name) {
  if (name.empty()) return pb::UNIVERSE_UNSPECIFIED;
  if (name == "fo") return pb::UNIVERSE_FO;
  return WrongWord("UNIVERSE_UNKNOWN", "universe: expected fo");
}

/// 0: not given.
Result<double> NearPriceOf(const json& object) {
  const auto text = DecimalOf(object, "near_price");
  if (!text) return text.error();
  if (text->empty()) return 0.0;
  const auto price = Decimal::Parse(*text);
  if (!price) return WrongWord("FIELD_WRONG", "near_price: expected a price");
  return price->ToDouble();
}

Result<pb::Selection> ReadSelection(const json& object) {
  if (!object.is_object()) return WrongWord("FIELD_WRONG", "selection: expected an object");
  const auto known = OnlyKnown(
      object, {"type", "underlying", "universe", "exclude", "segment", "limit", "near_price"});
  const auto type_name = TextOf(object, "type");
  const auto type = type_name ? TypeOf(*type_name) : type_name.error();
  const auto universe_name = TextOf(object, "universe");
  const auto universe = universe_name ? UniverseOf(*universe_name) : universe_name.error();
  const auto underlying = TextOf(object, "underlying");
  const auto exclude = TextsOf(object, "exclude");
  const auto segment = TextOf(object, "segment");
  const auto limit = NumberOf(object, "limit", 0);
  const auto near_price = NearPriceOf(object);
  if (const Error* const problem =
          FirstError(known, type, universe, underlying, exclude, segment, limit, near_price)) {
    return *problem;
  }
  if (*limit < 0 || *limit > std::numeric_limits<std::int32_t>::max()) {
    return WrongWord("FIELD_WRONG", "limit: expected 0 to 5000");
  }
  pb::Selection selection;
  selection.set_kind(*type);
  selection.set_universe(*universe);
  selection.set_underlying(*underlying);
  for (const std::string& each : *exclude) selection.add_exclude(each);
  selection.set_segment(*segment);
  selection.set_limit(static_cast<std::uint32_t>(*limit));
  selection.set_near_price(*near_price);
  return selection;
}

}  // namespace

Result<pb::SubscribeRequest> ReadSubscribe(const json& body) {
  const auto known = OnlyKnown(body, {"symbols", "mode", "partial", "selection"});
  const auto symbols = TextsOf(body, "symbols");
  const auto mode_name = TextOf(body, "mode");
  const auto mode = mode_name ? ModeOf(*mode_name) : mode_name.error();
  const auto partial = FlagOf(body, "partial", false);
  if (const Error* const problem = FirstError(known, symbols, mode, partial)) return *problem;
  pb::SubscribeRequest subscribe;
  for (const std::string& each : *symbols) subscribe.add_names(each);
  subscribe.set_mode(*mode);
  subscribe.set_partial(*partial);
  const auto selection = body.find("selection");
  if (selection == body.end() || selection->is_null()) return subscribe;
  auto read = ReadSelection(*selection);
  if (!read) return read.error();
  *subscribe.mutable_selection() = std::move(*read);
  return subscribe;
}

json OutcomeOf(const pb::SubscribeResponse& subscribed) {
  json refused = json::array();
  for (const auto& each : subscribed.refused()) {
    refused.push_back(
        {{"symbol", each.name()}, {"reason", each.reason()}, {"message", each.message()}});
  }
  json selected = json::array();
  for (const auto& each : subscribed.selected()) {
    selected.push_back({{"type", TypeName(each.kind())},
                        {"taken", each.taken()},
                        {"total", each.total()},
                        {"limited_by", Word(pb::LimitedBy_Name(each.limited_by()), "LIMITED_BY_")},
                        {"limit", each.limit()}});
  }
  json outcome = {{"subscribed", subscribed.instrument_keys_size()},
                  {"refused", std::move(refused)},
                  {"selected", std::move(selected)}};
  if (subscribed.near_price() > 0) outcome["near_price"] = subscribed.near_price();
  return outcome;
}

}  // namespace sauda::gateway
