#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/clock.hpp"
#include "libs/base/secret.hpp"
#include "libs/http/server.hpp"
#include "services/gateway/src/core/key_ring.hpp"
#include "services/gateway/src/core/rate_limiter.hpp"
#include "services/gateway/src/metrics.hpp"
#include "services/gateway/src/rpc/asked.hpp"

namespace sauda::gateway {

/// The key that a request brings: `Authorization: Bearer …`, else `X-Api-Key`, else the page's
/// cookie. Empty: none. A key in the address is none: addresses end up in logs and histories.
Secret KeyOf(const http::Request& request);

/// The account that the body of a path with Touch::kBody means: its `account_id`, else `?account=`,
/// else as AccountFor says. Fails with kInvalidArgument / FIELD_WRONG when the two differ, and as
/// AccountFor does.
Result<std::string> AccountIn(const nlohmann::json& body, const Asked& request);

/// The name of the cookie that holds the page's key.
inline constexpr std::string_view kKeyCookie = "sauda_key";

/// Lets requests in by the rules of core/access and the keys of the ring. Its parts outlive it.
/// Thread-safe.
class Guard {
 public:
  struct Parts {
    KeyRing& ring;
    RateLimiter& logins;
    RateLimiter& callbacks;
    RateLimiter& keys;
    Metrics& metrics;
    const Clock& clock;
  };

  /// `required`: nothing but open paths without a key. Else whoever brings none may do everything;
  /// a key that is brought is checked all the same.
  Guard(Parts parts, bool required) : parts_{parts}, required_{required} {}

  /// Whether the client has asked too often: the answer that says so, with Retry-After. A client is
  /// an address; a program that brings a good key does not pay for others behind the same one.
  std::optional<http::Response> Limit(const RouteRule& rule, const http::Request& request) const;

  /// The request with who sent it. Fails with kUnauthenticated / KEY_MISSING and as
  /// KeyRing::Recognise, CheckRule and AccountFor do.
  Result<Asked> Admit(const RouteRule& rule, http::Request request) const;

  /// The answer to who was not let in.
  http::Response Refuse(const Error& error, const std::string& request_id) const;

 private:
  Result<Caller> Recognise(const http::Request& request) const;

  RateLimiter& LimiterOf(Limited limited) const;

  const Parts parts_;
  const bool required_;
};

/// The paths of the server, each with its guard in front: the only way to add one.
class Routes {
 public:
  Routes(http::Server& server, const Guard& guard) : server_{server}, guard_{guard} {}

  /// The path has a rule in core/access.
  void Add(const std::string& method, const std::string& path, AskedHandler handler) const;
  void AddStream(const std::string& method, const std::string& path,
                 AskedStreamHandler handler) const;

 private:
  http::Server& server_;
  const Guard& guard_;
};

}  // namespace sauda::gateway
