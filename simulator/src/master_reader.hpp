#pragma once

#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// Reads an instrument file in the broker's JSON form, gzip or plain, decided by content, record by
/// record. Fails with kNotFound / MASTER_UNREADABLE, or kDataLoss / MASTER_BROKEN naming the
/// record.
Result<std::vector<Listing>> ReadMaster(const std::string& path);

}  // namespace sauda::sim
