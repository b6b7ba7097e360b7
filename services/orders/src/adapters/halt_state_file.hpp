#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "services/orders/src/core/kill/halt_record.hpp"

namespace sauda::orders {

/// The kill switch's record in a file of its own. It is made once, beside and by a rename; from
/// then on it is written over in place and synced, which a full disk cannot prevent. Used by one
/// thread at a time.
class HaltStateFile final : public HaltFile {
 public:
  explicit HaltStateFile(std::filesystem::path path) : path_{std::move(path)} {}

  Result<std::optional<HaltRecord>> Read() override;
  Result<void> Write(const HaltRecord& record) override;

 private:
  const std::filesystem::path path_;
};

}  // namespace sauda::orders
