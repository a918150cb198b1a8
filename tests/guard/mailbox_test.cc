#include "guard/mailbox.h"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "guard/answer.h"
#include "guard/tasks.h"
#include "tests/simulation/world.h"

namespace asio = boost::asio;
using namespace readback;
using guard::Answer;
using guard::Clock;
using guard::Mailbox;
using guard::Question;
using guard::Tasks;
using namespace std::chrono_literals;

namespace {

struct Ended {
  bool* flag;
  void operator()(const std::exception_ptr&) const { *flag = true; }
};

asio::awaitable<void> read(Mailbox<int>& mailbox, std::vector<int>& seen) {
  for (;;) {
    const int message = co_await mailbox.receive();
    seen.push_back(message);
  }
}

asio::awaitable<void> write(Clock& clock, Mailbox<int>& mailbox, int from, int to) {
  for (int message = from; message < to; ++message) {
    if (!mailbox.send(message)) --message;
    co_await clock.sleep_for(1ms);
  }
}

void run(simulation::World& world) {
  while (world.step()) {
  }
}

// Stands for the frame of the daemon, which owns the mailbox and all who use it.
asio::awaitable<void> own_a_mailbox(asio::any_io_executor executor, std::shared_ptr<int> alive) {
  Mailbox<int> mailbox(executor, 4);
  std::vector<int> seen;
  Tasks tasks(executor);
  tasks.start(read(mailbox, seen));
  co_await tasks.join();
  CHECK(alive != nullptr);
}

asio::awaitable<void> ask(asio::any_io_executor executor, Mailbox<Answer<int>>& mailbox,
                          std::optional<int>& answered, bool& is_over) {
  Question<int> question(executor);
  CHECK(mailbox.send(question.answer()));
  answered = co_await question.wait();
  is_over = true;
}

asio::awaitable<void> answer(Mailbox<Answer<int>>& mailbox, bool really) {
  Answer<int> received = co_await mailbox.receive();
  if (really) received.give(7);
}

}  // namespace

TEST_SUITE("guard/mailbox") {
  TEST_CASE("messages of several writers all arrive, each writer's in order") {
    simulation::World world(1);
    simulation::SimulatedClock clock(world);
    Mailbox<int> mailbox(world.executor(0), 2);
    std::vector<int> seen;
    bool ended = false;
    asio::co_spawn(world.executor(0), read(mailbox, seen), Ended{&ended});
    asio::co_spawn(world.executor(0), write(clock, mailbox, 0, 50), Ended{&ended});
    asio::co_spawn(world.executor(0), write(clock, mailbox, 100, 150), Ended{&ended});
    run(world);
    REQUIRE(seen.size() == 100);
    int low = 0;
    int high = 100;
    for (const int message : seen) CHECK(message == (message < 100 ? low++ : high++));
  }

  TEST_CASE("a full mailbox refuses and keeps what it has") {
    simulation::World world(1);
    Mailbox<int> mailbox(world.executor(0), 2);
    CHECK(mailbox.send(1));
    CHECK(mailbox.send(2));
    CHECK(mailbox.is_full());
    CHECK_FALSE(mailbox.send(3));
    std::vector<int> seen;
    bool ended = false;
    asio::co_spawn(world.executor(0), read(mailbox, seen), Ended{&ended});
    run(world);
    CHECK(seen == std::vector<int>{1, 2});
    CHECK(mailbox.send(4));
    run(world);
    CHECK(seen == std::vector<int>{1, 2, 4});
  }

  TEST_CASE("a reader that is cancelled at any step loses no message") {
    // The reader is woken and cancelled in either order, at every distance in steps.
    for (int steps_before = 0; steps_before < 8; ++steps_before)
      for (const bool cancel_first : {false, true}) {
        simulation::World world(1);
        Mailbox<int> mailbox(world.executor(0), 2);
        std::vector<int> seen;
        bool first_ended = false;
        bool second_ended = false;
        asio::cancellation_signal cancel;
        asio::co_spawn(world.executor(0), read(mailbox, seen),
                       asio::bind_cancellation_slot(cancel.slot(), Ended{&first_ended}));
        for (int i = 0; i < steps_before; ++i) world.step();
        if (cancel_first) cancel.emit(asio::cancellation_type::terminal);
        CHECK(mailbox.send(1));
        if (!cancel_first) cancel.emit(asio::cancellation_type::terminal);
        run(world);
        asio::co_spawn(world.executor(0), read(mailbox, seen), Ended{&second_ended});
        run(world);
        CHECK(first_ended);
        CHECK(seen == std::vector<int>{1});
      }
  }

  TEST_CASE("a waiting reader whose frame's owner owns the mailbox is freed with its world") {
    auto alive = std::make_shared<int>(1);
    bool ended = false;
    {
      simulation::World world(1);
      asio::co_spawn(world.executor(3), own_a_mailbox(world.executor(3), alive), Ended{&ended});
      run(world);
      CHECK(alive.use_count() > 1);
    }
    CHECK(alive.use_count() == 1);
    {
      asio::io_context io(1);
      asio::co_spawn(io, own_a_mailbox(io.get_executor(), alive), Ended{&ended});
      io.poll();
      CHECK(alive.use_count() > 1);
    }
    CHECK(alive.use_count() == 1);
    CHECK_FALSE(ended);
  }

  TEST_CASE("a crash drops the crashed process's reader and nobody else's") {
    auto alive = std::make_shared<int>(1);
    simulation::World world(1);
    bool ended = false;
    std::vector<int> seen;
    Mailbox<int> other(world.executor(2), 1);
    asio::co_spawn(world.executor(1), own_a_mailbox(world.executor(1), alive), Ended{&ended});
    asio::co_spawn(world.executor(2), read(other, seen), Ended{&ended});
    run(world);
    world.crash(1);
    CHECK(alive.use_count() == 1);
    CHECK(other.send(5));
    run(world);
    CHECK(seen == std::vector<int>{5});
    CHECK_FALSE(ended);
  }

  TEST_CASE("a question is answered once, or told that no answer will come") {
    for (const bool really : {true, false}) {
      simulation::World world(1);
      Mailbox<Answer<int>> mailbox(world.executor(0), 1);
      std::optional<int> answered;
      bool is_over = false;
      bool ended = false;
      asio::co_spawn(world.executor(0), ask(world.executor(0), mailbox, answered, is_over),
                     Ended{&ended});
      run(world);
      CHECK_FALSE(is_over);
      asio::co_spawn(world.executor(0), answer(mailbox, really), Ended{&ended});
      run(world);
      CHECK(is_over);
      CHECK(answered == (really ? std::optional(7) : std::nullopt));
    }
  }

  TEST_CASE("an asker who is gone hurts nobody who answers") {
    simulation::World world(1);
    Mailbox<Answer<int>> mailbox(world.executor(0), 1);
    std::optional<int> answered;
    bool is_over = false;
    bool ended = false;
    asio::cancellation_signal cancel;
    asio::co_spawn(world.executor(0), ask(world.executor(0), mailbox, answered, is_over),
                   asio::bind_cancellation_slot(cancel.slot(), Ended{&ended}));
    run(world);
    cancel.emit(asio::cancellation_type::terminal);
    run(world);
    CHECK(ended);
    asio::co_spawn(world.executor(0), answer(mailbox, true), Ended{&ended});
    run(world);
    CHECK_FALSE(is_over);
    CHECK(mailbox.size() == 0);
  }
}
