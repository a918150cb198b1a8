#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "flags/snapshot.h"

// What is served now. One writer at a time swaps the snapshot whole; readers keep a pointer to the
// one that they saw last and compare one atomic number, so that an evaluation takes no lock while
// nothing has changed. (An atomic<shared_ptr> of gcc 12 locks, and fails under TSan.)
//
// Thread-safe, but each Reader belongs to one thread.

namespace readback::guard {

class Publisher {
 public:
  Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  std::shared_ptr<const flags::Snapshot> current() const;
  // Grows by one with each swap.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // Each swaps one part and leaves the others as they are; readers see all of it or nothing.
  void set_definitions(std::shared_ptr<const flags::Definitions> definitions);
  void set_exposure(const std::string& flag, const flags::Exposure& exposure);
  void pin(const std::string& flag, const std::string& practitioner, flags::Pin pin);
  void unpin(const std::string& flag, const std::string& practitioner);
  void unpin_all(const std::string& flag);

  // Called after each swap by which somebody may get less than before: a flag's exposure is
  // narrower, or the definitions are others. On the writer's thread, one at most.
  void when_narrowed(std::function<void()> told) { told_ = std::move(told); }

  class Reader {
   public:
    explicit Reader(const Publisher& publisher) : publisher_(&publisher) {}
    // The current snapshot, valid until the next call.
    const flags::Snapshot& read();

   private:
    const Publisher* publisher_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const flags::Snapshot> seen_;
  };

 private:
  template <class Change>
  void change(Change change);
  void tell() const;

  std::function<void()> told_;
  mutable std::mutex mutex_;
  std::shared_ptr<const flags::Snapshot> current_;  // Never null.
  std::atomic<std::uint64_t> generation_ = 1;
};

}  // namespace readback::guard
