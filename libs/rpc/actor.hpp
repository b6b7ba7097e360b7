#pragma once

#include <string>

namespace grpc {
class ServerContextBase;
class ClientContext;
}  // namespace grpc

namespace sauda::rpc {

inline constexpr const char* kActorKey = "x-sauda-actor";

/// Who acts when nobody says so: a program or a person on the services' own edge.
inline constexpr const char* kLocalActor = "local";

/// On whose behalf a call comes: what the caller sent as x-sauda-actor when it is one word (1 to 64
/// of A-Z a-z 0-9 - _), else kLocalActor. Believed, as all that comes over this edge: the caller is
/// on this machine or has a certificate of the house.
std::string ActorOf(const grpc::ServerContextBase& context);

/// Says it, as far as it is not kLocalActor or empty.
void SetActor(grpc::ClientContext& context, const std::string& actor);

}  // namespace sauda::rpc
