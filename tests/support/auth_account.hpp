#pragma once

#include <string>
#include <vector>

#include "services/auth/src/core/accounts.hpp"

namespace sauda::auth {

/// The only account of a test, which logs in at this broker.
inline Accounts OneAccount(BrokerLogin& broker) {
  return Accounts{std::vector{Account{.id = "main",
                                      .broker = &broker,
                                      .client_id = "key",
                                      .broker_user_id = {},
                                      .notifier_key = Secret{"notifier"}}}};
}

}  // namespace sauda::auth
