#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"

namespace sauda::http {

/// An absolute http(s) or ws(s) address, split: a host's name or IPv6, no user, no fragment.
struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case, IPv6 without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as written, at least "/"

  bool tls() const { return scheme == "https" || scheme == "wss"; }
  /// "host:port", IPv6 in brackets: the form of an egress allow-list.
  std::string HostPort() const;
  /// What goes into a Host header: the port only when it is not the scheme's own.
  std::string HostHeader() const;

  /// Fails with kInvalidArgument / URL_MALFORMED.
  static Result<Url> Parse(std::string_view text);
};

/// Encodes all but letters, digits and "-._~", so that the result fits a path segment or a query.
std::string PercentEncode(std::string_view text);

/// Decodes %XX; with `plus_is_space` also '+'. Absent when an escape is broken or encodes a NUL.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space = false);

/// Reads `a=1&b=2`. Absent when an escape is broken.
std::optional<Fields> ParseFields(std::string_view text);

/// Writes `a=1&b=2`, encoded.
std::string FormatFields(const Fields& fields);

}  // namespace sauda::http
