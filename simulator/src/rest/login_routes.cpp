#include "simulator/src/rest/login_routes.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "libs/http/url.hpp"
#include "simulator/src/rest/envelope.hpp"
#include "simulator/src/rest/user_json.hpp"

namespace sauda::sim {
namespace {

constexpr const char* kDialog = "/v2/login/authorization/dialog";

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// What the dialog was asked, from its address or from its form.
struct DialogRequest {
  std::string client_id;
  std::string redirect_uri;
  std::string response_type;
  std::string state;
};

std::string ValueOf(const http::Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string{} : found->second;
}

DialogRequest ReadDialog(const http::Fields& fields) {
  return {.client_id = ValueOf(fields, "client_id"),
          .redirect_uri = ValueOf(fields, "redirect_uri"),
          .response_type = ValueOf(fields, "response_type"),
          .state = ValueOf(fields, "state")};
}

std::string HiddenField(std::string_view name, std::string_view value) {
  return R"(<input type="hidden" name=")" + std::string{name} + R"(" value=")" + Escaped(value) +
         R"(">)";
}

http::Response DialogPage(const DialogRequest& dialog, const std::string& user_id) {
  std::string page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SIMULATION: log in</title>
<style>body{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}
strong{background:#fd0;padding:.1rem .4rem}button{font:inherit;padding:.5rem 2rem}</style></head>
<body><p><strong>SIMULATION</strong> This is Sauda's simulated broker. No real account, no real
money; give it no real password.</p><h1>Log in</h1><p>The app <code>)";
  page += Escaped(dialog.client_id) + "</code> asks to act for the simulated user <code>" +
          Escaped(user_id) + R"(</code>.</p><form method="post" action=")" + kDialog + R"(">)" +
          HiddenField("client_id", dialog.client_id) +
          HiddenField("redirect_uri", dialog.redirect_uri) +
          HiddenField("response_type", dialog.response_type) + HiddenField("state", dialog.state) +
          R"(<button id="approve" type="submit">Approve</button></form></body></html>)";
  http::Response response = http::Response::Html(200, std::move(page));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

http::Response Approve(Logins& logins, const DialogRequest& dialog, const Moment& moment) {
  const auto code = logins.NewCode(dialog.client_id, moment.now);
  if (!code) return Failure(code.error());
  const bool has_query = dialog.redirect_uri.find('?') != std::string::npos;
  std::string location = dialog.redirect_uri + (has_query ? "&" : "?") + "code=" + *code;
  if (!dialog.state.empty()) location += "&state=" + http::PercentEncode(dialog.state);
  return http::Response::Redirect(std::move(location));
}

std::optional<std::string> Field(const http::Fields& form, std::string_view name) {
  const auto found = form.find(name);
  if (found == form.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

http::Response Exchange(Logins& logins, const http::Request& request, const Moment& moment) {
  const http::Fields form = request.Form();
  const ExchangeRequest exchange{.client_id = Field(form, "client_id"),
                                 .client_secret = Field(form, "client_secret"),
                                 .code = Field(form, "code"),
                                 .redirect_uri = Field(form, "redirect_uri"),
                                 .grant_type = Field(form, "grant_type")};
  const auto given = logins.Exchange(exchange, moment.now, moment.market_ms);
  if (!given) return Failure(given.error());
  nlohmann::json body = ProfileJson(given->user_id);  // no envelope here
  body["access_token"] = given->access;
  body["extended_token"] = given->extended ? nlohmann::json(*given->extended) : nlohmann::json();
  http::Response response = http::Response::Json(200, body.dump());
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

/// The request for a token that the user consents to in the broker's app.
http::Response RequestToken(Logins& logins, const http::Request& request, const Moment& moment) {
  const auto body = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  std::optional<std::string> secret;
  if (body.is_object() && body.contains("client_secret") && body["client_secret"].is_string() &&
      !body["client_secret"].get_ref<const std::string&>().empty()) {
    secret = body["client_secret"].get<std::string>();
  }
  const auto pending = logins.RequestToken(request.Param("client_id"), secret, moment.market_ms);
  if (!pending) return Failure(pending.error());
  return Success({{"authorization_expiry", std::to_string(pending->expires_ms)},
                  {"notifier_url", pending->notifier_url}});
}

}  // namespace

void AddLoginRoutes(http::Server& server, Guard& guard, Logins& logins) {
  using Access = Guard::Access;
  const auto add = [&](const char* method, const char* path, Access access, Guard::Handle handle) {
    server.Route(method, path, guard.Wrap(FaultTarget::kLogin, access, std::move(handle)));
  };
  add("GET", kDialog, Access::kOpen, [&logins](const http::Request& request, const Moment&) {
    const DialogRequest dialog = ReadDialog(request.query);
    const auto refused =
        logins.CheckDialog(dialog.client_id, dialog.redirect_uri, dialog.response_type);
    return refused ? Failure(*refused) : DialogPage(dialog, logins.UserOfApp(dialog.client_id));
  });
  add("POST", kDialog, Access::kOpen,
      [&logins](const http::Request& request, const Moment& moment) {
        const DialogRequest dialog = ReadDialog(request.Form());
        const auto refused =
            logins.CheckDialog(dialog.client_id, dialog.redirect_uri, dialog.response_type);
        return refused ? Failure(*refused) : Approve(logins, dialog, moment);
      });
  add("POST", "/v2/login/authorization/token", Access::kOpen,
      [&logins](const http::Request& request, const Moment& moment) {
        return Exchange(logins, request, moment);
      });
  add("POST", "/v3/login/auth/token/request/{client_id}", Access::kOpen,
      [&logins](const http::Request& request, const Moment& moment) {
        return RequestToken(logins, request, moment);
      });
  add("DELETE", "/v2/logout", Access::kToken,
      [&logins](const http::Request& request, const Moment&) {
        logins.Revoke(Guard::BearerOf(request));
        return Success(true);
      });
}

}  // namespace sauda::sim
