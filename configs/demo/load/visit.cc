#include "configs/demo/load/visit.h"

#include "configs/demo/load/prose.h"
#include "configs/demo/population.h"

namespace demo::load {
namespace {

constexpr int kSharesDocument = 10, kSavesDraft = 30, kCorrects = 20;  // per cent

}  // namespace

Visits::Visits(std::uint64_t seed, int practitioners)
    : random_(seed), seed_(seed), practitioners_(practitioners) {}

Visit Visits::next() {
  Visit visit;
  const auto who = random_() % static_cast<std::uint64_t>(practitioners_);
  visit.practitioner = practitioner_id(static_cast<int>(who) + 1);
  visit.patient = patient_id(visit.practitioner, static_cast<int>(random_() % kPatientsEach));
  visit.shares_document = is_drawn(kSharesDocument);
  if (is_drawn(kSavesDraft)) {
    Save draft{.is_draft = true};
    for (std::size_t field = 0; field < 2; ++field) draft.texts[field] = text(field);
    visit.saves.push_back(std::move(draft));
  }
  Save save;
  for (std::size_t field = 0; field < kFields; ++field) save.texts[field] = text(field);
  visit.saves.push_back(std::move(save));
  if (is_drawn(kCorrects)) {
    Save correction;
    correction.texts[kFields - 1] = text(kFields - 1);
    visit.saves.push_back(std::move(correction));
  }
  return visit;
}

std::string Visits::text(std::size_t field) {
  const std::string mark = std::to_string(seed_) + '-' + std::to_string(++texts_);
  return prose(std::string(kFieldNames[field]), mark, random_);
}

}  // namespace demo::load
