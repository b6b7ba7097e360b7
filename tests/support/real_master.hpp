#pragma once

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/adapters/inflater.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/master_reader.hpp"

namespace sauda::instruments {

/// Path of a file of the real data, which is not part of the repository.
inline std::string RealFile(const std::string& name) {
  const char* const folder = std::getenv("SAUDA_REAL_DATA");
  return std::string{folder != nullptr ? folder : SAUDA_REAL_DATA_DEFAULT} + "/instruments/" + name;
}

/// Reads a whole master, none of whose records is bad. False: it is not there.
inline bool ReadMaster(const std::string& name,
                       const std::function<void(const Instrument&)>& take) {
  std::ifstream file{RealFile(name), std::ios::binary};
  if (!file) return false;
  SimdjsonRecordParser parser;
  MasterReader reader{parser, [&](Instrument& instrument) -> Result<void> {
                        take(instrument);
                        return {};
                      }};
  Inflater inflater{[&](std::string_view bytes) { return reader.Feed(bytes); }};
  std::string piece(65'536, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const auto fed =
        inflater.Feed(std::string_view{piece}.substr(0, static_cast<std::size_t>(file.gcount())));
    EXPECT_TRUE(fed) << fed.error().message;
    if (!fed) return true;
  }
  EXPECT_TRUE(inflater.Finish());
  EXPECT_TRUE(reader.Finish());
  EXPECT_EQ(reader.bad_count(), 0);
  for (const auto& [reason, bad] : reader.bad()) ADD_FAILURE() << reason << " " << bad.first;
  return true;
}

}  // namespace sauda::instruments
