#include "libs/rpc/server.hpp"

#include <algorithm>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "libs/base/text.hpp"
#include "libs/rpc/tls.hpp"

namespace sauda::rpc {
namespace {

constexpr int kPingEveryMs = 30'000;
constexpr int kPongLimitMs = 10'000;
constexpr int kClientPingMinMs = 10'000;

Result<std::shared_ptr<grpc::ServerCredentials>> CredentialsOf(const ServerSettings& settings) {
  if (!settings.tls.on()) {
    if (IsLoopback(settings.listen)) return grpc::InsecureServerCredentials();
    return Error{Code::kInvalidArgument, "BIND_NEEDS_TLS",
                 "--listen=" + settings.listen +
                     " reaches beyond this machine: give --tls-cert, --tls-key and --tls-ca"};
  }
  const auto texts = ReadTls(settings.tls);
  if (!texts) return texts.error();
  grpc::SslServerCredentialsOptions options{
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY};
  options.pem_root_certs = texts->ca;
  options.pem_key_cert_pairs.push_back({texts->key, texts->certificate});
  return grpc::SslServerCredentials(options);
}

}  // namespace

void ServerSettings::Declare(Settings& settings) {
  settings.Address("listen", listen, "host:port of gRPC");
  tls.Declare(settings);
  settings.Millis(SettingName::Shared("drain-limit"), drain_limit, {.low = 0, .high = 60'000},
                  "how long calls may take to end at a stop, ms");
}

bool IsLoopback(const std::string& address) {
  std::string host = address;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string::npos || (end + 1 < host.size() && host[end + 1] != ':')) return false;
    host = host.substr(1, end - 1);
  } else if (std::count(host.begin(), host.end(), ':') == 1) {  // more are an IPv6 address
    host.resize(host.find(':'));
  }
  return IsLoopbackHost(host);
}

Server::Server() = default;
Server::~Server() { Stop(); }

Result<void> Server::Start(const ServerSettings& settings,
                           const std::vector<grpc::Service*>& services, QueueUser* queue_user) {
  const auto credentials = CredentialsOf(settings);
  if (!credentials) return credentials.error();
  drain_limit_ = settings.drain_limit;

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(settings.listen, *credentials, &port_);
  for (grpc::Service* const service : services) builder.RegisterService(service);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.SetResourceQuota(grpc::ResourceQuota{}.SetMaxThreads(kMaxThreads));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kPingEveryMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPongLimitMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // any: streams may idle
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kClientPingMinMs);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a taken port is an error, not a share
  auto queue = queue_user != nullptr ? builder.AddCompletionQueue() : nullptr;
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) {
    server_.reset();
    if (queue) queue->Shutdown();
    return Error{Code::kUnavailable, "PORT_TAKEN", "cannot listen on " + settings.listen};
  }
  SetServing(false);
  queue_user_ = queue_user;
  if (queue) queue_user_->Serve(std::move(queue));
  return {};
}

void Server::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

void Server::SetServing(const std::string& part, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(part, serving);
}

void Server::Stop() {
  if (!server_) return;
  SetServing(false);
  server_->Shutdown(std::chrono::system_clock::now() + drain_limit_);
  if (queue_user_ != nullptr) queue_user_->Drain();
  server_.reset();
}

}  // namespace sauda::rpc
