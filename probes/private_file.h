#pragma once

#include <cstddef>
#include <string>

#include "probes/result.h"

namespace readback::probes {

// What a file of secrets holds, at most `most_bytes`; a longer one is refused. Refused, too, as ssh
// refuses a key: a file that every user may read or write, that its group may write, or that
// belongs to neither root nor the user of this process, who alone can tell whom it was shown to.
// Problems name the file and what to do, never what it holds.
Result<std::string> read_private_file(const std::string& path, std::size_t most_bytes);

}  // namespace readback::probes
