#include <algorithm>
#include <vector>

#include "guard/foresight/forecast.h"
#include "guard/foresight/forecast_words.h"

namespace readback::guard::foresight {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as they must be; the first is words, the others are numbers.
std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    text += "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      text += i == 0 ? row[i] + space : "  " + space + row[i];
    }
    text += "\n";
  }
  return text;
}

std::string time_or_never(const std::optional<double>& seconds, const Assumptions& assumed) {
  return seconds ? time_words(*seconds) : "> " + std::to_string(assumed.longest.count()) + " h";
}

void add_times(Row& row, const Spread& spread, const Assumptions& assumed) {
  for (const auto& time : {spread.median, spread.p95, spread.p99})
    row.push_back(time_or_never(time, assumed));
}

void add_writes(Row& row, const Spread& writes) {
  row.push_back(count_words(writes.median.value_or(0)));
  row.push_back(count_words(writes.p99.value_or(0)));
}

std::string losses_to_text(const Forecast& forecast) {
  const Assumptions& assumed = forecast.assumed;
  std::vector<Row> rows{{"what is lost, with the flag on", "after", "exposed", "paused", "95 %",
                         "99 %", "reverted", "95 %", "99 %", "writes at risk", "99 %"}};
  for (const LossForecast& loss : forecast.losses) {
    Row row{loss.scenario.words, onset_words(loss.onset, assumed), percent_words(loss.share)};
    add_times(row, loss.pause, assumed);
    add_times(row, loss.revert, assumed);
    add_writes(row, loss.writes_at_risk);
    rows.push_back(std::move(row));
  }
  for (const GuardDeathForecast& death : forecast.deaths) {
    Row row{"every write, and the guard is dead", onset_words(death.onset, assumed),
            percent_words(death.share)};
    add_times(row, death.held, assumed);
    row.insert(row.end(), 3, "-");
    add_writes(row, death.writes_at_risk);
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string steps_to_text(const Forecast& forecast) {
  std::vector<Row> rows{{"if all is well, the step begins after", "median", "95 %", "99 %"}};
  for (std::size_t i = 0; i < forecast.rollout.size(); ++i) {
    const double share = static_cast<double>(forecast.rollout[i].share.ppm) / flags::kEverybody.ppm;
    Row row{std::to_string(i + 1) + " of " + std::to_string(forecast.rollout.size()) + ": " +
            percent_words(share)};
    const Spread& times = forecast.well.steps[i];
    for (const auto& time : {times.median, times.p95, times.p99})
      row.push_back(time ? time_words(*time) : "never");
    rows.push_back(std::move(row));
  }
  return table(rows);
}

}  // namespace

std::string to_text(const Forecast& forecast) {
  std::string text = forecast.flag + ", guarded by " + forecast.plan_path + "\n  " +
                     assumption_words(forecast) + "\n  " + playing_words(forecast) +
                     "\n\n  Half of the rollouts take the first time or less; 95 and 99 of a "
                     "hundred the others.\n";
  text += losses_to_text(forecast);
  for (const LossForecast& loss : forecast.losses)
    if (loss.onset == Onset::early && !loss.scenario.detail.empty())
      text += "    " + loss.scenario.words + ": " + loss.scenario.detail + "\n";
  text += "\n" + steps_to_text(forecast) + "\n  " + harmless_words(forecast) +
          "\n\n  Requests to the application, a second: " + count_words(forecast.load.steady) +
          "; while a cell that failed is watched at most " + count_words(forecast.load.watched) +
          "; from a loss to the revert " + count_words(forecast.load.repeating) +
          ".\n\n  This plan cannot see:\n";
  for (const Unseen& unseen : forecast.unseen)
    text += "    " + unseen.loss + ": " + unseen.why + "\n";
  return text;
}

}  // namespace readback::guard::foresight
