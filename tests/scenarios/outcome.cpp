#include "tests/scenarios/outcome.hpp"

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "libs/base/check.hpp"

namespace sauda::scenarios {
namespace {

using orders::Order;
using orders::OrderState;

/// What is found first in `reason: message` decides.
constexpr std::array<std::pair<std::string_view, std::string_view>, 42> kClasses{{
    {"PRICE_OFF_TICK", "off-tick"},
    {"tick size", "off-tick"},
    {"QUANTITY_NOT_IN_LOTS", "off-lot"},
    {"UDAPI1104", "off-lot"},
    {"QUANTITY_TOO_LARGE", "over-freeze"},
    {"freeze limit", "over-freeze"},
    {"circuit limits", "circuit"},
    {"insufficient funds", "no-funds"},
    {"insufficient holdings", "no-holdings"},
    {"TRIGGER_WRONG_SIDE", "trigger-side"},
    {"the trigger price is", "trigger-side"},
    {"DISCLOSED_INVALID", "disclosed"},
    {"UDAPI1039", "disclosed"},
    {"'disclosed_quantity'", "disclosed"},
    {"UDAPI1161", "mcx"},
    {"UDAPI100074", "service-closed"},
    {"INSTRUMENT_EXPIRED", "not-tradable"},
    {"INSTRUMENT_NOT_TRADABLE", "not-tradable"},
    {"UDAPI100011", "not-tradable"},
    {"QUANTITY_NOT_POSITIVE", "no-quantity"},
    {"UDAPI1052", "no-quantity"},
    {"PROTECTION_INVALID", "protection"},
    {"UDAPI1159", "protection"},
    {"PRICE_MISSING", "price-missing"},
    {"UDAPI1029", "price-missing"},
    {"PRICE_NOT_ALLOWED", "price-not-allowed"},
    {"UDAPI1030", "price-not-allowed"},
    {"TRIGGER_MISSING", "trigger-missing"},
    {"UDAPI1031", "trigger-missing"},
    {"QUANTITY_BELOW_FILLED", "below-filled"},
    {"quantity must exceed", "below-filled"},
    {"ORDER_NOT_OPEN", "over"},
    {"UDAPI100040", "over"},
    {"UDAPI100041", "over"},
    {"the order is over", "over"},
    {"NOTHING_TO_CHANGE", "nothing-to-change"},
    {"FEED_DOWN", "no-price"},
    {"no last price", "no-price"},
    {"IOC:", "ioc"},
    {"session is over", "session"},
    {"day is over", "day"},
    {"the day of a DAY order is over", "day"},
}};

std::string_view WordOf(OrderState state) {
  switch (state) {
    case OrderState::kPending:
      return "PENDING";
    case OrderState::kTriggerPending:
      return "TRIGGER_PENDING";
    case OrderState::kOpen:
      return "OPEN";
    case OrderState::kFilled:
      return "FILLED";
    case OrderState::kCancelled:
      return "CANCELLED";
    case OrderState::kRejected:
      return "REJECTED";
    case OrderState::kNotSent:
      return "NOT_SENT";
    case OrderState::kNone:
    case OrderState::kIntent:
    case OrderState::kUnknown:
      break;
  }
  return "";
}

std::string With(std::string_view word, const std::string& why) {
  return std::string{word} + (why.empty() ? "" : "(" + why + ")");
}

/// What became of one order so far.
class Trail {
 public:
  void Say(const std::string& word) { text_ += (text_.empty() ? "" : " ") + word; }

  void Take(const Order& order) {
    TakeFill(order);
    if (order.broker_status == "not modified") refusal_ = ClassOf("", order.message);
    if (order.state == state_ || WordOf(order.state).empty()) return;
    state_ = order.state;
    Say(With(WordOf(state_), ClassOf(order.reason, order.message)));
  }

  /// Why the modify of before was not taken after all; empty when it was.
  std::string TakeRefusal() { return std::exchange(refusal_, {}); }

  std::string Text() const { return fills_.empty() ? text_ : text_ + " |" + fills_; }

 private:
  __extension__ using Wide = __int128;

