#include "services/auth/src/adapters/system_random.hpp"

#include <openssl/rand.h>

#include "libs/base/check.hpp"

namespace sauda::auth {

void SystemRandom::Fill(std::span<std::uint8_t> bytes) {
  Check(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "the system has entropy");
}

}  // namespace sauda::auth
