#include "guard/command/run_log.h"

#include <ostream>

#include "guard/system_clock.h"

namespace readback::guard {

using nlohmann::json;

void RunLog::say(std::string_view event, std::string_view words, const json& more) {
  if (!as_json_) {
    out_ << words << std::endl;
    return;
  }
  json line = {{"at_ms", SystemClock().wall().count()}, {"event", event}, {"words", words}};
  line.update(more);
  // One line, whatever stands in it, and on its way before the next event.
  out_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

}  // namespace readback::guard
