#pragma once

#include <string_view>

#include <grpcpp/support/status.h>

#include "libs/base/result.hpp"

namespace sauda::rpc {

/// Turns a failure into what the caller sees: code, message, and google.rpc.ErrorInfo with the
/// reason. The text of a kInternal error is withheld; the caller of this logs it (see Calls).
grpc::Status ToStatus(const Error& error, std::string_view domain);

/// The way back, on the calling side. A status without ErrorInfo gets the reason of its code:
/// DEADLINE_EXCEEDED, SERVICE_DOWN for UNAVAILABLE, else UNKNOWN.
Error FromStatus(const grpc::Status& status);

}  // namespace sauda::rpc
