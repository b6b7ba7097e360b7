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

/// Whether this process may speak to the host at all: with SAUDA_LOOPBACK_ONLY=1, which tests and
/// benchmarks run under, to this machine alone, whatever its lists say. Fails with
/// kPermissionDenied / EGRESS_REFUSED. Asks no name server; reads the variable once.
Result<void> CheckProcessEgress(const Url& url);

}  // namespace sauda::http
