#include "guard/evidence/loss_stream.h"

#include <cassert>
#include <cmath>
#include <cstdio>

#include "guard/evidence/log_sum.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;

std::string count_of(std::uint64_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string losses(std::uint64_t number) {
  return std::to_string(number) + (number == 1 ? " loss" : " losses");
}

std::optional<Crossing> crossing_of(const Json& json, StreamGroup group, const std::string& name) {
  try {
    Crossing crossing{.group = group,
                      .stream = name,
                      .window = std::nullopt,
                      .log_e = json.at("log_e").get<double>(),
                      .log_limit = json.at("log_limit").get<double>(),
                      .probes = json.at("probes").get<std::uint64_t>(),
                      .failures = json.at("failures").get<std::uint64_t>()};
    if (json.contains("window"))
      crossing.window = Window{json.at("window").at("failures").get<unsigned>(),
                               json.at("window").at("probes").get<std::uint64_t>()};
    return crossing;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string Crossing::words() const {
  if (window) return losses(window->failures) + " within " + count_of(window->probes, "probe");
  char odds[64];
  std::snprintf(odds, sizeof odds, "10^%.1f", log_e / std::log(10.0));
  return losses(failures) + " in " + count_of(probes, "probe") + ", " + odds + " to 1";
}

Json to_json(const Crossing& crossing) {
  Json json = {{"group", to_string(crossing.group)},
               {"stream", crossing.stream},
               {"log_e", crossing.log_e},
               {"log_limit", crossing.log_limit},
               {"probes", crossing.probes},
               {"failures", crossing.failures},
               {"words", crossing.words()}};
  if (crossing.window)
    json["window"] = {{"failures", crossing.window->failures}, {"probes", crossing.window->probes}};
  return json;
}

LossStream::LossStream(const LossTerms& terms, StreamGroup group, std::size_t index,
                       std::string name)
    : group_(group),
      index_(index),
      name_(std::move(name)),
      mixture_(terms.mixture(), terms.log_limit(group, index)) {}

void LossStream::oks(const LossTerms& terms, unsigned size, std::uint64_t count) {
  assert(size > 0);
  for (; count > 0 && mixture_.takes_one_by_one(); --count) {
    note_oks(size, 1);
    mixture_.batch(terms.mixture(), size, 0);
    counts_.oks(size);
  }
  if (count == 0) return;
  note_oks(size, count);
  mixture_.oks(terms.mixture(), count);
  counts_.oks(size * count);
}

void LossStream::fail(const LossTerms& terms, unsigned size, unsigned failed) {
  assert(failed > 0 && failed <= size);
  if (journal_.empty() || journal_.back().size > 0 || journal_.back().is_step)
    journal_.emplace_back();
  journal_.back().size = size;
  journal_.back().failed = failed;
  mixture_.batch(terms.mixture(), size, failed);
  const std::optional<Window> window =
      counts_.fail(terms.from_start(group_, index_), terms.sliding(group_), size);
  if (crossing_ || (!window && !mixture_.crosses())) return;
  crossing_ = Crossing{.group = group_,
                       .stream = name_,
                       .window = window,
                       .log_e = log_e(terms),
                       .log_limit = log_limit(),
                       .probes = counts_.probes(),
                       .failures = counts_.failures()};
}

void LossStream::step(const LossTerms& terms) {
  journal_.push_back({.is_step = true});
  mixture_.step(terms.mixture());
}

std::vector<StreamEvent> LossStream::take_journal() {
  return std::exchange(journal_, {});
}

void LossStream::apply(const LossTerms& terms, const StreamEvent& event) {
  if (event.ok_batches > 0) ok_batches(terms, event.ok_batches, event.ok_probes);
  if (event.size > 0) fail(terms, event.size, event.failed);
  if (event.is_step) step(terms);
}

// Oks that are taken one by one are journalled with others of their size only.
void LossStream::note_oks(unsigned size, std::uint64_t count) {
  const bool is_one_by_one = mixture_.takes_one_by_one();
  const bool continues =
      !journal_.empty() && journal_.back().size == 0 && !journal_.back().is_step &&
      is_last_one_by_one_ == is_one_by_one &&
      (!is_one_by_one || journal_.back().ok_probes == journal_.back().ok_batches * size);
  if (!continues) journal_.emplace_back();
  is_last_one_by_one_ = is_one_by_one;
  journal_.back().ok_batches += count;
  journal_.back().ok_probes += count * size;
}

void LossStream::ok_batches(const LossTerms& terms, std::uint64_t batches, std::uint64_t probes) {
  if (mixture_.takes_one_by_one()) {
    oks(terms, static_cast<unsigned>(probes / batches), batches);
    return;
  }
  if (journal_.empty() || journal_.back().size > 0 || journal_.back().is_step ||
      is_last_one_by_one_)
    journal_.emplace_back();
  is_last_one_by_one_ = false;
  journal_.back().ok_batches += batches;
  journal_.back().ok_probes += probes;
  mixture_.oks(terms.mixture(), batches);
  counts_.oks(probes);
}

Json LossStream::snapshot() const {
  Json json = {{"group", to_string(group_)},
               {"index", index_},
               {"name", name_},
               {"mixture", mixture_.snapshot()},
               {"counts", counts_.snapshot()}};
  if (crossing_) json["crossing"] = to_json(*crossing_);
  return json;
}

std::optional<LossStream> LossStream::restore(const LossTerms& terms, const Json& snapshot) {
  if (!snapshot.is_object()) return std::nullopt;
  const Json group = snapshot.value("group", Json()), index = snapshot.value("index", Json()),
             name = snapshot.value("name", Json());
  if (!group.is_string() || !index.is_number_unsigned() || !name.is_string()) return std::nullopt;
  const auto found = parse_stream_group(group.get<std::string>());
  if (!found) return std::nullopt;
  auto mixture = RestartMixture::restore(terms.mixture(), snapshot.value("mixture", Json()));
  auto counts = WindowCounts::restore(snapshot.value("counts", Json()));
  if (!mixture || !counts) return std::nullopt;
  LossStream restored(terms, *found, index.get<std::size_t>(), name.get<std::string>());
  if (mixture->log_limit() != restored.mixture_.log_limit()) return std::nullopt;
  restored.mixture_ = std::move(*mixture);
  restored.counts_ = std::move(*counts);
  if (snapshot.contains("crossing")) {
    restored.crossing_ = crossing_of(snapshot.at("crossing"), *found, restored.name_);
    if (!restored.crossing_) return std::nullopt;
  }
  return restored;
}

Json to_json(const StreamEvent& event) {
  if (event.is_step) return "step";
  Json json = {event.ok_batches, event.ok_probes};
  if (event.size > 0) json.insert(json.end(), {event.size, event.failed});
  return json;
}

std::optional<StreamEvent> stream_event_of(const Json& json) {
  if (json == "step") return StreamEvent{.is_step = true};
  if (!json.is_array() || (json.size() != 2 && json.size() != 4)) return std::nullopt;
  for (const Json& number : json)
    if (!number.is_number_unsigned()) return std::nullopt;
  StreamEvent event{.ok_batches = json[0].get<std::uint64_t>(),
                    .ok_probes = json[1].get<std::uint64_t>()};
  if (json.size() == 4) {
    event.size = json[2].get<unsigned>();
    event.failed = json[3].get<unsigned>();
    if (event.failed == 0 || event.failed > event.size) return std::nullopt;
  }
  if (event.ok_probes < event.ok_batches) return std::nullopt;
  return event;
}

}  // namespace readback::guard
