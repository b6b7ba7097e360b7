#include "services/gateway/src/rpc/guard.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "libs/base/check.hpp"
#include "services/gateway/src/rpc/envelope.hpp"

namespace sauda::gateway {
namespace {

constexpr std::string_view kBearer = "Bearer ";

/// The address of a peer without its port; of IPv6 the first half, which one client has whole.
std::string AddressOf(const std::string& peer) {
  const std::string address = peer.substr(0, peer.rfind(':'));
  if (address.find(':') == std::string::npos) return address;
  std::size_t end = std::string::npos;
  for (std::size_t groups = 0, from = 0; groups < 4; ++groups, from = end + 1) {
    end = address.find(':', from);
    if (end == std::string::npos) break;
  }
  return address.substr(0, end);
}

/// The value of a cookie; empty when there is none.
std::string_view CookieOf(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.Get("Cookie");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    std::string_view one = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
      return one.substr(name.size() + 1);
    }
  }
  return {};
}

const RouteRule& RuleOf(const std::string& method, const std::string& path) {
  const RouteRule* const rule = FindRule(method, path);
  Check(rule != nullptr, "every path has a rule in core/access");
  return *rule;
}

}  // namespace

Secret KeyOf(const http::Request& request) {
  const std::string_view authorization = request.headers.Get("Authorization");
  if (authorization.size() > kBearer.size() &&
      http::EqualIgnoringCase(authorization.substr(0, kBearer.size()), kBearer)) {
    return Secret{std::string{authorization.substr(kBearer.size())}};
  }
  if (const auto key = request.headers.Get("X-Api-Key"); !key.empty()) {
    return Secret{std::string{key}};
  }
  return Secret{std::string{CookieOf(request, kKeyCookie)}};
}

Result<std::string> AccountIn(const nlohmann::json& body, const Asked& request) {
  const auto named = TextOf(body, "account_id");
  if (!named) return named.error();
  const std::string_view query = request.Query("account");
  if (!named->empty() && !query.empty() && *named != query) {
    return Error{Code::kInvalidArgument, "FIELD_WRONG",
                 "account_id: expected the account that ?account= names, or none"};
  }
  return AccountFor(request.caller, named->empty() ? query : std::string_view{*named});
}

RateLimiter& Guard::LimiterOf(Limited limited) const {
  switch (limited) {
    case Limited::kLogin:
      return parts_.logins;
    case Limited::kCallback:
      return parts_.callbacks;
    case Limited::kKeys:
    case Limited::kNot:
      break;
  }
  return parts_.keys;
}

std::optional<http::Response> Guard::Limit(const RouteRule& rule,
                                           const http::Request& request) const {
  if (rule.limited == Limited::kNot) return std::nullopt;
  std::string client = AddressOf(request.peer);
  if (const Secret key = KeyOf(request); !key.empty()) {
    const auto caller = parts_.ring.Recognise(key, parts_.clock.UtcNs() / 1'000'000);
    if (caller) client = "key " + caller->key_id;
  }
  const auto wait = LimiterOf(rule.limited).Take(client, parts_.clock.Now());
  if (!wait) return std::nullopt;
  auto answer = Refuse({Code::kResourceExhausted, "RATE_LIMITED",
                        "too many of these requests: wait as long as Retry-After says"},
                       request.request_id);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait);
  answer.headers.Set("Retry-After", std::to_string(seconds.count()));
  return answer;
}

Result<Caller> Guard::Recognise(const http::Request& request) const {
  const Secret key = KeyOf(request);
  if (!key.empty()) return parts_.ring.Recognise(key, parts_.clock.UtcNs() / 1'000'000);
  if (!required_) return Caller{.key_id = {}, .scopes = keys::Scopes::All(), .accounts = {}};
  return Error{Code::kUnauthenticated, "KEY_MISSING",
               "send an API key, as 'Authorization: Bearer sauda_…' or 'X-Api-Key: sauda_…'; "
               "`saudactl keys create` makes one"};
}

Result<Asked> Guard::Admit(const RouteRule& rule, http::Request request) const {
  if (!rule.scope) return Asked{std::move(request), {}, {}};
  auto caller = Recognise(request);
  if (!caller) return caller.error();
  if (const auto checked = CheckRule(rule, *caller); !checked) return checked.error();
  std::string account;
  if (rule.touch == Touch::kQuery) {
    auto meant = AccountFor(*caller, request.Query("account"));
    if (!meant) return meant.error();
    account = std::move(*meant);
  }
  return Asked{std::move(request), std::move(*caller), std::move(account)};
}

http::Response Guard::Refuse(const Error& error, const std::string& request_id) const {
  parts_.metrics.refused.Add({{"reason", error.reason}}).Increment();
  http::Response answer = Refusal(error, request_id);
  if (answer.status == 401) answer.headers.Set("WWW-Authenticate", "Bearer realm=\"sauda\"");
  return answer;
}

void Routes::Add(const std::string& method, const std::string& path, AskedHandler handler) const {
  server_.Route(method, path,
                [&rule = RuleOf(method, path), &guard = guard_, handler = std::move(handler)](
                    http::Request request, const http::Respond& respond) {
                  if (auto limited = guard.Limit(rule, request)) {
                    return respond(std::move(*limited));
                  }
                  const std::string id = request.request_id;
                  auto asked = guard.Admit(rule, std::move(request));
                  if (!asked) return respond(guard.Refuse(asked.error(), id));
                  handler(std::move(*asked), respond);
                });
}

void Routes::AddStream(const std::string& method, const std::string& path,
                       AskedStreamHandler handler) const {
  server_.RouteStream(method, path,
                      [&rule = RuleOf(method, path), &guard = guard_, handler = std::move(handler)](
                          http::Request request, const std::shared_ptr<http::StreamStart>& start) {
                        const std::string id = request.request_id;
                        auto asked = guard.Admit(rule, std::move(request));
                        if (!asked) return start->Refuse(guard.Refuse(asked.error(), id));
                        handler(std::move(*asked), start);
                      });
}

}  // namespace sauda::gateway
