#include "libs/http/client_tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl.hpp>
#include <openssl/x509v3.h>

namespace sauda::http {

Result<std::unique_ptr<net::ssl::context>> MakeClientTls(const TrustedCa& ca) {
  auto context = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(net::ssl::verify_peer);
  beast::error_code error;
  if (!ca.pem.empty()) {
    context->add_certificate_authority(net::buffer(ca.pem), error);
  } else if (!ca.file.empty()) {
    context->load_verify_file(ca.file, error);
  } else {
    context->set_default_verify_paths(error);
  }
  if (error) {
    return Error{Code::kInvalidArgument, "TLS_INVALID",
                 "trusted certificates " + ca.file + ": " + error.message()};
  }
  return context;
}

bool ExpectHost(AnyStream::Tls& tls, const std::string& host) {
  SSL* const handle = tls.native_handle();
  beast::error_code not_a_number;
  net::ip::make_address(host, not_a_number);
  if (!not_a_number) {  // names only go into SNI
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
  }
  SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(handle, host.c_str()) == 1 &&  // NOLINT: OpenSSL's macro
         SSL_set1_host(handle, host.c_str()) == 1;
}

std::string DescribeTlsFailure(AnyStream::Tls& tls, const beast::error_code& error) {
  const auto verified = SSL_get_verify_result(tls.native_handle());
  if (verified == X509_V_OK) return error.message();
  return X509_verify_cert_error_string(verified);
}

}  // namespace sauda::http
