#include "guard/watchdog.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

#include "guard/system_clock.h"

namespace asio = boost::asio;
using namespace readback::guard;
using namespace std::chrono_literals;

namespace {

// How a child process ends that runs this with a watchdog: its exit status, or -1.
int exit_of(const std::function<void(asio::io_context&, SystemClock&)>& live,
            const std::function<void(pid_t)>& disturb) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    asio::io_context io(1);
    SystemClock clock;
    Watchdog watchdog(500ms);
    asio::co_spawn(io, watchdog.keep_alive(clock), [](const std::exception_ptr&) {});
    live(io, clock);
    _exit(0);
  }
  disturb(child);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run_for(asio::io_context& io, SystemClock& clock, Duration time) {
  bool is_over = false;
  asio::co_spawn(io, clock.sleep_for(time), [&](const std::exception_ptr&) { is_over = true; });
  while (!is_over) io.run_one();
}

void leave_alone(pid_t) {}

void hang() {
  for (;;) pause();
}

}  // namespace

TEST_SUITE("guard/watchdog") {
  TEST_CASE("a process whose loop hangs ends with a status of its own") {
    const auto live = [](asio::io_context& io, SystemClock& clock) {
      run_for(io, clock, 20ms);
      hang();
    };
    CHECK(exit_of(live, leave_alone) == kHungExit);
  }

  TEST_CASE("a process whose loop turns lives longer than the limit") {
    const auto live = [](asio::io_context& io, SystemClock& clock) { run_for(io, clock, 1200ms); };
    CHECK(exit_of(live, leave_alone) == 0);
  }

  TEST_CASE("a loop that never began is not taken for one that hangs") {
    const auto live = [](asio::io_context&, SystemClock&) { usleep(1'000'000); };
    CHECK(exit_of(live, leave_alone) == 0);
  }

  TEST_CASE("a process that was stopped for longer than the limit is not blamed for it") {
    const auto live = [](asio::io_context& io, SystemClock& clock) { run_for(io, clock, 1s); };
    const auto stop = [](pid_t child) {
      usleep(100'000);
      kill(child, SIGSTOP);
      usleep(1'500'000);
      kill(child, SIGCONT);
    };
    CHECK(exit_of(live, stop) == 0);
  }
}
