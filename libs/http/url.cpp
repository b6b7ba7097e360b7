#include "libs/http/url.hpp"

#include <algorithm>
#include <charconv>

namespace sauda::http {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string Lowered(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

std::uint16_t DefaultPort(std::string_view scheme) {
  if (scheme == "https" || scheme == "wss") return 443;
  if (scheme == "http" || scheme == "ws") return 80;
  return 0;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

/// Nothing else, whatever a resolver would take: one host has one name on an allow-list.
bool IsHostName(std::string_view host) {
  return !host.empty() &&
         std::all_of(host.begin(), host.end(), [](char c) { return IsUnreserved(c) && c != '~'; });
}

bool IsIpv6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return HexValue(c) >= 0 || c == ':' || c == '.'; });
}

/// What stands between "//" and the path, taken apart. False when it is malformed.
bool SplitAuthority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) return false;  // would carry a password
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(1, end - 1);
    const std::string_view after = authority.substr(end + 1);
    if (!IsIpv6(host) || (!after.empty() && !after.starts_with(':'))) return false;
    port = after.empty() ? after : after.substr(1);
  } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    if (port.empty()) return false;
  }
  if (!authority.starts_with('[') && !IsHostName(host)) return false;
  url.host = Lowered(host);
  url.port = DefaultPort(url.scheme);
  if (port.empty()) return true;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  return error == std::errc{} && end == port.data() + port.size() && url.port != 0;
}

}  // namespace

std::string Url::HostPort() const { return Bracketed(host) + ":" + std::to_string(port); }

std::string Url::HostHeader() const {
  return port == DefaultPort(scheme) ? Bracketed(host) : HostPort();
}

Result<Url> Url::Parse(std::string_view text) {
  // The text is not quoted back: an address may carry a one-time code.
  const Error malformed{Code::kInvalidArgument, "URL_MALFORMED",
                        "not an absolute http(s) or ws(s) address"};
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return malformed;
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
  Url url;
  url.scheme = Lowered(text.substr(0, colon));
  if (!clean || DefaultPort(url.scheme) == 0) return malformed;
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = rest.find_first_of("/?");
  if (!SplitAuthority(rest.substr(0, path), url)) return malformed;
  url.target = path == std::string_view::npos ? "/" : std::string{rest.substr(path)};
  if (url.target.starts_with('?')) url.target.insert(0, 1, '/');
  return url;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size() + 8);
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4U];
    encoded += kHex[byte & 0xfU];
  }
  return encoded;
}

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::optional<Fields> ParseFields(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    fields.emplace(std::move(*name), std::move(*value));
  }
  return fields;
}

std::string FormatFields(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text += PercentEncode(name) + "=" + PercentEncode(value);
  }
  return text;
}

}  // namespace sauda::http
