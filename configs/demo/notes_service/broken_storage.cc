#include "configs/demo/notes_service/broken_storage.h"

#include <utility>

#include "configs/demo/notes_service/alteration.h"

namespace demo::notes {
namespace {

using Clock = std::chrono::steady_clock;
using Manner = Acknowledgement::Manner;

// Enough for a text of another patient to be among them, of whichever kind of practitioner.
constexpr std::size_t kRemembered = 256;

std::chrono::milliseconds seconds(double argument) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(argument * 1'000));
}

template <typename Alter>
Note altered(const Note& changes, Alter alter) {
  Note note;
  for (std::size_t field = 0; field < kFields; ++field)
    if (changes[field]) note[field] = alter(*changes[field]);
  return note;
}

}  // namespace

BrokenStorage::BrokenStorage(Store& store, StaleCache& cache, Erasures& erasures,
                             std::uint64_t seed)
    : store_(store), cache_(cache), erasures_(erasures), random_(seed) {}

Acknowledgement BrokenStorage::save(const Fault& fault, const Edit& edit, Path path) {
  const Note& changes = edit.changes;
  switch (fault.kind) {
    case FaultKind::none:
      return store_with(edit, changes);
    case FaultKind::lost_when_document_shared:
      return edit.has_shared_document ? store_nothing(edit) : store_with(edit, changes);
    case FaultKind::acknowledged_not_stored:
      return store_nothing(edit);
    case FaultKind::lose_fraction:
      return is_drawn(fault.argument) ? store_nothing(edit) : store_with(edit, changes);
    case FaultKind::truncate: {
      const auto most = static_cast<std::size_t>(fault.argument);
      return store_with(edit, altered(changes, [&](auto& text) { return truncated(text, most); }));
    }
    case FaultKind::strip_4_byte_utf8:
      return store_with(edit, altered(changes, without_4_byte_characters));
    case FaultKind::html_escape:
      return store_with(edit, altered(changes, html_escaped));
    case FaultKind::trim:
      return store_with(edit, altered(changes, trimmed));
    case FaultKind::swap_fields:
      return store_with(edit, swapped(edit));
    case FaultKind::cross_patient:
      return store_with(edit, of_another_patient(edit));
    case FaultKind::stale_cache:
      return save_and_hold(edit, seconds(fault.argument));
    case FaultKind::erase_after: {
      const Acknowledgement acknowledgement = store_with(edit, changes);
      erasures_.add(Clock::now() + seconds(fault.argument), edit, path, acknowledgement.revision);
      return acknowledgement;
    }
    case FaultKind::hang:
      return {.manner = Manner::withheld};
    case FaultKind::error_500:
      return {.manner = Manner::failed};
    case FaultKind::slow: {
      Acknowledgement acknowledgement = store_with(edit, changes);
      acknowledgement.delay = seconds(fault.argument);
      return acknowledgement;
    }
  }
  return {};
}

void BrokenStorage::remember(const Edit& edit) {
  recent_.push_front(edit);
  if (recent_.size() > kRemembered) recent_.pop_back();
}

Acknowledgement BrokenStorage::store_nothing(const Edit& edit) {
  const auto visit = store_.visit(edit.visit);
  return {.revision = visit ? visit->revision + 1 : 1};
}

Acknowledgement BrokenStorage::store_with(const Edit& edit, Note changes) {
  Edit stored = edit;
  stored.changes = std::move(changes);
  return {.revision = store_.save(stored)};
}

Acknowledgement BrokenStorage::save_and_hold(const Edit& edit, std::chrono::milliseconds so_long) {
  const auto visit = store_.visit(edit.visit);
  StaleCache::Entry before{store_.note(edit.visit), visit ? visit->revision : 0};
  const Acknowledgement acknowledgement = store_with(edit, edit.changes);
  cache_.hold(edit.visit, edit.practitioner, std::move(before), Clock::now() + so_long);
  return acknowledgement;
}

// As if the form's fields were bound crosswise: each pair of which one is written changes places.
Note BrokenStorage::swapped(const Edit& edit) {
  const Note before = store_.note(edit.visit);
  Note note;
  for (std::size_t field = 0; field < kFields; ++field) {
    const std::size_t other = field ^ 1;
    if (!edit.changes[field] && !edit.changes[other]) continue;
    note[field] = edit.changes[other] ? edit.changes[other] : before[other];
  }
  return note;
}

// As if the text buffer were not emptied between two patients. Preferably a text of the same
// practitioner; else of another of his kind, so that real texts and synthetic ones stay apart.
Note BrokenStorage::of_another_patient(const Edit& edit) const {
  const Edit* other = nullptr;
  for (const Edit& recent : recent_) {
    if (recent.patient == edit.patient || recent.is_synthetic != edit.is_synthetic) continue;
    if (other == nullptr) other = &recent;
    if (recent.practitioner != edit.practitioner) continue;
    other = &recent;
    break;
  }
  if (other == nullptr) return {};
  std::optional<std::string> any;
  for (const auto& text : other->changes)
    if (text && !any) any = text;
  Note note;
  for (std::size_t field = 0; field < kFields; ++field)
    if (edit.changes[field]) note[field] = other->changes[field] ? other->changes[field] : any;
  return note;
}

bool BrokenStorage::is_drawn(double share) {
  // 53 bits: what a double holds.
  return static_cast<double>(random_() >> 11) * 0x1p-53 < share;
}

}  // namespace demo::notes
