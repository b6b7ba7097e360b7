#pragma once

#include <set>
#include <string>

#include "libs/base/result.hpp"
#include "libs/http/url.hpp"

namespace sauda::http {

/// Where this process may connect to: "host:port", or "*.suffix:port" for any host below a name.
using EgressList = std::set<std::string>;

/// Fails with kPermissionDenied / EGRESS_REFUSED when the list has no such host and port, or when
/// the address is not TLS and not loopback. Asks no name server.
Result<void> CheckEgress(const EgressList& allowed, const Url& url);

}  // namespace sauda::http
