#include "guard/decider.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "guard/latch_format.h"
#include "tests/guard/rollout_driver.h"
#include "tests/simulation/latch_medium.h"
#include "tests/simulation/world.h"

namespace readback::guard {
namespace {

namespace asio = boost::asio;
using Kind = Command::Kind;
using probes::Outcome;
using namespace std::chrono_literals;

const std::string kFlag = "notes-editor-v2";

// A ledger that waits or fails when a test says so.
class ScriptedStore final : public Store {
 public:
  using Void = asio::awaitable<Result<void>>;
  explicit ScriptedStore(simulation::World& world) : world_(world) {}
  asio::awaitable<Result<Loaded>> load(EntryVisitor) override { co_return Loaded{}; }
  Void append(std::vector<Entry> entries) override {
    ++calls;
    if (is_held) co_await until_released();
    if (is_broken) co_return Problem{"store", "the disk is full"};
    for (const Entry& entry : entries) {
      history.take(entry, {});
      if (!entry.state.contains("evidence")) kinds.push_back(entry.kind);
    }
    co_return Result<void>();
  }
  asio::awaitable<Result<std::vector<Entry>>> tail(unsigned) override {
    co_return std::vector<Entry>();
  }
  Void put_pending(std::vector<PendingRead>) override { co_return Result<void>(); }
  Void erase_pending(std::vector<std::string>) override { co_return Result<void>(); }
  Void record_exposures(std::vector<ExposureRecord>) override { co_return Result<void>(); }

  void hold() { is_held = true; }
  void release() {
    is_held = false;
    if (waiting_) asio::post(world_.executor(1), std::move(*waiting_));
    waiting_.reset();
  }
  void drop() { waiting_.reset(); }

  bool is_held = false;
  bool is_broken = false;
  unsigned calls = 0;
  std::vector<std::string> kinds;  // but of evidence
  History history;

 private:
  // Not cancellable, as no write is that has begun.
  asio::awaitable<void> until_released() {
    auto keep = [this](auto handler) { waiting_.emplace(std::move(handler)); };
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(keep),
                                                                       asio::use_awaitable);
  }

  std::optional<asio::any_completion_handler<void()>> waiting_;
  simulation::World& world_;
};

struct Fixture {
  Fixture() {
    decider.begin(testing::two_step_terms(), {}, History(), true);
    run();
  }
  ~Fixture() {
    store.drop();
    world.crash(1);
  }

