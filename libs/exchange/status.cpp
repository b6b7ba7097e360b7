#include "libs/exchange/status.hpp"

#include <algorithm>
#include <initializer_list>

namespace sauda::exchange {
namespace {

constexpr std::array<std::string_view, kStatusCount> kTexts = {
    "put order req received",
    "validation pending",
    "open pending",
    "trigger pending",
    "open",
    "complete",
    "rejected",
    "modify pending",
    "modify validation pending",
    "modified",
    "not modified",
    "cancel pending",
    "cancelled",
    "not cancelled",
    "after market order req received",
    "modify after market order req received",
    "cancelled after market order",
};

bool In(Status status, std::initializer_list<Status> set) {
  return std::find(set.begin(), set.end(), status) != set.end();
}

}  // namespace

std::string_view ToText(Status status) { return kTexts.at(static_cast<std::size_t>(status)); }

std::optional<Status> StatusFromText(std::string_view text) {
  const auto* const found = std::find(kTexts.begin(), kTexts.end(), text);
  if (found == kTexts.end()) return std::nullopt;
  return static_cast<Status>(found - kTexts.begin());
}

bool IsTerminal(Status status) {
  return In(status, {Status::kComplete, Status::kRejected, Status::kCancelled,
                     Status::kCancelledAfterMarket});
}

bool MayFollow(Status status, Status next) {
  using enum Status;
  switch (status) {
    case kPutOrderReqReceived:
      return In(next, {kValidationPending, kRejected});
    case kValidationPending:
      return In(next, {kOpenPending, kRejected});
    case kOpenPending:
      return In(next, {kOpen, kTriggerPending, kRejected});
    case kTriggerPending:
      return In(next, {kOpenPending, kModifyPending, kCancelPending, kCancelled});
    case kOpen:
      return In(next, {kOpen, kComplete, kModifyPending, kCancelPending, kCancelled});
    case kModifyPending:
      return In(next, {kModifyValidationPending, kNotModified});
    case kModifyValidationPending:
      return In(next, {kModified, kNotModified});
    case kModified:
    case kNotModified:
    case kNotCancelled:
      return In(next, {kOpen, kTriggerPending, kCancelled});
    case kCancelPending:
      return In(next, {kCancelled, kNotCancelled});
    case kAfterMarketReqReceived:
    case kModifyAfterMarketReqReceived:
      return In(next, {kModifyAfterMarketReqReceived, kCancelledAfterMarket, kValidationPending});
    case kComplete:
    case kRejected:
    case kCancelled:
    case kCancelledAfterMarket:
      return false;
  }
  return false;
}

}  // namespace sauda::exchange
