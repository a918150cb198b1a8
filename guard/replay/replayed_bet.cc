#include <cmath>
#include <numeric>

#include "guard/evidence/block_process.h"
#include "guard/evidence/count_bet.h"
#include "guard/evidence/practitioner_bet.h"
#include "guard/evidence/upper_bound.h"
#include "guard/replay/replayed.h"

// Is it the flag, how much may be lost, and the two bets on real notes.

namespace readback::guard {
namespace {

using Json = nlohmann::json;
using Numbers = std::vector<double>;

// Of a process with one capital.
template <class Process>
Json told_of(const Process& process) {
  return {{"log_e", log_to_json(process.log_e())},
          {"decision", process.crosses() ? "flag" : "none"}};
}

template <class Parameters>
void read_odds(const Json& given, Parameters& parameters) {
  parameters.odds = given.value("odds", parameters.odds);
  parameters.weights = given.value("weights", Numbers(parameters.odds.size(), 1));
  parameters.level = given.value("level", parameters.level);
}

template <class Parameters>
Json odds_to_json(const std::string& process, const Parameters& parameters) {
  return {{"process", process},
          {"odds", parameters.odds},
          {"weights", parameters.weights},
          {"level", parameters.level},
          {"log_limit", -std::log(parameters.level)}};
}

class ReplayedBlock : public Replayed {
 public:
  ReplayedBlock(BlockParameters parameters, std::string failed)
      : parameters_(parameters), failed_(std::move(failed)), process_(std::move(parameters)) {}

  Json parameters() const override {
    Json json = odds_to_json("block", parameters_);
    json["failed"] = failed_;
    return json;
  }

  Json take(OutcomeLine& line) override {
    const bool has_treatment_failed = is_failed(line.word("treatment", {"ok", "fail", "info"}));
    unsigned members = 1, failed = has_treatment_failed;
    for (const Json& control : line.list("controls")) {
      if (control != "ok" && control != "fail" && control != "info")
        line.refuse("one of \"controls\" is not one of ok, fail, info");
      ++members;
      failed += control.is_string() && is_failed(control.get<std::string>());
    }
    if (line.fault()) return {};
    process_.add(members, failed, has_treatment_failed);
    return told_of(process_);
  }

 private:
  bool is_failed(const std::string& outcome) const {
    return outcome == "fail" || (failed_ == "not_ok" && outcome != "ok");
  }
  BlockParameters parameters_;
  std::string failed_;
  BlockProcess process_;
};

class ReplayedBound : public Replayed {
 public:
  ReplayedBound(UpperBoundParameters parameters, std::optional<double> rate)
      : parameters_(std::move(parameters)), rate_(rate) {}

  Json parameters() const override {
    Json json = {{"process", "upper_bound"},
                 {"delta", parameters_.delta},
                 {"ratios", parameters_.ratios},
                 {"weights", parameters_.weights},
                 {"log_limit", -std::log(parameters_.delta)}};
    if (rate_) json["rate"] = *rate_;
    if (rate_) json["probes_needed"] = probes_needed(*rate_, 0, parameters_);
    return json;
  }

  Json take(OutcomeLine& line) override {
    const std::string outcome = line.word("outcome", {"ok", "fail", "info"});
    const std::uint64_t times = line.count_or("times", 1, 1);
    if (line.fault()) return {};
    probes_ += times;
    if (outcome != "ok") failed_ += times;
    const double bound = upper_bound(probes_, failed_, parameters_);
    Json json = {{"probes", probes_}, {"failures", failed_}, {"upper_bound", bound}};
    if (!rate_) {
      json["decision"] = "none";
      return json;
    }
    json["log_e"] = log_to_json(log_e_against_rate(*rate_, probes_, failed_, parameters_));
    json["decision"] = is_under(*rate_, probes_, failed_, parameters_) ? "advance" : "none";
    return json;
  }

 private:
  UpperBoundParameters parameters_;
  std::optional<double> rate_;
  std::uint64_t probes_ = 0;
  std::uint64_t failed_ = 0;
};

class ReplayedPractitioners : public Replayed {
 public:
  explicit ReplayedPractitioners(PractitionerParameters parameters)
      : parameters_(parameters), bet_(std::move(parameters)) {}

