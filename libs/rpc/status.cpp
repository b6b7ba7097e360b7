#include "libs/rpc/status.hpp"

#include <string>

#include "google/rpc/error.pb.h"

namespace sauda::rpc {
namespace {

constexpr bool SameNumber(Code ours, grpc::StatusCode theirs) {
  return static_cast<int>(ours) == static_cast<int>(theirs);
}
static_assert(SameNumber(Code::kCancelled, grpc::StatusCode::CANCELLED));
static_assert(SameNumber(Code::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED));
static_assert(SameNumber(Code::kDataLoss, grpc::StatusCode::DATA_LOSS));
static_assert(SameNumber(Code::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED));

std::string DefaultReason(grpc::StatusCode code) {
  if (code == grpc::StatusCode::DEADLINE_EXCEEDED) return "DEADLINE_EXCEEDED";
  if (code == grpc::StatusCode::UNAVAILABLE) return "SERVICE_DOWN";
  return "UNKNOWN";
}

}  // namespace

grpc::Status ToStatus(const Error& error, std::string_view domain) {
  const bool withheld = error.code == Code::kInternal;
  const std::string message = withheld ? "internal error; the service's log has it" : error.message;
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(std::string{domain});
  google::rpc::Status details;
  details.set_code(static_cast<int>(error.code));
  details.set_message(message);
  details.add_details()->PackFrom(info);
  return {static_cast<grpc::StatusCode>(error.code), message, details.SerializeAsString()};
}

Error FromStatus(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  info.set_reason(DefaultReason(status.error_code()));
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      if (detail.UnpackTo(&info)) break;
    }
  }
  return {static_cast<Code>(status.error_code()), info.reason(), status.error_message()};
}

}  // namespace sauda::rpc
