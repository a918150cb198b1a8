#include "guard/publisher.h"

#include <utility>

namespace readback::guard {

Publisher::Publisher() : current_(std::make_shared<const flags::Snapshot>()) {}

template <class Change>
void Publisher::change(Change change) {
  const std::lock_guard lock(mutex_);
  auto next = std::make_shared<flags::Snapshot>(*current_);
  change(*next);
  current_ = std::move(next);
  generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const flags::Snapshot> Publisher::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Publisher::set_definitions(std::shared_ptr<const flags::Definitions> definitions) {
  change([&](flags::Snapshot& next) { next.definitions = std::move(definitions); });
  tell();
}

void Publisher::set_exposure(const std::string& flag, const flags::Exposure& exposure) {
  bool is_narrower = false;
  change([&](flags::Snapshot& next) {
    flags::Exposure& served = next.exposures[flag];
    is_narrower = flags::is_narrower(served, exposure);
    served = exposure;
  });
  if (is_narrower) tell();
}

void Publisher::tell() const {
  if (told_) told_();
}

void Publisher::pin(const std::string& flag, const std::string& practitioner, flags::Pin pin) {
  change([&](flags::Snapshot& next) { next.pins[flag][practitioner] = std::move(pin); });
}

void Publisher::unpin(const std::string& flag, const std::string& practitioner) {
  change([&](flags::Snapshot& next) {
    const auto pins = next.pins.find(flag);
    if (pins == next.pins.end()) return;
    pins->second.erase(practitioner);
    if (pins->second.empty()) next.pins.erase(pins);
  });
}

void Publisher::unpin_all(const std::string& flag) {
  if (!current()->pins.contains(flag)) return;
  change([&](flags::Snapshot& next) { next.pins.erase(flag); });
}

const flags::Snapshot& Publisher::Reader::read() {
  const std::uint64_t generation = publisher_->generation();
  if (generation != generation_) {
    // What is read may be newer than the number, never older: at worst it is read once again.
    seen_ = publisher_->current();
    generation_ = generation;
  }
  return *seen_;
}

}  // namespace readback::guard
