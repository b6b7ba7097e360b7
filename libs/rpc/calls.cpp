#include "libs/rpc/calls.hpp"

#include "libs/rpc/status.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::rpc {
namespace {

const prometheus::Histogram::BucketBoundaries kBuckets{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                                                       0.01,   0.02,   0.05,   0.1,   0.2,   0.5,
                                                       1,      2,      5,      10,    60,    600};

const char* NameOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return "OK";
    case grpc::StatusCode::CANCELLED:
      return "CANCELLED";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case grpc::StatusCode::NOT_FOUND:
      return "NOT_FOUND";
    case grpc::StatusCode::ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "PERMISSION_DENIED";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case grpc::StatusCode::ABORTED:
      return "ABORTED";
    case grpc::StatusCode::INTERNAL:
      return "INTERNAL";
    case grpc::StatusCode::UNAVAILABLE:
      return "UNAVAILABLE";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "UNAUTHENTICATED";
    default:
      return "OTHER";
  }
}

}  // namespace

Calls::Calls(prometheus::Registry& registry, const std::string& service)
    : domain_{service + ".sauda"},
      requests_{prometheus::BuildCounter()
                    .Name("sauda_" + service + "_rpc_requests_total")
                    .Help("Calls that ended, by method and gRPC code.")
                    .Register(registry)},
      seconds_{prometheus::BuildHistogram()
                   .Name("sauda_" + service + "_rpc_duration_seconds")
                   .Help("From a call's arrival to its end, by method.")
                   .Register(registry)} {}

grpc::Status Calls::Count(const char* method, const std::string& request_id,
                          std::chrono::steady_clock::time_point started, const Error* error) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  grpc::Status status = error == nullptr ? grpc::Status::OK : ToStatus(*error, domain_);
  requests_.Add({{"method", method}, {"code", NameOf(status.error_code())}}).Increment();
  seconds_.Add({{"method", method}}, kBuckets).Observe(took.count());
  if (error == nullptr) {
    spdlog::debug("rpc method={} code=OK ms={:.3f} request_id={}", method, took.count() * 1e3,
                  request_id);
  } else if (error->code == Code::kInternal) {
    spdlog::error("rpc method={} code=INTERNAL reason={} message={} request_id={}", method,
                  error->reason, telemetry::Quoted(error->message), request_id);
  } else {
    spdlog::debug("rpc method={} code={} reason={} ms={:.3f} request_id={}", method,
                  NameOf(status.error_code()), error->reason, took.count() * 1e3, request_id);
  }
  return status;
}

}  // namespace sauda::rpc
