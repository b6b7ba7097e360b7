#include "services/gateway/src/rpc/gate.hpp"

#include <algorithm>

#include "libs/base/text.hpp"
#include "libs/http/url.hpp"
#include "services/gateway/src/rpc/envelope.hpp"

namespace sauda::gateway {
namespace {

/// `localhost:8080` and `[::1]:8080` without their port.
std::string HostOf(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return std::string{authority.substr(1, end == std::string_view::npos ? end : end - 1)};
  }
  return std::string{authority.substr(0, authority.find(':'))};
}

bool Changes(const http::Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

/// Whether path and query are text: what goes on to the services must be.
bool IsText(const http::Request& request) {
  return IsUtf8(request.path) &&
         std::all_of(request.query.begin(), request.query.end(),
                     [](const auto& each) { return IsUtf8(each.first) && IsUtf8(each.second); });
}

}  // namespace

bool FromAnotherSite(const http::Request& request) {
  const std::string_view origin = request.headers.Get("Origin");
  if (origin.empty()) {  // a browser's GET of its own origin has none either
    const std::string_view from = request.headers.Get("Sec-Fetch-Site");
    return !from.empty() && from != "same-origin" && from != "none";
  }
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ||
         origin.substr(scheme + 3) != request.headers.Get("Host");
}

std::function<std::optional<http::Response>(const http::Request&)> Gate(
    std::vector<std::string> allowed_hosts) {
  return [allowed = std::move(allowed_hosts)](
             const http::Request& request) -> std::optional<http::Response> {
    // Probes go by address, and these two tell nothing that a page could use.
    if (request.path == "/healthz" || request.path == "/readyz") return std::nullopt;
    const std::string host = HostOf(request.headers.Get("Host"));
    const bool known =
        IsLoopbackHost(host) || std::find(allowed.begin(), allowed.end(), host) != allowed.end();
    if (!known) {
      return Refusal({Code::kPermissionDenied, "HOST_REFUSED",
                      "this gateway does not go by the name '" + host.substr(0, 64) +
                          "'; see --allowed-hosts"},
                     request.request_id);
    }
    if (!IsText(request)) {
      return Refusal({Code::kInvalidArgument, "NOT_UTF8", "the address is not UTF-8"},
                     request.request_id);
    }
    if (Changes(request) && FromAnotherSite(request)) {
      return Refusal({Code::kPermissionDenied, "ORIGIN_REFUSED",
                      "a page of another site may not change anything here"},
                     request.request_id);
    }
    return std::nullopt;
  };
}

void AddSafetyHeaders(const http::Request& request, http::Response& response) {
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.headers.Set("X-Frame-Options", "DENY");
  response.headers.Set("X-Request-Id", request.request_id);
}

http::Response ServerRefusal(int status, std::string_view reason, const std::string& message,
                             const http::Request* request) {
  return Refusal(status, {Code::kInvalidArgument, std::string{reason}, message},
                 request == nullptr ? "" : request->request_id);
}

}  // namespace sauda::gateway
