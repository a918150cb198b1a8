#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "probes/difference.h"
#include "probes/loss_class.h"
#include "probes/observation.h"

// What became of a written text: the first of the 32 rules that holds, asked in the order of
// LossClass, all but the outcome rules on code points. Bounded: texts of 100,000 code points take
// tenths of a second at worst.

namespace readback::probes {

// A write and a read of it. Texts are UTF-8; what is not well-formed counts as U+FFFD.
struct Reading {
  enum class WriteState { acknowledged, refused, unknown };
  enum class ReadState { ok, no_record, no_field, null_value, failed };

  std::string written;
  WriteState write_state = WriteState::acknowledged;
  ReadState read_state = ReadState::ok;
  std::string readback;                 // "" unless read_state is ok
  std::optional<std::string> previous;  // what this field held before the write, if known
  std::vector<std::string> concurrent;  // acknowledged to other sessions on this field
  std::vector<std::string> others;      // of other records, fields and arms
};

// The spans are what lies between the longest common start and end of both texts: where they
// differ. Both are empty for equal, and for the rules that compare no texts. The explanation is one
// sentence, lower case, no full stop; it names places and code points, and never holds note text.
struct Classification {
  LossClass loss_class = LossClass::indeterminate;
  Span in_written;
  Span in_read;
  // Of each span, up to three different code points, "U+00A0 NO-BREAK SPACE". Letters and digits of
  // ASCII, and letters of scripts in which three may be a name, are left out.
  std::vector<std::string> names_in_written;
  std::vector<std::string> names_in_read;
  std::string explanation;
};

Classification classify(const Reading& reading);

// Whether a class counts against the product: every one does that the field does not tolerate, but
// equal, null_for_empty, and indeterminate, which is not known.
bool is_loss(LossClass loss_class, const std::set<LossClass>& tolerated);

// What a reading proves. indeterminate is info; write_rejected is ok where the payload class may be
// refused (PayloadClass::may_be_refused: an honest refusal of what is over a limit) and a fail
// elsewhere; the rest by is_loss.
Outcome judge(LossClass loss_class, const std::set<LossClass>& tolerated, bool may_be_refused);

}  // namespace readback::probes
