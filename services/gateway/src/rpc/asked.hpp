#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libs/http/message.hpp"
#include "libs/http/server.hpp"
#include "services/gateway/src/core/access.hpp"

namespace sauda::gateway {

/// A request that was let in, and who sent it.
struct Asked : http::Request {
  Caller caller;
  /// Of a path with Touch::kQuery: the account meant, checked; empty: the service's only one.
  std::string account;
};

/// As http::Handler and http::StreamHandler, for requests that were let in.
using AskedHandler = std::function<void(Asked, http::Respond)>;
using AskedStreamHandler = std::function<void(Asked, std::shared_ptr<http::StreamStart>)>;

}  // namespace sauda::gateway
