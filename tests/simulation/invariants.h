#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/house.h"

// What must hold after every event, whatever goes wrong: one invariant a file, each an onlooker
// that keeps its own account of what happened and compares it with what the guard does.

namespace readback::simulation {

using Invariant = std::unique_ptr<Onlooker>;

// No treatment is served past its own stamp, nor past te + M by either clock, where te is the start
// of the newest write of treatment that really was stored and shown whole, of the required stream
// in which it is oldest; and a client that honours its stamp uses none after te + M and the clocks'
// stated error. Finished flags are exempt but for the first.
Invariant treatment_ends_with_its_evidence(const House& house);

// An acknowledged revert, and one for a loss once it is durable, is never lost, is not overtaken,
// and stays latched until a person re-arms it.
Invariant a_revert_holds(const House& house);

// The same of an operator's pause, until he resumes or a revert ends it.
Invariant a_pause_holds(const House& house);

// A step is taken after its minimum time and its evidence, counted anew here, one at a time, and
// never by a restart.
Invariant a_step_has_its_evidence(const House& house);

// A confirmed failure of treatment withdraws the lease at once; and what breaks every write of a
// stream is paused within E_pause, counted from when nothing else was wrong.
Invariant a_loss_ends_exposure(const House& house);

// What the guard is told of a read is what the application showed: ok only of a note that was shown
// whole, fail only of one that was not; and in the end it was told of each known write of
// treatment that was lost, however late it could be read.
Invariant outcomes_are_true(const House& house);

// Latch file and ledger explain every state: at a restart, and whenever no write is under way.
Invariant every_state_is_explained(const House& house);

// No request ever goes to a record outside the synthetic list.
Invariant only_synthetic_records_are_touched(const House& house);

// All of them.
std::vector<Invariant> invariants(const House& house);

}  // namespace readback::simulation
