#include "guard/exposures.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "guard/digest.h"

namespace readback::guard {
namespace {

using boost::asio::awaitable;

// How far behind the record's `last` on disk may be: it tells an operator the day and the hour.
constexpr std::chrono::minutes kLastGrain{1};
constexpr std::size_t kLongestId = 256;

}  // namespace

std::string exposure_name(const std::string& key, const std::string& flag,
                          const std::string& practitioner) {
  std::string message = flag;
  message.push_back('\0');
  message += practitioner;
  return to_hex(hmac_sha256(key, message));
}

Exposures::Exposures(const Clock& clock, Store* store, Options options)
    : clock_(clock), store_(store), options_(std::move(options)) {}

void Exposures::load(const std::vector<ExposureRecord>& records) {
  for (const ExposureRecord& record : records) {
    held_[record.flag][record.practitioner] = {record, record.last, record.step, true, 0};
  }
}

std::string Exposures::name(const std::string& flag, const std::string& practitioner) const {
  // An id that a terminal would obey, or that would fill the disk, is no name.
  const bool is_plain = practitioner.size() <= kLongestId &&
                        std::none_of(practitioner.begin(), practitioner.end(), [](char c) {
                          return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                        });
  if (by_id_.contains(flag) && is_plain) return practitioner;
  return exposure_name(options_.key, flag, practitioner);
}

bool Exposures::holds(const std::string& flag, const std::string& practitioner) const {
  const auto of_flag = held_.find(flag);
  if (of_flag == held_.end()) return false;
  const auto held = of_flag->second.find(name(flag, practitioner));
  return held != of_flag->second.end() && held->second.is_durable;
}

void Exposures::served(const Person& person) {
  const std::string known_as = name(person.flag, person.practitioner);
  Held& held = held_.at(person.flag).at(known_as);
  assert(held.is_durable);
  // The wall clock may be set back; who was exposed at a time stays exposed at it.
  held.record.last = std::max(held.record.last, clock_.wall());
  held.record.step = person.step;
  const bool is_behind = held.record.last - held.last_written >= kLastGrain;
  if (is_behind || held.record.step != held.step_written) moved_.emplace(person.flag, known_as);
}

awaitable<void> Exposures::admit(std::vector<Person> newcomers) {
  if (store_ == nullptr) co_return;
  std::vector<ExposureRecord> records;
  for (const Person& person : newcomers) {
    const std::string known_as = name(person.flag, person.practitioner);
    auto& of_flag = held_[person.flag];
    if (!of_flag.contains(known_as) && is_full(person.flag)) continue;
    Held& held = of_flag[known_as];
    if (held.is_durable) continue;
    // Who asks twice at once is written twice: the store takes the second for an update.
    ++held.writers;
    held.record = {person.flag, known_as, clock_.wall(), clock_.wall(), person.step};
    records.push_back(held.record);
  }
  if (records.empty()) co_return;
  const auto written = co_await store_->record_exposures(records);
  for (const ExposureRecord& record : records) finish(record, written.has_value());
}

void Exposures::finish(const ExposureRecord& record, bool is_written) {
  auto& of_flag = held_.at(record.flag);
  const auto held = of_flag.find(record.practitioner);
  --held->second.writers;
  if (is_written && !held->second.is_durable) {
    held->second.is_durable = true;
    held->second.last_written = record.last;
    held->second.step_written = record.step;
  }
  if (!held->second.is_durable && held->second.writers == 0) of_flag.erase(held);
}

awaitable<Result<void>> Exposures::flush() {
  if (store_ == nullptr || moved_.empty()) co_return Result<void>();
  std::vector<ExposureRecord> records;
  for (const auto& [flag, known_as] : moved_) {
    records.push_back(held_.at(flag).at(known_as).record);
  }
  moved_.clear();
  const auto written = co_await store_->record_exposures(records);
  for (const ExposureRecord& record : records) {
    Held& held = held_.at(record.flag).at(record.practitioner);
    if (written.has_value()) {
      held.last_written = record.last;
      held.step_written = record.step;
    } else {
      moved_.emplace(record.flag, record.practitioner);
    }
  }
  co_return written;
}

std::size_t Exposures::count(const std::string& flag) const {
  const auto of_flag = held_.find(flag);
  return of_flag == held_.end() ? 0 : of_flag->second.size();
}

std::vector<ExposureRecord> Exposures::records(const std::string& flag) const {
  std::vector<ExposureRecord> records;
  const auto of_flag = held_.find(flag);
  if (of_flag == held_.end()) return records;
  for (const auto& [known_as, held] : of_flag->second) {
    if (held.is_durable) records.push_back(held.record);
  }
  return records;
}

}  // namespace readback::guard
