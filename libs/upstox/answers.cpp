#include "libs/upstox/answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "libs/base/decimal_rounding.hpp"

namespace sauda::upstox {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestBrokerText = 300;  // of a message quoted in an error

Code CodeOf(int status) {
  if (status == 401) return Code::kUnauthenticated;
  if (status == 403) return Code::kPermissionDenied;
  if (status == 404 || status == 410) return Code::kNotFound;
  if (status == 423) return Code::kFailedPrecondition;
  if (status == 429) return Code::kResourceExhausted;
  if (status >= 500) return Code::kUnavailable;
  return Code::kInvalidArgument;
}

/// The code, if it looks like one: it becomes part of a reason.
std::string CleanCode(const std::string& code) {
  if (code.empty() || code.size() > 24) return {};
  for (const char c : code) {
    if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return {};
  }
  return code;
}

template <typename Row>
Result<Row> Checked(const FieldReader& reader, Row row, const char* what) {
  if (reader.problem().empty()) return row;
  return Malformed(std::string{what} + " field " + reader.problem());
}

Margin ToMargin(const json& object, const char* name, std::string& problem) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  FieldReader reader{*found};
  Margin margin{.available = reader.Rounded("available_margin"),
                .used = reader.Rounded("used_margin"),
                .payin = reader.Rounded("payin_amount"),
                .span = reader.Rounded("span_margin"),
                .adhoc = reader.Rounded("adhoc_margin"),
                .notional_cash = reader.Rounded("notional_cash"),
                .exposure = reader.Rounded("exposure_margin")};
  if (problem.empty()) problem = reader.problem();
  return margin;
}

}  // namespace

