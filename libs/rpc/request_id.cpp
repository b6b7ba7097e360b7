#include "libs/rpc/request_id.hpp"

#include <algorithm>
#include <cctype>
#include <random>

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

namespace sauda::rpc {
namespace {

constexpr std::size_t kMaxLength = 64;

}  // namespace

std::string NewRequestId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  constexpr std::string_view kHex = "0123456789abcdef";
  std::uint64_t bits = random();
  std::string id(16, '0');
  for (char& digit : id) {
    digit = kHex[bits & 0xfU];
    bits >>= 4U;
  }
  return id;
}

bool IsRequestId(const std::string& text) {
  return !text.empty() && text.size() <= kMaxLength &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

std::string RequestIdOf(const grpc::ServerContextBase& context) {
  const auto found = context.client_metadata().find(kRequestIdKey);
  if (found != context.client_metadata().end()) {
    std::string sent{found->second.data(), found->second.size()};
    if (IsRequestId(sent)) return sent;
  }
  return NewRequestId();
}

void SetRequestId(grpc::ClientContext& context, const std::string& request_id) {
  context.AddMetadata(kRequestIdKey, request_id);
}

}  // namespace sauda::rpc
