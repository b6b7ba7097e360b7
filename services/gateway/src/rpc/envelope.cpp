#include "services/gateway/src/rpc/envelope.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace sauda::gateway {
namespace {

Error Wrong(const std::string& name, const char* allowed) {
  return {Code::kInvalidArgument, "FIELD_WRONG", name + ": expected " + allowed};
}

const nlohmann::json* Find(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

int HttpStatusOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kOutOfRange:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kAborted:
      return 409;
    case Code::kResourceExhausted:
      return 429;
    case Code::kUnimplemented:
      return 501;
    case Code::kUnavailable:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

http::Response Refusal(const Error& error, const std::string& request_id) {
  return Refusal(HttpStatusOf(error.code), error, request_id);
}

http::Response Refusal(int status, const Error& error, const std::string& request_id) {
  const nlohmann::json one{{"error_code", error.reason}, {"errorCode", error.reason},
                           {"message", error.message},   {"property_path", nullptr},
                           {"propertyPath", nullptr},    {"invalid_value", nullptr},
                           {"invalidValue", nullptr}};
  const nlohmann::json body{
      {"status", "error"}, {"errors", nlohmann::json::array({one})}, {"request_id", request_id}};
  // Text from outside may hold bytes that are no UTF-8; an answer is JSON whatever happens.
  return http::Response::Json(status,
                              body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

http::Response Busy(const http::Request& request) {
  http::Response answer = Refusal({Code::kUnavailable, "BUSY", "too many requests wait; try again"},
                                  request.request_id);
  answer.headers.Set("Retry-After", "1");
  return answer;
}

http::Response Success(const nlohmann::json& data, const std::string& request_id) {
  return SuccessFlat({{"data", data}}, request_id);
}

http::Response SuccessFlat(nlohmann::json object, const std::string& request_id) {
  object["status"] = "success";
  object["request_id"] = request_id;
  return http::Response::Json(
      200, object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Result<nlohmann::json> ReadObject(const http::Request& request) {
  if (request.body.empty()) return nlohmann::json::object();
  if (!request.headers.Get("Content-Type").starts_with("application/json")) {
    return Error{Code::kInvalidArgument, "CONTENT_TYPE_WRONG",
                 "send the body as Content-Type: application/json"};
  }
  auto object = nlohmann::json::parse(request.body, nullptr, false);
  if (object.is_discarded()) {
    return Error{Code::kInvalidArgument, "JSON_MALFORMED", "the body is not JSON"};
  }
  if (!object.is_object()) {
    return Error{Code::kInvalidArgument, "JSON_NOT_AN_OBJECT", "the body is not a JSON object"};
  }
  return object;
}

Result<std::string> TextOf(const nlohmann::json& object, const char* name,
                           const std::string& fallback) {
  const auto* const value = Find(object, name);
  if (value == nullptr) return fallback;
  if (!value->is_string()) return Wrong(name, "text");
  return value->get<std::string>();
}

Result<std::int64_t> NumberOf(const nlohmann::json& object, const char* name,
                              std::int64_t fallback) {
  const auto* const value = Find(object, name);
  if (value == nullptr) return fallback;
  if (!value->is_number_integer() ||
      (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX)) {
    return Wrong(name, "a whole number");
  }
  return value->get<std::int64_t>();
}

Result<bool> FlagOf(const nlohmann::json& object, const char* name, bool fallback) {
  const auto* const value = Find(object, name);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) return Wrong(name, "true or false");
  return value->get<bool>();
}

Result<std::vector<std::string>> TextsOf(const nlohmann::json& object, const char* name) {
  const auto* const value = Find(object, name);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (!value->is_array()) return Wrong(name, "a list of texts");
  for (const auto& each : *value) {
    if (!each.is_string()) return Wrong(name, "a list of texts");
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

Result<std::string> DecimalOf(const nlohmann::json& object, const char* name) {
  const auto* const value = Find(object, name);
  if (value == nullptr) return std::string{};
  if (value->is_string()) return value->get<std::string>();
  if (!value->is_number()) return Wrong(name, "a decimal");
  return value->dump();  // the shortest text of the number, which is what was written
}

std::string Word(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

Result<void> OnlyKnown(const nlohmann::json& object, std::initializer_list<const char*> known) {
  for (const auto& item : object.items()) {
    const std::string& name = item.key();
    const bool found =
        std::any_of(known.begin(), known.end(), [&](const char* each) { return name == each; });
    if (!found) {
      return Error{Code::kInvalidArgument, "FIELD_UNKNOWN", name.substr(0, 64) + ": no such field"};
    }
  }
  return {};
}

}  // namespace sauda::gateway
