#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "tests/simulation/world.h"

namespace readback::simulation {

// Runs `task` as `node` until nothing is left to happen: its result, or nothing if it never ended.
// What it throws is thrown on.
template <class T>
std::optional<T> settle(World& world, Node node, boost::asio::awaitable<T> task) {
  std::optional<T> result;
  std::exception_ptr thrown;
  auto on_end = [&](std::exception_ptr why, T value) {
    thrown = why;
    if (!why) result.emplace(std::move(value));
  };
  boost::asio::co_spawn(world.executor(node), std::move(task), on_end);
  while (world.step()) {
  }
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

}  // namespace readback::simulation
