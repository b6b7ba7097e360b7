#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.hpp"

namespace sauda::gateway {

/// Who may ask at all. A browser on the owner's machine will carry the requests of any page it
/// shows: so a Host that is not ours (DNS rebinding) and a changing request that another page sent
/// (cross-site request) are refused before any route sees them, with HOST_REFUSED, ORIGIN_REFUSED.
std::function<std::optional<http::Response>(const http::Request&)> Gate(
    std::vector<std::string> allowed_hosts);

/// Whether a page of another origin sent it, a link or picture in one too. Programs, and what the
/// owner types, have no origin. For a GET that changes something: of others a browser tells the
/// page nothing.
bool FromAnotherSite(const http::Request& request);

/// On every answer: no sniffing, no framing, the request id.
void AddSafetyHeaders(const http::Request& request, http::Response& response);

/// The server's own refusals (404, 405, 413, …) in the envelope of all others.
http::Response ServerRefusal(int status, std::string_view reason, const std::string& message,
                             const http::Request* request);

}  // namespace sauda::gateway
