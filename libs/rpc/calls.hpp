#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "libs/base/result.hpp"
#include "libs/rpc/deadline.hpp"
#include "libs/rpc/request_id.hpp"

namespace sauda::rpc {

/// Makes every rpc of a service the same at its edge: request id, one log line when it ends, counts
/// by method and code, latency, errors turned into statuses. Thread-safe.
class Calls {
 public:
  /// `service` as in metric names and in the error domain `<service>.sauda`.
  Calls(prometheus::Registry& registry, const std::string& service);

  /// Runs `body(request_id)`, which returns Result<void>, as the unary rpc `method`. Calls that
  /// `body` makes on this thread end when the caller's deadline does.
  template <typename Body>
  grpc::Status Run(const grpc::ServerContextBase& context, const char* method, Body&& body) {
    const auto started = std::chrono::steady_clock::now();
    const std::string request_id = RequestIdOf(context);
    const CallerDeadline until{context.deadline()};
    const Result<void> result = std::forward<Body>(body)(request_id);
    if (result) {
      Count(method, request_id, started, nullptr);
      return grpc::Status::OK;
    }
    return Count(method, request_id, started, &result.error());
  }

  /// For streams: the status to finish with, counted and logged like a call that began at
  /// `started`.
  grpc::Status End(const char* method, const std::string& request_id,
                   std::chrono::steady_clock::time_point started, const Error& why) {
    return Count(method, request_id, started, &why);
  }
  /// The same of a stream that came to its end.
  grpc::Status End(const char* method, const std::string& request_id,
                   std::chrono::steady_clock::time_point started) {
    return Count(method, request_id, started, nullptr);
  }

  const std::string& domain() const { return domain_; }

 private:
  grpc::Status Count(const char* method, const std::string& request_id,
                     std::chrono::steady_clock::time_point started, const Error* error);

  const std::string domain_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
};

}  // namespace sauda::rpc