  void run() {
    auto on_end = [this](std::exception_ptr why) {
      has_ended = true;
      CHECK_FALSE(why);
    };
    asio::co_spawn(world.executor(1), decider.run(),
                   asio::bind_cancellation_slot(stop.slot(), std::move(on_end)));
  }
  void pass(Duration time) {
    const TimePoint end = world.now() + time;
    while (world.now() < end && world.step()) {
    }
  }
  void ask(Kind kind) {
    Command command;
    command.kind = kind;
    command.by = "ada";
    command.same_build = true;
    asio::co_spawn(
        world.executor(1), decider.ask(kFlag, std::move(command)),
        [this](std::exception_ptr, Acknowledgement answer) { answers.push_back(answer); });
  }
  void settle(std::uint64_t block, unsigned member, Outcome outcome) {
    for (const auto& [path, delay] : {std::pair{"record", 0ms}, std::pair{"list", 2'000ms}}) {
      probes::Observation observation;
      observation.block = block;
      observation.member = member;
      observation.arm = member == 0 ? probes::Arm::treatment : probes::Arm::control;
      observation.cell = {"visit", "interview", "any"};
      observation.read = {path, delay};
      observation.outcome = outcome;
      decider.tell(kFlag, Observed{observation, began});
    }
  }
  void configure(const std::string& flag) {
    Terms terms = testing::two_step_terms();
    terms.flag = flag;
    asio::co_spawn(world.executor(1), decider.configure({terms}),
                   [](std::exception_ptr why) { CHECK_FALSE(why); });
    pass(1ms);
  }
  void block(Outcome treatment) {
    pass(1s);
    began = clock.moment();
    const std::uint64_t number = ++blocks;
    decider.tell(kFlag, BlockOpened{number, "visit", "any", 2, 0, false, began});
    settle(number, 1, Outcome::ok);
    settle(number, 0, treatment);
  }
  void expose() {
    ask(Kind::start);
    pass(1s);
    block(Outcome::ok);
    REQUIRE(mode() == flags::Exposure::Mode::leased);
  }
  // Until no further write is taken: the one that is under way and ten thousand that wait.
  void fill_queue() {
    store.hold();
    Command command;
    command.kind = Kind::pause;
    command.by = "bob";
    for (int i = 0; i < 10'001; ++i) {
      decider.tell(kFlag, Commanded{command});
      if (i == 0) pass(10ms);
    }
  }

  flags::Exposure::Mode mode() { return publisher.current()->exposures.at(kFlag).mode; }
  const State& state() { return *decider.state(kFlag); }
  Latch latch() { return latches.read(kFlag); }

  simulation::World world{1};
  simulation::SimulatedClock clock{world};
  Publisher publisher;
  ScriptedStore store{world};
  simulation::LatchMedium medium{new_latch_file(false)};
  simulation::SimulatedLatchDevice device{medium};
  LatchFile latches{device};
  Decider decider{world.executor(1), world.executor(1), clock, publisher, store, latches, {}};
  asio::cancellation_signal stop;
  bool has_ended = false;
  std::vector<Acknowledgement> answers;
  flags::Moment began;
  std::uint64_t blocks = 0;
};

using Mode = flags::Exposure::Mode;

}  // namespace

TEST_SUITE("guard/decider") {
  TEST_CASE("what narrows is served before tell returns, what widens once it is durable") {
    Fixture f;
    f.store.hold();
    f.ask(Kind::start);
    f.pass(2s);
    f.block(Outcome::ok);
    CHECK(f.mode() == Mode::safe);
    CHECK(f.answers.empty());
    f.store.release();
    f.pass(1s);
    CHECK(f.mode() == Mode::leased);
    REQUIRE(f.answers.size() == 1);
    CHECK(f.answers.front().is_accepted);
    f.decider.tell(kFlag, Commanded{{.kind = Kind::pause, .by = "bob", .reason = ""}});
    CHECK(f.mode() == Mode::safe);
  }

  TEST_CASE("a revert stands on its latch alone, a start needs the store") {
    Fixture f;
    f.store.is_broken = true;
    SUBCASE("start") {
      f.ask(Kind::start);
      f.pass(1s);
      REQUIRE(f.answers.size() == 1);
      CHECK_FALSE(f.answers.front().is_accepted);
      CHECK_FALSE(f.answers.front().is_durable);
      CHECK(f.state().phase == Phase::waiting);
      CHECK(f.decider.store_trouble() == "the disk is full");
    }
    SUBCASE("revert") {
      f.ask(Kind::revert);
      f.pass(1s);
      REQUIRE(f.answers.size() == 1);
      CHECK(f.answers.front().is_accepted);
      CHECK(f.latch().is_latched);
    }
  }

  TEST_CASE("a latch that could not be written is served, not acknowledged, and tried again") {
    Fixture f;
    f.expose();
    f.medium.fail_call(1);
    f.ask(Kind::revert);
    f.pass(100ms);
    CHECK(f.mode() == Mode::safe);
    REQUIRE(f.answers.size() == 2);
    CHECK_FALSE(f.answers.back().is_accepted);
    CHECK_FALSE(f.answers.back().is_durable);
    CHECK_FALSE(f.latch().is_latched);
    f.pass(1s);
    CHECK(f.latch().is_latched);
    CHECK(f.state().is_latch_durable);
  }

  TEST_CASE("a store that fails in something else ends exposure") {
    Fixture f;
    f.expose();
    f.decider.tell(kFlag, StoreFailed{"input/output error"});
    CHECK(f.mode() == Mode::safe);
    CHECK(f.decider.store_trouble() == "input/output error");
  }

  TEST_CASE("with too many writes waiting a start is refused, and a revert is served and kept") {
    Fixture f;
    f.fill_queue();
    SUBCASE("start") {
      f.ask(Kind::start);
      f.pass(10ms);
      REQUIRE(f.answers.size() == 1);
      CHECK_FALSE(f.answers.front().is_accepted);
      CHECK(f.state().phase == Phase::waiting);
    }
    SUBCASE("revert") {
      f.ask(Kind::revert);
      f.pass(10ms);
      REQUIRE(f.answers.size() == 1);
      CHECK_FALSE(f.answers.front().is_durable);
      CHECK(f.mode() == Mode::safe);
      CHECK(f.state().phase == Phase::latched);
      f.store.release();
      f.pass(2s);
      CHECK(f.latch().is_latched);
    }
  }

  TEST_CASE("a proof that cannot be written down is not tried again at once and for ever") {
    Fixture f;
    f.expose();
    f.ask(Kind::revert);
    f.pass(1s);
    f.ask(Kind::rearm);
    f.pass(1s);
    REQUIRE(f.state().phase == Phase::proving);
    f.block(Outcome::ok);
    f.block(Outcome::ok);
    SUBCASE("too many writes are waiting") {
      f.fill_queue();
    }
    SUBCASE("the store fails") {
      f.store.is_broken = true;
    }
    const unsigned calls = f.store.calls;
    f.block(Outcome::ok);
    f.pass(10s);
    CHECK(f.state().phase == Phase::proving);
    CHECK(f.latch().is_latched);
    // An ill store is asked again each five seconds.
    CHECK(f.store.calls <= calls + 3);
    CHECK(f.mode() == Mode::safe);
  }

  TEST_CASE("a proven re-arm is rolling again, in the ledger, too") {
    Fixture f;
    f.expose();
    f.ask(Kind::revert);
    f.pass(1s);
    f.ask(Kind::rearm);
    f.pass(1s);
    for (int i = 0; i < 3; ++i) f.block(Outcome::ok);
    f.pass(1s);
    CHECK(f.state().phase == Phase::rolling);
    CHECK_FALSE(f.latch().is_latched);
    REQUIRE(f.store.kinds.back() == "rearmed");
    const State restored =
        restore(testing::two_step_terms(), f.latch(), f.store.history, f.clock.moment());
    CHECK(restored.phase == Phase::rolling);
    CHECK(restored.step == 0);
  }

  TEST_CASE("what was decided before the end is still written") {
    Fixture f;
    f.store.hold();
    f.ask(Kind::start);
    f.ask(Kind::pause);
    f.ask(Kind::revert);
    f.pass(100ms);
    f.stop.emit(asio::cancellation_type::terminal);
    f.pass(1s);
    CHECK_FALSE(f.has_ended);
    f.store.release();
    f.pass(1s);
    CHECK(f.has_ended);
    CHECK(f.store.kinds == std::vector<std::string>{"started", "paused", "reverted"});
    CHECK(f.latch().is_latched);
    CHECK(f.answers.size() == 3);
  }

  TEST_CASE("an end that comes while the one write is under way is not forgotten") {
    Fixture f;
    f.store.hold();
    f.ask(Kind::start);
    f.pass(100ms);
    f.stop.emit(asio::cancellation_type::terminal);
    f.pass(1s);
    CHECK_FALSE(f.has_ended);
    f.store.release();
    f.pass(1s);
    CHECK(f.has_ended);
    CHECK(f.store.kinds == std::vector<std::string>{"started"});
  }

  TEST_CASE("a wall clock that jumped proves nothing any more") {
    for (const auto jump : {-1h, 1h}) {
      Fixture f;
      f.expose();
      f.clock.set_wall_error(jump);
      f.pass(1s);
      CHECK(f.mode() == Mode::safe);
      f.block(Outcome::ok);
      CHECK(f.mode() == Mode::leased);
      REQUIRE(f.decider.clock_jumps().size() == 1);
      const auto by = f.decider.clock_jumps().front().by;
      CHECK(std::chrono::abs(by - jump) < 2ms);
      CHECK(f.clock.wall() - f.decider.clock_jumps().front().at < 3s);
    }
  }

  TEST_CASE("a flag that nobody knows is answered, and its events are dropped") {
    Fixture f;
    asio::co_spawn(
        f.world.executor(1), f.decider.ask("other", Command{}),
        [&](std::exception_ptr, Acknowledgement answer) { f.answers.push_back(answer); });
    f.decider.tell("other", Ticked{});
    f.pass(10ms);
    REQUIRE(f.answers.size() == 1);
    CHECK_FALSE(f.answers.front().is_accepted);
    CHECK(f.decider.state("other") == nullptr);
  }

  TEST_CASE("a configuration brings flags and takes them away") {
    Fixture f;
    f.expose();
    f.configure("other");
    CHECK(f.decider.flags() == std::vector<std::string>{"other"});
    CHECK(f.decider.state(kFlag) == nullptr);
    CHECK(f.mode() == Mode::safe);
  }

  TEST_CASE("a flag that a configuration takes away keeps a revert that isn't on disk yet") {
    Fixture f;
    f.expose();
    SUBCASE("its write is under way") {
      f.store.hold();
      f.ask(Kind::pause);  // The revert waits behind it.
      f.ask(Kind::revert);
      f.configure("other");
      CHECK_FALSE(f.latch().is_latched);
      f.medium.fail_call(1);
      f.store.release();
    }
    SUBCASE("its write failed") {
      f.medium.fail_call(1);
      f.ask(Kind::revert);
      f.pass(10ms);
      REQUIRE_FALSE(f.latch().is_latched);
      f.configure("other");
    }
    SUBCASE("and comes back") {
      f.medium.fail_call(1);
      f.ask(Kind::revert);
      f.pass(10ms);
      f.configure("other");
      f.configure(kFlag);
      CHECK(f.state().phase == Phase::latched);
      CHECK(f.decider.flags() == std::vector<std::string>{kFlag});
    }
    CHECK(f.mode() == Mode::safe);
    f.pass(2s);
    CHECK(f.latch().is_latched);
    if (f.decider.flags().front() != kFlag) CHECK(f.decider.state(kFlag) == nullptr);
  }

  TEST_CASE("a latch that fails is no trouble of the store, and a re-arm may follow it") {
    Fixture f;
    f.expose();
    f.medium.fail_call(1);
    f.ask(Kind::revert);
    f.pass(100ms);
    CHECK(f.state().is_store_well);
    CHECK(f.decider.store_trouble().empty());
    CHECK(f.mode() == Mode::safe);
    f.pass(1s);
    f.ask(Kind::rearm);
    f.pass(1s);
    for (int i = 0; i < 3; ++i) f.block(Outcome::ok);
    f.pass(1s);
    f.block(Outcome::ok);
    CHECK(f.mode() == Mode::leased);
  }

  TEST_CASE("a store is well again once an entry was written, and not before") {
    Fixture f;
    f.expose();
    f.store.is_broken = true;
    f.decider.tell(kFlag, StoreFailed{"too many pending reads"});
    for (int i = 0; i < 10; ++i) f.block(Outcome::ok);
    CHECK(f.mode() == Mode::safe);
    CHECK(f.decider.store_trouble() == "the disk is full");
    CHECK(f.store.calls <= 4);
    f.store.is_broken = false;
    for (int i = 0; i < 6; ++i) f.block(Outcome::ok);
    CHECK(f.mode() == Mode::leased);
    CHECK(f.decider.store_trouble().empty());
    CHECK(std::count(f.store.kinds.begin(), f.store.kinds.end(), "restated") >= 1);
  }
}

}  // namespace readback::guard
