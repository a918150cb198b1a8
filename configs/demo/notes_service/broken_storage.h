#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <random>

#include "configs/demo/notes_service/counters.h"
#include "configs/demo/notes_service/erasures.h"
#include "configs/demo/notes_service/fault.h"
#include "configs/demo/notes_service/note.h"
#include "configs/demo/notes_service/stale_cache.h"
#include "configs/demo/notes_service/store.h"

// The way from an editor to the storage while a fault is on.

namespace demo::notes {

// How a save is answered.
struct Acknowledgement {
  enum class Manner { saved, withheld, failed };  // withheld: never answered at all
  Manner manner = Manner::saved;
  std::int64_t revision = 0;
  std::chrono::milliseconds delay{0};
};

class BrokenStorage {
 public:
  BrokenStorage(Store& store, StaleCache& cache, Erasures& erasures, std::uint64_t seed);

  // Saves as the fault would have it.
  Acknowledgement save(const Fault& fault, const Edit& edit, Path path);
  // To be told of every edit: the buffer that the fault cross-patient mixes up.
  void remember(const Edit& edit);

 private:
  Acknowledgement store_nothing(const Edit& edit);
  Acknowledgement store_with(const Edit& edit, Note changes);
  Acknowledgement save_and_hold(const Edit& edit, std::chrono::milliseconds so_long);
  Note swapped(const Edit& edit);
  Note of_another_patient(const Edit& edit) const;
  bool is_drawn(double share);

  Store& store_;
  StaleCache& cache_;
  Erasures& erasures_;
  std::mt19937_64 random_;
  std::deque<Edit> recent_;  // newest first
};

}  // namespace demo::notes
