#include "guard/command/demo/play.h"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <thread>
#include <utility>

namespace readback::guard::demo {
namespace {

using Json = nlohmann::json;

constexpr unsigned kExposedBeforeTheFault = 40;
constexpr int kTicksToBelieve = 8;  // an ending that isn't final has to last so many seconds
constexpr std::int64_t kExposedWithin = 60;
constexpr std::int64_t kEndsWithin = 150;
constexpr std::chrono::seconds kAftermath{4};

std::uint64_t rounds(const Json& status, const char* outcome = nullptr) {
  std::uint64_t sum = 0;
  for (const Json& row : status.value("rounds", Json::array()))
    for (const char* each : {"ok", "fail", "info", "void"})
      if (outcome == nullptr || std::string(outcome) == each)
        sum += row.value(each, std::uint64_t{0});
  return sum;
}

std::string mode(const Json& status) {
  return status.at("serving").value("mode", "");
}

bool serves_treatment(const Json& status) {
  if (mode(status) == "finished") return true;
  const Json& lease = status.at("lease");
  return mode(status) == "leased" && lease.is_object() && lease.value("seconds_left", 0.0) > 0;
}

std::string brief(const Json& status) {
  std::string text = status.value("phase", "") + ", " + status.value("verdict", "");
  if (status.value("finding", "none") != "none") text += ", " + status.value("finding", "");
  return text;
}

std::string in_seconds(std::int64_t ms) {
  return std::to_string(ms / 1'000) + "." + std::to_string(ms % 1'000 / 100) + " s";
}

}  // namespace

Play::Play(Side& side, Side* other, PlayedFault fault, bool is_from_start, std::ostream& out)
    : side_(side),
      other_(other),
      fault_(std::move(fault)),
      is_from_start_(is_from_start),
      out_(out),
      begun_(clock_.now()) {}

std::int64_t Play::seconds() const {
  return std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - begun_).count();
}

Result<bool> Play::perform(const StageOptions& options) {
  if (const auto done = rehearse(); done.has_error()) return done.error();
  auto load = Load::start(options, side_);
  if (load.has_error()) return load.error();
  if (const auto done = expose(); done.has_error()) return done.error();
  if (const auto done = await_ending(); done.has_error()) return done.error();
  // What is served after the verdict is part of the count.
  std::this_thread::sleep_for(kAftermath);
  const Result<Json> audit = load->end();
  if (audit.has_error()) return audit.error();
  if (const auto done = tell_losses(*audit); done.has_error()) return done.error();
  return tell_claims();
}

Result<void> Play::rehearse() {
  out_ << "the fault: " << fault_.name << " - " << fault_.story << "\n";
  for (Side* side : {&side_, other_}) {
    if (side == nullptr) continue;
    if (is_from_start_) {
      if (const auto on = side->switch_fault(fault_.name); on.has_error()) return on.error();
      fault_on_ms_ = clock_.wall().count();
    }
    const Result<Json> started = side->command("start", "the demo begins");
    if (started.has_error()) return started.error();
    if (!started->value("accepted", false)) return Problem{"start", started->value("words", "")};
  }
  return {};
}

Result<Json> Play::tick() {
  std::this_thread::sleep_for(std::chrono::seconds(1));
  for (Side* side : {&side_, other_})
    if (side != nullptr)
      if (const std::string ended = side->what_ended(); !ended.empty())
        return Problem{side->directory(), ended};
  Result<Json> status = side_.status();
  if (status.has_error()) return status;
  last_status_ = *status;
  if (serves_treatment(*status) && !served_from_) served_from_ = clock_.wall().count();
  const Json& lease = status->at("lease");
  out_ << std::setw(4) << seconds() << " s  step " << status->value("step", 0) << "/"
       << status->value("steps", 0) << "  " << status->at("serving").value("share_percent", 0.0)
       << " %  exposed " << status->value("exposed", 0) << "  probes " << rounds(*status) << " ("
       << rounds(*status, "void") << " void, " << rounds(*status, "fail") << " failed)  "
       << brief(*status) << "  lease ";
  if (lease.is_object())
    out_ << static_cast<int>(lease.value("seconds_left", 0.0)) << " s";
  else
    out_ << "none";
  if (other_ != nullptr) {
    const Result<Json> theirs = other_->status();
    if (theirs.has_error()) return theirs.error();
    rounds_of_other_ = *theirs;
    out_ << "  | without the document journey: " << brief(*theirs) << ", " << rounds(*theirs)
         << " probes, " << rounds(*theirs, "fail") << " failed";
  }
  out_ << std::endl;
  return status;
}

