#include "probes/classify.h"

#include <algorithm>

#include "probes/unicode.h"

namespace readback::probes {
namespace {

Classification only(LossClass loss_class) {
  Classification result;
  result.loss_class = loss_class;
  return result;
}

}  // namespace

Classification classify(const Reading& reading) {
  using enum LossClass;
  if (reading.write_state == Reading::WriteState::refused) return only(write_rejected);
  if (reading.write_state == Reading::WriteState::unknown) return {};
  if (reading.read_state == Reading::ReadState::failed) return {};
  if (reading.read_state == Reading::ReadState::no_record) return only(record_missing);
  if (reading.read_state != Reading::ReadState::ok) {
    return only(reading.written.empty() ? null_for_empty : field_missing);
  }
  if (reading.readback == reading.written) return only(equal);
  if (reading.readback == reading.previous) return only(stale);
  if (std::count(reading.concurrent.begin(), reading.concurrent.end(), reading.readback) > 0) {
    return only(superseded);
  }
  return only(unrelated);
}

bool is_loss(LossClass loss_class, const std::set<LossClass>& tolerated) {
  using enum LossClass;
  if (loss_class == equal || loss_class == null_for_empty || loss_class == indeterminate) {
    return false;
  }
  return !tolerated.contains(loss_class);
}

Outcome judge(LossClass loss_class, const std::set<LossClass>& tolerated, bool may_be_refused) {
  if (loss_class == LossClass::indeterminate) return Outcome::info;
  if (loss_class == LossClass::write_rejected && may_be_refused) return Outcome::ok;
  return is_loss(loss_class, tolerated) ? Outcome::fail : Outcome::ok;
}

}  // namespace readback::probes
