#include "guard/command/probe.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "guard/configuration.h"
#include "guard/configured_plans.h"
#include "guard/exposures.h"
#include "guard/probe_once.h"
#include "guard/server/listener.h"
#include "guard/server/ofrep.h"
#include "guard/server/stamps.h"
#include "guard/system_clock.h"
#include "guard/tasks.h"
#include "probes/http.h"

namespace readback::guard {
namespace asio = boost::asio;

namespace {

std::string milliseconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
         " ms";
}

void print(const ProbeReport::Arm& arm, std::ostream& out) {
  out << arm.journey << ", " << arm.arm << ", as " << arm.practitioner << ": "
      << to_string(arm.state) << "\n";
  for (const ProbeReport::Step& step : arm.steps) {
    out << "  step " << std::left << std::setw(18) << step.taken.step << std::setw(10)
        << (step.taken.status ? std::to_string(*step.taken.status) : "no answer") << std::setw(9)
        << milliseconds(step.took);
    if (!step.taken.explanation.empty()) out << step.taken.explanation;
    out << "\n";
  }
  if (arm.why_void)
    out << "  void (" << to_string(*arm.why_void) << "): " << words_of(*arm.why_void) << "\n";
  for (const ProbeReport::Reading& reading : arm.readings) {
    out << "  read " << std::left << std::setw(18)
        << (reading.path + " +" + std::to_string(reading.delay.count()) + " ms") << " "
        << std::setw(16) << reading.field << std::setw(5) << to_string(reading.outcome)
        << std::setw(9) << milliseconds(reading.after);
    if (reading.outcome != probes::Outcome::ok)
      out << to_string(reading.loss_class) << ": " << reading.explanation;
    out << "\n";
  }
  for (const std::string& problem : arm.removal_problems)
    out << "  not removed: " << problem << "\n";
}

nlohmann::json to_json(const ProbeReport::Arm& arm) {
  nlohmann::json json{{"journey", arm.journey},
                      {"arm", arm.arm},
                      {"practitioner", arm.practitioner},
                      {"state", to_string(arm.state)},
                      {"ok", arm.is_ok()},
                      {"void", arm.why_void ? words_of(*arm.why_void) : ""},
                      {"void_reason", arm.why_void ? to_string(*arm.why_void) : ""},
                      {"steps", nlohmann::json::array()},
                      {"reads", nlohmann::json::array()},
                      {"not_removed", arm.removal_problems}};
  for (const auto& step : arm.steps)
    json["steps"].push_back(
        {{"step", step.taken.step},
         {"status", step.taken.status ? nlohmann::json(*step.taken.status) : nlohmann::json()},
         {"took_ms", std::chrono::duration<double, std::milli>(step.took).count()},
         {"explanation", step.taken.explanation}});
  for (const auto& reading : arm.readings)
    json["reads"].push_back(
        {{"path", reading.path},
         {"delay_ms", reading.delay.count()},
         {"field", reading.field},
         {"outcome", to_string(reading.outcome)},
         {"loss_class", to_string(reading.loss_class)},
         {"reads", reading.reads},
         {"after_ms", std::chrono::duration<double, std::milli>(reading.after).count()},
         {"explanation", reading.explanation}});
  return json;
}

// What `config` says of the flag that `plan` guards.
struct Pinned {
  Configuration configuration;
  ProbedFlag flag;
};
std::optional<Pinned> find_flag(const ProbeOptions& options, std::vector<Fault>& faults) {
  std::optional<Configuration> configuration = read_configuration(options.config, faults);
  if (!configuration) return std::nullopt;
  for (const Guarded& guarded : configuration->guarded) {
    std::error_code error;
    if (!std::filesystem::equivalent(guarded.plan_path, options.plan, error) || error) continue;
    ProbedFlag flag{guarded.flag.key, guarded.flag.treatment, guarded.flag.safe,
                    configuration->answer_within};
    return Pinned{std::move(*configuration), std::move(flag)};
  }
  faults.push_back({options.config, {}, "no flag of it names the plan " + options.plan});
  return std::nullopt;
}

// Answers for the flag while the journeys are walked.
class Answering {
 public:
  Answering(asio::io_context& io, SystemClock& clock, Publisher& publisher, Witness& witness)
      : exposures_(clock, nullptr, {}),
        authenticator_(geteuid(), getegid()),
        listener_(io.get_executor(), clock, authenticator_,
                  server::ofrep(publisher, clock, exposures_, witness, counts_, stamps_)) {}