  void TakeFill(const Order& order) {
    const std::int64_t more = order.filled_quantity - filled_;
    if (more <= 0) return;
    const Wide value = static_cast<Wide>(order.average_price->nanos()) * order.filled_quantity;
    // The average is rounded to nanos; market prices have at most four decimals.
    constexpr std::int64_t kStep = 100'000;
    const auto nanos = static_cast<std::int64_t>((value - value_) / more);
    const auto price = Decimal::FromNanos((nanos + kStep / 2) / kStep * kStep);
    fills_ += " " + std::to_string(more) + "@" + price.ToString();
    filled_ = order.filled_quantity;
    value_ = value;
  }

  std::string text_, fills_, refusal_;
  OrderState state_ = OrderState::kNone;
  std::int64_t filled_ = 0;
  Wide value_ = 0;
};

/// One run: the orders' trails, and how much of the side's news is in them.
class Runner {
 public:
  explicit Runner(Side& side) : side_{side} {}

  void Do(const Step& step) {
    switch (step.kind) {
      case Step::Kind::kAt:
        side_.MoveTo(step.at_ms);
        break;
      case Step::Kind::kMarket:
        side_.Show(step);
        break;
      case Step::Kind::kSession:
        side_.SetSession(step.open);
        break;
      case Step::Kind::kPlace:
        Place(step);
        break;
      case Step::Kind::kModify:
      case Step::Kind::kCancel:
        Change(step);
        break;
    }
    TakeNews();
  }

  std::map<std::string, std::string> Outcomes() const {
    std::map<std::string, std::string> outcomes;
    for (const auto& [order, trail] : trails_) outcomes[order] = trail.Text();
    return outcomes;
  }

 private:
  void Place(const Step& step) {
    const auto placed = side_.Place(step.asked);
    if (placed) return;
    const std::string why = ClassOf(placed.error().reason, placed.error().message);
    trails_[step.order].Say(With("refused", Agreed(why, side_.RefusalOf(step.asked))));
  }

  void Change(const Step& step) {
    const bool modify = step.kind == Step::Kind::kModify;
    const std::string verb = modify ? "modify" : "cancel";
    const auto before = side_.Find(step.order);
    const auto done = modify ? side_.Modify(step.order, step.change) : side_.Cancel(step.order);
    std::string why;
    if (!done) why = ClassOf(done.error().reason, done.error().message);
    const bool ours = !done && done.error().reason != "BROKER_REFUSED" && modify && before &&
                      why != "nothing-to-change";
    if (ours) why = Agreed(why, side_.RefusalOf(*before, step.change));
    // The answer goes before what it led to; that the exchange refused is news of the stream.
    Trail after = trails_[step.order];
    for (std::size_t i = taken_; i < side_.changes().size(); ++i) {
      const Order& order = side_.changes()[i];
      if (order.request.client_order_id == step.order) after.Take(order);
    }
    if (const std::string told = after.TakeRefusal(); why.empty()) why = told;
    trails_[step.order].Say(why.empty() ? "+" + verb : With("-" + verb, why));
    TakeNews();
    (void)trails_[step.order].TakeRefusal();
  }

  /// Where the broker is asked too, it must refuse for the same reason.
  static std::string Agreed(const std::string& why, const std::string& told) {
    const std::string broker = ClassOf("", told);
    return told.empty() || broker == why ? why : why + "; the broker: " + broker;
  }

  void TakeNews() {
    for (; taken_ < side_.changes().size(); ++taken_) {
      const Order& order = side_.changes()[taken_];
      trails_[order.request.client_order_id].Take(order);
    }
  }

  Side& side_;
  std::map<std::string, Trail> trails_;
  std::size_t taken_ = 0;
};

}  // namespace

std::string ClassOf(std::string_view reason, std::string_view message) {
  const std::string text = std::string{reason} + ": " + std::string{message};
  if (text == ": ") return {};
  for (const auto& [part, name] : kClasses) {
    if (text.find(part) != std::string::npos) return std::string{name};
  }
  return "unmapped: " + text;
}

std::map<std::string, std::string> Play(const Scenario& scenario, Side& side) {
  Runner runner{side};
  for (const Step& step : scenario.steps) runner.Do(step);
  return runner.Outcomes();
}

}  // namespace sauda::scenarios
