#include "flags/duration.h"
#include "guard/evidence/loss_streams.h"
#include "guard/replay/replayed.h"

// Is anything lost: the mixture, the windows, both over one stream, and all streams.

namespace readback::guard {
namespace {

using Json = nlohmann::json;

void read_split(const Json& given, const char* key, WindowSplit& split) {
  const Json one = given.value(key, Json::object());
  split.least_failures = one.value("least_failures", split.least_failures);
  split.first = one.value("first", split.first);
  split.ratio = one.value("ratio", split.ratio);
  split.most_failures = one.value("most_failures", split.most_failures);
}

LossParameters loss_parameters_of(const Json& given) {
  LossParameters it = default_loss_parameters(given.value("p0", 1e-5), given.value("alpha", 1e-6),
                                              given.value("horizon", std::uint64_t{1'000'000}));
  it.mixture_part = given.value("mixture_part", it.mixture_part);
  it.from_start_part = given.value("from_start_part", it.from_start_part);
  read_split(given, "from_start", it.from_start);
  read_split(given, "sliding", it.sliding);
  it.mixture.grid = given.value("grid", it.mixture.grid);
  it.mixture.weights = given.value("weights", it.mixture.weights);
  it.mixture.boost = given.value("boost", it.mixture.boost);
  const Json spending = given.value("spending", Json::object());
  it.mixture.spending.at_start = spending.value("at_start", it.mixture.spending.at_start);
  it.mixture.spending.step_ratio = spending.value("step_ratio", it.mixture.spending.step_ratio);
  it.mixture.spending.evenly = spending.value("evenly", it.mixture.spending.evenly);
  const Json shares = given.value("shares", Json::object());
  it.shares.cell = shares.value("cell", it.shares.cell);
  it.shares.all = shares.value("all", it.shares.all);
  it.shares.field = shares.value("field", it.shares.field);
  it.shares.payload_class = shares.value("payload_class", it.shares.payload_class);
  it.shares.path = shares.value("path", it.shares.path);
  it.shares.journey = shares.value("journey", it.shares.journey);
  return it;
}

Json to_json(const std::vector<Window>& windows) {
  Json json = Json::array();
  for (const Window& window : windows)
    json.push_back({{"failures", window.failures}, {"probes", window.probes}});
  return json;
}

Json to_json(const WindowSplit& split) {
  return {{"least_failures", split.least_failures},
          {"first", split.first},
          {"ratio", split.ratio},
          {"most_failures", split.most_failures}};
}

void tell_mixture(const LossTerms& terms, Json& json) {
  const MixtureParameters& mixture = terms.mixture().parameters();
  json["grid"] = mixture.grid;
  json["weights"] = mixture.weights;
  json["boost"] = mixture.boost;
  json["spending"] = {{"at_start", mixture.spending.at_start},
                      {"step_ratio", mixture.spending.step_ratio},
                      {"evenly", mixture.spending.evenly}};
}

void tell_windows(const LossTerms& terms, StreamGroup group, Json& json) {
  const LossParameters& parameters = terms.parameters();
  json["from_start_part"] = parameters.from_start_part;
  json["from_start"] = to_json(parameters.from_start);
  json["sliding"] = to_json(parameters.sliding);
  json["windows_from_start"] = to_json(terms.from_start(group, 0));
  json["windows_sliding"] = to_json(terms.sliding(group));
}

Json tell_common(const std::string& process, const LossTerms& terms) {
  const LossParameters& parameters = terms.parameters();
  return {{"process", process},
          {"p0", parameters.p0},
          {"alpha", parameters.false_revert_probability},
          {"horizon", parameters.horizon},
          {"bound", terms.bound()}};
}

// One stream that has the whole of alpha, for the mixture, the windows, or both.
class ReplayedStream : public Replayed {
 public:
  ReplayedStream(std::string process, LossParameters parameters)
      : process_(std::move(process)),
        terms_(std::move(parameters)),
        stream_(terms_, StreamGroup::all, 0, "all") {}

  Json parameters() const override {
    Json json = tell_common(process_, terms_);
    if (process_ == "stream") json["mixture_part"] = terms_.parameters().mixture_part;
    if (process_ != "windows") tell_mixture(terms_, json);
    if (process_ != "windows") json["log_limit"] = stream_.log_limit();
    if (process_ != "mixture") tell_windows(terms_, StreamGroup::all, json);
    return json;
  }

  Json take(OutcomeLine& line) override {
    if (line.has("step")) {
      if (!line.flag("step")) line.refuse("\"step\" is not true");
      if (!line.fault()) stream_.step(terms_);
      return told();
    }
    const std::string outcome = line.word("outcome", {"ok", "fail", "info"});
    const std::uint64_t times = line.count_or("times", 1, 1);
    const auto size = line.count_or("size", 1, 1);
    const auto failed = outcome == "fail" ? line.count_or("failed", 1, size) : 0;
    if (size > 1'000'000 || failed > size) line.refuse("a batch in which more failed than it has");
    if (outcome == "fail" && times > 1'000'000) line.refuse("more than 10^6 failures in a line");
    if (static_cast<double>(size) * terms_.parameters().p0 >= 1)
      line.refuse("a batch of which a failure is expected at p0");
    if (line.fault()) return {};
    if (outcome == "ok") stream_.oks(terms_, static_cast<unsigned>(size), times);
    for (std::uint64_t i = 0; outcome == "fail" && i < times; ++i)
      stream_.fail(terms_, static_cast<unsigned>(size), static_cast<unsigned>(failed));
    return told();
  }

