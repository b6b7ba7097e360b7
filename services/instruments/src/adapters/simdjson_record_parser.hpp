#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <simdjson.h>

#include "services/instruments/src/core/raw_record.hpp"

namespace sauda::instruments {

/// Takes records apart with simdjson's on-demand front end, one at a time, so that memory is one
/// record and never the file.
class SimdjsonRecordParser final : public RecordParser {
 public:
  Result<void> Parse(std::string_view record, RawRecord& out) override;

 private:
  simdjson::ondemand::parser parser_;
  std::vector<char> padded_;  // the record and the room simdjson reads beyond it
};

}  // namespace sauda::instruments
