// What crosses the guard's edges: evaluations, commands, reloads, and what the core is told.
#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "tests/simulation/house_process.h"
#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
namespace asio = boost::asio;
using guard::Command;
using guard::server::Request;
using guard::server::Response;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr Duration kApplicationTimeOut = 250ms;
constexpr const char* kAll = "/ofrep/v1/evaluate/flags";

Request evaluation(const AskedFor& asked) {
  Request request;
  request.method = "POST";
  request.path = asked.all_flags ? kAll : std::string(kAll) + "/" + kFlag;
  if (!asked.entity_tag.empty()) request.headers.emplace_back("if-none-match", asked.entity_tag);
  const json body{{"context", {{"targetingKey", asked.practitioner}}}};
  request.body = body.dump();
  return request;
}

Answered read_answer(const Response& response, bool all_flags) {
  Answered answered;
  answered.status = response.status;
  if (response.status != 200) return answered;
  for (const auto& [name, value] : response.headers)
    if (name == "ETag") answered.entity_tag = value;
  json reply = json::parse(response.body);
  if (all_flags) reply = json(reply["flags"][0]);
  answered.is_treatment = reply.value("variant", "") == "new";
  if (answered.is_treatment)
    answered.until = WallTime(reply["metadata"].value("leaseUntilMs", std::int64_t{0}));
  return answered;
}

}  // namespace

asio::awaitable<std::string> House::ask_variant(std::string practitioner) {
  AskedFor asked{std::move(practitioner), false, "", kApplicationTimeOut};
  const Answered answered = co_await ask(std::move(asked));
  co_return answered.is_treatment ? "new" : "old";
}

asio::awaitable<Answered> House::ask(AskedFor asked) {
  // The question is the asker's; what serves it goes with the guard's process.
  guard::Question<Answered> question(world_.executor(kPeopleNode));
  const auto answer = std::make_shared<guard::Answer<Answered>>(question.answer());
  asio::co_spawn(world_.executor(kPeopleNode), give_up(answer, asked.time_out), rethrow);
  asio::co_spawn(world_.executor(kPeopleNode), carry(std::move(asked), answer), rethrow);
  const std::optional<Answered> answered = co_await question.wait();
  co_return answered.value_or(Answered());
}

asio::awaitable<void> House::give_up(FirstAnswer answer, Duration patience) {
  co_await world_.wait_until(world_.now() + patience);
  answer->give(Answered());
}

asio::awaitable<void> House::carry(AskedFor asked, FirstAnswer answer) {
  const std::optional<Duration> there = travel(world_, clients_link_.there);
  if (!there) co_return;
  if (*there > Duration()) co_await world_.wait_until(world_.now() + *there);
  if (guard() == nullptr)
    answer->give(Answered());  // Nobody listens.
  else
    asio::co_spawn(world_.executor(kGuardNode), serve(std::move(asked), answer), rethrow);
}

asio::awaitable<void> House::serve(AskedFor asked, FirstAnswer answer) {
  if (guard() == nullptr) co_return;
  const bool all_flags = asked.all_flags;
  Request request = evaluation(asked);
  const auto& evaluate = all_flags ? process_->evaluate_all : process_->evaluate_one;
  const Response response = co_await evaluate(std::move(request));
  const Answered answered = read_answer(response, all_flags);
  const Served served{asked.practitioner, asked.practitioner.starts_with("synthetic"),
                      answered.is_treatment, answered.until, clock_.moment()};
  if (served.is_treatment && !served.is_synthetic) last_served_ = world_.now();
  for (const auto& onlooker : onlookers_) onlooker->served(served);
  if (answer_delay_ > Duration()) co_await world_.wait_until(world_.now() + answer_delay_);
  if (response.when_sent) response.when_sent(true);
  asio::co_spawn(world_.executor(kNetworkNode), bring(answered, answer), rethrow);
}

asio::awaitable<void> House::bring(Answered answered, FirstAnswer answer) {
  const std::optional<Duration> back = travel(world_, clients_link_.back);
  if (!back) co_return;
  if (*back > Duration()) co_await world_.wait_until(world_.now() + *back);
  answer->give(answered);
}

void House::command(Command::Kind kind) {
  const SentCommand sent{kind, ++commands_};
  say("on-call: " + std::string(to_string(kind)));
  // What undoes another may take effect before its answer comes.
  if (kind == Command::Kind::resume) undone_by_[Command::Kind::pause] = sent.number;
  if (kind == Command::Kind::rearm) undone_by_[Command::Kind::revert] = sent.number;
  if (kind == Command::Kind::resume) acknowledged_.erase(Command::Kind::pause);
  if (kind == Command::Kind::rearm) acknowledged_.erase(Command::Kind::revert);
  for (const auto& onlooker : onlookers_) onlooker->commanded(sent);
  if (guard() != nullptr)
    asio::co_spawn(world_.executor(kGuardNode), obey(sent), rethrow);
  else if (kind == Command::Kind::revert && process_ == nullptr)
    revert_offline(sent);
}