  Result<std::uint16_t> bind(const Configuration& configuration) {
    authenticator_.set_tokens(configuration.tokens);
    return listener_.bind_tcp(configuration.listen_host, configuration.listen_port);
  }
  asio::awaitable<void> serve() { return listener_.serve(); }

 private:
  Exposures exposures_;
  server::EvaluationCounts counts_;
  server::Stamps stamps_{[](const std::string&) { return server::Stamps::Known(); }};
  server::Authenticator authenticator_;
  server::Listener listener_;
};

std::shared_ptr<const flags::Definitions> definitions_of(const Pinned& pinned) {
  auto definitions = std::make_shared<flags::Definitions>();
  for (const Guarded& guarded : pinned.configuration.guarded) {
    definitions->flags.emplace(guarded.flag.key, guarded.flag);
    for (const probes::Practitioner& practitioner : guarded.plan.practitioners)
      definitions->synthetic[guarded.flag.key].insert(practitioner.id);
  }
  return definitions;
}

asio::awaitable<void> run_and_end(ProbeOnce& probe, ProbeReport& report, Tasks& tasks) {
  report = co_await probe.run();
  tasks.cancel();
}

asio::awaitable<void> run_all(asio::any_io_executor executor, ProbeOnce& probe, ProbeReport& report,
                              Answering* answering) {
  Tasks tasks(executor);
  if (answering != nullptr) tasks.start(answering->serve());
  tasks.start(run_and_end(probe, report, tasks));
  co_await tasks.join();
}

Result<ProbeReport> carry_out(const probes::Plan& plan, const Pinned* pinned) {
  asio::io_context io(1);
  SystemClock clock;
  SystemEntropy entropy;
  Publisher publisher;
  Witness witness;
  probes::HttpOptions http{{plan.target.hosts.begin(), plan.target.hosts.end()}, ""};
  auto sleep = [&clock](std::chrono::milliseconds time) { return clock.sleep_for(time); };
  auto transport = probes::HttpTransport::make(io.get_executor(), std::move(sleep), http);
  if (transport.has_error()) return Problem{transport.error().where, transport.error().what};
  std::optional<Answering> answering;
  if (pinned != nullptr) {
    publisher.set_definitions(definitions_of(*pinned));
    answering.emplace(io, clock, publisher, witness);
    const auto bound = answering->bind(pinned->configuration);
    if (bound.has_error())
      return Problem{bound.error().where,
                     bound.error().what +
                         "; where a guard runs already, `guard status` shows its "
                         "rounds"};
  }
  ProbeOnce probe(clock, entropy, **transport, publisher, witness, plan,
                  pinned == nullptr ? nullptr : &pinned->flag);
  ProbeReport report;
  std::exception_ptr failure;
  asio::co_spawn(io, run_all(io.get_executor(), probe, report, answering ? &*answering : nullptr),
                 [&failure](std::exception_ptr why) { failure = why; });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return Result<ProbeReport>(boost::system::in_place_value, std::move(report));
}

}  // namespace

ExitCode probe_once(const ProbeOptions& options, std::ostream& out, std::ostream& errors) {
  std::vector<Fault> faults;
  const std::optional<probes::Plan> plan = read_plan(options.plan, faults);
  std::optional<Pinned> pinned;
  if (plan && !options.config.empty()) pinned = find_flag(options, faults);
  for (const Fault& fault : faults) errors << to_string(fault) << "\n";
  if (!faults.empty() || !plan) return kConfigInvalid;
  const Result<ProbeReport> report = carry_out(*plan, pinned ? &*pinned : nullptr);
  if (report.has_error()) {
    errors << "guard probe: " << report.error().where << ": " << report.error().what << "\n";
    return kFailed;
  }
  bool is_ok = !report->arms.empty();
  nlohmann::json list = nlohmann::json::array();
  for (const ProbeReport::Arm& arm : report->arms) {
    is_ok = is_ok && arm.is_ok();
    if (options.as_json)
      list.push_back(to_json(arm));
    else
      print(arm, out);
  }
  if (options.as_json)
    out << list.dump(2) << "\n";
  else
    out << (is_ok ? "every field came back by every path\n" : "NOT every field came back\n");
  return is_ok ? kOk : kFailed;
}

}  // namespace readback::guard
