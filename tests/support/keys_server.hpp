#pragma once

#include <prometheus/registry.h>

#include "libs/base/clock.hpp"
#include "libs/rpc/calls.hpp"
#include "services/auth/src/rpc/keys_service.hpp"
#include "tests/support/memory_keys.hpp"

namespace sauda::auth {

/// The real KeysService over stores in memory.
struct KeysServer {
  explicit KeysServer(const Clock& time) : clock{time} {}

  const Clock& clock;
  MemoryAuditStore audit;
  MemoryKeyStore store{audit};
  KeyBoard board;
  CountingBytes random;
  KeyDesk desk{{.store = store, .board = board, .random = random, .clock = clock}};
  prometheus::Registry registry;
  rpc::Calls calls{registry, "auth"};
  KeysService service{desk, board, audit, calls};
};

}  // namespace sauda::auth
