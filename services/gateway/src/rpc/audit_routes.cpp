#include <charconv>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace pb = auth::v1alpha1;
using nlohmann::json;
using Stub = pb::KeysService::Stub;

constexpr std::chrono::seconds kVerifyLimit{60};  // it reads every row

json RowJson(const pb::AuditRow& row) {
  return {{"seq", row.seq()},           {"at_ms", row.at_ms()},
          {"actor", row.actor()},       {"action", row.action()},
          {"subject", row.subject()},   {"detail", json::parse(row.detail(), nullptr, false)},
          {"previous", row.previous()}, {"hash", row.hash()}};
}

/// A number of the query; absent: not given. What is none becomes -1, which auth refuses.
template <typename Number>
std::optional<Number> NumberIn(const http::Request& request, const char* name) {
  const auto text = request.Query(name);
  if (text.empty()) return std::nullopt;
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size() && number > 0 ? number
                                                                                 : Number{-1};
}

http::Response List(const Peers& peers, const Asked& request) {
  pb::ListAuditRequest list;
  list.set_page_size(NumberIn<std::int32_t>(request, "page_size").value_or(0));
  list.set_page_token(std::string{request.Query("page_token")});
  const auto listed = Call<pb::ListAuditResponse>(*peers.keys, &Stub::ListAudit, list,
                                                  peers.call_limit, request.request_id);
  if (!listed) return Refusal(listed.error(), request.request_id);
  json data = json::array();
  for (const auto& row : listed->rows()) data.push_back(RowJson(row));
  return SuccessFlat({{"data", data}, {"next_page_token", listed->next_page_token()}},
                     request.request_id);
}

/// `?seq=` and `?hash=` are the head of an earlier verification.
http::Response Verify(const Peers& peers, const Asked& request) {
  pb::VerifyAuditRequest verify;
  const auto seq = NumberIn<std::int64_t>(request, "seq");
  if (seq || !request.Query("hash").empty()) {
    verify.mutable_expected()->set_seq(seq.value_or(0));
    verify.mutable_expected()->set_hash(std::string{request.Query("hash")});
  }
  const auto verdict = Call<pb::VerifyAuditResponse>(*peers.keys, &Stub::VerifyAudit, verify,
                                                     kVerifyLimit, request.request_id);
  if (!verdict) return Refusal(verdict.error(), request.request_id);
  json data{{"intact", !verdict->has_broken()},
            {"rows", verdict->rows()},
            {"head", {{"seq", verdict->head().seq()}, {"hash", verdict->head().hash()}}},
            {"broken", nullptr}};
  if (verdict->has_broken()) {
    data["broken"] = {{"seq", verdict->broken().seq()},
                      {"reason", verdict->broken().reason()},
                      {"message", verdict->broken().message()}};
  }
  return Success(data, request.request_id);
}

}  // namespace

void AddAuditRoutes(const Context& context) {
  const auto add = [&](const char* path, http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add("GET", path,
                       OnWorkers(context, [&peers = context.peers, answer](const Asked& request) {
                         return answer(peers, request);
                       }));
  };
  add("/api/v1/audit", List);
  add("/api/v1/audit/verify", Verify);
}

}  // namespace sauda::gateway
