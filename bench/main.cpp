#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>

#include "bench/baseline.hpp"
#include "bench/bench.hpp"
#include "bench/reader_process.hpp"
#include "libs/settings/settings.hpp"

namespace {

using sauda::bench::Baseline;
using sauda::bench::Benchmark;
using sauda::bench::Measured;
using sauda::bench::Row;

std::vector<Benchmark> All() {
  std::vector<Benchmark> all;
  for (const auto& part : {sauda::bench::AuthBenchmarks(), sauda::bench::InstrumentsBenchmarks(),
                           sauda::bench::FeedBenchmarks(), sauda::bench::StoreBenchmarks(),
                           sauda::bench::AlertBenchmarks(), sauda::bench::StreamBenchmarks(),
                           sauda::bench::OrdersBenchmarks(), sauda::bench::GatewayBenchmarks()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

struct Wanted {
  std::vector<std::string> names;
  std::string json_file;
  std::string baseline_file;
};

/// Whether `name` is one of those asked for: `feed` asks for everything of feed.
bool Asked(const Wanted& wanted, const std::string& name) {
  if (wanted.names.empty()) return true;
  return std::ranges::any_of(wanted.names, [&](const std::string& each) {
    return name == each || name.starts_with(each + ".");
  });
}

std::vector<Measured> Measure(const Wanted& wanted) {
  std::vector<Measured> measured;
  for (const auto& benchmark : All()) {
    if (!Asked(wanted, benchmark.name)) continue;
    std::cout << "running " << benchmark.name << std::endl;
    measured.push_back({benchmark, benchmark.run()});
  }
  return measured;
}

/// Prints the rows and keeps them where they are wanted; false: not kept.
bool Report(const Wanted& wanted, const std::vector<Measured>& measured) {
  std::vector<Row> rows;
  for (const auto& each : measured) rows.insert(rows.end(), each.rows.begin(), each.rows.end());
  std::cout << "\n" << sauda::bench::ToTable(rows);
  if (wanted.json_file.empty()) return true;
  std::ofstream file{wanted.json_file};
  file << sauda::bench::ToJson(rows) << std::flush;
  if (!file) std::cerr << "cannot write " << wanted.json_file << "\n";
  return file.good();
}

/// Whether the rows hold against the baseline; says what does not.
bool Holds(const Wanted& wanted, const std::vector<Measured>& measured, const Baseline& baseline) {
  const auto verdict = sauda::bench::Judge(
      measured, baseline, [&](const std::string& name) { return Asked(wanted, name); },
      [](const std::string& line) { std::cout << line << std::endl; });
  for (const auto& name : verdict.unknown) std::cout << "not in the baseline: " << name << "\n";
  for (const auto& line : verdict.gone) std::cout << "gone: " << line << "\n";
  for (const auto& line : verdict.worse) std::cout << "worse: " << line << "\n";
  return verdict.ok();
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  sauda::Settings settings{"bench", "sauda-bench", "Measures Sauda against its floors"};
  settings.List("only", wanted.names, "benchmarks to run, by name or by area; none: all");
  settings.Text("json", wanted.json_file, "file that gets the rows: a baseline for later runs");
  settings.Text("baseline", wanted.baseline_file,
                "file of the rows of an earlier run; a ratio more than a tenth worse is measured "
                "again, up to twice, and fails by the median, as does a row that is gone");
  const auto parsed = settings.Parse(argc, argv);
  if (!parsed) {
    std::cerr << parsed.error().message << "\n";
    return EXIT_FAILURE;
  }
  if (!parsed->run) {
    std::cout << parsed->text;
    return EXIT_SUCCESS;
  }
  std::optional<Baseline> baseline;  // read before: --json may write the same file
  if (!wanted.baseline_file.empty()) {
    auto read = sauda::bench::ReadBaseline(wanted.baseline_file);
    if (!read) {
      std::cerr << read.error().message << "\n";
      return EXIT_FAILURE;
    }
    baseline = *std::move(read);
  }
  sauda::bench::StartReaderProcess();
  const auto measured = Measure(wanted);
  if (measured.empty()) {
    std::cerr << "no benchmark of that name\n";
    return EXIT_FAILURE;
  }
  bool good = Report(wanted, measured);
  if (baseline) good = Holds(wanted, measured, *baseline) && good;
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
