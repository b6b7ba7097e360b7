#pragma once

#include <string>

namespace grpc {
class ServerContextBase;
class ClientContext;
}  // namespace grpc

namespace sauda::rpc {

inline constexpr const char* kRequestIdKey = "x-request-id";

/// 16 random hexadecimal digits.
std::string NewRequestId();

/// What the caller sent as x-request-id when it is fit for a log line (1 to 64 of A-Z a-z 0-9 - _),
/// else a new one.
std::string RequestIdOf(const grpc::ServerContextBase& context);

/// True when `text` may be a request id.
bool IsRequestId(const std::string& text);

/// Hands a request id on to the next service.
void SetRequestId(grpc::ClientContext& context, const std::string& request_id);

}  // namespace sauda::rpc
