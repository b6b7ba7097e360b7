#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "libs/http/message.hpp"
#include "simulator/src/core/api_error.hpp"

namespace sauda::sim {

/// `{status: success, data}`.
http::Response Success(nlohmann::json data);

/// The same with `metadata.latency`, as the v3 order calls have it.
http::Response SuccessWithLatency(nlohmann::json data, std::int64_t latency_ms);

/// `{status: error, errors: […]}` with both spellings of each member.
http::Response Failure(const ApiError& error);

/// What the broker answers with an HTTP status of itself; `code` empty: the status's usual one.
http::Response FailureOfStatus(int status, std::string_view code = {});

/// Answers of the server itself, for http::ServerOptions::error_answer.
http::Response ServerFailure(int status, std::string_view reason, const std::string& message);

}  // namespace sauda::sim
