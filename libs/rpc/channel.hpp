#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <grpcpp/channel.h>

#include "libs/base/result.hpp"
#include "libs/settings/service.hpp"

namespace grpc {
class ClientContext;
}  // namespace grpc

namespace sauda::rpc {

/// A channel to another service of the house. It reconnects by itself, within a second; retries of
/// calls are off. Pings every 30 s, also without calls or data, so that a dead peer is noticed in
/// 40 s. A slow stream reader buffers at most 64 KiB. Fails with kInvalidArgument /
/// TLS_FILES_UNREADABLE.
Result<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, const TlsSettings& tls);

/// Gives a call its deadline and the request id that goes with it. On a thread that serves an rpc
/// the caller's deadline counts too, see CallerDeadline.
void Prepare(grpc::ClientContext& context, std::chrono::milliseconds limit,
             const std::string& request_id);

}  // namespace sauda::rpc
