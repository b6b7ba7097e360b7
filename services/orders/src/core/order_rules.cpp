#include "services/orders/src/core/order_rules.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sauda::orders {
namespace {

constexpr std::size_t kMaxIdLength = 36;
constexpr std::size_t kMaxTags = 5;
constexpr std::size_t kMaxTagLength = 20;
constexpr std::int32_t kMaxProtectionPercent = 25;

Error Invalid(const char* reason, std::string message) {
  return Error{Code::kInvalidArgument, reason, std::move(message)};
}

bool IsIdCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

Result<void> CheckId(const std::string& id) {
  if (id.empty() || id.size() > kMaxIdLength || !std::all_of(id.begin(), id.end(), IsIdCharacter)) {
    return Invalid("CLIENT_ORDER_ID_INVALID", "client_order_id: 1 to 36 of A-Z a-z 0-9 - _");
  }
  if (id.starts_with("ext-")) {
    return Invalid("CLIENT_ORDER_ID_INVALID",
                   "client_order_id: `ext-` names orders that were placed elsewhere");
  }
  return {};
}

Result<void> CheckTags(const std::vector<std::string>& tags) {
  const auto bad = [](const std::string& tag) {
    return tag.empty() || tag.size() > kMaxTagLength ||
           std::any_of(tag.begin(), tag.end(), [](char c) { return c >= 0 && c < ' '; });
  };
  if (tags.size() > kMaxTags || std::any_of(tags.begin(), tags.end(), bad)) {
    return Invalid("TAGS_INVALID", "tags: at most 5, of 1 to 20 printable characters each");
  }
  return {};
}

/// Price and trigger: there when the type wants them, and only then, and on the right sides.
Result<void> CheckPrices(const Terms& terms, Side side) {
  if (HasLimit(terms.type) != terms.price.has_value()) {
    return terms.price ? Invalid("PRICE_NOT_ALLOWED", "price: a market order has none")
                       : Invalid("PRICE_MISSING", "price: a limit order needs one");
  }
  if (HasTrigger(terms.type) != terms.trigger.has_value()) {
    return terms.trigger
               ? Invalid("TRIGGER_NOT_ALLOWED", "trigger_price: only stop orders have one")
               : Invalid("TRIGGER_MISSING", "trigger_price: a stop order needs one");
  }
  if ((terms.price && *terms.price <= Decimal{}) ||
      (terms.trigger && *terms.trigger <= Decimal{})) {
    return Invalid("PRICE_NOT_POSITIVE", "prices are above 0");
  }
  if (terms.type != OrderType::kStopLimit) return {};
  const bool right_side =
      side == Side::kBuy ? *terms.trigger <= *terms.price : *terms.trigger >= *terms.price;
  if (!right_side) {
    return Invalid("TRIGGER_WRONG_SIDE",
                   "trigger_price: at or below the price when buying, at or above it when selling");
  }
  return {};
}

/// The enums and numbers that a modify may change too.
Result<void> CheckTerms(const Terms& terms, Side side) {
  if (terms.type == OrderType::kUnknown) return Invalid("TYPE_UNKNOWN", "type: not one we know");
  if (terms.validity == Validity::kUnknown) {
    return Invalid("VALIDITY_UNKNOWN", "validity: not one we know");
  }
  if (terms.quantity <= 0) return Invalid("QUANTITY_NOT_POSITIVE", "quantity: above 0");
  return CheckPrices(terms, side);
}

Result<void> CheckDisclosed(std::int64_t shown, std::int64_t quantity) {
  const std::int64_t tenth = quantity / 10 + (quantity % 10 != 0 ? 1 : 0);
  if (shown == 0 || (shown >= tenth && shown <= quantity)) return {};
  return Invalid("DISCLOSED_INVALID",
                 "disclosed_quantity: 0, or from a tenth of the quantity to all of it");
}

}  // namespace

Result<std::optional<Decimal>> ParsePrice(std::string_view field, std::string_view text) {
  if (text.empty()) return std::optional<Decimal>{};
  const auto parsed = Decimal::Parse(text);
  if (!parsed) {
    return Invalid("PRICE_MALFORMED", std::string{field} + ": " + parsed.error().message);
  }
  return std::optional<Decimal>{*parsed};
}

