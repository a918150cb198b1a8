#include "guard/server/evaluator.h"

#include <algorithm>
#include <utility>

#include "guard/server/ofrep_body.h"

namespace readback::guard::server {

using boost::asio::awaitable;

namespace {

// Who asked, when and for what, until the answer is out.
struct Testified {
  std::string flag;
  std::string practitioner;
  Witness::Ticket ticket = 0;
};

// Counts one more for as long as it lives.
struct Counted {
  explicit Counted(std::size_t& of) : count(of) { ++count; }
  ~Counted() { --count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::size_t& count;
};

}  // namespace

std::vector<std::string> Evaluator::keys() {
  std::vector<std::string> keys;
  const flags::Snapshot& snapshot = reader_.read();
  if (snapshot.definitions == nullptr) return keys;
  for (const auto& [key, flag] : snapshot.definitions->flags) keys.push_back(key);
  return keys;
}

std::optional<flags::Evaluation> Evaluator::look(const std::string& key,
                                                 const flags::Context& context) {
  return flags::evaluate(reader_.read(), key, context, clock_.moment());
}

awaitable<void> Evaluator::admit(std::vector<std::string> keys, flags::Context context) {
  std::vector<Exposures::Person> newcomers;
  for (const std::string& key : keys) {
    const auto evaluation = look(key, context);
    if (!evaluation.has_value() || !evaluation->is_exposed) continue;
    if (exposures_.holds(key, context.targeting_key)) continue;
    newcomers.push_back({key, context.targeting_key, evaluation->step});
  }
  if (newcomers.empty()) co_return;
  if (admitting_ >= kAdmitting) {
    ++counts_.over_limit;
    co_return;
  }
  const Counted counted(admitting_);
  co_await exposures_.admit(std::move(newcomers));
}

std::optional<flags::Evaluation> Evaluator::serve(const std::string& key,
                                                  const flags::Context& context,
                                                  bool is_trackable) {
  auto evaluation = look(key, context);
  if (!evaluation.has_value()) return std::nullopt;
  if (evaluation->is_exposed) {
    if (is_trackable && exposures_.holds(key, context.targeting_key)) {
      exposures_.served({key, context.targeting_key, evaluation->step});
    } else {
      evaluation = flags::serve_safe(*evaluation->flag);
    }
  }
  ++counts_.by_variant[{key, evaluation->variant->name}];
  return evaluation;
}

bool Evaluator::is_orphan(const std::string& key, const std::string& practitioner) {
  const auto& definitions = reader_.read().definitions;
  if (definitions == nullptr) return false;
  const auto& orphans = definitions->orphans;
  return std::any_of(orphans.begin(), orphans.end(), [&](const auto& orphan) {
    return orphan.second == practitioner && (key.empty() || key == orphan.first);
  });
}

nlohmann::json Evaluator::entry(const flags::Evaluation& served,
                                const std::string& practitioner) const {
  return success(served, stamps_.metadata(served, practitioner));
}

std::function<void(bool)> Evaluator::testify(const std::vector<flags::Evaluation>& served,
                                             const std::string& practitioner, TimePoint asked_at) {
  std::vector<Testified> testified;
  for (const flags::Evaluation& evaluation : served) {
    if (!evaluation.is_synthetic) continue;
    const std::string& flag = evaluation.flag->key;
    const std::string& variant =
        is_orphan(flag, practitioner) ? kNoVariant : evaluation.variant->name;
    testified.push_back(
        {flag, practitioner, witness_.asked(flag, practitioner, variant, asked_at)});
  }
  if (testified.empty()) return {};
  return [&witness = witness_, &clock = clock_, testified](bool is_whole) {
    for (const Testified& each : testified) {
      witness.answered(each.flag, each.practitioner, each.ticket, clock.now(), is_whole);
    }
  };
}

}  // namespace readback::guard::server
