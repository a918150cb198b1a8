#include "probes/plan_parse.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <map>

#include "probes/node.h"
#include "probes/payload.h"
#include "probes/plan_journeys.h"

namespace readback::probes {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLargestReply = 64 << 20;  // bytes
constexpr std::uint64_t kMostControls = 20;
constexpr double kMostJitter = 0.9;

void read_base_url(const Node& node, Target& target) {
  target.base_url = node.text();
  if (target.base_url.empty()) return;
  const auto url = boost::urls::parse_absolute_uri(target.base_url);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->encoded_host().empty())
    return node.problem("is no http or https address");
  if (url->has_query() || url->has_userinfo())
    return node.problem("holds more than an address: no query, no user");
  const std::string host(url->host_address());
  if (!target.hosts.contains(host)) node.problem("its host " + host + " is not one of hosts");
}

Target read_target(const Node& node) {
  Target target;
  for (auto& host : node.at("hosts").texts()) target.hosts.insert(std::move(host));
  read_base_url(node.at("base_url"), target);
  const auto authentication = node.at("authentication");
  const auto scheme = authentication.at("scheme").text("bearer");
  if (scheme == "none") {
    target.authentication = Authentication::none;
  } else if (scheme == "basic") {
    target.authentication = Authentication::basic;
  } else if (scheme == "header") {
    target.authentication = Authentication::header;
    target.header = authentication.at("header").text();
  } else if (scheme != "bearer") {
    authentication.at("scheme").problem("is none of bearer, basic, header, none");
  }
  target.time_out = node.at("time_out").duration(target.time_out);
  if (target.time_out <= 0s) node.at("time_out").problem("is no time");
  target.reply_bytes = node.at("reply_bytes").number(target.reply_bytes, 1'024, kLargestReply);
  return target;
}

std::optional<Secret> read_secret(const Node& node, const std::filesystem::path& directory) {
  if (!node.is_there()) return std::nullopt;
  const auto variable = node.at("environment").text("");
  const auto file = node.at("file").text("");
  if (variable.empty() == file.empty()) {
    node.problem("names either an environment variable or a file");
    return std::nullopt;
  }
  if (file.empty()) return Secret::from_environment(variable);
  return Secret::from_file((directory / file).string());
}

// Reads practitioners of whom no two share an id or a patient.
class PractitionerReader {
 public:
  PractitionerReader(Authentication authentication, const std::filesystem::path& directory)
      : authentication_(authentication), directory_(directory) {}

  Practitioner read(const Node& item) {
    Practitioner one;
    one.id = item.at("id").word();
    if (!ids_.insert(one.id).second) item.at("id").problem("is there twice");
    one.secret = read_secret(item.at("secret"), directory_);
    if (!item.at("secret").is_there() && authentication_ != Authentication::none)
      item.at("secret").problem("is missing");
    one.patients = item.at("patients").texts();
    if (one.patients.empty()) item.at("patients").problem("names no patient");
    for (const auto& patient : one.patients)
      if (!patients_.insert(patient).second)
        item.at("patients").problem(patient + " is there twice: each has one practitioner");
    for (const auto& [name, value] : item.at("attributes").members())
      one.attributes[name] = value.text("");
    return one;
  }

 private:
  Authentication authentication_;
  const std::filesystem::path& directory_;
  std::set<std::string> ids_;
  std::set<std::string> patients_;
};

void read_rounds(const Node& node, Plan& plan) {
  plan.interval = node.at("interval").duration(std::nullopt);
  if (node.at("interval").is_there() && plan.interval <= 0s)
    node.at("interval").problem("is no time");
  plan.jitter = node.at("jitter").share(plan.jitter, kMostJitter);
  plan.controls =
      static_cast<unsigned>(node.at("controls").number(plan.controls, 1, kMostControls));
  plan.settle = node.at("settle").duration(plan.settle);
  plan.write_time_out = node.at("write_time_out").duration(plan.write_time_out);
  if (plan.write_time_out <= 0s) node.at("write_time_out").problem("is no time");
  plan.round_deadline = node.at("deadline").duration(0ms);
  plan.lease_within = node.at("lease_within").duration(plan.lease_within);
  const auto confirm = node.at("confirm");
  plan.confirm.reads = static_cast<unsigned>(confirm.at("reads").number(plan.confirm.reads, 1, 10));
  plan.confirm.within = confirm.at("within").duration(plan.confirm.within);
}

std::vector<std::string> read_payload_classes(const Node& node) {
  std::vector<std::string> names;
  if (!node.is_there()) {
    for (const auto& one : payload_classes())
      if (one.is_default) names.push_back(one.name);
    return names;
  }
  for (const auto& item : node.items()) {
    auto name = item.text();
    const auto* known = find_payload_class(name);
    if (known == nullptr) item.problem("there is no payload class '" + name + "'");
    if (known != nullptr && !known->in_text_field)
      item.problem("a text field cannot carry '" + name + "'");
    if (std::count(names.begin(), names.end(), name) != 0) item.problem("is there twice");
    names.push_back(std::move(name));
  }
  if (names.empty()) node.problem("names no payload class");
  return names;
}

std::vector<Field> read_fields(const Node& node) {
  std::vector<Field> fields;
  for (const auto& [name, value] : node.members()) {
    Field field{.name = name, .is_required = value.at("required").truth(true), .tolerates = {}};
    if (!is_word(name)) value.problem("its name is more than letters, digits, '_', '-' and '.'");
    for (const auto& item : value.at("tolerates").items()) {
      const auto loss_class = parse_loss_class(item.text());
      if (loss_class) field.tolerates.insert(*loss_class);
      if (!loss_class) item.problem("there is no loss class '" + item.text("") + "'");
    }
    fields.push_back(std::move(field));
  }
  if (fields.empty()) node.problem("names no field");
  return fields;
}

}  // namespace

