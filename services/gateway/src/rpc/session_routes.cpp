#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

using nlohmann::json;

/// The cookie is out of reach of scripts and of other sites, and ends with the browser. A proxy in
/// front that speaks HTTPS says so.
std::string CookieText(const Context& context, const http::Request& request,
                       const std::string& value, bool over) {
  std::string text{kKeyCookie};
  text += "=" + value + "; Path=/; HttpOnly; SameSite=Strict";
  if (context.https || request.headers.Get("X-Forwarded-Proto") == "https") text += "; Secure";
  if (over) text += "; Max-Age=0";
  return text;
}

/// `{"key"}`: from here on the browser brings it by itself.
http::Response Begin(const Context& context, const Asked& request) {
  const auto body = ReadObject(request);
  if (!body) return Refusal(body.error(), request.request_id);
  const auto known = OnlyKnown(*body, {"key"});
  const auto text = TextOf(*body, "key");
  if (const Error* const problem = FirstError(known, text)) {
    return Refusal(*problem, request.request_id);
  }
  if (text->empty()) {
    return Refusal({Code::kInvalidArgument, "FIELD_WRONG", "key: expected an API key"},
                   request.request_id);
  }
  const Secret key{*text};
  const auto caller = context.ring.Recognise(key, context.clock.UtcNs() / 1'000'000);
  if (!caller) return Refusal(caller.error(), request.request_id);
  json scopes = json::array();
  for (const keys::Scope scope : keys::kScopes) {
    if (caller->scopes.Has(scope)) scopes.push_back(keys::NameOf(scope));
  }
  auto answer = Success({{"key_id", caller->key_id}, {"scopes", scopes}}, request.request_id);
  answer.headers.Set("Set-Cookie", CookieText(context, request, key.Reveal(), false));
  answer.headers.Set("Cache-Control", "no-store");
  return answer;
}

http::Response End(const Context& context, const Asked& request) {
  auto answer = Success(json::object(), request.request_id);
  answer.headers.Set("Set-Cookie", CookieText(context, request, "", true));
  return answer;
}

}  // namespace

void AddSessionRoutes(const Context& context) {
  context.routes.Add("POST", "/api/v1/session",
                     [context](const Asked& request, const http::Respond& respond) {
                       respond(Begin(context, request));
                     });
  context.routes.Add("DELETE", "/api/v1/session",
                     [context](const Asked& request, const http::Respond& respond) {
                       respond(End(context, request));
                     });
}

}  // namespace sauda::gateway