const json* FieldReader::Find(const char* name, const char* other_name) const {
  if (!object_.is_object()) return nullptr;
  auto found = object_.find(name);
  if ((found == object_.end() || found->is_null()) && other_name != nullptr) {
    found = object_.find(other_name);
  }
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string FieldReader::Text(const char* name, const char* other_name) {
  const json* const value = Find(name, other_name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return value->dump();  // ids are digits, quoted or not
  Complain(name);
  return {};
}

std::int64_t FieldReader::Whole(const char* name, const char* other_name) {
  const json* const value = Find(name, other_name);
  if (value == nullptr) return 0;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53
  if (value->is_number_float()) {
    const auto number = value->get<double>();
    if (number >= -kExact && number <= kExact &&
        number == static_cast<double>(static_cast<std::int64_t>(number))) {
      return static_cast<std::int64_t>(number);
    }
  }
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (text.empty()) return 0;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
  }
  Complain(name);
  return 0;
}

Decimal FieldReader::Amount(const char* name) {
  const json* const value = Find(name, nullptr);
  if (value == nullptr) return {};
  // A double's shortest text is the decimal that the broker printed, up to 15 digits.
  const auto parsed = value->is_number()   ? Decimal::Parse(value->dump())
                      : value->is_string() ? Decimal::Parse(value->get<std::string>())
                                           : Result<Decimal>{Malformed(name)};
  if (parsed) return *parsed;
  Complain(name);
  return {};
}

Decimal FieldReader::Rounded(const char* name) {
  const json* const value = Find(name, nullptr);
  if (value == nullptr) return {};
  const auto parsed = value->is_number()   ? RoundedDecimal(value->dump())
                      : value->is_string() ? RoundedDecimal(value->get<std::string>())
                                           : Result<Decimal>{Malformed(name)};
  if (parsed) return *parsed;
  Complain(name);
  return {};
}

bool FieldReader::Flag(const char* name) {
  const json* const value = Find(name, nullptr);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  Complain(name);
  return false;
}

std::vector<std::string> FieldReader::Texts(const char* name) {
  const json* const value = Find(name, nullptr);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (!value->is_array()) Complain(name);
  for (const json& item : *value) {
    if (item.is_string()) {
      texts.push_back(item.get<std::string>());
    } else {
      Complain(name);
    }
  }
  return texts;
}

Error Malformed(const std::string& what) {
  return {Code::kUnavailable, "BROKER_ANSWER_MALFORMED", "the broker's answer: " + what};
}

Error ToError(const http::ClientResponse& response, bool with_token) {
  std::string code;
  std::string message;
  const json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (body.is_object() && body.contains("errors") && body["errors"].is_array() &&
      !body["errors"].empty()) {
    FieldReader reader{body["errors"].front()};
    code = CleanCode(reader.Text("error_code", "errorCode"));
    message = reader.Text("message");
  }
  message.resize(std::min(message.size(), kLongestBrokerText));
  Error error{CodeOf(response.status), "",
              "the broker answered " + std::to_string(response.status)};
  if (!code.empty()) error.message += " " + code;
  if (!message.empty()) error.message += ": " + message;
  if (response.status == 401 && with_token) {
    error.reason = "TOKEN_REJECTED";
  } else if (response.status == 429) {
    error.reason = "RATE_LIMITED";
  } else if (response.status >= 500) {
    error.reason = "BROKER_UNAVAILABLE";
  } else {
    error.reason = code.empty() ? "BROKER_REFUSED" : "BROKER_" + code;
  }
  return error;
}

Result<json> DataOf(const http::ClientResponse& response) {
  json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return Malformed("not a JSON object");
  if (FieldReader{body}.Text("status") != "success") return Malformed("status is not success");
  if (!body.contains("data")) return Malformed("no data");
  return std::move(body["data"]);
}

Result<OrderRow> ToOrderRow(const json& object) {
  if (!object.is_object()) return Malformed("an order is not an object");
  FieldReader reader{object};
  OrderRow row;
  row.order_id = reader.Text("order_id");
  row.exchange_order_id = reader.Text("exchange_order_id");
  row.parent_order_id = reader.Text("parent_order_id");
  row.order_ref_id = reader.Text("order_ref_id");
  row.order_request_id = reader.Text("order_request_id");
  row.tag = reader.Text("tag");
  row.guid = reader.Text("guid");
  row.placed_by = reader.Text("placed_by");
  row.user_id = reader.Text("user_id", "userId");
  row.exchange = reader.Text("exchange");
  row.instrument_key = reader.Text("instrument_token", "instrument_key");
  row.trading_symbol = reader.Text("trading_symbol", "tradingsymbol");
  row.product = reader.Text("product");
  row.order_type = reader.Text("order_type");
  row.validity = reader.Text("validity");
  row.transaction_type = reader.Text("transaction_type");
  row.variety = reader.Text("variety");
  row.status = reader.Text("status");
  row.status_message = reader.Text("status_message");
  row.status_message_raw = reader.Text("status_message_raw");
  row.order_timestamp = reader.Text("order_timestamp");
  row.exchange_timestamp = reader.Text("exchange_timestamp");
  row.quantity = reader.Whole("quantity");
  row.filled_quantity = reader.Whole("filled_quantity");
  row.pending_quantity = reader.Whole("pending_quantity");
  row.disclosed_quantity = reader.Whole("disclosed_quantity");
  row.price = reader.Amount("price");
  row.trigger_price = reader.Amount("trigger_price");
  row.average_price = reader.Rounded("average_price");
  row.is_amo = reader.Flag("is_amo");
  if (row.order_id.empty() || row.status.empty()) return Malformed("an order without id or status");
  return Checked(reader, std::move(row), "order");
}

Result<TradeRow> ToTradeRow(const json& object) {
  if (!object.is_object()) return Malformed("a trade is not an object");
  FieldReader reader{object};
  TradeRow row;
  row.trade_id = reader.Text("trade_id");
  row.order_id = reader.Text("order_id");
  row.exchange_order_id = reader.Text("exchange_order_id");
  row.order_ref_id = reader.Text("order_ref_id");
  row.exchange = reader.Text("exchange");
  row.instrument_key = reader.Text("instrument_token", "instrument_key");
  row.trading_symbol = reader.Text("trading_symbol", "tradingsymbol");
  row.product = reader.Text("product");
  row.order_type = reader.Text("order_type");
  row.transaction_type = reader.Text("transaction_type");
  row.order_timestamp = reader.Text("order_timestamp");
  row.exchange_timestamp = reader.Text("exchange_timestamp");
  row.quantity = reader.Whole("quantity");
  row.average_price = reader.Rounded("average_price");
  if (row.trade_id.empty()) return Malformed("a trade without id");
  return Checked(reader, std::move(row), "trade");
}

Result<HoldingRow> ToHoldingRow(const json& object) {
  if (!object.is_object()) return Malformed("a holding is not an object");
  FieldReader reader{object};
  HoldingRow row;
  row.instrument_key = reader.Text("instrument_token", "instrument_key");
  row.isin = reader.Text("isin");
  row.trading_symbol = reader.Text("trading_symbol", "tradingsymbol");
  row.exchange = reader.Text("exchange");
  row.product = reader.Text("product");
  row.quantity = reader.Whole("quantity");
  row.t1_quantity = reader.Whole("t1_quantity");
  row.cnc_used_quantity = reader.Whole("cnc_used_quantity");
  row.average_price = reader.Rounded("average_price");
  if (row.instrument_key.empty()) return Malformed("a holding without its instrument");
  return Checked(reader, std::move(row), "holding");
}

Result<PositionUpdate> ToPositionUpdate(const json& object) {
  FieldReader reader{object};
  PositionUpdate update;
  update.instrument_key = reader.Text("instrument_token", "instrument_key");
  update.exchange = reader.Text("exchange");
  update.product = reader.Text("product");
  update.quantity = reader.Whole("quantity");
  update.average_price = reader.Rounded("average_price");
  update.day_buy_quantity = reader.Whole("day_buy_quantity");
  update.day_sell_quantity = reader.Whole("day_sell_quantity");
  update.day_buy_value = reader.Rounded("day_buy_value");
  update.day_sell_value = reader.Rounded("day_sell_value");
  update.overnight_quantity = reader.Whole("overnight_quantity");
  return Checked(reader, std::move(update), "position");
}

Result<Profile> ToProfile(const json& object) {
  if (!object.is_object()) return Malformed("the profile is not an object");
  FieldReader reader{object};
  Profile profile;
  profile.user_id = reader.Text("user_id", "userId");
  profile.user_name = reader.Text("user_name", "userName");
  profile.email = reader.Text("email");
  profile.user_type = reader.Text("user_type", "userType");
  profile.broker = reader.Text("broker");
  profile.exchanges = reader.Texts("exchanges");
  profile.products = reader.Texts("products");
  profile.order_types = reader.Texts("order_types");
  profile.poa = reader.Flag("poa");
  profile.ddpi = reader.Flag("ddpi");
  profile.is_active = reader.Flag("is_active");
  if (profile.user_id.empty()) return Malformed("a profile without user_id");
  return Checked(reader, std::move(profile), "profile");
}

Result<Funds> ToFunds(const json& object) {
  if (!object.is_object()) return Malformed("the funds are not an object");
  std::string problem;
  Funds funds{.equity = ToMargin(object, "equity", problem),
              .commodity = ToMargin(object, "commodity", problem)};
  if (!problem.empty()) return Malformed("funds field " + problem);
  return funds;
}

Result<std::vector<FundsFigure>> ToFundsFigures(const json& object) {
  if (!object.is_object()) return Malformed("the funds are not an object");
  std::vector<FundsFigure> figures;
  struct Place {
    const json* object;
    std::string path;
  };
  std::vector<Place> places{{&object, ""}};
  while (!places.empty()) {
    const Place place = std::move(places.back());
    places.pop_back();
    for (const auto& [name, value] : place.object->items()) {
      const std::string path = place.path.empty() ? name : place.path + "." + name;
      if (value.is_null()) continue;
      if (value.is_object()) {
        places.push_back({&value, path});
        continue;
      }
      if (!value.is_number()) return Malformed("funds field " + path);
      const auto amount = RoundedDecimal(value.dump());
      if (!amount) return Malformed("funds field " + path);
      figures.push_back({.path = path, .amount = *amount});
    }
  }
  std::sort(figures.begin(), figures.end(),
            [](const FundsFigure& a, const FundsFigure& b) { return a.path < b.path; });
  return figures;
}

Result<StaticIp> ToStaticIp(const json& object) {
  if (!object.is_object()) return Malformed("the addresses are not an object");
  FieldReader reader{object};
  StaticIp ip{
      .primary = reader.Text("primary_ip", "primaryIp"),
      .secondary = reader.Text("secondary_ip", "secondaryIp"),
      .primary_updated_at = reader.Text("primary_ip_updated_at", "primaryIpUpdatedAt"),
      .secondary_updated_at = reader.Text("secondary_ip_updated_at", "secondaryIpUpdatedAt")};
  return Checked(reader, std::move(ip), "static address");
}

Result<SegmentSwitch> ToSegmentSwitch(const json& object) {
  if (!object.is_object()) return Malformed("a segment is not an object");
  FieldReader reader{object};
  SegmentSwitch segment{.segment = reader.Text("segment"),
                        .status = reader.Text("segment_status", "segmentStatus"),
                        .killed = reader.Flag("kill_switch_enabled")};
  if (segment.segment.empty()) return Malformed("a segment without a name");
  return Checked(reader, std::move(segment), "kill switch");
}

Result<ExchangeHours> ToExchangeHours(const json& object) {
  if (!object.is_object()) return Malformed("hours of an exchange are not an object");
  FieldReader reader{object};
  ExchangeHours hours{.exchange = reader.Text("exchange"),
                      .start_ms = reader.Whole("start_time", "startTime"),
                      .end_ms = reader.Whole("end_time", "endTime")};
  return Checked(reader, std::move(hours), "exchange hours");
}

Result<MarketHoliday> ToMarketHoliday(const json& object) {
  if (!object.is_object()) return Malformed("a holiday is not an object");
  FieldReader reader{object};
  MarketHoliday holiday{.date = reader.Text("date"),
                        .description = reader.Text("description"),
                        .type = reader.Text("holiday_type", "holidayType"),
                        .closed_exchanges = reader.Texts("closed_exchanges")};
  if (holiday.date.empty()) return Malformed("a holiday without a date");
  const auto open = object.find("open_exchanges");
  if (open == object.end() || open->is_null()) {
    return Checked(reader, std::move(holiday), "holiday");
  }
  if (!open->is_array()) return Malformed("the open exchanges of a holiday are not a list");
  for (const json& each : *open) {
    auto hours = ToExchangeHours(each);
    if (!hours) return hours.error();
    holiday.open_exchanges.push_back(std::move(*hours));
  }
  return Checked(reader, std::move(holiday), "holiday");
}

Result<PortfolioUpdate> ParsePortfolioUpdate(std::string_view text) {
  const json body = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return Malformed("a portfolio message is not a JSON object");
  FieldReader reader{body};
  const std::string kind = reader.Text("update_type");
  if (kind == "order") {
    auto row = ToOrderRow(body);
    if (!row) return row.error();
    return PortfolioUpdate{std::move(*row)};
  }
  if (kind == "position") {
    auto update = ToPositionUpdate(body);
    if (!update) return update.error();
    return PortfolioUpdate{std::move(*update)};
  }
  return PortfolioUpdate{OtherUpdate{.update_type = kind, .text = std::string{text}}};
}

std::optional<std::int64_t> ParseIstMs(std::string_view text) {
  constexpr std::int64_t kIstOffsetSeconds = 19'800;
  const std::string copy{text};  // strptime wants an end
  std::tm parts{};
  const char* const end = ::strptime(copy.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return (static_cast<std::int64_t>(::timegm(&parts)) - kIstOffsetSeconds) * 1'000;
}

}  // namespace sauda::upstox
