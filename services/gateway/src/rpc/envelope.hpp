#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"

namespace sauda::gateway {

/// Answers in the shapes of Upstox: {status, data} and {status, errors[]}, both with request_id.

/// The HTTP status that goes with a kind of failure.
int HttpStatusOf(Code code);

/// `error.reason` becomes error_code; the text of internal errors is withheld.
http::Response Refusal(const Error& error, const std::string& request_id);
http::Response Refusal(int status, const Error& error, const std::string& request_id);

/// 503 BUSY: too many requests wait for a worker.
http::Response Busy(const http::Request& request);

/// {status: success, data: …}; `fields` are members beside them.
http::Response Success(const nlohmann::json& data, const std::string& request_id);

/// An object as it is, with status and request_id added.
http::Response SuccessFlat(nlohmann::json object, const std::string& request_id);

/// Reads a JSON object. Fails with kInvalidArgument / CONTENT_TYPE_WRONG, JSON_MALFORMED or
/// JSON_NOT_AN_OBJECT. An empty body is an empty object.
Result<nlohmann::json> ReadObject(const http::Request& request);

/// Members of an object with their types checked. Each fails with kInvalidArgument / FIELD_WRONG,
/// naming the member and what is allowed. Absent and null give the fallback.
Result<std::string> TextOf(const nlohmann::json& object, const char* name,
                           const std::string& fallback = "");
Result<std::int64_t> NumberOf(const nlohmann::json& object, const char* name,
                              std::int64_t fallback);
Result<bool> FlagOf(const nlohmann::json& object, const char* name, bool fallback);
Result<std::vector<std::string>> TextsOf(const nlohmann::json& object, const char* name);
/// A price: text, or a number, which is passed on as it was written.
Result<std::string> DecimalOf(const nlohmann::json& object, const char* name);
/// Refuses members that nobody reads, so that a misspelt one is not silently ignored.
Result<void> OnlyKnown(const nlohmann::json& object, std::initializer_list<const char*> known);

/// The name of a proto's enum value without its prefix: `SIDE_BUY` is BUY.
std::string Word(const std::string& name, const std::string& prefix);

/// The first failure among several results, or none.
template <typename... Results>
const Error* FirstError(const Results&... results) {
  const Error* first = nullptr;
  ((first = first == nullptr && !results ? &results.error() : first), ...);
  return first;
}

}  // namespace sauda::gateway
