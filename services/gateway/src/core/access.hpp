#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/keys/api_key.hpp"

namespace sauda::gateway {

/// Whose account a path touches.
enum class Touch : std::uint8_t {
  kNone,   ///< none: the market is the same for all
  kQuery,  ///< the one that `?account=` names
  kBody,   ///< the one that the body names; its handler asks AccountFor
  kAll,    ///< the whole installation: only a key that is bound to no account may
};

/// Which limit of requests a path counts for.
enum class Limited : std::uint8_t {
  kNot,
  kLogin,     ///< what begins and ends a login, and what proves a key to the page
  kCallback,  ///< the broker's redirect and notice: who asked for a dialog too often may still
              ///< finish one
  kKeys,      ///< keys and audit
};

/// Who may use a path.
struct RouteRule {
  std::string_view method;
  std::string_view path;             ///< the pattern, as the server knows it
  std::optional<keys::Scope> scope;  ///< absent: open, no key is looked at
  Touch touch = Touch::kNone;
  Limited limited = Limited::kNot;
};

/// Every path of the gateway. A path that is not here cannot be served.
std::span<const RouteRule> RouteRules();

/// The rule of a path, or null.
const RouteRule* FindRule(std::string_view method, std::string_view path);

/// Who asks. Without an id: keys are off, and it is whoever reaches the gateway.
struct Caller {
  std::string key_id;
  keys::Scopes scopes;
  std::vector<std::string> accounts;  ///< that it may touch; empty: all
};

/// Fails with kPermissionDenied / SCOPE_MISSING, naming the scope, or ACCOUNT_NOT_ALLOWED where the
/// whole installation is touched.
Result<void> CheckRule(const RouteRule& rule, const Caller& caller);

/// The account that is meant when `asked` was named. Nothing was: the caller's only one, or empty
/// when it is bound to none, and the service knows its own. Fails with kPermissionDenied /
/// ACCOUNT_NOT_ALLOWED, and kInvalidArgument / ACCOUNT_MISSING when it must be said.
Result<std::string> AccountFor(const Caller& caller, std::string_view asked);

}  // namespace sauda::gateway
