#include "tests/simulation/house.h"

#include <boost/asio/co_spawn.hpp>
#include <cassert>
#include <nlohmann/json.hpp>
#include <utility>

#include "guard/latch_format.h"
#include "tests/simulation/house_process.h"
#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
namespace asio = boost::asio;
using guard::Command;
using nlohmann::json;

namespace {

constexpr Node kPeopleNode = 2;
constexpr int kPeople = 20;
constexpr Duration kApplicationTimeOut = std::chrono::milliseconds(250);

// What is over in one life is nobody's failure; what is thrown is a bug.
void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

std::set<std::string> synthetic_ids(const guard::Configuration& configuration) {
  std::set<std::string> ids;
  for (const auto& practitioner : configuration.guarded.front().plan.practitioners) {
    ids.insert(practitioner.id);
    ids.insert(practitioner.patients.begin(), practitioner.patients.end());
  }
  return ids;
}

}  // namespace

House::House(HouseOptions options)
    : options_(options),
      world_(options.seed),
      clock_(world_),
      configuration_(notes_configuration()),
      disk_(options.seed),
      medium_(guard::new_latch_file(false)),
      application_(world_, options.network,
                   [this](std::string who) { return ask_variant(std::move(who)); }),
      echo_(application_) {
  if (options_.plant == Plant::latch_not_synced) medium_.lie_about_syncs();
  if (options_.plant == Plant::log_not_synced) disk_.lie_about_log_syncs();
  application_.expect(synthetic_ids(configuration_));
  for (int i = 0; i < kPeople; ++i)
    asio::co_spawn(world_.executor(kPeopleNode), practise("p-" + std::to_string(i)), rethrow);
}

House::~House() {
  world_.crash(kGuardNode);
  world_.crash(kPeopleNode);
}

void House::start() {
  assert(process_ == nullptr);
  process_ = std::make_unique<Process>(*this, world_.steps());
  asio::co_spawn(world_.executor(kGuardNode), live(), rethrow);
}

asio::awaitable<void> House::live() {
  co_await process_->guard.begin();
  process_->is_serving = true;
  co_await process_->guard.run();
}

void House::crash(bool is_power_cut) {
  world_.crash(kGuardNode);
  if (is_power_cut) {
    disk_.crash();
    medium_.crash(world_.random());
  } else {
    disk_.kill();
  }
  process_.reset();
}

guard::Guard* House::guard() {
  return process_ && process_->is_serving ? &process_->guard : nullptr;
}
const guard::Guard* House::guard() const {
  return process_ && process_->is_serving ? &process_->guard : nullptr;
}
const guard::State* House::state() const {
  return guard() == nullptr ? nullptr : guard()->decider().state(kFlag);
}

void House::break_with(const std::string& fault) {
  application_.break_with(fault_named(fault));
  broken_since_ = world_.now();
}

void House::command(Command::Kind kind) {
  if (guard() == nullptr) return;
  // What undoes another may take effect before its answer comes.
  if (kind == Command::Kind::resume) acknowledged_.erase(Command::Kind::pause);
  if (kind == Command::Kind::rearm) acknowledged_.erase(Command::Kind::revert);
  Command command;
  command.kind = kind;
  command.by = "ada";
  command.reason = "drill";
  command.same_build = true;
  asio::co_spawn(world_.executor(kGuardNode), obey(std::move(command)), rethrow);
}

asio::awaitable<void> House::obey(Command command) {
  const Command::Kind kind = command.kind;
  const guard::Acknowledgement answer =
      co_await process_->guard.decider().ask(kFlag, std::move(command));
  if (answer.is_accepted && answer.is_durable) acknowledged_[kind] = world_.now();
}

std::optional<TimePoint> House::acknowledged(Command::Kind kind) const {
  const auto found = acknowledged_.find(kind);
  return found == acknowledged_.end() ? std::nullopt : std::optional(found->second);
}

asio::awaitable<void> House::practise(std::string practitioner) {
  WallTime held_until{};
  for (;;) {
    const auto pause = std::chrono::milliseconds(300 + world_.random()() % 3'000);
    co_await world_.wait_until(world_.now() + pause);
    if (clock_.wall() >= held_until) {
      const Served served = co_await ask(practitioner);
      held_until = served.is_treatment ? served.lease_until : WallTime();
    }
    if (clock_.wall() < held_until) last_used_ = world_.now();
  }
}

asio::awaitable<std::string> House::ask_variant(std::string practitioner) {
  const Served served = co_await ask(std::move(practitioner));
  co_return served.is_treatment ? "new" : "old";
}

asio::awaitable<House::Served> House::ask(std::string practitioner) {
  if (guard() == nullptr) co_return Served();
  // The question is the asker's; what serves it goes with the guard's process.
  guard::Question<Served> question(world_.executor(kPeopleNode));
  const auto answer = std::make_shared<guard::Answer<Served>>(question.answer());
  asio::co_spawn(world_.executor(kGuardNode), serve(std::move(practitioner), answer), rethrow);
  asio::co_spawn(world_.executor(kPeopleNode), give_up(answer), rethrow);
  const std::optional<Served> served = co_await question.wait();
  co_return served.value_or(Served());
}

asio::awaitable<void> House::give_up(FirstAnswer answer) {
  co_await world_.wait_until(world_.now() + kApplicationTimeOut);
  answer->give(Served());
}

asio::awaitable<void> House::serve(std::string practitioner, FirstAnswer answer) {
  guard::server::Request request;
  request.method = "POST";
  request.path = std::string("/ofrep/v1/evaluate/flags/") + kFlag;
  const json body{{"context", {{"targetingKey", practitioner}}}};
  request.body = body.dump();
  const guard::server::Response response = co_await process_->evaluate(std::move(request));
  const json reply = json::parse(response.body);
  Served served;
  served.is_treatment = reply.value("variant", "") == "new";
  if (served.is_treatment)
    served.lease_until = WallTime(reply["metadata"].value("leaseUntilMs", std::int64_t{0}));
  if (served.is_treatment && !practitioner.starts_with("synthetic")) last_served_ = world_.now();
  co_await world_.wait_until(world_.now() + answer_delay_);
  if (response.when_sent) response.when_sent(true);
  answer->give(served);
}

void House::note() {
  std::uint64_t seen = static_cast<std::uint64_t>(world_.now().time_since_epoch().count());
  const auto fold = [this](std::uint64_t value) { trace_ = (trace_ ^ value) * 1'099'511'628'211U; };
  fold(seen);
  fold(static_cast<std::uint64_t>(last_used_.time_since_epoch().count()));
  fold(ledger_.size());
  fold(application_.visits());
  if (guard() != nullptr) fold(guard()->publisher().generation());
  if (state() != nullptr) fold(static_cast<std::uint64_t>(state()->phase) * 16 + state()->step);
}

}  // namespace readback::simulation
