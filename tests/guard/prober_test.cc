#include "guard/prober.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <random>

#include "guard/guard.h"
#include "guard/latch_format.h"
#include "tests/guard/recording_store.h"
#include "tests/simulation/latch_medium.h"
#include "tests/simulation/network.h"
#include "tests/simulation/notes_configuration.h"
#include "tests/simulation/world.h"

namespace readback::guard {
namespace {

namespace asio = boost::asio;
using probes::Arm;
using Counted = ProbeCounts::Result;
using namespace std::chrono_literals;

class SeededEntropy final : public Entropy {
 public:
  std::uint64_t draw() override { return random_(); }

 private:
  std::mt19937_64 random_{1};
};

// How the application asks for the flag while it saves.
enum class Asking { in_time, late, never, for_another_variant, by_another_path };

// One prober and the simulated application, whose evaluations are testified by hand.
// The application behind a network on which reads may get no answer.
class Readable final : public probes::Transport {
 public:
  Readable(simulation::World& world, probes::Transport& inner) : world_(world), inner_(inner) {}

  asio::awaitable<probes::Reply> exchange(probes::Request request, probes::Limits limits) override {
    const bool is_silent = !answers_reads && request.method == "GET";
    if (is_silent) co_await world_.wait_until(world_.now() + limits.time_out);
    if (is_silent) co_return probes::Silence::timed_out;
    probes::Reply reply = co_await inner_.exchange(std::move(request), limits);
    co_return reply;
  }

  bool answers_reads = true;

 private:
  simulation::World& world_;
  probes::Transport& inner_;
};

struct Fixture {
  Fixture() {
    guarded = simulation::notes_configuration().guarded.front();
    subject.flag = guarded.flag.key;
    subject.treatment = "new";
    subject.safe = "old";
    subject.plan = guarded.plan;
    std::set<std::string> expected;
    for (const auto& practitioner : guarded.plan.practitioners) {
      expected.insert(practitioner.id);
      expected.insert(practitioner.patients.begin(), practitioner.patients.end());
    }
    application.expect(std::move(expected));
    decider.begin(terms_of(guarded), {}, History(), true);
  }
  ~Fixture() { world.crash(1); }

  void start() {
    const Surroundings around{clock,     entropy, transport,  store, decider,
                              publisher, witness, loop_watch, counts};
    prober.emplace(world.executor(1), subject, around);
    asio::co_spawn(world.executor(1), prober->run({}), [](std::exception_ptr) {});
    asio::co_spawn(world.executor(1), loop_watch.watch(), [](std::exception_ptr) {});
    asio::co_spawn(world.executor(1), decider.run(), [](std::exception_ptr) {});
  }
  void pass(Duration time) {
    const TimePoint end = world.now() + time;
    while (world.now() < end && world.step()) {
    }
  }

  asio::awaitable<std::string> ask(std::string practitioner) {
    CHECK(asking_now.insert(practitioner).second);
    const auto snapshot = publisher.current();
    const auto& pins = snapshot->pins.at(subject.flag);
    const std::string variant = pins.at(practitioner).variant;
    (variant == "new" ? treated : controls).insert(practitioner);
    const bool is_other = asking == Asking::for_another_variant;
    const std::string other = variant == "new" ? "old" : "new";
    Witness::Ticket ticket = 0;
    if (asking != Asking::never)
      ticket = witness.asked(subject.flag, practitioner, is_other ? other : variant, clock.now());
    const auto lasts = asking == Asking::late ? 150ms : takes;
    co_await world.wait_until(world.now() + lasts);
    if (asking != Asking::never)
      witness.answered(subject.flag, practitioner, ticket, clock.now(), true);
    asking_now.erase(practitioner);
    co_return asking == Asking::by_another_path ? other : variant;
  }

  std::uint64_t rounds(Counted result) const {
    std::uint64_t count = 0;
    for (const auto& [key, number] : counts.rounds)
      if (std::get<3>(key) == result) count += number;
    return count;
  }
  bool is_latched() const { return decider.state(subject.flag)->phase == Phase::latched; }

