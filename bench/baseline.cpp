#include "bench/baseline.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace sauda::bench {
namespace {

using nlohmann::json;

constexpr double kTolerance = 0.10;
constexpr std::size_t kMostRuns = 3;
constexpr std::size_t kMajority =
    kMostRuns / 2 + 1;  // that many runs on one side settle the median

/// Whether `ratio` is more than a tenth worse than it was.
bool IsWorse(double ratio, double before, bool larger_is_better) {
  const double change = ratio / before - 1;
  return !((larger_is_better ? -change : change) <= kTolerance);  // what is no number is worse too
}

/// A row that was worse in its first run, and all its runs.
struct Suspect {
  std::string name;
  bool larger_is_better = true;
  double before = 0;
  std::vector<double> ratios;

  std::size_t WorseRuns() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        ratios, [this](double ratio) { return IsWorse(ratio, before, larger_is_better); }));
  }
  bool Worse() const { return WorseRuns() >= kMajority; }
  bool Decided() const { return Worse() || ratios.size() - WorseRuns() >= kMajority; }
  std::string ToLine() const {
    std::string line = name + ": ratio";
    for (const double ratio : ratios) line += " " + Number(ratio);
    return line + ", was " + Number(before);
  }
};

std::vector<Suspect> SuspectsOf(const std::vector<Row>& rows, const Baseline& baseline) {
  std::vector<Suspect> suspects;
  for (const Row& row : rows) {
    const auto found = baseline.find(row.name);
    if (!row.ratio || found == baseline.end() || !found->second) continue;
    const double before = *found->second;
    if (!IsWorse(*row.ratio, before, row.larger_is_better)) continue;
    suspects.push_back({row.name, row.larger_is_better, before, {*row.ratio}});
  }
  return suspects;
}

/// Runs the benchmark until each of its suspects is decided. A row that does not come again counts
/// as worse.
void RunAgain(const Benchmark& benchmark, std::vector<Suspect>& suspects,
              const std::function<void(const std::string&)>& tell) {
  for (std::size_t run = 1; run < kMostRuns; ++run) {
    if (std::ranges::all_of(suspects, &Suspect::Decided)) return;
    for (const Suspect& each : suspects) {
      if (!each.Decided()) tell("running " + benchmark.name + " again, " + each.ToLine());
    }
    const std::vector<Row> rows = benchmark.run();
    for (Suspect& each : suspects) {
      const auto row = std::ranges::find(rows, each.name, &Row::name);
      const auto ratio = row == rows.end() ? std::nullopt : row->ratio;
      each.ratios.push_back(ratio.value_or(std::nan("")));
    }
  }
}

Error Invalid(const std::string& message) {
  return {Code::kInvalidArgument, "BASELINE_INVALID", message};
}

/// One row of a baseline.
Result<void> AddTo(Baseline& baseline, const json& one) {
  if (!one.is_object() || !one.contains("name") || !one["name"].is_string()) {
    return Invalid("a row has no name");
  }
  const std::string name = one["name"];
  if (!one.contains("floor") || !one.contains("ratio")) {
    return Invalid(name + " has no floor or no ratio, null where it is absolute");
  }
  std::optional<double> ratio;
  if (!one["floor"].is_null() || !one["ratio"].is_null()) {
    if (!one["ratio"].is_number() || one["ratio"].get<double>() <= 0) {
      return Invalid("the ratio of " + name + " is no number above 0");
    }
    ratio = one["ratio"].get<double>();
  }
  if (!baseline.emplace(name, ratio).second) return Invalid(name + " is there twice");
  return {};
}

}  // namespace

Result<Baseline> ParseBaseline(const std::string& text) {
  const auto list = json::parse(text, nullptr, false);
  if (!list.is_array() || list.empty()) return Invalid("it is no JSON list of rows");
  Baseline baseline;
  for (const auto& one : list) {
    if (const auto added = AddTo(baseline, one); !added) return added.error();
  }
  return baseline;
}

Result<Baseline> ReadBaseline(const std::string& file) {
  std::ifstream stream{file};
  std::ostringstream text;
  text << stream.rdbuf();  // of a folder too it does not throw; text fails
  if (!stream.is_open() || !text) {
    return Error{Code::kNotFound, "BASELINE_UNREADABLE",
                 "the baseline " + file + " cannot be read; --json makes one"};
  }
  auto baseline = ParseBaseline(text.str());
  if (baseline) return baseline;
  return Error{baseline.error().code, baseline.error().reason,
               "the baseline " + file + " does not hold: " + baseline.error().message};
}

Verdict Judge(const std::vector<Measured>& measured, const Baseline& baseline,
              const std::function<bool(const std::string&)>& asked,
              const std::function<void(const std::string&)>& tell) {
  Verdict verdict;
  std::map<std::string, bool> has_ratio;  // by name of what was measured
  for (const auto& [benchmark, rows] : measured) {
    for (const Row& row : rows) {
      has_ratio[row.name] = row.ratio.has_value();
      const auto found = baseline.find(row.name);
      const bool known = found != baseline.end() && found->second.has_value();
      if (row.ratio && !known) verdict.unknown.push_back(row.name);
    }
    std::vector<Suspect> suspects = SuspectsOf(rows, baseline);
    RunAgain(benchmark, suspects, tell);
    for (const Suspect& each : suspects) {
      if (each.Worse()) verdict.worse.push_back(each.ToLine());
    }
  }
  for (const auto& [name, ratio] : baseline) {
    const auto found = has_ratio.find(name);
    if (found == has_ratio.end()) {
      if (asked(name)) verdict.gone.push_back(name + ": no benchmark gives this row");
    } else if (ratio && !found->second) {
      verdict.gone.push_back(name + ": has no ratio any more");
    }
  }
  return verdict;
}

}  // namespace sauda::bench
