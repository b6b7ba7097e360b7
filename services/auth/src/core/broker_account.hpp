#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"

namespace sauda::auth {

/// The user in the broker's words; upstox-api.md 2.1.
struct UserProfile {
  std::string user_id;
  std::string user_name;
  std::string email;
  std::string user_type;
  std::vector<std::string> exchanges;
  std::vector<std::string> products;
  std::vector<std::string> order_types;
  bool poa = false;
  bool ddpi = false;
  bool is_active = false;
  bool simulated = false;
};

/// One segment's margin, rupees; upstox-api.md 2.2.
struct SegmentMargin {
  Decimal available;
  Decimal used;
  Decimal payin;
  Decimal span;
  Decimal adhoc;
  Decimal notional_cash;
  Decimal exposure;
};

/// One figure of the newer form; upstox-api.md 2.3.
struct FundsFigure {
  std::string path;  ///< names joined by dots
  Decimal amount;
};

struct AccountFunds {
  SegmentMargin equity;
  SegmentMargin commodity;
  std::vector<FundsFigure> figures;  ///< ordered by path
  bool simulated = false;
};

/// The addresses that orders may come from; upstox-api.md 1.6.
struct RegisteredIp {
  std::string primary;    ///< empty: none
  std::string secondary;  ///< the same
  std::string primary_updated_at;
  std::string secondary_updated_at;
  std::string seen;      ///< where the broker saw us when it refused us; empty: it did not say
  bool refused = false;  ///< the broker takes nothing from where we are
  bool simulated = false;
};

enum class IpVerdict : std::uint8_t { kUnknown, kMatches, kDiffers, kNoneRegistered };

/// How the registered addresses compare with where the broker sees us.
IpVerdict Judge(const RegisteredIp& ip);

struct SegmentSwitch {
  std::string segment;
  bool active = false;
  bool killed = false;
};

struct BrokerKillSwitch {
  std::vector<SegmentSwitch> segments;
  bool simulated = false;
};

/// What the broker knows of the owner of an access token. Thread-safe; calls block until their
/// deadline at most. Each fails with kUnavailable / BROKER_DOWN, kUnauthenticated / TOKEN_REJECTED
/// or CLIENT_INACTIVE, kPermissionDenied / STATIC_IP_REFUSED or BROKER_REFUSED.
class BrokerAccount {
 public:
  virtual ~BrokerAccount() = default;

  virtual Result<UserProfile> Profile(const Secret& access_token) = 0;
  /// Fails also with kFailedPrecondition / FUNDS_CLOSED, from 00:00 to 05:30 IST.
  virtual Result<AccountFunds> Funds(const Secret& access_token) = 0;
  /// A refusal for where we are is an answer too: `refused`.
  virtual Result<RegisteredIp> StaticIp(const Secret& access_token) = 0;
  virtual Result<BrokerKillSwitch> KillSwitch(const Secret& access_token) = 0;
};

}  // namespace sauda::auth