std::optional<Plan> parse_plan(const nlohmann::json& document, std::vector<Problem>& problems,
                               const std::filesystem::path& directory) {
  const auto before = problems.size();
  const Node root(&document, nlohmann::json::json_pointer(), problems);
  if (!document.is_object()) {
    root.problem("is no map");
    return std::nullopt;
  }
  if (root.at("version").number(0, 0, 1'000) != 1) root.at("version").problem("is not 1");
  if (root.at("end").text("") != "readback")
    root.at("end").problem("the last line is not 'end: readback': the file may be cut");
  Plan plan;
  plan.target = read_target(root.at("target"));
  PractitionerReader practitioners(plan.target.authentication, directory);
  for (const auto& item : root.at("practitioners").items())
    plan.practitioners.push_back(practitioners.read(item));
  if (root.at("orphan").is_there()) plan.orphan = practitioners.read(root.at("orphan"));
  read_rounds(root.at("rounds"), plan);
  plan.payload_classes = read_payload_classes(root.at("payload_classes"));
  plan.fields = read_fields(root.at("fields"));
  JourneyDefaults defaults{.delays = {0ms, 2s}};
  if (root.at("delays").is_there()) defaults.delays = read_delays(root.at("delays"));
  for (const auto& item : root.at("journeys").items())
    plan.journeys.push_back(read_journey(item, defaults));
  if (plan.journeys.empty()) root.at("journeys").problem("names no journey");
  check_journeys(plan, root);
  // What only the whole tells makes no sense of a plan with holes.
  if (problems.size() == before) check_whole(plan, root);
  if (problems.size() != before) return std::nullopt;
  if (plan.round_deadline == 0ms) plan.round_deadline = longest_round(plan);
  return plan;
}

void check_secrets(const Plan& plan, std::vector<Problem>& problems) {
  std::map<std::string, std::string> owners;  // by secret: whose it is
  const auto check = [&](const Practitioner& one, const std::string& pointer) {
    if (!one.secret) return;
    const auto text = one.secret->read();
    const auto where = pointer + "/secret";
    if (!text) problems.emplace_back(where, text.error().what);
    if (!text) return;
    const auto [owner, is_new] = owners.emplace(text->reveal(), one.id);
    if (!is_new)
      problems.emplace_back(where, "is the secret of '" + owner->second +
                                       "', too: the application could not tell them apart");
  };
  for (std::size_t i = 0; i < plan.practitioners.size(); ++i)
    check(plan.practitioners[i], "/practitioners/" + std::to_string(i));
  if (plan.orphan) check(*plan.orphan, "/orphan");
}

}  // namespace readback::probes
