#include "guard/configuration.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "embedded/guard_schema.h"
#include "flags/definition.h"
#include "flags/duration.h"
#include "guard/bounds.h"
#include "guard/configured_evidence.h"
#include "guard/configured_plans.h"
#include "guard/schema.h"
#include "guard/server/authenticate.h"
#include "probes/secret.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr int kTurnsOfWatchdog = 10;

// Reads one guard.yaml whose shape was checked before; what had the wrong type was told then.
class Reader {
 public:
  // `shape`: what is wrong with its shape.
  Reader(const Document& document, const std::vector<Fault>& shape, std::vector<Fault>& faults)
      : document_(document),
        shape_faults_(document, shape),
        faults_(faults),
        directory_(std::filesystem::path(document.file).parent_path()),
        plans_(directory_, faults) {}

  Configuration read() {
    configuration_.path = document_.file;
    read_listener();
    read_delays();
    read_exposures();
    read_flags();
    check_synthetic();
    return std::move(configuration_);
  }

  std::vector<std::string> files() const {
    std::vector<std::string> files = {document_.file};
    for (const std::string& file : plans_.files()) files.push_back(file);
    return files;
  }

 private:
  const Json* find(const std::string& pointer) const {
    const Json::json_pointer parsed(pointer);
    return document_.json.contains(parsed) ? &document_.json.at(parsed) : nullptr;
  }

  const std::string* text(const std::string& pointer) const {
    const Json* value = find(pointer);
    return value ? value->get_ptr<const std::string*>() : nullptr;
  }

  void refuse(const std::string& pointer, std::string what) {
    faults_.push_back({document_.file, document_.value_at(pointer), std::move(what)});
  }

  void read_duration(const std::string& pointer, milliseconds& into) {
    const std::string* value = text(pointer);
    if (!value) return;
    const auto time = flags::parse_duration(*value);
    if (time.has_error()) return refuse(pointer, time.error().what);
    into = *time;
  }

  void read_listener() {
    const std::string* listen = text("/listen");
    const Json* anywhere = find("/listen_anywhere");
    if (listen) {
      read_address(*listen, anywhere && *anywhere == true);
    }
    read_lease_key();
    read_origins();
    const std::string* token_file = text("/token_file");
    if (!token_file) return;
    const auto path = std::filesystem::absolute(directory_ / *token_file).lexically_normal();
    configuration_.token_file = path.string();
    auto tokens = server::load_tokens(configuration_.token_file);
    if (tokens.has_error()) return refuse("/token_file", tokens.error().what);
    configuration_.tokens = std::move(*tokens);
  }

  void read_lease_key() {
    const std::string* file = text("/lease_key_file");
    if (!file) return;
    const auto path = std::filesystem::absolute(directory_ / *file).lexically_normal();
    auto keys = server::load_tokens(path.string());
    if (keys.has_error()) return refuse("/lease_key_file", keys.error().what);
    configuration_.lease_key = std::move(keys->front());
  }

  void read_origins() {
    const Json* list = find("/browser_origins");
    if (!list || !list->is_array()) return;
    for (const Json& origin : *list)
      if (origin.is_string()) configuration_.browser_origins.push_back(origin);
  }

  void read_address(const std::string& listen, bool is_anywhere) {
    const auto authority = boost::urls::parse_authority(listen);
    boost::system::error_code error;
    boost::asio::ip::address address;
    if (authority.has_value()) {
      address = boost::asio::ip::make_address(std::string(authority->host_address()), error);
    }
    if (authority.has_error() || error || !authority->has_port() || authority->has_userinfo() ||
        std::to_string(authority->port_number()) != std::string(authority->port())) {
      return refuse("/listen",
                    "expected an address and a port such as 127.0.0.1:8016 or [::1]:8016");
    }
    if (!address.is_loopback() && !is_anywhere) {
      return refuse("/listen",
                    "expected a loopback address: for another, say listen_anywhere: true as well");
    }
    configuration_.listen_host = address.to_string();
    configuration_.listen_port = authority->port_number();
  }

  void read_delays() {
    read_duration("/answer_within", configuration_.answer_within);
    read_duration("/application_time_out", configuration_.application_time_out);
    read_duration("/application_keeps_answer", configuration_.application_keeps_answer);
    read_duration("/application_commits_within", configuration_.application_commits_within);
    read_duration("/clock_error", configuration_.clock_error);
    read_duration("/watchdog", configuration_.watchdog);
    if (configuration_.answer_within < milliseconds(1)) {
      refuse("/answer_within", "expected at least 1 ms");
    }
    if (text("/application_time_out") &&
        configuration_.answer_within >= configuration_.application_time_out) {
      refuse("/answer_within", "expected less than application_time_out, " +
                                   flags::format_duration(configuration_.application_time_out));
    }
    // A turn that is late by answer_within makes arms void; one that ends the process is far worse.
    const milliseconds least = kTurnsOfWatchdog * configuration_.answer_within;
    if (configuration_.watchdog < least) {
      refuse("/watchdog", "expected at least " + flags::format_duration(least) + ": " +
                              std::to_string(kTurnsOfWatchdog) + " x answer_within");
    }
  }

  void read_exposures() {
    const std::string* record = text("/exposures/record");
    if (record && *record == "id") configuration_.exposures.record = ExposureOptions::Identity::id;
    const Json* at_most = find("/exposures/at_most");
    if (!at_most || !at_most->is_number_integer()) return;
    configuration_.exposures.at_most = at_most->get<std::size_t>();
  }

