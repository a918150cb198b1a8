#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/bench/measure.h"

// Measures the table of goals for the decision, row by row.

namespace {

using namespace readback::bench;

const std::map<int, std::function<std::vector<Row>(const Options&)>> kRows = {
    {1, one_cell_from_start}, {2, one_cell_after_health}, {3, one_cell_of_many},
    {4, loss_in_all_cells},   {5, noisy_platform},        {6, blame},
    {7, false_reverts}};

const std::map<int, std::string> kTitles = {
    {1, "one cell, from the start: ratio to an SPRT told p"},
    {2, "one cell after healthy probes: ratio to a CUSUM told p, calibrated for the horizon"},
    {3, "100 cells, one lossy: ratio to the mean time to its first failure"},
    {4, "loss spread over 100 cells: ratio to an SPRT told p over one stream"},
    {5, "noisy platform: ratio to an SPRT told p"},
    {6, "blame: blocks, and chances of false blame"},
    {7, "false reverts: chance of ever, within the horizon"}};

void print(const Row& row) {
  std::printf("  %-52s %10.4g %10.4g %8.4g  %s", row.what.c_str(), row.measured, row.upper99,
              row.goal, row.is_met ? "met   " : "MISSED");
  if (row.with_blame > 0) std::printf("  %8.3g", row.with_blame);
  std::printf("\n");
}

nlohmann::json to_json(const Row& row) {
  nlohmann::json json = {{"row", row.row},           {"case", row.what},       {"goal", row.goal},
                         {"measured", row.measured}, {"upper99", row.upper99}, {"met", row.is_met}};
  if (row.with_blame > 0) json["with_blame"] = row.with_blame;
  return json;
}

}  // namespace

int main(int argument_count, char** arguments) {
  CLI::App app("Measures the decision against its goals; exits with 1 if one is missed.");
  Options options;
  std::vector<int> numbers;
  bool as_json = false;
  app.add_option("--seeds", options.seeds, "Paired seeds a case")
      ->check(CLI::Range(100, 100'000'000));
  app.add_option("--from", options.from, "The first seed");
  app.add_option("--row", numbers, "Only these rows of the table");
  app.add_flag("--json", as_json, "Print JSON lines");
  CLI11_PARSE(app, argument_count, arguments);

  bool is_all_met = true;
  for (const auto& [number, measure] : kRows) {
    if (!numbers.empty() && std::find(numbers.begin(), numbers.end(), number) == numbers.end())
      continue;
    if (!as_json)
      std::printf("%d. %s\n  %-52s %10s %10s %8s  %6s  %8s\n", number, kTitles.at(number).c_str(),
                  "case", "measured", "upper 99 %", "goal", "", "with blame");
    for (const Row& row : measure(options)) {
      is_all_met = is_all_met && row.is_met;
      if (as_json)
        std::cout << to_json(row).dump() << "\n";
      else
        print(row);
    }
    std::fflush(stdout);
  }
  return is_all_met ? 0 : 1;
}
