#pragma once

#include <cstdint>
#include <span>

#include "services/auth/src/core/key_desk.hpp"

namespace sauda::auth {

/// OpenSSL's random generator, seeded by the system. Thread-safe.
class SystemRandom final : public RandomBytes {
 public:
  void Fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace sauda::auth
