#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bench/bench.hpp"
#include "bench/reader_process.hpp"
#include "libs/settings/settings.hpp"

namespace {

using sauda::bench::Benchmark;
using sauda::bench::Row;

std::vector<Benchmark> All() {
  std::vector<Benchmark> all;
  for (const auto& part : {sauda::bench::InstrumentsBenchmarks(), sauda::bench::FeedBenchmarks(),
                           sauda::bench::StoreBenchmarks(), sauda::bench::AlertBenchmarks(),
                           sauda::bench::StreamBenchmarks(), sauda::bench::OrdersBenchmarks(),
                           sauda::bench::GatewayBenchmarks()}) {
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

/// Whether no ratio fell by more than a tenth.
bool CheckBaseline(const Wanted& wanted, const std::vector<Row>& rows) {
  if (wanted.baseline_file.empty()) return true;
  std::ostringstream text;
  text << std::ifstream{wanted.baseline_file}.rdbuf();
  const auto worse = sauda::bench::WorseThan(rows, text.str());
  for (const auto& line : worse) std::cout << "worse: " << line << "\n";
  return worse.empty();
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  sauda::Settings settings{"bench", "sauda-bench", "Measures Sauda against its floors"};
  settings.List("only", wanted.names, "benchmarks to run, by name or by area; none: all");
  settings.Text("json", wanted.json_file, "file that gets the rows");
  settings.Text("baseline", wanted.baseline_file,
                "rows of an earlier run; a ratio worse by a tenth fails");
  const auto parsed = settings.Parse(argc, argv);
  if (!parsed) {
    std::cerr << parsed.error().message << "\n";
    return EXIT_FAILURE;
  }
  if (!parsed->run) {
    std::cout << parsed->text;
    return EXIT_SUCCESS;
  }
  sauda::bench::StartReaderProcess();
  std::vector<Row> rows;
  for (const auto& benchmark : All()) {
    if (!Asked(wanted, benchmark.name)) continue;
    std::cout << "running " << benchmark.name << std::endl;
    for (auto& row : benchmark.run()) rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    std::cerr << "no benchmark of that name\n";
    return EXIT_FAILURE;
  }
  std::cout << "\n" << sauda::bench::ToTable(rows);
  if (!wanted.json_file.empty()) std::ofstream{wanted.json_file} << sauda::bench::ToJson(rows);
  return CheckBaseline(wanted, rows) ? EXIT_SUCCESS : EXIT_FAILURE;
}
