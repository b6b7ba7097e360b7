#include "bench/bench.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include <nlohmann/json.hpp>

namespace sauda::bench {
namespace {

constexpr int kRuns = 5;

}  // namespace

bool Row::ok() const {
  const double judged = ratio.value_or(value);
  return larger_is_better ? judged >= budget : judged <= budget;
}

double Percentile(std::vector<double> numbers, double share) {
  if (numbers.empty()) return std::nan("");
  std::sort(numbers.begin(), numbers.end());
  const auto last = static_cast<double>(numbers.size() - 1);
  return numbers[static_cast<std::size_t>(std::lround(share * last))];
}

double Median(std::vector<double> numbers) { return Percentile(std::move(numbers), 0.5); }

Row Interleave(const Against& row, const std::function<double()>& value,
               const std::function<double()>& floor) {
  std::vector<double> values;
  std::vector<double> floors;
  std::vector<double> ratios;
  for (int run = 0; run < kRuns; ++run) {
    floors.push_back(floor());
    values.push_back(value());
    ratios.push_back(values.back() / floors.back());
  }
  return {.name = row.name,
          .value = Median(values),
          .unit = row.unit,
          .floor = Median(floors),
          .ratio = Median(ratios),
          .budget = row.budget,
          .larger_is_better = row.larger_is_better};
}

Row Absolute(const Against& row, const std::function<double()>& value) {
  std::vector<double> values(kRuns);
  std::ranges::generate(values, value);
  return {.name = row.name,
          .value = Median(values),
          .unit = row.unit,
          .budget = row.budget,
          .larger_is_better = row.larger_is_better};
}

std::string Number(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
}

std::string ToJson(const std::vector<Row>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json one;
    one["name"] = row.name;
    one["value"] = row.value;
    one["unit"] = row.unit;
    one["floor"] = row.floor ? nlohmann::ordered_json(*row.floor) : nullptr;
    one["ratio"] = row.ratio ? nlohmann::ordered_json(*row.ratio) : nullptr;
    one["budget"] = row.budget;
    one["ok"] = row.ok();
    list.push_back(std::move(one));
  }
  return list.dump(2) + "\n";
}

std::string ToTable(const std::vector<Row>& rows) {
  std::ostringstream out;
  out << std::left << std::setw(38) << "name" << std::right << std::setw(12) << "value"
      << std::setw(13) << "unit" << std::setw(12) << "floor" << std::setw(9) << "ratio"
      << std::setw(10) << "budget"
      << "\n";
  for (const Row& row : rows) {
    out << std::left << std::setw(38) << row.name << std::right << std::setw(12)
        << Number(row.value) << std::setw(13) << row.unit << std::setw(12)
        << (row.floor ? Number(*row.floor) : "-") << std::setw(9)
        << (row.ratio ? Number(*row.ratio) : "-") << std::setw(10)
        << (row.larger_is_better ? ">=" : "<=") + Number(row.budget)
        << (row.ok() ? "  ok" : "  SHORT") << "\n";
  }
  return out.str();
}

}  // namespace sauda::bench
