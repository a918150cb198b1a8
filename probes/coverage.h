#pragma once

#include <string>
#include <vector>

#include "probes/plan.h"

// What a plan leaves open, so that people see it before they trust it: what is not probed, what is
// probed and could be lost all the same, and what nobody would notice of the arms.

namespace readback::probes {

// For reports; every list sorted.
struct NotCovered {
  std::vector<std::string> payload_classes;  // of the corpus, not used
  std::vector<std::string> fields;           // that no journey both writes and reads
  std::vector<std::string> unread;           // "JOURNEY: FIELD": written there and never read back
  std::vector<std::string> cannot_fail;      // fields: every loss is tolerated
  std::vector<std::string> tolerated;        // "FIELD: LOSS CLASS", of the others
  std::vector<std::string> not_required;     // "JOURNEY: FIELD": served without its evidence
  // "JOURNEY: STEP": writes whose answer doesn't say which path was taken, so that only the
  // evaluation tells which arm they were.
  std::vector<std::string> path_unnamed;
  std::vector<std::string> without_interference;  // journeys without an act beside the writes
  Milliseconds longest_delay{};                   // losses after that go unseen
};
NotCovered not_covered(const Plan& plan);

// Whether some loss of the field would be a fail.
bool can_fail(const Field& field);

// What is allowed and hardly meant, a sentence each without its full stop: fields that cannot fail,
// journeys in which the application never says which path it took.
std::vector<std::string> warnings(const Plan& plan);

}  // namespace readback::probes
