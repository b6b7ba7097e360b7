#pragma once

#include <string>

#include "services/auth/src/core/ports.hpp"

namespace sauda::auth {

/// States from OpenSSL's random generator: 128 bits in hexadecimal. Thread-safe.
class RandomStates final : public StateSource {
 public:
  std::string Next() override;
};

}  // namespace sauda::auth
