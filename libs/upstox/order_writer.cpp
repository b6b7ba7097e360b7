#include "libs/upstox/order_writer.hpp"

#include <utility>

#include "libs/http/url.hpp"
#include "libs/upstox/answers.hpp"

namespace sauda::upstox {
namespace {

using nlohmann::json;

/// A JSON object written member by member, so that a price keeps its exact text.
class ObjectWriter {
 public:
  ObjectWriter& Text(const char* name, const std::string& value) {
    return Raw(name, json(value).dump(-1, ' ', false, json::error_handler_t::replace));
  }
  ObjectWriter& Number(const char* name, std::int64_t value) {
    return Raw(name, std::to_string(value));
  }
  ObjectWriter& Amount(const char* name, Decimal value) { return Raw(name, value.ToString()); }
  ObjectWriter& Flag(const char* name, bool value) { return Raw(name, value ? "true" : "false"); }
  std::string Done() { return text_ + "}"; }

 private:
  ObjectWriter& Raw(const char* name, const std::string& value) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    text_.append(name).append("\":").append(value);
    return *this;
  }
  std::string text_ = "{";
};

WriteFailure Unknown(const std::string& what) { return {Malformed(what), true}; }

/// Ids in `data`: `order_ids` of place, `order_id` of modify and cancel.
WriteResult ToAnswer(const http::ClientResponse& response) {
  const json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object() || !body.contains("data") ||
      FieldReader{body}.Text("status") != "success") {
    return tl::unexpected{Unknown("an order call's answer has no data")};
  }
  FieldReader reader{body["data"]};
  OrderAnswer answer{.order_ids = reader.Texts("order_ids")};
  if (const std::string id = reader.Text("order_id"); !id.empty()) answer.order_ids.push_back(id);
  if (!reader.problem().empty() || answer.order_ids.empty()) {
    return tl::unexpected{Unknown("an order call's answer has no order id")};
  }
  if (body.contains("metadata")) answer.latency_ms = FieldReader{body["metadata"]}.Whole("latency");
  return answer;
}

}  // namespace

OrderWriter::OrderWriter(http::Client& client, Endpoints endpoints, BrokerObserver& observer,
                         std::chrono::milliseconds deadline)
    : client_{client}, endpoints_{std::move(endpoints)}, observer_{observer}, deadline_{deadline} {}

WriteResult OrderWriter::Call(http::ClientRequest request, const Secret& token) {
  request.headers.Set("Accept", "application/json");
  request.headers.Set("Authorization", "Bearer " + token.Reveal());
  if (!request.body.empty()) request.headers.Set("Content-Type", "application/json");
  const auto answer = client_.Send(request, deadline_);
  if (!answer) return tl::unexpected{WriteFailure{answer.error().error, answer.error().maybe_sent}};
  observer_.Observe(answer->headers);
  if (!answer->ok()) {
    // A 4xx is the broker's own refusal. Behind a 5xx, a 408 or a redirect the order may have
    // gone through.
    const bool refused = answer->status >= 400 && answer->status < 500 && answer->status != 408;
    return tl::unexpected{WriteFailure{ToError(*answer, true), !refused}};
  }
  return ToAnswer(*answer);
}

WriteResult OrderWriter::Place(const Secret& token, const OrderPlacement& order) {
  ObjectWriter body;
  body.Number("quantity", order.quantity)
      .Text("product", order.product)
      .Text("validity", order.validity)
      .Amount("price", order.price)
      .Text("tag", order.tag)
      .Flag("slice", order.slice)
      .Text("instrument_token", order.instrument_key)
      .Text("order_type", order.order_type)
      .Text("transaction_type", order.transaction_type)
      .Number("disclosed_quantity", order.disclosed_quantity)
      .Amount("trigger_price", order.trigger_price)
      .Flag("is_amo", order.is_amo);
  if (order.market_protection) body.Number("market_protection", *order.market_protection);
  return Call({.method = "POST", .url = endpoints_.hft + "/v3/order/place", .body = body.Done()},
              token);
}

WriteResult OrderWriter::Modify(const Secret& token, const OrderChange& change) {
  ObjectWriter body;
  body.Text("order_id", change.order_id)
      .Text("order_type", change.order_type)
      .Text("validity", change.validity)
      .Amount("price", change.price)
      .Amount("trigger_price", change.trigger_price);
  if (change.quantity) body.Number("quantity", *change.quantity);
  if (change.disclosed_quantity) body.Number("disclosed_quantity", *change.disclosed_quantity);
  if (change.market_protection) body.Number("market_protection", *change.market_protection);
  return Call({.method = "PUT", .url = endpoints_.hft + "/v3/order/modify", .body = body.Done()},
              token);
}

WriteResult OrderWriter::Cancel(const Secret& token, std::string_view order_id) {
  return Call(
      {.method = "DELETE",
       .url = endpoints_.hft + "/v3/order/cancel?order_id=" + http::PercentEncode(order_id)},
      token);
}

}  // namespace sauda::upstox
