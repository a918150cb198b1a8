#pragma once

#include "probes/plan.h"
#include "probes/result.h"
#include "probes/template.h"
#include "probes/transport.h"

// A call of the plan, filled and signed: what walks, read-backs and clean-ups send.

namespace readback::probes {

struct Exchange {
  Request request;
  Limits limits;
};

// Fails if a placeholder has no value or one that does not fit, there is no such practitioner, or
// his secret cannot be read. The problem's `where` is the call's pointer in the plan.
Result<Exchange> make_exchange(const Plan& plan, const Call& call, std::string_view practitioner,
                               const Lookup& lookup, Milliseconds time_out);

// Answers that say nothing of a record: nobody was let in, come later, look elsewhere, broken.
// Every other 4xx is a definite no.
bool says_nothing(int status);

// What is told of a silence or such a status: "no answer (timed_out)", "status 503".
std::string told(const Reply& reply);

}  // namespace readback::probes
