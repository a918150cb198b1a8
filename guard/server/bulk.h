#pragma once

#include <memory>

#include "guard/server/clients.h"
#include "guard/server/evaluator.h"
#include "guard/server/route.h"

// POST /ofrep/v1/evaluate/flags: all flags at once, as guard/server/ofrep.h says. An error never
// takes a treatment away from a browser, so whoever may not ask, and whoever is one too many, gets
// 200 with the safe values.

namespace readback::guard::server {

// `clients` may be null: then an answer names no event stream and nobody is known by his tag.
Handler bulk(std::shared_ptr<Evaluator> evaluator, const Clients* clients);

}  // namespace readback::guard::server
