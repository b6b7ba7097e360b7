#include "services/auth/src/adapters/random_states.hpp"

#include <array>
#include <string_view>

#include <openssl/rand.h>

#include "libs/base/check.hpp"

namespace sauda::auth {

std::string RandomStates::Next() {
  std::array<unsigned char, 16> bytes{};
  Check(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "the system has entropy");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

}  // namespace sauda::auth