Result<void> Play::expose() {
  if (is_from_start_) return {};
  while (seconds() < kExposedWithin) {
    const Result<Json> status = tick();
    if (status.has_error()) return status.error();
    if (status->value("exposed", 0u) < kExposedBeforeTheFault) continue;
    if (fault_.name == "none") return {};
    for (Side* side : {&side_, other_})
      if (side != nullptr)
        if (const auto on = side->switch_fault(fault_.name); on.has_error()) return on.error();
    fault_on_ms_ = clock_.wall().count();
    out_ << "     the deploy that breaks it: " << fault_.name << std::endl;
    return {};
  }
  return Problem{"demo", "nobody real was exposed within a minute"};
}

bool Play::has_ended(const Json& status) {
  const std::string finding = status.value("finding", "none");
  const bool is_latched = status.value("phase", "") == "latched";
  bool is_as_expected = false;
  switch (fault_.ending) {
    case Ending::reverts:
      return is_latched;
    case Ending::advances:
      return status.value("step", 0) == status.value("steps", -1) && serves_treatment(status);
    case Ending::blames_platform:
      is_as_expected = finding == "platform" && !serves_treatment(status);
      break;
    case Ending::keeps_treatment:
      is_as_expected = !status.at("ill_controls").empty() && serves_treatment(status);
      break;
    case Ending::lapses:
      // Where control is answered, that treatment isn't is noticed, too; nothing is lost.
      is_as_expected = (finding == "none" || finding == "not_ok") && !serves_treatment(status);
      break;
  }
  ticks_as_expected_ = is_as_expected ? ticks_as_expected_ + 1 : 0;
  return is_latched || ticks_as_expected_ >= kTicksToBelieve;
}

Result<void> Play::await_ending() {
  const std::int64_t from = seconds();
  while (seconds() - from < kEndsWithin) {
    const Result<Json> status = tick();
    if (status.has_error()) return status.error();
    if (has_ended(*status)) return {};
  }
  claim(false, "it came to its end within " + std::to_string(kEndsWithin) + " s");
  return {};
}

Result<void> Play::tell_losses(const Json& audit) {
  const Result<Json> counters = side_.counters();
  const Result<Json> status = side_.status();
  if (counters.has_error()) return counters.error();
  if (status.has_error()) return status.error();
  const bool is_latched = status->value("phase", "") == "latched";
  out_ << "\n";
  if (fault_.ending == Ending::reverts) {
    claim(is_latched && status->at("latch").value("cause", "") == "loss",
          "the flag was reverted by itself, for a loss");
    if (is_latched) {
      const std::string reason = status->at("latch").value("reason", "");
      out_ << "reverted: " << reason << "\n";
      claim(std::any_of(
                fault_.loss_classes.begin(), fault_.loss_classes.end(),
                [&](const std::string& name) { return reason.find(name) != std::string::npos; }),
            "the loss was named as what it is");
      tell_time(*status, *counters);
    }
  } else {
    claim(!is_latched, "nothing was latched");
    claim(has_ended(last_status_), "it ended as the fault has it: " + brief(last_status_));
  }
  tell_real_losses(audit, *counters);
  if (other_ != nullptr) tell_other();
  out_ << "at any time on-call could have run:\n  guard rollback notes-editor-v2 --reason TEXT "
       << "--state " << side_.directory() << "/state\n";
  return {};
}