  void read_flags() {
    const Json* list = find("/flags");
    if (!list || !list->is_array()) return;
    std::map<std::string, unsigned> lines;  // by key
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string where = member("/flags", i);
      read_flag((*list)[i], where);
      const std::string* key = text(where + "/key");
      if (!key) continue;
      const auto [first, is_new] = lines.emplace(*key, document_.value_at(where + "/key").line);
      if (is_new) continue;
      refuse(where + "/key",
             "the flag \"" + *key + "\" is on line " + std::to_string(first->second) + " already");
    }
  }

  void read_flag(const Json& json, const std::string& where) {
    std::vector<flags::Problem> problems;
    auto flag = flags::parse_flag(json, where, problems);
    for (flags::Problem& problem : problems) {
      if (!shape_faults_.holds(problem.where)) refuse(problem.where, std::move(problem.what));
    }
    const std::string* name = text(where + "/plan");
    const bool has_rollout = find(where + "/rollout") != nullptr;
    if (has_rollout && !find(where + "/plan")) {
      faults_.push_back({document_.file, document_.key_at(where + "/rollout"),
                         "a rollout needs the plan that guards it: \"plan\" is missing"});
    }
    if (!has_rollout && name)
      refuse(where + "/plan", "a plan guards a rollout, and there is none: remove it");
    if (!has_rollout && find(where + "/evidence"))
      refuse(where + "/evidence", "evidence decides about a rollout, and there is none: remove it");
    Guarded guarded;
    ConfiguredEvidence evidence = configured_evidence(find(where + "/evidence"));
    guarded.evidence = evidence.options;
    for (auto& [key, expected] : evidence.refused)
      refuse(where + "/evidence/" + key, std::move(expected));
    if (name && has_rollout) {
      const ConfiguredPlan* plan = plans_.read(*name, document_, where + "/plan");
      if (plan && plan->plan) guarded.plan = *plan->plan;
      if (plan) guarded.plan_path = plan->path;
      if (plan && plan->plan && flag) check_lease(*flag->rollout, *plan->plan, where);
    }
    if (!flag) return;
    guarded.flag = std::move(*flag);
    configuration_.guarded.push_back(std::move(guarded));
  }

  void check_lease(const flags::Rollout& rollout, const probes::Plan& plan,
                   const std::string& where) {
    if (configuration_.watchdog >= rollout.max_evidence_age)
      refuse("/watchdog",
             "expected less than every max_evidence_age: a guard that hangs is to be "
             "ended before its leases are over");
    const Bounds bounds = derive_bounds(rollout, plan, {});
    if (bounds.holds()) return;
    refuse(where + "/rollout/max_evidence_age",
           "expected at least " + flags::format_duration(bounds.minimum_max_evidence_age) +
               ": 3 x " + flags::format_duration(bounds.gap) +
               ", the longest gap between two starts of a stream, and " +
               flags::format_duration(bounds.round) + " for one round");
  }

  // Synthetic practitioners get their arm before anything is asked, and belong to one flag.
  void check_synthetic() {
    const Json* list = find("/flags");
    if (!list || !list->is_array()) return;
    std::map<std::string, std::string> owners;  // synthetic id -> where its first flag is
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string where = member("/flags", i);
      const std::string* name = text(where + "/plan");
      if (!name) continue;
      for (const std::string& id : plans_.synthetic(*name)) {
        const auto [owner, is_new] = owners.emplace(id, where);
        if (is_new || owner->second == where) continue;
        refuse(where + "/plan", "its practitioner \"" + id +
                                    "\" is synthetic for the flag on line " +
                                    std::to_string(document_.value_at(owner->second).line) +
                                    ", too: expected practitioners of its own");
        break;
      }
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string where = member("/flags", i) + "/rollout/who/practitioners";
      const Json* ids = find(where);
      if (!ids || !ids->is_array()) continue;
      for (std::size_t j = 0; j < ids->size(); ++j) {
        const std::string* id = text(member(where, j));
        if (id && owners.contains(*id)) {
          refuse(member(where, j),
                 "\"" + *id + "\" is a synthetic practitioner of a plan: " + "expected a real one");
        }
      }
    }
  }

  const Document& document_;
  Consequences shape_faults_;
  std::vector<Fault>& faults_;
  std::filesystem::path directory_;
  ConfiguredPlans plans_;
  Configuration configuration_;
};

}  // namespace

const Guarded* Configuration::find(std::string_view flag) const {
  const auto found = std::ranges::find(
      guarded, flag, [](const Guarded& one) -> std::string_view { return one.flag.key; });
  return found == guarded.end() ? nullptr : &*found;
}

std::optional<Configuration> read_configuration(const std::string& path,
                                                std::vector<Fault>& faults) {
  std::vector<Fault> found;
  std::vector<std::string> files = {path};
  std::optional<Configuration> configuration;
  const auto document = read_document(path, found);
  if (document) {
    const bool is_whole = check_end(*document, found);
    std::vector<Fault> shape;
    check_schema(*document, embedded::guard_schema, shape);
    add_new(std::move(shape), found);
    if (is_whole) {
      std::vector<Fault> meaning;
      Reader reader(*document, found, meaning);
      configuration = reader.read();
      files = reader.files();
      add_new(std::move(meaning), found);
    }
  }
  if (found.empty()) return configuration;
  for (Fault& fault : in_order(std::move(found), files)) faults.push_back(std::move(fault));
  return std::nullopt;
}

}  // namespace readback::guard
