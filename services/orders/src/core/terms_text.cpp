#include "services/orders/src/core/terms_text.hpp"

#include <sstream>

namespace sauda::orders {
namespace {

std::string PriceText(const std::optional<Decimal>& price) {
  return price ? price->ToString() : "-";
}

/// Whether it is `-`, no price, or one that was read into `price`.
bool ReadPrice(const std::string& text, std::optional<Decimal>& price) {
  if (text == "-") return true;
  const auto read = Decimal::Parse(text);
  if (!read) return false;
  price = *read;
  return true;
}

}  // namespace

std::string ToText(const Terms& terms) {
  std::ostringstream text;
  text << "quantity " << terms.quantity << " type " << static_cast<int>(terms.type) << " price "
       << PriceText(terms.price) << " trigger " << PriceText(terms.trigger) << " validity "
       << static_cast<int>(terms.validity);
  return text.str();
}

std::optional<Terms> TermsOf(const std::string& text) {
  Terms terms;
  std::istringstream words{text};
  std::string quantity, type, price_word, price, trigger_word, trigger, validity;
  int type_number = 0;
  int validity_number = 0;
  words >> quantity >> terms.quantity >> type >> type_number >> price_word >> price >>
      trigger_word >> trigger >> validity >> validity_number;
  const bool known = words && quantity == "quantity" && type == "type" && price_word == "price" &&
                     trigger_word == "trigger" && validity == "validity" && terms.quantity > 0 &&
                     type_number >= 0 && type_number <= 4 && validity_number >= 0 &&
                     validity_number <= 2;
  if (!known || !ReadPrice(price, terms.price) || !ReadPrice(trigger, terms.trigger)) return {};
  terms.type = static_cast<OrderType>(type_number);
  terms.validity = static_cast<Validity>(validity_number);
  return terms;
}

}  // namespace sauda::orders
