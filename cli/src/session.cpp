#include "cli/src/session.hpp"

#include <grpcpp/grpcpp.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"

namespace sauda::cli {

Result<std::shared_ptr<grpc::Channel>> Session::Connect(const std::string& address) const {
  return rpc::Connect(address, tls);
}

Result<void> Session::Call(std::chrono::milliseconds limit,
                           const std::function<grpc::Status(grpc::ClientContext&)>& call) const {
  grpc::ClientContext context;
  rpc::Prepare(context, limit, rpc::NewRequestId());
  if (const grpc::Status status = call(context); !status.ok()) return rpc::FromStatus(status);
  return {};
}

Result<void> Session::Record(const std::string& act, const std::string& subject) const {
  const auto channel = Connect(addresses.auth);
  if (!channel) return channel.error();
  auth::v1alpha1::RecordRequest record;
  record.set_action(act);
  record.set_subject(subject);
  auth::v1alpha1::RecordResponse recorded;
  return Call(timeout(), [&](grpc::ClientContext& context) {
    return auth::v1alpha1::KeysService::NewStub(*channel)->Record(&context, record, &recorded);
  });
}

}  // namespace sauda::cli
