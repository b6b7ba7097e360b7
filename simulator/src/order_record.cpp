#include "simulator/src/order_record.hpp"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

namespace sauda::sim {
namespace {

using nlohmann::json;

/// The text as JSON; a text that is none as a string, so that the judge sees what came.
json AsJson(const std::string& text) {
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? json(text) : parsed;
}

}  // namespace

Result<std::unique_ptr<OrderRecord>> OrderRecord::Create(const std::string& path) {
  std::ofstream file{path};
  if (!file) return Error{Code::kInvalidArgument, "FILE_NOT_WRITABLE", path + " cannot be written"};
  return std::unique_ptr<OrderRecord>{new OrderRecord{std::move(file)}};
}

void OrderRecord::Write(const char* what, json line) {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  line["what"] = what;
  line["at_ns"] = std::chrono::nanoseconds{since}.count();
  file_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  file_.flush();  // a reader sees it before the caller has its answer
}

std::uint64_t OrderRecord::Called(const http::Request& request, const std::optional<Fault>& fault) {
  Write("call", {{"call", ++last_call_},
                 {"method", request.method},
                 {"path", request.route},
                 {"order_id", std::string{request.Query("order_id")}},
                 {"body", AsJson(request.body)},
                 {"fault", fault ? json(ToText(fault->kind)) : json(nullptr)}});
  return last_call_;
}

void OrderRecord::Done(std::uint64_t call, const http::Response& response) {
  json line = {{"call", call}, {"status", response.status}};
  const json body = AsJson(response.body);
  if (body.is_object() && body.contains("data")) line["data"] = body["data"];
  if (body.is_object() && body.contains("errors")) {
    line["error_code"] = body["errors"][0]["error_code"];
  }
  Write("done", std::move(line));
}

void OrderRecord::Stepped(const OrderRow& row, const Listing& listing) {
  const exchange::OrderState& state = row.state;
  Write("step", {{"order_id", std::to_string(state.id)},
                 {"tag", row.tag},
                 {"instrument_key", listing.instrument_key},
                 {"product", row.product},
                 {"side", ToText(state.terms.side)},
                 {"quantity", state.terms.quantity},
                 {"type", ToText(state.terms.type)},
                 {"price", state.terms.price.ToString()},
                 {"trigger_price", state.terms.trigger.ToString()},
                 {"validity", ToText(state.terms.validity)},
                 {"status", exchange::ToText(state.status)},
                 {"message", state.message},
                 {"filled", state.filled},
                 {"average_price", state.average_price.ToString()}});
}

void OrderRecord::Traded(const TradeRow& trade) {
  Write("trade", {{"order_id", std::to_string(trade.order.state.id)},
                  {"trade_id", std::to_string(trade.exchange_trade_id)},
                  {"quantity", trade.fill.quantity},
                  {"price", trade.fill.price.ToString()}});
}

}  // namespace sauda::sim
