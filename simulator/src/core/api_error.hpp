#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace sauda::sim {

/// An error as the broker answers it: HTTP status, UDAPI code, text, and the property at fault.
struct ApiError {
  int http = 400;
  std::string code;
  std::string message;
  std::optional<std::string> property;
  std::optional<std::string> invalid_value;
};

/// A value, or the broker's error.
template <typename T>
using Answer = tl::expected<T, ApiError>;

inline tl::unexpected<ApiError> Refuse(ApiError error) { return tl::unexpected{std::move(error)}; }

inline ApiError InvalidToken() {
  return {.http = 401, .code = "UDAPI100050", .message = "Invalid token used to access API"};
}

}  // namespace sauda::sim
