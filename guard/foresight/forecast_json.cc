#include "guard/foresight/forecast.h"

namespace readback::guard::foresight {
namespace {

using Json = nlohmann::json;

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const Spread& spread) {
  return {
      {"median", number(spread.median)}, {"p95", number(spread.p95)}, {"p99", number(spread.p99)}};
}

Json to_json(const Proportion& found) {
  return {{"count", found.count}, {"of", found.of}, {"least", found.least}, {"most", found.most}};
}

const char* name_of(Onset onset) {
  return onset == Onset::early ? "a_minute" : "healthy_time";
}

Json to_json(const LossForecast& loss) {
  return {{"scenario", loss.scenario.name},
          {"words", loss.scenario.words},
          {"detail", loss.scenario.detail},
          {"after", name_of(loss.onset)},
          {"exposed_share", loss.share},
          {"paused", loss.paused},
          {"reverted", loss.reverted},
          {"flag_named", loss.flag_named},
          {"pause_s", to_json(loss.pause)},
          {"revert_s", to_json(loss.revert)},
          {"writes_at_risk", to_json(loss.writes_at_risk)},
          {"of_which_lost", number(loss.scenario.hits)}};
}

Json to_json(const GuardDeathForecast& death) {
  return {{"scenario", "guard_dead"},
          {"after", name_of(death.onset)},
          {"exposed_share", death.share},
          {"held_s", to_json(death.held)},
          {"writes_at_risk", to_json(death.writes_at_risk)}};
}

Json to_json(const WellForecast& well) {
  Json steps = Json::array();
  for (const Spread& step : well.steps) steps.push_back(to_json(step));
  return {{"platform_loss_rate", well.noise},
          {"played_s", well.played.count()},
          {"step_begins_s", steps},
          {"false_reverts", to_json(well.false_reverts)},
          {"with_pauses", to_json(well.with_pauses)}};
}

}  // namespace

Json to_json(const Forecast& forecast) {
  Json json = {{"flag", forecast.flag},
               {"plan", forecast.plan_path},
               {"rollouts", forecast.playing.rollouts},
               {"seed", forecast.playing.seed},
               {"assumed",
                {{"practitioners", forecast.assumed.practitioners},
                 {"writes_per_hour", forecast.assumed.writes_per_hour},
                 {"answer_ms", forecast.assumed.answer.count()},
                 {"longest_h", forecast.assumed.longest.count()},
                 {"healthy_h", forecast.assumed.healthy.count()}}},
               {"bounds", guard::to_json(forecast.bounds)},
               {"losses", Json::array()},
               {"guard_dead", Json::array()},
               {"well", to_json(forecast.well)},
               {"false_revert_probability", forecast.evidence.false_revert_probability},
               {"requests_per_second",
                {{"steady", forecast.load.steady},
                 {"watched", forecast.load.watched},
                 {"repeating", forecast.load.repeating}}},
               {"unseen", Json::array()}};
  for (const LossForecast& loss : forecast.losses) json["losses"].push_back(to_json(loss));
  for (const GuardDeathForecast& death : forecast.deaths)
    json["guard_dead"].push_back(to_json(death));
  for (const Unseen& unseen : forecast.unseen)
    json["unseen"].push_back({{"loss", unseen.loss}, {"why", unseen.why}});
  return json;
}

}  // namespace readback::guard::foresight