void Play::tell_time(const Json& status, const Json& counters) {
  std::optional<std::int64_t> first;
  std::string whose;
  for (const char* kind : {"real", "synthetic"}) {
    const Json& lost = counters.at("lost").at(kind).at("first");
    if (!lost.is_object()) continue;
    const auto at = lost.value("started_ms", std::int64_t{0});
    if (first && *first <= at) continue;
    first = at;
    whose = kind;
  }
  if (!first) return claim(false, "some write was lost");
  const std::int64_t took = status.at("latch").value("when_ms", std::int64_t{0}) - *first;
  out_ << "from the first lost write (a " << whose << " one) to the revert: " << in_seconds(took)
       << "\n";
  claim(took > 0 && took < kEndsWithin * 1'000, "the revert came after the loss, and soon");
}

void Play::tell_real_losses(const Json& audit, const Json& counters) {
  const std::int64_t lost = audit.value("lost_notes", std::int64_t{0});
  out_ << "real notes acknowledged: " << audit.value("acknowledged_notes", std::int64_t{0})
       << ", lost: " << lost << ", of " << audit.value("practitioners_hit", std::int64_t{0})
       << " practitioners\n";
  if (is_from_start_) {
    claim(counters.value("real_practitioners_on_new_path", -1) == 0 && !served_from_,
          "nobody real was exposed at all");
    claim(lost == 0, "not one real note was lost");
    return;
  }
  claim(counters.value("real_practitioners_on_new_path", 0) > 0, "real practitioners were exposed");
  if (fault_.ending != Ending::reverts || !served_from_ || fault_on_ms_ == std::nullopt) return;
  const std::int64_t latched = last_status_.at("latch").value("when_ms", std::int64_t{0});
  tell_cost(audit, latched);
  const Json& last = audit.at("last_lost_ms");
  if (last.is_number())
    claim(last.get<std::int64_t>() < latched + 5'000,
          "no real note was lost later than five seconds after the revert");
}

void Play::tell_cost(const Json& audit, std::int64_t latched_ms) {
  // Of what the exposed cohort wrote with the new editor; where the fault needs a shared document,
  // a tenth of the load's visits has one.
  const auto written = audit.at("acknowledged_by_path").value("new", std::int64_t{0});
  const double served =
      static_cast<double>(std::max<std::int64_t>(1'000, latched_ms - *served_from_));
  const bool needs_document = fault_.name == faults().front().name;
  constexpr double kIncidentMs = 18.0 * 3'600 * 1'000;
  const double notes = static_cast<double>(written) * (needs_document ? 0.1 : 1.0);
  out_ << "18 hours at the rate of that cohort (" << written << " notes in "
       << in_seconds(static_cast<std::int64_t>(served))
       << (needs_document ? ", a tenth with a document" : "") << ") would have cost "
       << static_cast<std::int64_t>(notes * kIncidentMs / served) << " notes\n";
}

void Play::tell_other() {
  const std::uint64_t theirs = rounds(rounds_of_other_), ours = rounds(last_status_);
  out_ << "the guard whose plan lacks the document journey: " << brief(rounds_of_other_) << ", "
       << theirs << " probes, " << rounds(rounds_of_other_, "fail") << " failed, "
       << rounds(rounds_of_other_, "void") << " void: green all the while\n";
  claim(rounds(rounds_of_other_, "fail") == 0 && rounds_of_other_.value("phase", "") != "latched" &&
            rounds_of_other_.value("finding", "") == "none",
        "without the document journey the fault was not seen");
  claim(2 * (theirs - rounds(rounds_of_other_, "void")) >= ours,
        "it probed at least half as often, and its arms counted");
}

void Play::claim(bool holds, std::string words) {
  claims_.push_back({holds, std::move(words)});
}

Json Play::report() const {
  Json claims = Json::array();
  for (const Claim& each : claims_)
    claims.push_back({{"holds", each.holds}, {"words", each.words}});
  return {{"fault", fault_.name}, {"claims", std::move(claims)}, {"status", last_status_}};
}

bool Play::tell_claims() {
  bool all = true;
  for (const Claim& each : claims_) {
    out_ << (each.holds ? "  yes  " : "  NO   ") << each.words << "\n";
    all = all && each.holds;
  }
  out_ << (all ? "every claim held" : "NOT every claim held") << std::endl;
  return all;
}

}  // namespace readback::guard::demo
