#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/asked.hpp"
#include "services/gateway/src/rpc/peers.hpp"

namespace sauda::gateway {

/// Writes an act of another service to the audit before it is done: what cannot be written there is
/// not done.
inline Result<void> RecordAct(const Peers& peers, const Asked& request, const char* action,
                              const std::string& subject) {
  namespace pb = auth::v1alpha1;
  pb::RecordRequest record;
  record.set_action(action);
  record.set_subject(subject);
  record.set_detail(nlohmann::json{{"request_id", request.request_id}}.dump());
  const auto recorded =
      Call<pb::RecordResponse>(*peers.keys, &pb::KeysService::Stub::Record, record,
                               peers.call_limit, request.request_id, request.caller.key_id);
  if (!recorded) return recorded.error();
  return {};
}

}  // namespace sauda::gateway
