#include "services/auth/src/adapters/upstox_refusal.hpp"

#include <array>
#include <string_view>

#include <arpa/inet.h>

#include "libs/upstox/rest_client.hpp"

namespace sauda::auth {

Error BrokerDown(const Error& error) {
  return {Code::kUnavailable, "BROKER_DOWN",
          "the broker gives no answer: " + error.reason + ", " + error.message};
}

std::optional<Error> RefusalOfApp(const Error& error) {
  const std::string_view code = upstox::BrokerCodeOf(error);
  if (code == "UDAPI100073" || code == "UDAPI1180") {
    return Error{Code::kUnauthenticated, "CLIENT_INACTIVE",
                 "the broker says that the app is inactive: activate it on the app's page at the "
                 "broker, then log in again (" +
                     error.message + ")"};
  }
  if (code == "UDAPI1154") {
    return Error{Code::kPermissionDenied, "STATIC_IP_REFUSED",
                 "the broker takes this call only from the app's registered static address: call "
                 "from there, or register this machine's address (" +
                     error.message + ")"};
  }
  return std::nullopt;
}

std::string AddressIn(const std::string& text) {
  constexpr std::string_view kOfAddresses = "0123456789abcdefABCDEF.:";
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  for (std::size_t at = 0; (at = text.find_first_of(kOfAddresses, at)) != std::string::npos;) {
    const auto end = text.find_first_not_of(kOfAddresses, at);
    std::string word = text.substr(at, end == std::string::npos ? end : end - at);
    while (word.ends_with('.') || (word.ends_with(':') && !word.ends_with("::"))) word.pop_back();
    const bool address = inet_pton(AF_INET, word.c_str(), ignored.data()) == 1 ||
                         inet_pton(AF_INET6, word.c_str(), ignored.data()) == 1;
    if (address) return word;
    if (end == std::string::npos) break;
    at = end;
  }
  return {};
}

}  // namespace sauda::auth