Result<void> CheckForm(const NewOrder& order) {
  if (auto id = CheckId(order.client_order_id); !id) return id;
  if (order.instrument.empty()) {
    return Invalid("INSTRUMENT_MISSING", "instrument: a broker key or a trading symbol");
  }
  if (order.side == Side::kUnknown) return Invalid("SIDE_UNKNOWN", "side: not one we know");
  if (order.product == Product::kUnknown) {
    return Invalid("PRODUCT_UNKNOWN", "product: not one we know");
  }
  const Terms terms{.quantity = order.quantity,
                    .type = order.type,
                    .price = order.price,
                    .trigger = order.trigger,
                    .validity = order.validity};
  if (auto checked = CheckTerms(terms, order.side); !checked) return checked;
  const auto disclosed = CheckDisclosed(order.disclosed_quantity, order.quantity);
  if (!disclosed) return disclosed;
  const std::int32_t percent = order.protection_percent;
  if (percent < 0 || percent > kMaxProtectionPercent || (percent != 0 && HasLimit(order.type))) {
    return Invalid("PROTECTION_INVALID",
                   "market_protection_percent: 0 to 25, and 0 when there is a limit");
  }
  return CheckTags(order.tags);
}

Result<void> CheckAgainst(const Instrument& instrument, const Terms& terms,
                          std::int64_t market_now_ms) {
  const std::string& name = instrument.key;
  if (instrument.expiry_ms != 0 && instrument.expiry_ms < market_now_ms) {
    return Error{Code::kFailedPrecondition, "INSTRUMENT_EXPIRED", name + " has expired"};
  }
  if (!instrument.tradable || !instrument.active || instrument.lot <= 0 ||
      instrument.tick <= Decimal{}) {
    return Error{Code::kFailedPrecondition, "INSTRUMENT_NOT_TRADABLE",
                 name + " cannot be traded: an index or spot, or not in the last master"};
  }
  if (terms.quantity % instrument.lot != 0) {
    return Invalid("QUANTITY_NOT_IN_LOTS",
                   "quantity: " + name + " trades in lots of " + std::to_string(instrument.lot));
  }
  if (instrument.freeze_quantity != 0 && terms.quantity > instrument.freeze_quantity) {
    return Invalid("QUANTITY_TOO_LARGE", "quantity: " + name + " takes at most " +
                                             std::to_string(instrument.freeze_quantity) +
                                             " in one order");
  }
  const auto off_tick = [&](const std::optional<Decimal>& price) {
    return price && !price->IsMultipleOf(instrument.tick);
  };
  if (off_tick(terms.price) || off_tick(terms.trigger)) {
    return Invalid("PRICE_OFF_TICK", (off_tick(terms.price) ? "price: " : "trigger_price: ") +
                                         name + " moves in steps of " + instrument.tick.ToString());
  }
  return {};
}

Result<Terms> ChangedTerms(const Order& order, const TermsChange& change) {
  Terms terms = order.terms;
  if (change.quantity) terms.quantity = *change.quantity;
  if (change.type) terms.type = *change.type;
  if (change.validity) terms.validity = *change.validity;
  if (!HasLimit(terms.type)) terms.price.reset();
  if (!HasTrigger(terms.type)) terms.trigger.reset();
  if (change.price) terms.price = change.price;
  if (change.trigger) terms.trigger = change.trigger;
  if (const auto checked = CheckTerms(terms, order.request.side); !checked) return checked.error();
  if (terms == order.terms) {
    return Invalid("NOTHING_TO_CHANGE", "the order has these terms already");
  }
  if (terms.quantity < order.filled_quantity) {
    return Invalid("QUANTITY_BELOW_FILLED",
                   "quantity: " + std::to_string(order.filled_quantity) + " are filled already");
  }
  // It cannot be changed with the quantity, and the broker refuses what does not go with it.
  const auto disclosed = CheckDisclosed(order.request.disclosed_quantity, terms.quantity);
  if (!disclosed) return disclosed.error();
  return terms;
}

bool SameOrder(const Order& kept, const NewOrder& asked) {
  const NewOrder& first = kept.request;
  const bool same_instrument = asked.instrument == first.instrument ||
                               asked.instrument == kept.instrument_key ||
                               asked.instrument == kept.trading_symbol;
  return same_instrument && first.account_id == asked.account_id && first.side == asked.side &&
         first.quantity == asked.quantity && first.type == asked.type &&
         first.price == asked.price && first.trigger == asked.trigger &&
         first.product == asked.product && first.validity == asked.validity &&
         first.disclosed_quantity == asked.disclosed_quantity &&
         first.protection_percent == asked.protection_percent && first.tags == asked.tags;
}

}  // namespace sauda::orders
