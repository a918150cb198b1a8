#include "tests/simulation/house.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "guard/latch_format.h"
#include "tests/simulation/house_process.h"
#include "tests/simulation/notes_configuration.h"

namespace readback::simulation {
namespace asio = boost::asio;
using guard::Command;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr int kPeople = 20;
constexpr std::int64_t kClockErrorMs = 1'000;  // as guard/bounds.h states it

std::set<std::string> synthetic_ids(const guard::Configuration& configuration) {
  std::set<std::string> ids;
  for (const auto& practitioner : configuration.guarded.front().plan.practitioners) {
    ids.insert(practitioner.id);
    ids.insert(practitioner.patients.begin(), practitioner.patients.end());
  }
  return ids;
}

// Faults that break every write of treatment of some journey, whatever was written.
bool is_total(const std::string& fault) {
  static const std::set<std::string> kTotal{"lost-when-document-shared", "acknowledged-not-stored",
                                            "truncate:3", "swap-fields", "stale-cache:20"};
  return kTotal.contains(fault);
}

bool is_cancellation(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

House::House(HouseOptions options)
    : options_(options),
      world_(options.seed),
      clock_(world_),
      configuration_(notes_configuration()),
      disk_(options.seed),
      medium_(guard::new_latch_file(false)),
      disk_lane_{options.longest_disk_call, {}},
      application_(world_, [this](std::string who) { return ask_variant(std::move(who)); }),
      network_(world_, clock_, world_.executor(kGuardNode), application_) {
  network_.link = {options.network, options.network};
  if (options_.plant == Plant::latch_not_synced) medium_.lie_about_syncs();
  if (options_.plant == Plant::log_not_synced) disk_.lie_about_log_syncs();
  application_.expect(synthetic_ids(configuration_));
  const auto ask = [this](AskedFor asked) { return this->ask(std::move(asked)); };
  const auto use = [this](const Client& client, WallTime) {
    ++uses_;
    if (!client.kind().is_unbounded) last_used_ = world_.now();
    for (const auto& onlooker : onlookers_) onlooker->used(client);
  };
  for (int i = 0; i < kPeople; ++i) {
    // Half of them are servers, which ask most.
    const auto kind = i % 2 == 0 ? 0 : static_cast<std::size_t>(i / 2) % kClientKinds.size();
    const WallTime error(static_cast<std::int64_t>(world_.random()() % (2 * kClockErrorMs)) -
                         kClockErrorMs);
    clients_.emplace_back(world_, clock_, "p-" + std::to_string(i), kClientKinds[kind], error, ask,
                          use);
    asio::co_spawn(world_.executor(kPeopleNode), clients_.back().live(), rethrow);
  }
}

House::~House() {
  for (const Node node : {kGuardNode, kDiskNode, kPeopleNode, kNetworkNode}) world_.crash(node);
}

bool House::step() {
  const bool is_left = world_.step();
  if (is_power_to_be_cut_ && disk_.has_failed()) crash(true);
  if (cut_at_answer_ == CutAtAnswer::now) {
    cut_at_answer_ = CutAtAnswer::no;
    crash(true);
  }
  if (process_ && process_->has_ended) end();
  if (is_advance_to_be_reverted_ && state() != nullptr && state()->is_advancing) {
    is_advance_to_be_reverted_ = false;
    command(Command::Kind::revert);
  }
  if (is_loss_total_) look_for_total_loss();
  for (const auto& onlooker : onlookers_) onlooker->looked();
  return is_left;
}

void House::start() {
  assert(process_ == nullptr);
  process_ = std::make_unique<Process>(*this, world_.steps());
  auto on_end = [this](std::exception_ptr thrown) {
    if (thrown && !is_cancellation(thrown)) rethrow(thrown);
    process_->has_ended = true;
  };
  asio::co_spawn(world_.executor(kGuardNode), live(),
                 asio::bind_cancellation_slot(process_->end.slot(), std::move(on_end)));
}

asio::awaitable<void> House::live() {
  co_await process_->guard.begin();
  process_->is_serving = true;
  co_await process_->guard.run();
}

void House::crash(bool is_power_cut) {
  say(is_power_cut ? "power cut" : "crash");
  is_power_to_be_cut_ = false;
  world_.crash(kGuardNode);
  world_.crash(kDiskNode);
  disk_lane_.busy_until = {};
  if (is_power_cut) {
    disk_.crash();
    medium_.crash(world_.random());
  } else {
    disk_.kill();
  }
  end();
}

void House::end() {
  suspended_.reset();
  is_snapshot_ = false;
  if (process_ == nullptr) return;
  world_.crash(kGuardNode);
  world_.crash(kDiskNode);
  process_.reset();
  for (const auto& onlooker : onlookers_) onlooker->ended();
}

void House::cut_power_in_call(unsigned number) {
  is_power_to_be_cut_ = true;
  disk_.fail_from_call(number);
}

void House::revert_and_cut_power() {
  cut_at_answer_ = CutAtAnswer::waits;
  command(Command::Kind::revert);
}

void House::stop() {
  if (process_ == nullptr) return;
  say("SIGTERM");
  // Whoever asks from now on is refused.
  process_->is_serving = false;
  process_->end.emit(asio::cancellation_type::terminal);
}

void House::suspend() {
  if (suspended_) return;
  hang();
  world_.freeze(kDiskNode);
  suspended_ = world_.now();
}

void House::snapshot() {
  suspend();
  is_snapshot_ = true;
}

void House::resume() {
  if (suspended_) {
    const Duration time = world_.now() - *suspended_;
    world_.postpone(kGuardNode, time);
    world_.postpone(kDiskNode, time);
    if (is_snapshot_) clock_.fall_behind(time);
  }
  suspended_.reset();
  is_snapshot_ = false;
  world_.thaw(kGuardNode);
  world_.thaw(kDiskNode);
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
  say("the application: " + fault);
  application_.break_with(fault_named(fault));
  broken_since_ = world_.now();
  is_loss_total_ = is_total(fault);
  total_loss_since_.reset();
}

void House::be_disturbed(bool is_disturbed) {
  is_disturbed_ = is_disturbed;
  total_loss_since_.reset();
}

void House::look_for_total_loss() {
  if (is_disturbed_ || guard() == nullptr)
    total_loss_since_.reset();
  else if (!total_loss_since_)
    total_loss_since_ = world_.now();
}

void House::say(const std::string& what) const {
  if (options_.is_verbose)
    std::cout << world_.now().time_since_epoch() / 1ms << " ms  " << what << "\n";
}

}  // namespace readback::simulation
