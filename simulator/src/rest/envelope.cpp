#include "simulator/src/rest/envelope.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace sauda::sim {
namespace {

using nlohmann::json;

json OrNull(const std::optional<std::string>& text) { return text ? json(*text) : json(nullptr); }

ApiError UsualError(int status) {
  switch (status) {
    case 401:
      return InvalidToken();
    case 403:
      return {.http = 403, .code = "UDAPI100049", .message = "Access to this API is restricted"};
    case 404:
      return {.http = 404, .code = "UDAPI100060", .message = "Resource not Found."};
    case 423:
      return {.http = 423,
              .code = "UDAPI100074",
              .message = "The service is accessible from 5:30 AM to 12:00 AM IST"};
    case 429:
      return {.http = 429, .code = "UDAPI10005", .message = "Too Many Request Sent"};
    default:
      break;
  }
  if (status >= 500) {
    return {.http = status,
            .code = "UDAPI100500",
            .message = "Something went wrong... please contact us"};
  }
  return {.http = status, .code = "UDAPI10000", .message = "This request is not supported"};
}

}  // namespace

http::Response Success(json data) {
  const json body = {{"status", "success"}, {"data", std::move(data)}};
  return http::Response::Json(200, body.dump());
}

http::Response SuccessWithLatency(json data, std::int64_t latency_ms) {
  const json body = {
      {"status", "success"}, {"data", std::move(data)}, {"metadata", {{"latency", latency_ms}}}};
  return http::Response::Json(200, body.dump());
}

http::Response Failure(const ApiError& error) {
  const json property = OrNull(error.property);
  const json value = OrNull(error.invalid_value);
  const json one = {{"errorCode", error.code},   {"error_code", error.code},
                    {"message", error.message},  {"propertyPath", property},
                    {"property_path", property}, {"invalidValue", value},
                    {"invalid_value", value}};
  const json body = {{"status", "error"}, {"errors", json::array({one})}};
  using Handler = json::error_handler_t;  // a value from outside need not be UTF-8
  return http::Response::Json(error.http, body.dump(-1, ' ', false, Handler::replace));
}

http::Response FailureOfStatus(int status, std::string_view code) {
  ApiError error = UsualError(status);
  if (!code.empty()) error.code = code;
  return Failure(error);
}

http::Response ServerFailure(int status, std::string_view reason, const std::string& message) {
  ApiError error = UsualError(status);
  if (status != 404) error.message += " (" + std::string{reason} + ": " + message + ")";
  return Failure(error);
}

}  // namespace sauda::sim
