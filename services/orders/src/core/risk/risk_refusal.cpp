#include "services/orders/src/core/risk/risk_refusal.hpp"

#include <string>

namespace sauda::orders {
namespace {

std::string WithUnit(const std::string& number, RiskUnit unit) {
  const std::string_view name = NameOf(unit);
  return name.empty() ? number : number + " " + std::string{name};
}

}  // namespace

std::string Describe(const NewOrder& order, const Instrument& instrument) {
  const char* const side = order.side == Side::kBuy    ? "buy "
                           : order.side == Side::kSell ? "sell "
                                                       : "order ";
  return side + std::to_string(order.quantity) + " " + instrument.key;
}

Error OverRiskLimit(RiskRule rule, const RiskLimit& limit, Amount value, std::string_view order) {
  const RiskRuleInfo& info = InfoOf(rule);
  const std::string scope = limit.segment.empty() ? "the account" : std::string{limit.segment};
  return Error{Code::kFailedPrecondition, std::string{info.reason},
               std::string{order} + ": " + std::string{info.name} + " of " + scope + " is " +
                   WithUnit(limit.value.ToString(), info.unit) + ", this would make " +
                   WithUnit(value.ToString(), info.unit)};
}

Error RiskInputMissing(std::string_view rule, std::string_view input) {
  return Error{Code::kUnavailable, "RISK_INPUT_MISSING",
               std::string{rule} + " needs " + std::string{input} + ", which cannot be read now"};
}

}  // namespace sauda::orders
