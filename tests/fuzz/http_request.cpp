// What a browser or a script puts into a request to the gateway: target, query, form. What must
// hold of any bytes:
// - what was decoded and is encoded again decodes to the same;
// - an address that was read is read again from its parts;
// - a route's names are filled whenever the route is found.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/check.hpp"
#include "libs/base/text.hpp"
#include "libs/http/router.hpp"
#include "libs/http/url.hpp"

namespace sauda::http {
namespace {

Router MakeRouter() {
  Router router;
  router.Add("GET", "/api/v1/quotes", 0);
  router.Add("GET", "/api/v1/instruments/{key}", 1);
  router.Add("POST", "/api/v1/instruments/{key}", 2);
  router.Add("DELETE", "/api/v1/{kind}/orders/{id}", 3);
  router.Add("GET", "/", 4);
  return router;
}

void CheckDecoding(std::string_view text) {
  for (const bool plus_is_space : {false, true}) {
    const auto decoded = PercentDecode(text, plus_is_space);
    if (!decoded) continue;
    Check(decoded->size() <= text.size(), "decoding never makes it longer");
    const std::string encoded = PercentEncode(*decoded);
    const auto again = PercentDecode(encoded, plus_is_space);
    // A zero byte may come in as it is, but its escape is refused.
    if (decoded->find('\0') != std::string::npos) continue;
    Check(again == decoded, "what was decoded survives encoding");
  }
}

void CheckFields(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return;
  const auto fields = ParseFields(text);
  if (!fields) return;
  const auto again = ParseFields(FormatFields(*fields));
  Check(again.has_value(), "fields that were read can be written and read");
  for (const auto& [name, value] : *fields) {
    // A name and a value that are both empty are written as "=", which is a field too.
    Check(again->count(name) == fields->count(name), "as often as they came");
  }
  Check(*again == *fields, "with the same values in the same order");
}

void CheckUrl(std::string_view text) {
  const auto url = Url::Parse(text);
  if (!url) return;
  Check(!url->host.empty() && url->port != 0, "an address has a host and a port");
  Check(url->target.starts_with('/'), "and a target");
  const auto again = Url::Parse(url->scheme + "://" + url->HostPort() + url->target);
  Check(again.has_value(), "an address is read again from its parts");
  Check(again->scheme == url->scheme && again->host == url->host && again->port == url->port &&
            again->target == url->target,
        "as the same");
}

void CheckRoute(std::string_view target) {
  static const Router router = MakeRouter();
  const std::string_view path = target.substr(0, target.find('?'));
  for (const char* const method : {"GET", "POST", "DELETE", "PATCH"}) {
    const auto match = router.Find(method, path);
    if (match.kind != Router::Match::Kind::kFound) continue;
    const std::size_t names = match.route == 0 || match.route == 4 ? 0 : match.route == 3 ? 2 : 1;
    Check(match.params.size() == names, "a route's names are filled");
  }
}

void CheckText(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t length = Utf8Length(rest);
    Check(length <= 4 && length <= rest.size(), "a character ends within the text");
    if (length == 0) break;
    rest.remove_prefix(length);
  }
  Check(IsUtf8(text) == rest.empty(), "a text is UTF-8 when all of its characters are");
}

}  // namespace
}  // namespace sauda::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  sauda::http::CheckDecoding(text);
  sauda::http::CheckFields(text);
  sauda::http::CheckUrl(text);
  sauda::http::CheckRoute(text);
  sauda::http::CheckText(text);
  return 0;
}
