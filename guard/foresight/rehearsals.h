#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

// Many independent rollouts on several threads. Each has chances of its own, so that what they come
// to does not depend on who played them.

namespace readback::guard::foresight {

// `play(i)` for i from 0, by `threads` threads; the results in order. `play` is called from all of
// them at once. The first exception is thrown again once all have ended.
template <class Play>
auto play_all(unsigned threads, std::uint64_t count, const Play& play) {
  using Outcome = std::invoke_result_t<const Play&, std::uint64_t>;
  std::vector<Outcome> outcomes(count);
  std::atomic<std::uint64_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::uint64_t i = next++; i < count; i = next++) outcomes[i] = play(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return outcomes;
}

}  // namespace readback::guard::foresight