  Json parameters() const override {
    Json json = odds_to_json("practitioner", parameters_);
    json["treated"] = parameters_.treated;
    json["controls"] = parameters_.controls;
    return json;
  }

  Json take(OutcomeLine& line) override {
    const bool is_treated = line.flag("treated"), is_blank = line.flag("blank");
    if (line.fault()) return {};
    if (!bet_.add(is_treated, is_blank)) line.refuse("nobody of this arm was still to come");
    return told_of(bet_);
  }

 private:
  PractitionerParameters parameters_;
  PractitionerBet bet_;
};

class ReplayedCounts : public Replayed {
 public:
  explicit ReplayedCounts(CountParameters parameters)
      : parameters_(parameters), bet_(std::move(parameters)) {}

  Json parameters() const override {
    Json json = odds_to_json("counts", parameters_);
    json["null_odds"] = parameters_.null_odds;
    return json;
  }

  Json take(OutcomeLine& line) override {
    const std::uint64_t treated_blank = line.count("treated_blank", 0);
    const std::uint64_t controls_blank = line.count("controls_blank", 0);
    const bool is_by_exposure = line.has("treated_exposure");
    const double treated_exposure = is_by_exposure ? line.positive("treated_exposure") : 0;
    const double controls_exposure = is_by_exposure ? line.positive("controls_exposure") : 0;
    const std::uint64_t treated = is_by_exposure ? 0 : line.count("treated", 0);
    const std::uint64_t controls = is_by_exposure ? 0 : line.count("controls", 0);
    if (line.fault()) return {};
    const bool is_taken =
        is_by_exposure
            ? bet_.add_exposures(treated_exposure, treated_blank, controls_exposure, controls_blank)
            : bet_.add_notes(treated, treated_blank, controls, controls_blank);
    if (!is_taken) line.refuse("more blank notes than notes, or than 10^6");
    return told_of(bet_);
  }

 private:
  CountParameters parameters_;
  CountBet bet_;
};

std::unique_ptr<Replayed> replayed_bound(const Json& given, std::string& fault) {
  UpperBoundParameters parameters;
  parameters.delta = given.value("delta", parameters.delta);
  parameters.ratios = given.value("ratios", parameters.ratios);
  parameters.weights = given.value("weights", parameters.weights);
  std::optional<double> rate;
  if (given.contains("rate")) rate = given.at("rate").get<double>();
  if (const auto found = fault_of(parameters)) fault = *found;
  if (rate && !(*rate > 0 && *rate < 1)) fault = "the rate is not between 0 and 1";
  if (!fault.empty()) return nullptr;
  return std::make_unique<ReplayedBound>(std::move(parameters), rate);
}

}  // namespace

std::unique_ptr<Replayed> replayed_bet(const std::string& process, const Json& given,
                                       std::string& fault) {
  if (process == "upper_bound") return replayed_bound(given, fault);
  const auto made = [&fault](auto parameters, auto make) -> std::unique_ptr<Replayed> {
    if (const auto found = fault_of(parameters)) {
      fault = *found;
      return nullptr;
    }
    return make(std::move(parameters));
  };
  if (process == "block") {
    BlockParameters parameters;
    read_odds(given, parameters);
    return made(std::move(parameters), [&](BlockParameters it) {
      return std::make_unique<ReplayedBlock>(std::move(it), given.value("failed", "fail"));
    });
  }
  if (process == "practitioner") {
    PractitionerParameters parameters;
    parameters.treated = given.value("treated", std::uint64_t{0});
    parameters.controls = given.value("controls", std::uint64_t{0});
    read_odds(given, parameters);
    return made(std::move(parameters), [](PractitionerParameters it) {
      return std::make_unique<ReplayedPractitioners>(std::move(it));
    });
  }
  CountParameters parameters;
  parameters.null_odds = given.value("null_odds", parameters.null_odds);
  read_odds(given, parameters);
  return made(std::move(parameters),
              [](CountParameters it) { return std::make_unique<ReplayedCounts>(std::move(it)); });
}

}  // namespace readback::guard
