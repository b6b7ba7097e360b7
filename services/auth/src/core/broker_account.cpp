#include "services/auth/src/core/broker_account.hpp"

namespace sauda::auth {

IpVerdict Judge(const RegisteredIp& ip) {
  if (!ip.seen.empty()) {
    const bool known = ip.seen == ip.primary || ip.seen == ip.secondary;
    return known && !ip.refused ? IpVerdict::kMatches : IpVerdict::kDiffers;
  }
  if (ip.refused) return IpVerdict::kDiffers;
  if (ip.primary.empty() && ip.secondary.empty()) return IpVerdict::kNoneRegistered;
  return IpVerdict::kUnknown;
}

}  // namespace sauda::auth
