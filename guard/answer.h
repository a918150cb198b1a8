#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "guard/parking.h"

// One answer from one coroutine to another: a Question waits, its Answer travels in a message.
// Either side may end first, so what they share is owned by both; the handler that waits is not
// in it (guard/parking.h).

namespace readback::guard {

template <class T>
class Question;

// May be moved, not copied. Dropped ungiven, it tells the asker that no answer will come. Lives no
// longer than the context of the question's executor.
template <class T>
class Answer {
 public:
  Answer(Answer&&) noexcept = default;
  Answer& operator=(Answer&& other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Answer() { end(); }

  // Gives the answer; nobody may be waiting any more. Later calls have no effect.
  void give(T value) {
    if (shared_) shared_->value.emplace(std::move(value));
    end();
  }

 private:
  friend class Question<T>;
  struct Shared {
    Parking& parking;
    Parking::Ticket ticket;
    std::optional<T> value;
    bool is_over = false;
  };

  explicit Answer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  void end() {
    const auto shared = std::exchange(shared_, nullptr);
    if (!shared) return;
    shared->is_over = true;
    shared->parking.wake(shared->ticket);
  }

  std::shared_ptr<Shared> shared_;
};

template <class T>
class Question {
 public:
  explicit Question(const boost::asio::any_io_executor& executor)
      : shared_(std::make_shared<Shared>(
            Shared{Parking::of(executor), Parking::of(executor).issue(), std::nullopt})) {}

  // Called once, before wait().
  Answer<T> answer() { return Answer<T>(shared_); }

  // The answer; nothing if there will be none. Throws system_error(operation_aborted) when
  // cancelled. Awaited once.
  boost::asio::awaitable<std::optional<T>> wait() {
    while (!shared_->is_over) co_await shared_->parking.wait(shared_->ticket);
    co_return std::move(shared_->value);
  }

 private:
  using Shared = typename Answer<T>::Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace readback::guard
