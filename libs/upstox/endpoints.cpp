#include "libs/upstox/endpoints.hpp"

#include "libs/http/url.hpp"

namespace sauda::upstox {
namespace {

void Allow(http::EgressList& list, const std::string& base) {
  if (const auto url = http::Url::Parse(base)) list.insert(url->HostPort());
}

}  // namespace

Result<Endpoints> Endpoints::At(std::string_view url) {
  const auto parsed = http::Url::Parse(url);
  if (!parsed) return parsed.error();
  const std::string base = parsed->scheme + "://" + parsed->HostPort();
  return Endpoints{.api = base, .hft = base, .assets = base, .feeders = parsed->HostPort()};
}

http::EgressList Endpoints::ToRead() const {
  http::EgressList list;
  Allow(list, api);
  Allow(list, assets);
  // "*.upstox.com" would let the order host in too, so the feeders' pattern is left to the sockets.
  if (!feeders.empty() && !feeders.starts_with("*.")) list.insert(feeders);
  return list;
}

http::EgressList Endpoints::ToWrite() const {
  http::EgressList list = ToRead();
  Allow(list, hft);
  return list;
}

std::string Endpoints::LoginDialog(std::string_view client_id, std::string_view redirect_uri,
                                   std::string_view state) const {
  return api + "/v2/login/authorization/dialog?response_type=code&client_id=" +
         http::PercentEncode(client_id) + "&redirect_uri=" + http::PercentEncode(redirect_uri) +
         "&state=" + http::PercentEncode(state);
}

}  // namespace sauda::upstox