  Asking asking = Asking::in_time;
  std::chrono::milliseconds takes{5};
  std::set<std::string> treated;
  std::set<std::string> controls;
  std::set<std::string> asking_now;
  simulation::World world{1};
  simulation::SimulatedClock clock{world};
  simulation::Application application{world, [this](std::string who) { return ask(who); }};
  simulation::Network network{world, clock, world.executor(1), application};
  Readable transport{world, network};
  SeededEntropy entropy;
  RecordingStore store;
  Publisher publisher;
  Witness witness;
  LoopWatch loop_watch{clock};
  ProbeCounts counts;
  simulation::LatchMedium medium{new_latch_file(false)};
  simulation::SimulatedLatchDevice device{medium};
  LatchFile latches{device};
  Decider decider{world.executor(1), world.executor(1), clock, publisher, store, latches, {}};
  Guarded guarded;
  Subject subject;
  std::optional<Prober> prober;
};

}  // namespace

TEST_SUITE("guard/prober") {
  TEST_CASE("an arm counts only if its evaluations were in time, whole and its own") {
    struct Row {
      Asking asking;
      bool counts;
      VoidReason why{};  // of those that don't
    };
    const Row rows[] = {{Asking::in_time, true},
                        {Asking::late, false, VoidReason::answered_late},
                        {Asking::never, false, VoidReason::not_asked},
                        {Asking::for_another_variant, false, VoidReason::other_variant},
                        {Asking::by_another_path, false, VoidReason::other_path}};
    for (const Row& row : rows) {
      CAPTURE(&row - rows);
      Fixture f;
      f.asking = row.asking;
      f.start();
      f.pass(20s);
      CHECK((f.rounds(Counted::ok) > 10) == row.counts);
      CHECK((f.rounds(Counted::void_arm) > 10) == !row.counts);
      CHECK((f.rounds(Counted::ok) == 0 || f.rounds(Counted::void_arm) == 0));
      CHECK(f.rounds(Counted::fail) == 0);
      std::uint64_t voids = 0;
      for (const auto& [key, count] : f.counts.voids) {
        CHECK(std::get<VoidReason>(key) == row.why);
        voids += count;
      }
      CHECK(voids == f.rounds(Counted::void_arm));
    }
  }

  TEST_CASE("a void arm is no loss, though nothing was stored") {
    Fixture f;
    f.asking = Asking::late;
    f.application.break_with(simulation::fault_named("acknowledged-not-stored"));
    f.start();
    f.pass(20s);
    CHECK(f.rounds(Counted::fail) == 0);
    CHECK(f.decider.state(f.subject.flag)->harm.finding() == Harm::Finding::none);
  }

  TEST_CASE("who is treatment is drawn anew for each block") {
    Fixture f;
    f.start();
    f.pass(90s);
    // Some 60 blocks of 18 practitioners: each has been both.
    CHECK(f.treated.size() == 18);
    CHECK(f.controls.size() == 18);
  }

  TEST_CASE("who is still playing is in no other block, and a block without a cast is skipped") {
    Fixture f;
    f.takes = 90ms;
    f.subject.plan.practitioners.resize(4);
    f.subject.plan.interval = 150ms;
    f.start();
    f.pass(20s);  // ask() checks that nobody asks twice at once.
    CHECK(f.counts.blocks_skipped[f.subject.flag] > 10);
    CHECK(f.rounds(Counted::ok) > 10);
  }

  TEST_CASE("a suspect cell is repeated at once, and a latched flag is not probed") {
    Fixture f;
    f.subject.plan.interval = 60s;
    f.application.break_with(simulation::fault_named("acknowledged-not-stored"));
    f.start();
    const auto is_suspect = [&] {
      return !f.decider.state(f.subject.flag)->harm.suspects().empty();
    };
    while (!is_suspect() && f.world.now() < TimePoint(60s)) f.world.step();
    REQUIRE(is_suspect());
    const TimePoint suspected = f.world.now();
    while (!f.is_latched() && f.world.now() < suspected + 60s) f.world.step();
    CHECK(f.world.now() < suspected + 5s);
    f.pass(10s);
    const std::size_t writes = f.application.write_starts().size();
    f.pass(300s);
    CHECK(f.application.write_starts().size() == writes);
  }

  TEST_CASE("a read without an answer for a day is never read, which is neither ok nor a loss") {
    Fixture f;
    f.subject.plan.interval = 40h;
    f.subject.plan.jitter = 0;
    f.transport.answers_reads = false;
    f.start();
    f.pass(10h + 1min);  // One block of each journey.
    const std::size_t pending = f.prober->pending();
    CHECK(pending > 6);
    f.pass(23h + 50min);
    CHECK(f.prober->pending() == pending);
    CHECK(f.counts.never_read.empty());
    f.pass(30min);
    CHECK(f.prober->pending() == 0);
    CHECK(f.prober->left().empty());
    std::uint64_t never_read = 0;
    for (const auto& [key, count] : f.counts.never_read) never_read += count;
    CHECK(never_read >= pending);
    CHECK(f.counts.reads.empty());
    CHECK(f.decider.state(f.subject.flag)->harm.finding() == Harm::Finding::none);
    CHECK_FALSE(f.decider.state(f.subject.flag)->progress.evidence_began(terms_of(f.guarded)));
  }

  TEST_CASE("a store that takes no more pending reads stops new blocks, and is not ill") {
    Fixture f;
    f.store.is_full = true;
    f.transport.answers_reads = false;  // So that nothing pending comes to its end.
    f.start();
    f.pass(20s);
    const std::size_t writes = f.application.write_starts().size();
    CHECK(writes > 0);
    f.pass(60s);
    CHECK(f.application.write_starts().size() == writes);
    CHECK(f.counts.blocks_skipped[f.subject.flag] > 10);
    CHECK(f.decider.state(f.subject.flag)->is_store_well);
    f.store.is_full = false;
    f.transport.answers_reads = true;
    f.pass(90s);
    CHECK(f.application.write_starts().size() > writes);
    CHECK(f.rounds(Counted::ok) > 10);
  }

  TEST_CASE("what the walks made is removed once its reads are done") {
    Fixture f;
    f.subject.plan.interval = 1h;
    f.subject.plan.jitter = 0;
    f.start();
    f.pass(15min + 5s);
    CHECK(f.application.visits() == 6);  // Two journeys of three members.
    f.pass(20s);
    CHECK(f.application.visits() == 0);
    CHECK(f.prober->pending() == 0);
    CHECK(f.prober->left().empty());
  }
}

}  // namespace readback::guard
