#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sauda {

/// What kind of failure it is. Values equal gRPC's canonical codes, so libs/rpc maps by a cast.
enum class Code : int {
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// A failure the caller can act on. `reason` is for programs and never changes once released
/// (UPPER_SNAKE_CASE, listed in the RPC's comment); `message` is for people.
struct Error {
  Code code = Code::kInternal;
  std::string reason;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value of T, or why there is none. Must be looked at: dropping one is a compiler warning.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
};

}  // namespace sauda
