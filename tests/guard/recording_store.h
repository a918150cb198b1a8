#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "guard/clock.h"
#include "guard/store.h"

namespace readback::guard {

// A clock that stands where a test puts it.
class StandingClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(boot); }
  WallTime wall() const override { return wall_time; }
  boost::asio::awaitable<void> sleep_until(TimePoint) override { co_return; }
  void pass(std::chrono::milliseconds time) {
    boot += time;
    wall_time += time;
  }
  Duration boot = std::chrono::seconds(1'000);
  WallTime wall_time = std::chrono::seconds(1'800'000'000);
};

// Keeps the exposures that it is given, and fails or dawdles when a test says so.
class RecordingStore final : public Store {
 public:
  using Void = boost::asio::awaitable<Result<void>>;
  boost::asio::awaitable<Result<Loaded>> load(EntryVisitor) override { co_return Loaded{}; }
  Void append(std::vector<Entry>) override { co_return Result<void>(); }
  boost::asio::awaitable<Result<std::vector<Entry>>> tail(unsigned) override {
    co_return std::vector<Entry>();
  }
  Void put_pending(std::vector<PendingRead>) override {
    if (is_full) co_return Problem{"pending reads", "too many would be waiting", true};
    co_return Result<void>();
  }
  Void erase_pending(std::vector<std::string>) override { co_return Result<void>(); }
  Void record_exposures(std::vector<ExposureRecord> records) override {
    ++writes;
    if (while_writing) while_writing();
    if (is_broken) co_return Problem{"store", "the disk is full"};
    written.insert(written.end(), records.begin(), records.end());
    co_return Result<void>();
  }

  bool is_broken = false;
  bool is_full = false;  // of pending reads
  unsigned writes = 0;
  std::function<void()> while_writing;
  std::vector<ExposureRecord> written;
};

// Runs `work` to its end on a context of its own.
template <class T>
T run_alone(boost::asio::awaitable<T> work) {
  boost::asio::io_context context;
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(context, std::move(work),
                          [&](std::exception_ptr thrown) { failure = thrown; });
    context.run();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> done;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown, T value) {
      failure = thrown;
      done.emplace(std::move(value));
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*done);
  }
}

}  // namespace readback::guard
