#pragma once

#include <chrono>

#include <grpcpp/grpcpp.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"

namespace sauda {

/// One call of a test, or why it failed.
template <typename Stub, typename Request, typename Response>
Result<Response> CallOf(Stub& stub,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request) {
  grpc::ClientContext context;
  rpc::Prepare(context, std::chrono::seconds{10}, "test");
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return rpc::FromStatus(status);
  return response;
}

}  // namespace sauda
