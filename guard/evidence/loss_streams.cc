#include "guard/evidence/loss_streams.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "flags/duration.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;

std::string name_in(StreamGroup group, const SettledRead& read) {
  switch (group) {
    case StreamGroup::cell:
      return cell_name(read.cell, read.read);
    case StreamGroup::field:
      return read.cell.journey + "/" + read.cell.field;
    case StreamGroup::payload_class:
      return read.cell.payload_class;
    case StreamGroup::path:
      return read.read.path;
    case StreamGroup::journey:
      return read.cell.journey;
    case StreamGroup::all:
      break;
  }
  return "all";
}

// All of it is looked at before any of it is taken, since a copy would cost a long ledger its
// start.
bool fits(const LossStreams& known_streams, const LossTerms& terms, const Json& journal) {
  if (!journal.is_array()) return false;
  std::size_t streams = known_streams.streams().size();
  std::set<std::pair<StreamGroup, std::string>> added;
  for (const Json& one : journal) {
    if (!one.is_object() || !one.contains("stream") || !one.contains("events") ||
        !one.at("stream").is_number_unsigned() || !one.at("events").is_array())
      return false;
    const auto place = one.at("stream").get<std::size_t>();
    if (place > streams) return false;
    if (place == streams) {
      const Json group = one.value("group", Json()), text = one.value("name", Json());
      if (!group.is_string() || !text.is_string()) return false;
      const auto known = parse_stream_group(group.get<std::string>());
      if (!known || terms.share(*known) == 0) return false;
      const std::string name = text.get<std::string>();
      if (known_streams.find(*known, name) != nullptr) return false;
      if (!added.emplace(*known, name).second) return false;
      ++streams;
    }
    for (const Json& event : one.at("events"))
      if (!stream_event_of(event)) return false;
  }
  return true;
}

}  // namespace

std::string cell_name(const probes::Cell& cell, const probes::ReadPoint& read) {
  return cell.journey + "/" + cell.field + "/" + cell.payload_class + " by " + read.path +
         " after " + flags::format_duration(read.delay);
}

void LossStreams::add(const LossTerms& terms, const std::vector<SettledRead>& batch) {
  for (const auto& [place, part] : parts_of(terms, batch)) {
    if (part.failed == 0)
      streams_[place].oks(terms, part.size);
    else
      streams_[place].fail(terms, part.size, part.failed);
  }
}

LossStreams::Places LossStreams::places(const LossTerms& terms,
                                        const std::vector<SettledRead>& batch) {
  Places places;
  for (const auto& [stream, part] : parts_of(terms, batch)) places.push_back({stream, part.size});
  return places;
}

void LossStreams::add_oks(const LossTerms& terms, const Places& places, std::uint64_t count) {
  for (const auto& [stream, size] : places) streams_[stream].oks(terms, size, count);
}

void LossStreams::step(const LossTerms& terms) {
  for (LossStream& stream : streams_) stream.step(terms);
}

const LossStream* LossStreams::find(StreamGroup group, const std::string& name) const {
  const auto found = places_.find({group, name});
  return found == places_.end() ? nullptr : &streams_[found->second];
}

// In an order that has nothing to do with who failed: it says which share a new stream gets.
LossStreams::Parts LossStreams::parts_of(const LossTerms& terms,
                                         const std::vector<SettledRead>& batch) {
  std::vector<const SettledRead*> reads;
  for (const SettledRead& read : batch) reads.push_back(&read);
  std::sort(reads.begin(), reads.end(), [](const SettledRead* a, const SettledRead* b) {
    return std::tie(a->cell, a->read) < std::tie(b->cell, b->read);
  });
  Parts parts;
  for (std::size_t i = 0; i < kStreamGroups; ++i) {
    const auto group = static_cast<StreamGroup>(i);
    if (terms.share(group) == 0) continue;
    for (const SettledRead* read : reads) {
      Part& part = parts[stream(terms, group, name_in(group, *read))];
      ++part.size;
      part.failed += read->has_failed;
    }
  }
  return parts;
}

std::size_t LossStreams::stream(const LossTerms& terms, StreamGroup group,
                                const std::string& name) {
  const auto [found, is_new] = places_.try_emplace({group, name}, streams_.size());
  if (is_new) streams_.emplace_back(terms, group, counts_[static_cast<std::size_t>(group)]++, name);
  return found->second;
}

std::optional<Crossing> LossStreams::crossing() const {
  for (const LossStream& stream : streams_)
    if (stream.crossing()) return stream.crossing();
  return std::nullopt;
}

Json LossStreams::take_journal() {
  Json journal;
  for (std::size_t place = 0; place < streams_.size(); ++place) {
    LossStream& stream = streams_[place];
    const auto events = stream.take_journal();
    if (events.empty() && place < journalled_) continue;
    Json one = {{"stream", place}, {"events", Json::array()}};
    if (place >= journalled_) {
      one["group"] = to_string(stream.group());
      one["name"] = stream.name();
    }
    for (const StreamEvent& event : events) one["events"].push_back(to_json(event));
    journal.push_back(std::move(one));
  }
  journalled_ = streams_.size();
  return journal;
}

void LossStreams::forget_journal() {
  for (LossStream& stream : streams_) stream.forget_journal();
  journalled_ = streams_.size();
}

bool LossStreams::fold(const LossTerms& terms, const Json& journal) {
  if (journal.is_null()) return true;
  if (!fits(*this, terms, journal)) return false;
  for (const Json& one : journal) {
    const auto place = one.at("stream").get<std::size_t>();
    if (place == streams_.size())
      stream(terms, *parse_stream_group(one.at("group").get<std::string>()),
             one.at("name").get<std::string>());
    LossStream& folded = streams_[place];
    for (const Json& event : one.at("events")) folded.apply(terms, *stream_event_of(event));
    folded.take_journal();
  }
  journalled_ = streams_.size();
  return true;
}

Json LossStreams::snapshot() const {
  Json streams = Json::array();
  for (const LossStream& stream : streams_) streams.push_back(stream.snapshot());
  return {{"streams", streams}};
}

std::optional<LossStreams> LossStreams::restore(const LossTerms& terms, const Json& snapshot) {
  if (!snapshot.is_object() || !snapshot.contains("streams") || !snapshot.at("streams").is_array())
    return std::nullopt;
  LossStreams restored;
  for (const Json& one : snapshot.at("streams")) {
    auto stream = LossStream::restore(terms, one);
    if (!stream) return std::nullopt;
    const std::size_t place = restored.streams_.size();
    if (stream->index() != restored.counts_[static_cast<std::size_t>(stream->group())]++ ||
        !restored.places_.try_emplace({stream->group(), stream->name()}, place).second)
      return std::nullopt;
    restored.streams_.push_back(std::move(*stream));
  }
  restored.journalled_ = restored.streams_.size();
  return restored;
}

}  // namespace readback::guard
