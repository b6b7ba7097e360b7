#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/http/client.hpp"
#include "libs/upstox/types.hpp"

namespace sauda::upstox {

/// Reads fields out of one JSON object as the broker sends them: either of two spellings, absent or
/// null for empty, whole numbers and decimals alike, digits in a string. Remembers the first field
/// of another kind, which `problem` then names. Internal to libs/upstox.
class FieldReader {
 public:
  explicit FieldReader(const nlohmann::json& object) : object_{object} {}

  std::string Text(const char* name, const char* other_name = nullptr);
  std::int64_t Whole(const char* name, const char* other_name = nullptr);
  /// Exact: what has more than nine decimals is a problem.
  Decimal Amount(const char* name);
  /// For what the broker computed: rounded to nine decimals.
  Decimal Rounded(const char* name);
  bool Flag(const char* name);
  std::vector<std::string> Texts(const char* name);

  const std::string& problem() const { return problem_; }

 private:
  const nlohmann::json* Find(const char* name, const char* other_name) const;
  void Complain(const char* name) {
    if (problem_.empty()) problem_ = name;
  }

  const nlohmann::json& object_;
  std::string problem_;
};

/// kInvalidArgument / BROKER_ANSWER_MALFORMED, which names what is wrong but not the text.
Error Malformed(const std::string& what);

/// What a status other than 2xx means, with the broker's own code and message. Reasons:
///   TOKEN_REJECTED            kUnauthenticated     401 to a call with a token
///   RATE_LIMITED              kResourceExhausted   429
///   BROKER_UNAVAILABLE        kUnavailable         5xx
///   BROKER_<its code>         by status: 400, 422 kInvalidArgument; 401 kUnauthenticated;
///                             403 kPermissionDenied; 404, 410 kNotFound; 423 kFailedPrecondition
///   BROKER_REFUSED            the same, when it gives no code
Error ToError(const http::ClientResponse& response, bool with_token);

/// The `data` of a success envelope.
Result<nlohmann::json> DataOf(const http::ClientResponse& response);

Result<OrderRow> ToOrderRow(const nlohmann::json& object);
Result<TradeRow> ToTradeRow(const nlohmann::json& object);
Result<HoldingRow> ToHoldingRow(const nlohmann::json& object);
Result<PositionUpdate> ToPositionUpdate(const nlohmann::json& object);
Result<Profile> ToProfile(const nlohmann::json& object);
Result<Funds> ToFunds(const nlohmann::json& object);
/// Every number of a tree of objects, by the names that lead to it, in the names' order.
Result<std::vector<FundsFigure>> ToFundsFigures(const nlohmann::json& object);
Result<StaticIp> ToStaticIp(const nlohmann::json& object);
Result<SegmentSwitch> ToSegmentSwitch(const nlohmann::json& object);
Result<ExchangeHours> ToExchangeHours(const nlohmann::json& object);
Result<MarketHoliday> ToMarketHoliday(const nlohmann::json& object);

}  // namespace sauda::upstox
