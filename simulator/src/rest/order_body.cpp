#include "simulator/src/rest/order_body.hpp"

#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

namespace sauda::sim {
namespace {

using nlohmann::json;

/// Most that an integer member may be, either way: every whole number up to it is a double.
constexpr double kMostInteger = 9e15;

ApiError WrongType(const char* name, const json& value) {
  ApiError error{.http = 400, .code = "UDAPI100036", .message = "Invalid input", .property = name};
  if (value.is_structured()) return error;  // dump recurses: as deep as the sender likes
  error.invalid_value = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return error;
}

/// Reads members one by one and keeps the first error.
class Reader {
 public:
  explicit Reader(const std::string& body)
      : body_(json::parse(body, nullptr, /*allow_exceptions=*/false)) {
    if (!body_.is_object()) {
      error_ = ApiError{.http = 400, .code = "UDAPI100036", .message = "Invalid input"};
    }
  }

  std::optional<std::string> Text(const char* name) {
    const json* const value = Find(name, &json::is_string);
    return value == nullptr ? std::nullopt : std::optional{value->get<std::string>()};
  }

  std::optional<std::int64_t> Integer(const char* name) {
    const json* const value = Find(name, &json::is_number);
    if (value == nullptr) return std::nullopt;
    const auto number = value->get<double>();
    if (std::abs(number) > kMostInteger || std::trunc(number) != number) {
      Fail(name, *value);
      return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
  }

  std::optional<Decimal> Price(const char* name) {
    const json* const value = Find(name, &json::is_number);
    if (value == nullptr) return std::nullopt;
    const auto price = Decimal::Parse(value->dump());
    if (price) return *price;
    Fail(name, *value);
    return std::nullopt;
  }

  bool Boolean(const char* name) {
    const json* const value = Find(name, &json::is_boolean);
    return value != nullptr && value->get<bool>();
  }

  const std::optional<ApiError>& error() const { return error_; }

 private:
  const json* Find(const char* name, bool (json::*is_type)() const noexcept) {
    if (error_) return nullptr;
    const auto found = body_.find(name);
    if (found == body_.end() || found->is_null()) return nullptr;
    if (((*found).*is_type)()) return &*found;
    Fail(name, *found);
    return nullptr;
  }

  void Fail(const char* name, const json& value) {
    if (!error_) error_ = WrongType(name, value);
  }

  const json body_;
  std::optional<ApiError> error_;
};

TermsRequest ReadTerms(Reader& reader) {
  return {.quantity = reader.Integer("quantity"),
          .validity = reader.Text("validity"),
          .order_type = reader.Text("order_type"),
          .price = reader.Price("price"),
          .trigger_price = reader.Price("trigger_price"),
          .disclosed_quantity = reader.Integer("disclosed_quantity"),
          .market_protection = reader.Integer("market_protection")};
}

}  // namespace

Answer<PlaceRequest> ReadPlace(const std::string& body) {
  Reader reader{body};
  PlaceRequest request{.terms = ReadTerms(reader),
                       .product = reader.Text("product"),
                       .transaction_type = reader.Text("transaction_type"),
                       .instrument_token = reader.Text("instrument_token"),
                       .tag = reader.Text("tag"),
                       .slice = reader.Boolean("slice")};
  if (reader.error()) return Refuse(*reader.error());
  return request;
}

Answer<ModifyRequest> ReadModify(const std::string& body) {
  Reader reader{body};
  ModifyRequest request{.order_id = reader.Text("order_id"), .terms = ReadTerms(reader)};
  if (reader.error()) return Refuse(*reader.error());
  return request;
}

}  // namespace sauda::sim
