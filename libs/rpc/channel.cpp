#include "libs/rpc/channel.hpp"

#include <grpcpp/grpcpp.h>

#include "libs/rpc/deadline.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/tls.hpp"

namespace sauda::rpc {

Result<std::shared_ptr<grpc::Channel>> Connect(const std::string& address, const TlsSettings& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // any: else they end after two
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);  // is the connect limit too
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'536);
  arguments.SetMaxReceiveMessageSize(Server::kMaxMessageBytes);
  if (!tls.on()) {
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }
  const auto texts = ReadTls(tls);
  if (!texts) return texts.error();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = texts->ca;
  options.pem_private_key = texts->key;
  options.pem_cert_chain = texts->certificate;
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

void Prepare(grpc::ClientContext& context, std::chrono::milliseconds limit,
             const std::string& request_id) {
  context.set_deadline(DeadlineIn(limit));
  SetRequestId(context, request_id);
}

}  // namespace sauda::rpc
