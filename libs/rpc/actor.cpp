#include "libs/rpc/actor.hpp"

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include "libs/rpc/request_id.hpp"

namespace sauda::rpc {

std::string ActorOf(const grpc::ServerContextBase& context) {
  const auto found = context.client_metadata().find(kActorKey);
  if (found == context.client_metadata().end()) return kLocalActor;
  std::string sent{found->second.data(), found->second.size()};
  return IsRequestId(sent) ? sent : kLocalActor;  // one word, as a request id is
}

void SetActor(grpc::ClientContext& context, const std::string& actor) {
  if (!actor.empty() && actor != kLocalActor) context.AddMetadata(kActorKey, actor);
}

}  // namespace sauda::rpc
