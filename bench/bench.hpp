#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sauda::bench {

/// One line of the table, as docs/benchmarks.md explains it.
struct Row {
  std::string name;              ///< `feed.decode`, `instruments.first_sync`, …: stable
  double value = 0;              ///< what was measured
  std::string unit;              ///< of value and floor: `ticks/s`, `s`, `ms`, `MiB`
  std::optional<double> floor;   ///< the same of the peer; none: the row is absolute
  std::optional<double> ratio;   ///< value / floor, median of the runs' own ratios
  double budget = 0;             ///< of the ratio, or of the value where there is no floor
  bool larger_is_better = true;  ///< the side of the budget that is inside
  bool ok() const;
};

/// A benchmark by name; it may give several rows.
struct Benchmark {
  std::string name;
  std::function<std::vector<Row>()> run;
};

/// How a row with a floor is judged.
struct Against {
  std::string name;
  std::string unit;
  double budget = 0;
  bool larger_is_better = true;
};

/// Runs `value` and `floor` in turn, five times each, and takes medians. The machine's mood hits
/// both alike, so the ratio is that of neighbours.
Row Interleave(const Against& row, const std::function<double()>& value,
               const std::function<double()>& floor);

/// An absolute row: the median of five runs.
Row Absolute(const Against& row, const std::function<double()>& value);

double Median(std::vector<double> numbers);
/// The value below which `share` (0 to 1) of the numbers lie.
double Percentile(std::vector<double> numbers, double share);

/// A figure for people: four digits.
std::string Number(double value);
/// Rows as JSON: a list of {name, value, unit, floor, ratio, budget, ok}; what baseline.hpp reads.
std::string ToJson(const std::vector<Row>& rows);
/// Rows as a table for people.
std::string ToTable(const std::vector<Row>& rows);

// One function a file; each lists what it measures.
std::vector<Benchmark> AuthBenchmarks();
std::vector<Benchmark> InstrumentsBenchmarks();
std::vector<Benchmark> FeedBenchmarks();
std::vector<Benchmark> StoreBenchmarks();
std::vector<Benchmark> AlertBenchmarks();
std::vector<Benchmark> StreamBenchmarks();
std::vector<Benchmark> OrdersBenchmarks();
std::vector<Benchmark> GatewayBenchmarks();

}  // namespace sauda::bench
