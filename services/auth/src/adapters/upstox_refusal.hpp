#pragma once

#include <optional>
#include <string>

#include "libs/base/result.hpp"

namespace sauda::auth {

/// kUnavailable / BROKER_DOWN: the broker gave no usable answer.
Error BrokerDown(const Error& error);

/// What a refusal says of the app or of where we call from, whatever was asked; codes of
/// upstox-api.md 0.6 and 1.6: CLIENT_INACTIVE, STATIC_IP_REFUSED. Absent: it is about something
/// else.
std::optional<Error> RefusalOfApp(const Error& error);

/// The first internet address, of either kind, in a text of the broker; empty without one.
std::string AddressIn(const std::string& text);

}  // namespace sauda::auth
