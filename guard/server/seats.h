#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>

// The connections of a listener, which are bounded, and which of them makes room for a new one: a
// stranger who idles or dawdles before a known client who idles, the one that did so longest first,
// and never one whose request is being answered. So whoever opens connections and says nothing
// keeps out only others of that kind. Sizes are small: looking for the victim is linear.

namespace readback::guard::server {

class Seats {
 public:
  explicit Seats(std::size_t capacity) : capacity_(capacity) {}

  // One connection, from accepting to its end. `close` ends it soon, and is called at most once.
  class Seat {
   public:
    Seat(Seats& seats, std::function<void()> close);
    ~Seat() { seats_.entries_.erase(entry_); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    void set_busy(bool is_busy);  // done with being busy, it begins to idle
    void set_known() { entry_->is_known = true; }
    bool is_known() const { return entry_->is_known; }

   private:
    friend class Seats;
    struct Entry {
      std::function<void()> close;
      bool is_busy = false;
      bool is_known = false;
      bool is_leaving = false;
    };
    Seats& seats_;
    std::list<Entry>::iterator entry_;
  };

  // Whether one more may come, if need be for another one that is told to close.
  bool make_room();

  std::size_t taken() const;
  std::uint64_t evicted() const { return evicted_; }

 private:
  std::size_t capacity_;
  std::list<Seat::Entry> entries_;  // who has idled longest comes first
  std::uint64_t evicted_ = 0;
};

}  // namespace readback::guard::server
