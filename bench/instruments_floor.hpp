#pragma once

#include <string>

#include "libs/storage/pg_options.hpp"

namespace sauda::bench {

/// The least that loading a master can cost: gunzip, one simdjson pass, one COPY into a table like
/// the service's, with its indexes. No validation, no comparison, no merge.
class InstrumentsFloor {
 public:
  /// Makes the table in a schema `floor` of that database.
  InstrumentsFloor(storage::PgOptions database, std::string file);

  /// Empties the table and loads the file; seconds.
  double Load();

 private:
  const storage::PgOptions database_;
  const std::string file_;
};

}  // namespace sauda::bench
