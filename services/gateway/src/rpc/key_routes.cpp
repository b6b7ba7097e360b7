#include <charconv>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace pb = auth::v1alpha1;
using nlohmann::json;
using Stub = pb::KeysService::Stub;

std::string ScopeName(int scope) {
  switch (scope) {
    case pb::SCOPE_READ:
      return "read";
    case pb::SCOPE_TRADE:
      return "trade";
    case pb::SCOPE_ADMIN:
      return "admin";
    default:
      return "unknown";
  }
}

Result<pb::Scope> ScopeOf(const std::string& name) {
  for (const pb::Scope scope : {pb::SCOPE_READ, pb::SCOPE_TRADE, pb::SCOPE_ADMIN}) {
    if (ScopeName(scope) == name) return scope;
  }
  return Error{Code::kInvalidArgument, "SCOPE_UNKNOWN", "scopes: expected read, trade or admin"};
}

json KeyJson(const pb::Key& key) {
  json scopes = json::array();
  for (const int scope : key.scopes()) scopes.push_back(ScopeName(scope));
  return {{"key_id", key.key_id()},
          {"name", key.name()},
          {"scopes", scopes},
          {"accounts", std::vector<std::string>{key.accounts().begin(), key.accounts().end()}},
          {"created_ms", key.created_ms()},
          {"created_by", key.created_by()},
          {"expires_ms", key.expires_ms()},
          {"revoked_ms", key.revoked_ms()},
          {"last_used_ms", key.last_used_ms()}};
}

/// `page_size` of the query; 0: not given. What is no number becomes one that auth refuses.
std::int32_t PageSizeOf(const http::Request& request) {
  const auto text = request.Query("page_size");
  if (text.empty()) return 0;
  std::int32_t size = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc{} && stop == text.data() + text.size() && size > 0 ? size : -1;
}

Result<pb::CreateKeyRequest> ReadNewKey(const http::Request& request) {
  const auto body = ReadObject(request);
  if (!body) return body.error();
  const auto known = OnlyKnown(*body, {"name", "scopes", "accounts", "expires_ms"});
  const auto name = TextOf(*body, "name");
  const auto scopes = TextsOf(*body, "scopes");
  const auto accounts = TextsOf(*body, "accounts");
  const auto expires_ms = NumberOf(*body, "expires_ms", 0);
  if (const Error* const problem = FirstError(known, name, scopes, accounts, expires_ms)) {
    return *problem;
  }
  pb::CreateKeyRequest create;
  create.set_name(*name);
  for (const auto& each : *scopes) {
    const auto scope = ScopeOf(each);
    if (!scope) return scope.error();
    create.add_scopes(*scope);
  }
  for (const auto& account : *accounts) create.add_accounts(account);
  create.set_expires_ms(*expires_ms);
  return create;
}

http::Response Create(const Peers& peers, const Asked& request) {
  const auto create = ReadNewKey(request);
  if (!create) return Refusal(create.error(), request.request_id);
  const auto created =
      Call<pb::CreateKeyResponse>(*peers.keys, &Stub::CreateKey, *create, peers.call_limit,
                                  request.request_id, request.caller.key_id);
  if (!created) return Refusal(created.error(), request.request_id);
  json data = KeyJson(created->key());
  data["key"] = created->text();
  auto answer = Success(data, request.request_id);
  answer.headers.Set("Cache-Control", "no-store");
  return answer;
}

http::Response List(const Peers& peers, const Asked& request) {
  pb::ListKeysRequest list;
  list.set_page_size(PageSizeOf(request));
  list.set_page_token(std::string{request.Query("page_token")});
  const auto listed = Call<pb::ListKeysResponse>(*peers.keys, &Stub::ListKeys, list,
                                                 peers.call_limit, request.request_id);
  if (!listed) return Refusal(listed.error(), request.request_id);
  json data = json::array();
  for (const auto& key : listed->keys()) data.push_back(KeyJson(key));
  return SuccessFlat({{"data", data}, {"next_page_token", listed->next_page_token()}},
                     request.request_id);
}

http::Response Revoke(const Peers& peers, const Asked& request) {
  pb::RevokeKeyRequest revoke;
  revoke.set_key_id(std::string{request.Param("id")});
  const auto revoked = Call<pb::Key>(*peers.keys, &Stub::RevokeKey, revoke, peers.call_limit,
                                     request.request_id, request.caller.key_id);
  if (!revoked) return Refusal(revoked.error(), request.request_id);
  return Success(KeyJson(*revoked), request.request_id);
}

}  // namespace

void AddKeyRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add(method, path,
                       OnWorkers(context, [&peers = context.peers, answer](const Asked& request) {
                         return answer(peers, request);
                       }));
  };
  add("POST", "/api/v1/keys", Create);
  add("GET", "/api/v1/keys", List);
  add("DELETE", "/api/v1/keys/{id}", Revoke);
}

}  // namespace sauda::gateway
