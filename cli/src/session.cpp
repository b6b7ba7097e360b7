#include "cli/src/session.hpp"

#include <grpcpp/grpcpp.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"

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

}  // namespace sauda::cli
