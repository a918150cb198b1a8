#pragma once

#include <exception>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace readback::guard {

// Owns coroutines that run beside their parent: none outlives join(), and the first failure
// cancels the rest and is the one that join() rethrows. Single-threaded: use it only on the
// executor that it was made with.
//
// Why not `a && b` of Asio 1.26: on failure it reports multiple_exceptions, not the cause, and it
// takes a fixed number of tasks. The idea is N. J. Smith's nursery (vorpus.org, "Notes on
// structured concurrency", 2018).
class Tasks {
 public:
  explicit Tasks(boost::asio::any_io_executor executor);
  // A parent that was cancelled before it came to join() throws there at once, and waits for
  // nobody. His tasks are cancelled then: each goes no further than to its next co_await.
  ~Tasks();
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  // Starts `task`, also while the parent waits in join(): an accept loop is a task that starts
  // others. After cancel() it is dropped instead, before its first step.
  void start(boost::asio::awaitable<void> task);

  // Asks every task to end, and returns at once. A task may do so, too.
  void cancel();

  // Completes when no task is left, and may be awaited once. Cancelling the caller cancels the
  // tasks, which are still waited for. Rethrows the first failure that was no cancellation.
  boost::asio::awaitable<void> join();

 private:
  struct State;
  struct OnEnd;
  // While the parent waits in join(), the tasks alone own the state, and with it the parent.
  // So there is no ring of owners, and a context that drops its work frees everything.
  std::shared_ptr<State> state_;
  std::weak_ptr<State> joined_;  // The same, once join() has given it away.
};

}  // namespace readback::guard
