#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sauda::exchange {

/// Where an order stands at the broker. Source: the broker's order-status appendix.
enum class Status : std::uint8_t {
  kPutOrderReqReceived,
  kValidationPending,
  kOpenPending,
  kTriggerPending,
  kOpen,
  kComplete,
  kRejected,
  kModifyPending,
  kModifyValidationPending,
  kModified,
  kNotModified,
  kCancelPending,
  kCancelled,
  kNotCancelled,
  kAfterMarketReqReceived,
  kModifyAfterMarketReqReceived,
  kCancelledAfterMarket,
};

inline constexpr std::size_t kStatusCount = 17;

/// The broker's spelling: lower case, with spaces.
std::string_view ToText(Status status);

/// Absent for a text that is no status.
std::optional<Status> StatusFromText(std::string_view text);

/// Nothing follows a terminal status.
bool IsTerminal(Status status);

/// Whether the broker's rules let `next` come right after `status`. An order starts with
/// kPutOrderReqReceived or kAfterMarketReqReceived; kOpen follows kOpen with each partial fill.
bool MayFollow(Status status, Status next);

}  // namespace sauda::exchange
