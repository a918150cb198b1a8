#include "guard/latch_file.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "guard/latch_format.h"

namespace readback::guard {
namespace {

// A reader that meets another's half-done write waits so long for it.
constexpr std::chrono::milliseconds kReadPatience{100};

class Locked {
 public:
  explicit Locked(LatchDevice& device) : device_(device) {}
  ~Locked() { device_.unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  LatchDevice& device_;
};

LatchImage read_image(LatchDevice& device) {
  const auto bytes = device.read_all();
  if (bytes.has_value()) return decode_latches(*bytes);
  LatchImage image;
  image.damage = bytes.error().what;
  return image;
}

LatchImage read_settled_image(LatchDevice& device) {
  LatchImage image = read_image(device);
  if (image.damage.empty()) return image;
  const auto locked = device.lock(kReadPatience);
  if (locked.has_error()) return image;
  const Locked unlocks(device);
  return read_image(device);
}

// The flag's own slot, else a free one, else the one that has been clear the longest: a clear slot
// says no more than no slot does. Damaged ones are never taken, for they may hold a latch.
std::optional<std::size_t> choose_slot(const LatchImage& image, std::string_view flag) {
  std::optional<std::size_t> free;
  std::optional<std::size_t> oldest;
  for (std::size_t number = 0; number < image.slots.size(); ++number) {
    const LatchSlot& slot = image.slots[number];
    if (slot.is_named && slot.flag == flag) return number;
    if (!slot.is_named || slot.latch.is_latched) continue;
    if (slot.flag.empty() && !free) free = number;
    if (!slot.flag.empty() && (!oldest || slot.latch.when < image.slots[*oldest].latch.when))
      oldest = number;
  }
  if (free) return free;
  // But where flags without a slot are latched, a clear slot does say more.
  return image.unknown_is_latched || !image.damage.empty() ? std::nullopt : oldest;
}

}  // namespace

Latch LatchFile::read(std::string_view flag) const {
  return read_settled_image(device_).latch_of(flag);
}

std::map<std::string, Latch> LatchFile::read_all() const {
  const LatchImage image = read_settled_image(device_);
  std::map<std::string, Latch> latches;
  for (const LatchSlot& slot : image.slots)
    if (slot.is_named && !slot.flag.empty()) latches[slot.flag] = image.latch_of(slot.flag);
  return latches;
}

std::string LatchFile::damage() const {
  const LatchImage image = read_settled_image(device_);
  if (image.damage.empty() && image.unknown_is_latched)
    return "it was made after another was lost: flags without a slot count as latched";
  return image.damage;
}

Result<void> LatchFile::write(std::string_view flag, const Latch& latch,
                              std::chrono::milliseconds patience) {
  assert(latch.is_readable);
  if (!is_latch_flag(flag)) return Problem{"latch file", "that is no key of a flag"};
  const auto locked = device_.lock(patience);
  if (locked.has_error()) return locked.error();
  const Locked unlocks(device_);
  return write_locked(flag, latch);
}

Result<void> LatchFile::write_locked(std::string_view flag, Latch latch) {
  const auto before = device_.read_all();
  if (before.has_error()) return before.error();
  const LatchImage image = decode_latches(*before);
  if (!image.is_file)
    return Problem{"latch file", image.damage + ", so every flag counts as latched"};
  const Latch current = image.latch_of(flag);
  if (latch.is_latched) {
    if (current.is_latched && current.is_readable && latch.generation <= current.generation)
      return {};
    latch.generation = std::max(latch.generation, current.generation + 1);
  } else if (latch.generation != current.generation + 1) {
    return Problem{std::string(flag), "its latch was written by somebody else in the meantime"};
  }
  const auto number = choose_slot(image, flag);
  if (!number) return Problem{"latch file", "no slot is free"};

  const std::uint64_t offset = slot_offset(*number);
  auto done = device_.write(offset, encode_slot(*number, flag, latch));
  if (done.has_value()) done = device_.sync();
  if (done.has_error() && !latch.is_latched) {
    // Best effort, so that nobody reads as clear what was never acknowledged.
    const auto old = std::string_view(*before).substr(offset, kLatchBlockBytes);
    if (device_.write(offset, old).has_value()) (void)device_.sync();
  }
  return done;
}

}  // namespace readback::guard
