#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "guard/server/route.h"

// What people ask of a running guard: Scope::operate, so over its Unix socket only.
//
//   GET  /status           guard/status.h
//   POST /command          {"flag", "command", "by", "reason", "same_build"}; the command is one of
//                          start, pause, resume, finish, revert, rearm; reason is needed by revert
//                          and rearm, same_build is rearm's alone
//                          -> {"accepted", "durable", "known", "words"}; answered once it is
//                          durable
//   GET  /exposures/FLAG   {"flag", "is_full", "exposures": [{"practitioner", "first_ms",
//   "last_ms",
//                          "step"}]}, by practitioner; step is from 1
//   POST /reload           {"accepted", "faults": ["FILE:LINE:COLUMN: what"]}; no body
//
// Statuses: 200 done; 409 refused; 404 no such flag; 503 not durable, so not done, but for a
// revert, which is served all the same. Each of them with the body above. 400 with
// {"errorDetails"}: a body that is none of the above (json_request.h; unknown members are refused,
// since whoever mistypes "same_build" must not be taken at half his word).

namespace readback::guard {
class Guard;
}

namespace readback::guard::server {

// Longest `by` and `reason` in bytes, as the latch file keeps them (guard/latch_file.h).
inline constexpr std::size_t kByBytes = 64;
inline constexpr std::size_t kReasonBytes = 400;

// Reads the config again and tells whether it was taken, as POST /reload answers.
using Reload = std::function<boost::asio::awaitable<nlohmann::json>()>;

// `guard` outlives the routes.
std::vector<Route> admin(Guard& guard, Reload reload);

}  // namespace readback::guard::server
