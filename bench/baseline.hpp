#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench.hpp"
#include "libs/base/result.hpp"

namespace sauda::bench {

/// Ratios of an earlier run by name of the row; absent: the row is absolute.
using Baseline = std::map<std::string, std::optional<double>>;

/// Reads rows as ToJson gives them. Fails with kInvalidArgument / BASELINE_INVALID: no list of such
/// rows, none in it, a name twice, a row with a floor whose ratio is no number above 0.
Result<Baseline> ParseBaseline(const std::string& text);

/// ParseBaseline of a file. Fails with kNotFound / BASELINE_UNREADABLE too.
Result<Baseline> ReadBaseline(const std::string& file);

/// A benchmark that has been run, and what it gave.
struct Measured {
  Benchmark benchmark;
  std::vector<Row> rows;
};

/// What came of holding rows against a baseline.
struct Verdict {
  /// A line for each row whose ratio is more than a tenth worse: its name, the ratio of each run,
  /// what it was.
  std::vector<std::string> worse;
  /// A line for each row of the baseline that was asked for and is not there, or has no ratio now.
  std::vector<std::string> gone;
  /// Names of rows with a ratio that the baseline does not know, or knows as absolute.
  std::vector<std::string> unknown;
  bool ok() const { return worse.empty() && gone.empty(); }
};

/// Holds what was measured against `baseline`. A benchmark with a row that is worse by more than a
/// tenth is run again, up to twice, `tell` called before with a line that says why: the median of
/// the row's three ratios decides, which two on the same side settle without the third. A row that
/// was not worse at first is not judged again. `asked`: whether a row of that name should be there.
Verdict Judge(const std::vector<Measured>& measured, const Baseline& baseline,
              const std::function<bool(const std::string& name)>& asked,
              const std::function<void(const std::string& line)>& tell);

}  // namespace sauda::bench
