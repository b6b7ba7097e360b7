#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "libs/base/result.hpp"
#include "libs/http/any_stream.hpp"
#include "libs/http/client.hpp"

namespace sauda::http {

/// A verifying TLS 1.2+ context. Fails with kInvalidArgument / TLS_INVALID. Internal to libs/http.
Result<std::unique_ptr<net::ssl::context>> MakeClientTls(const TrustedCa& ca);

/// Sets the name that the peer is asked for (SNI) and must prove to have, before the handshake.
/// False when the library refuses the name.
bool ExpectHost(AnyStream::Tls& tls, const std::string& host);

/// What went wrong in a handshake, with the verification's own words.
std::string DescribeTlsFailure(AnyStream::Tls& tls, const beast::error_code& error);

}  // namespace sauda::http