 private:
  Json told() {
    stream_.take_journal();
    Json json;
    if (process_ != "windows") json["log_e"] = log_to_json(stream_.log_e(terms_));
    json["probes"] = stream_.counts().probes();
    json["failures"] = stream_.counts().failures();
    const auto& crossing = stream_.crossing();
    json["decision"] = crossing ? "revert" : "none";
    if (crossing) json["why"] = crossing->words();
    return json;
  }

  std::string process_;
  LossTerms terms_;
  LossStream stream_;
};

class ReplayedStreams : public Replayed {
 public:
  explicit ReplayedStreams(LossParameters parameters) : terms_(std::move(parameters)) {}

  Json parameters() const override {
    Json json = tell_common("streams", terms_);
    json["mixture_part"] = terms_.parameters().mixture_part;
    tell_mixture(terms_, json);
    json["from_start_part"] = terms_.parameters().from_start_part;
    json["from_start"] = to_json(terms_.parameters().from_start);
    json["sliding"] = to_json(terms_.parameters().sliding);
    for (std::size_t i = 0; i < kStreamGroups; ++i) {
      const auto group = static_cast<StreamGroup>(i);
      json["shares"][std::string(to_string(group))] = terms_.share(group);
      if (terms_.share(group) == 0) continue;
      json["windows_sliding"][std::string(to_string(group))] = to_json(terms_.sliding(group));
      json["windows_from_start"][std::string(to_string(group))] =
          to_json(terms_.from_start(group, 0));
    }
    return json;
  }

  Json take(OutcomeLine& line) override {
    if (line.has("step")) {
      if (!line.flag("step")) line.refuse("\"step\" is not true");
      if (!line.fault()) streams_.step(terms_);
      return told();
    }
    const std::uint64_t times = line.count_or("times", 1, 1);
    std::vector<SettledRead> batch;
    for (const Json& one : line.list("batch")) read(one, line, batch);
    const bool is_ok = std::none_of(batch.begin(), batch.end(),
                                    [](const SettledRead& read) { return read.has_failed; });
    if (!is_ok && times > 10'000) line.refuse("more than 10000 failing batches in a line");
    if (line.fault()) return {};
    if (is_ok && !batch.empty()) streams_.add_oks(terms_, batch, times);
    for (std::uint64_t i = 0; !is_ok && i < times; ++i) streams_.add(terms_, batch);
    return told();
  }

 private:
  static void read(const Json& one, OutcomeLine& line, std::vector<SettledRead>& batch) {
    OutcomeLine read(one);
    const std::string outcome = read.word("outcome", {"ok", "fail", "info"});
    SettledRead settled{{read.text("journey"), read.text("field"), read.text("payload_class")},
                        {read.text("path"), {}},
                        outcome == "fail"};
    if (read.has("delay")) {
      const auto delay = flags::parse_duration(read.text("delay"));
      if (!delay) read.refuse("\"delay\" is no duration");
      if (delay) settled.read.delay = *delay;
    }
    if (const auto fault = read.fault()) line.refuse("in \"batch\": " + *fault);
    if (outcome != "info") batch.push_back(std::move(settled));
  }

  Json told() {
    streams_.take_journal();
    Json json;
    for (const LossStream& stream : streams_.streams())
      json["streams"].push_back({{"group", to_string(stream.group())},
                                 {"name", stream.name()},
                                 {"log_e", log_to_json(stream.log_e(terms_))},
                                 {"log_limit", stream.log_limit()},
                                 {"probes", stream.counts().probes()},
                                 {"failures", stream.counts().failures()},
                                 {"crossed", stream.crossing().has_value()}});
    const auto crossing = streams_.crossing();
    json["decision"] = crossing ? "revert" : "none";
    if (crossing) json["why"] = crossing->stream + ": " + crossing->words();
    return json;
  }

  LossTerms terms_;
  LossStreams streams_;
};

}  // namespace

std::unique_ptr<Replayed> replayed_loss(const std::string& process, const Json& given,
                                        std::string& fault) {
  const bool is_one = process == "mixture" || process == "windows" || process == "stream";
  if (!is_one && process != "streams") return nullptr;
  LossParameters parameters = loss_parameters_of(given);
  if (is_one) parameters.shares = {.cell = 0, .all = 1, .field = 0, .payload_class = 0, .path = 0};
  if (process == "mixture") parameters.mixture_part = 1;
  if (process == "windows") parameters.mixture_part = 0;
  if (const auto found = fault_of(parameters)) {
    fault = *found;
    return nullptr;
  }
  if (is_one) return std::make_unique<ReplayedStream>(process, std::move(parameters));
  return std::make_unique<ReplayedStreams>(std::move(parameters));
}

}  // namespace readback::guard