asio::awaitable<void> House::obey(SentCommand sent) {
  if (guard() == nullptr) co_return;
  json body{{"flag", kFlag},
            {"command", to_string(sent.kind)},
            {"by", "ada"},
            {"reason", "drill " + std::to_string(sent.number)}};
  if (sent.kind == Command::Kind::rearm) body["same_build"] = true;
  Request request;
  request.method = "POST";
  request.path = "/command";
  request.body = body.dump();
  const Response response = co_await process_->command(std::move(request));
  if (response.status == 200) acknowledge(sent);
}

void House::revert_offline(SentCommand sent) {
  SimulatedLatchDevice device(medium_);
  guard::LatchFile latches(device);
  guard::Latch latch;
  latch.is_latched = true;
  latch.generation = latches.read(kFlag).generation + 1;
  latch.when = clock_.wall();
  latch.who = "ada";
  latch.cause = "operator";
  latch.reason = "drill " + std::to_string(sent.number);
  latch.build = configuration_.guarded.front().flag.build;
  latch.max_evidence_age = configuration_.guarded.front().flag.rollout->max_evidence_age;
  if (latches.write(kFlag, latch).has_value()) acknowledge(sent);
}

void House::acknowledge(const SentCommand& sent) {
  say("acknowledged: " + std::string(to_string(sent.kind)));
  const bool is_revert = sent.kind == Command::Kind::revert;
  if (is_revert && cut_at_answer_ == CutAtAnswer::waits) cut_at_answer_ = CutAtAnswer::now;
  const auto undone = undone_by_.find(sent.kind);
  const bool is_undone = undone != undone_by_.end() && undone->second > sent.number;
  if (!is_undone) acknowledged_[sent.kind] = world_.now();
  for (const auto& onlooker : onlookers_) onlooker->acknowledged(sent);
}

std::optional<TimePoint> House::acknowledged(Command::Kind kind) const {
  const auto found = acknowledged_.find(kind);
  return found == acknowledged_.end() ? std::nullopt : std::optional(found->second);
}

void House::configure(guard::Configuration configuration) {
  configuration_ = std::move(configuration);
  total_loss_since_.reset();  // Rounds under way are abandoned.
  is_configuration_right_ = true;
  if (guard() != nullptr) asio::co_spawn(world_.executor(kGuardNode), ask_to_reload(), rethrow);
}

void House::refuse_configuration() {
  is_configuration_right_ = false;
  if (guard() != nullptr) asio::co_spawn(world_.executor(kGuardNode), ask_to_reload(), rethrow);
}

asio::awaitable<void> House::ask_to_reload() {
  if (guard() == nullptr) co_return;
  Request request;
  request.method = "POST";
  request.path = "/reload";
  co_await process_->reload(std::move(request));
}

asio::awaitable<json> House::reload() {
  say(is_configuration_right_ ? "reload" : "reload of a wrong config");
  if (is_configuration_right_)
    process_->guard.reload(configuration_);
  else
    process_->guard.note_failed_reload({{"guard.yaml", {}, "it is wrong"}});
  co_return json{{"accepted", is_configuration_right_}, {"faults", json::array()}};
}

asio::awaitable<void> House::ask_status() {
  if (guard() == nullptr) co_return;
  Request request;
  request.method = "GET";
  request.path = "/status";
  const Response response = co_await process_->status(std::move(request));
  world_.fold(std::hash<std::string>()(response.body));
}

void House::look_at_status() {
  if (guard() != nullptr) asio::co_spawn(world_.executor(kGuardNode), ask_status(), rethrow);
}

guard::Core House::watched_core() {
  // A planted bug is between the two: what the core is told is seen, and what it began with.
  guard::Core core = with_bug(options_.plant, plant_memory_, watched_step());
  core.restore = [this, restore = core.restore](guard::Terms terms, const guard::Latch& latch,
                                                const guard::History& history, flags::Moment now) {
    guard::State state = restore(std::move(terms), latch, history, now);
    for (const auto& onlooker : onlookers_) onlooker->restored(state, history.last(), now);
    return state;
  };
  return core;
}

guard::Core House::watched_step() {
  guard::Core core;
  core.step = [this](guard::State& state, const guard::Event& event) {
    const guard::Phase phase = state.phase;
    const unsigned step = state.step;
    guard::Decision decision = guard::step(state, event);
    world_.fold(static_cast<std::uint64_t>(state.phase) * 16 + state.step);
    const Stepped stepped{phase, step, event, state, decision};
    for (const auto& onlooker : onlookers_) onlooker->stepped(stepped);
    return decision;
  };
  return core;
}

}  // namespace readback::simulation
