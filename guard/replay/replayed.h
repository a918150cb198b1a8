#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "guard/document.h"
#include "guard/replay/outcome_line.h"

// One of the evidence's processes by itself, as `guard replay` runs it over a given sequence of
// outcomes: the same code that decides, with every parameter open.

namespace readback::guard {

class Replayed {
 public:
  virtual ~Replayed() = default;
  // All parameters in force, given or not, and what follows from them before any outcome.
  virtual nlohmann::json parameters() const = 0;
  // Takes one outcome and returns what is known after it; the line holds what is wrong with it.
  virtual nlohmann::json take(OutcomeLine& line) = 0;
};

// The process that `document` asks for, or nothing, and the faults are added.
std::unique_ptr<Replayed> replayed_of(const Document& document, std::vector<Fault>& faults);

// By group; each makes one of the processes that it knows.
std::unique_ptr<Replayed> replayed_loss(const std::string& process, const nlohmann::json& given,
                                        std::string& fault);
std::unique_ptr<Replayed> replayed_bet(const std::string& process, const nlohmann::json& given,
                                       std::string& fault);

// log M as JSON, which has no infinities: null is the logarithm of zero.
nlohmann::json log_to_json(double log);

}  // namespace readback::guard
