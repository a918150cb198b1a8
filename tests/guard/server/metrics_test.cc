#include "guard/server/metrics.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "guard/server/metric_page.h"
#include "tests/guard/rollout_driver.h"
#include "tests/probes/plans.h"

namespace readback::guard::server {
namespace {

using namespace std::chrono_literals;
using guard::testing::Driver;
using probes::Arm;
using probes::LossClass;
using probes::Outcome;

using Samples = std::map<std::string, double>;  // by "name{label="value",...}"

// A reader of the text format that knows only what the format promises.
Samples read_page(const std::string& text) {
  Samples samples;
  std::set<std::string> helped, typed;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      const bool is_new = (line[2] == 'H' ? helped : typed).insert(name).second;
      CHECK(is_new);
      continue;
    }
    REQUIRE(line.starts_with("readback_"));
    const std::size_t blank = line.rfind(' ');
    std::string name = line.substr(0, line.find_first_of("{ "));
    for (const char* suffix : {"_bucket", "_sum", "_count"})
      if (name.ends_with(suffix) && !typed.contains(name))
        name.resize(name.size() - std::string(suffix).size());
    CHECK(helped.contains(name));
    CHECK(typed.contains(name));
    const bool is_new =
        samples.emplace(line.substr(0, blank), std::stod(line.substr(blank + 1))).second;
    CHECK(is_new);
  }
  return samples;
}

// A driven rollout under the sample plan, and everything that a page is made of.
struct Scraped {
  explicit Scraped(const Latch& latch = {}) : driver(testing::two_step_terms(), latch) {
    guarded.flag.key = "notes-editor-v2";
    guarded.flag.variants = {{"old", false}, {"new", true}};
    guarded.flag.safe = "old";
    guarded.flag.treatment = "new";
    guarded.flag.rollout = testing::two_step_terms().rollout;
    guarded.plan = probes::sample_plan();
  }

  std::string text() const {
    Measured measured{{}, counts, evaluations, reverts, {}, {4, 2, 9},
                      3,  true,   true,        {},      {}, driver.now()};
    measured.connections.accepted = 5;
    measured.last_reload = std::chrono::milliseconds(1'800'000'000'250);
    measured.is_store_up = is_store_up;
    measured.is_reload_taken = is_reload_taken;
    measured.flags.push_back({guarded, driver.state, counts, 17, is_full, clients});
    return metrics_text(measured);
  }
  Samples page() const { return read_page(text()); }

  // Of a sample with the flag as its first label; `labels` as written, a comma before each.
  double value(const std::string& name, const std::string& labels = "") const {
    const Samples samples = page();
    const auto found =
        samples.find("readback_" + name + "{flag=\"notes-editor-v2\"" + labels + "}");
    INFO(name, labels);
    REQUIRE(found != samples.end());
    return found->second;
  }
  bool is_paused(const std::string& by) const { return value("paused", ",by=\"" + by + "\"") == 1; }
  bool is_in(const std::string& phase) const {
    return value("phase", ",phase=\"" + phase + "\"") == 1;
  }
  void start() {
    driver.command(Command::Kind::start);
    driver.healthy(1);
  }
  void lose(Outcome controls) {
    driver.pass(1s);
    driver.block(Outcome::fail, controls);
  }

  Guarded guarded;
  Driver driver;
  ProbeCounts counts;
  EvaluationCounts evaluations;
  std::vector<RevertRecord> reverts;
  bool is_store_up = true;
  bool is_reload_taken = true;
  bool is_full = false;
  Holders::Tally clients;
};

std::size_t count_of(const Samples& samples, const std::string& name) {
  std::size_t count = 0;
  for (const auto& [series, value] : samples)
    if (series.starts_with("readback_" + name + "{")) ++count;
  return count;
}

}  // namespace

TEST_SUITE("metrics") {
  TEST_CASE("closed label sets are there at 0 before anything happened") {
    const Samples samples = Scraped().page();
    const auto expect = [&](const std::string& name, std::size_t count) {
      CAPTURE(name);
      CHECK(count_of(samples, name) == count);
      for (const auto& [series, value] : samples)
        if (series.starts_with("readback_" + name + "{")) CHECK(value == 0);
    };
    expect("rounds_total", 1 * 2 * 4);  // journey, arm, outcome
    // interview by record at three delays and search at two, conclusion by record.
    expect("reads_total", (3 + 2 + 3) * 2 * 3);
    expect("losses_total", 0);
    expect("losses_unlisted_total", 2);
    expect("reverts_total", 2);
    expect("void_arms_total", 2 * 7);
    expect("never_read_total", 2);
    expect("evaluations_total", 2);
    expect("evaluations_refused_total", 2);
    expect("time_to_revert_seconds_count", 1);
    expect("read_latency_seconds_bucket", 2 * 11);
    expect("blocks_skipped_total", 1);
    expect("removals_failed_total", 1);
    CHECK(samples.at("readback_pending_reads") == 3);
    CHECK(count_of(samples, "build_info") == 1);
  }

  TEST_CASE("of a set of states exactly one holds") {
    Scraped scraped;
    const auto holding = [&](const std::string& name) {
      double sum = 0;
      for (const auto& [series, value] : scraped.page())
        if (series.starts_with("readback_" + name + "{")) sum += value;
      return sum;
    };
    for (const char* act : {"nothing", "start", "lose"}) {
      if (act == std::string("start")) scraped.start();
      if (act == std::string("lose")) scraped.lose(Outcome::ok);
      CAPTURE(act);
      CHECK(holding("phase") == 1);
      CHECK(holding("verdict") == 1);
      CHECK(holding("finding") == 1);
    }
  }

  TEST_CASE("a healthy rollout tells what it serves and until when") {
    Scraped scraped;
    CHECK(scraped.is_in("waiting"));
    CHECK(scraped.value("exposed_share_ratio") == 0);
    CHECK(scraped.value("lease_end_timestamp_seconds") == 0);
    CHECK(scraped.value("evidence_timestamp_seconds") == 0);
    CHECK(scraped.is_paused("evidence"));
    scraped.start();
    CHECK(scraped.is_in("rolling"));
    CHECK(scraped.value("exposed_share_ratio") == doctest::Approx(0.013));
    CHECK(scraped.value("evidence_held") == 1);
    CHECK(scraped.value("step") == 1);
    CHECK(scraped.value("steps") == 2);
    const double began = scraped.value("evidence_timestamp_seconds");
    CHECK(began > 1'800'000'000);
    CHECK(scraped.value("lease_end_timestamp_seconds") <= began + 60);
    CHECK(scraped.value("lease_end_timestamp_seconds") > began + 54);
    CHECK(scraped.value("exposed_practitioners") == 17);
    for (const char* by : {"operator", "suspicion", "platform", "evidence", "health"})
      CHECK_FALSE(scraped.is_paused(by));
    // No event since: the page is made of the moment of the scrape.
    scraped.driver.pass(61s);
    CHECK(scraped.is_paused("evidence"));
    CHECK(scraped.value("exposed_share_ratio") == 0);
    CHECK(scraped.value("lease_end_timestamp_seconds") == 0);
    CHECK(scraped.value("evidence_held") == 0);
  }

  TEST_CASE("what pauses it is told by cause") {
    SUBCASE("an operator") {
      Scraped scraped;
      scraped.start();
      scraped.driver.command(Command::Kind::pause);
      CHECK(scraped.is_paused("operator"));
      CHECK_FALSE(scraped.is_paused("suspicion"));
      CHECK(scraped.value("exposed_share_ratio") == 0);
    }
    SUBCASE("a first loss") {
      Scraped scraped;
      scraped.start();
      scraped.lose(Outcome::ok);
      CHECK(scraped.is_paused("suspicion"));
      CHECK_FALSE(scraped.is_paused("platform"));
      CHECK(scraped.value("suspect_cells") == 1);
      CHECK(scraped.value("finding", ",finding=\"suspect\"") == 1);
      CHECK(scraped.value("latched") == 0);
    }
    SUBCASE("the platform") {
      Scraped scraped;
      scraped.start();
      scraped.lose(Outcome::fail);
      CHECK(scraped.is_paused("platform"));
      CHECK_FALSE(scraped.is_paused("suspicion"));
      CHECK(scraped.value("finding", ",finding=\"platform\"") == 1);
    }
    SUBCASE("the store") {
      Scraped scraped;
      scraped.start();
      scraped.driver.happen(StoreFailed{"full"});
      scraped.is_store_up = false;
      CHECK(scraped.is_paused("health"));
      CHECK(scraped.page().at("readback_store_up") == 0);
    }
  }

  TEST_CASE("a loss of control alone makes reverting unsafe and pauses nothing") {
    Scraped scraped;
    scraped.start();
    scraped.driver.pass(1s);
    scraped.driver.block(Outcome::ok, Outcome::fail);
    CHECK(scraped.value("ill_control_cells") == 1);
    CHECK(scraped.value("suspect_cells") == 0);
    CHECK(scraped.value("exposed_share_ratio") > 0);
  }

  TEST_CASE("a revert is told with its cause and its delay") {
    Scraped scraped;
    scraped.start();
    scraped.lose(Outcome::ok);
    scraped.lose(Outcome::ok);
    CHECK(scraped.is_in("latched"));
    CHECK(scraped.value("latched") == 1);
    CHECK(scraped.value("latch_readable") == 1);
    CHECK(scraped.value("latch_durable") == 1);
    CHECK(scraped.value("verdict", ",verdict=\"revert\"") == 1);
    scraped.reverts = {{"notes-editor-v2", "loss", 1'500ms},
                       {"notes-editor-v2", "operator", {}},
                       {"another", "loss", 9s}};
    CHECK(scraped.value("reverts_total", ",cause=\"loss\"") == 1);
    CHECK(scraped.value("reverts_total", ",cause=\"operator\"") == 1);
    CHECK(scraped.value("time_to_revert_seconds_count") == 1);
    CHECK(scraped.value("time_to_revert_seconds_sum") == 1.5);
  }

  TEST_CASE("a latch that cannot be read is told apart from one that was set") {
    Latch damaged;
    damaged.is_latched = true;
    damaged.is_readable = false;
    const Scraped scraped(damaged);
    CHECK(scraped.value("latched") == 1);
    CHECK(scraped.value("latch_readable") == 0);
  }

  TEST_CASE("a latch that could not be written is told until it is") {
    Scraped scraped;
    scraped.start();
    scraped.driver.holds_writes = true;
    scraped.driver.command(Command::Kind::revert);
    REQUIRE(scraped.driver.held.size() == 1);
    scraped.driver.happen(WriteFailed{scraped.driver.held.front(), "no disk", false});
    CHECK(scraped.value("latch_durable") == 0);
    CHECK(scraped.is_paused("health"));
  }

  TEST_CASE("counts come out under their labels") {
    using Result = ProbeCounts::Result;
    Scraped scraped;
    const std::string flag = "notes-editor-v2";
    scraped.counts.rounds[{flag, "shared", Arm::treatment, Result::void_arm}] = 4;
    scraped.counts.voids[{flag, Arm::treatment, VoidReason::other_path}] = 4;
    CHECK(scraped.value("void_arms_total", ",arm=\"treatment\",reason=\"other_path\"") == 4);
    CHECK(scraped.value("void_arms_total", ",arm=\"control\",reason=\"guard_late\"") == 0);
    scraped.counts.reads[{flag, "interview", "record", 3'600'000ms, Arm::control, Outcome::info}] =
        7;
    scraped.counts.add_loss({flag, "interview", "astral", LossClass::chars_dropped, Arm::control});
    scraped.counts.add_loss({flag, "interview", "astral", LossClass::chars_dropped, Arm::control});
    scraped.counts.blocks_skipped[flag] = 2;
    scraped.counts.never_read[{flag, "shared", "interview", "record", 0ms, Arm::control}] = 6;
    CHECK(scraped.value("never_read_total", ",arm=\"control\"") == 6);
    scraped.counts.removals_failed[flag] = 1;
    scraped.evaluations.by_variant[{flag, "new"}] = 11;
    CHECK(scraped.value("rounds_total", ",journey=\"shared\",arm=\"treatment\",outcome=\"void\"") ==
          4);
    CHECK(scraped.value("reads_total",
                        ",field=\"interview\",path=\"record\",delay=\"1h\",arm=\"control\","
                        "outcome=\"info\"") == 7);
    CHECK(scraped.value("losses_total",
                        ",field=\"interview\",payload_class=\"astral\","
                        "loss_class=\"chars_dropped\",arm=\"control\"") == 2);
    CHECK(scraped.value("blocks_skipped_total") == 2);
    CHECK(scraped.value("removals_failed_total") == 1);
    CHECK(scraped.value("evaluations_total", ",variant=\"new\"") == 11);
    CHECK(scraped.value("evaluations_total", ",variant=\"old\"") == 0);
    CHECK(scraped.page().at("readback_connections_total{outcome=\"accepted\"}") == 5);
    CHECK(scraped.page().at("readback_config_last_reload_timestamp_seconds") == 1'800'000'000.25);
    CHECK(scraped.page().at("readback_config_last_reload_successful") == 1);
    scraped.is_reload_taken = false;
    CHECK(scraped.page().at("readback_config_last_reload_successful") == 0);
    scraped.is_full = true;
    CHECK(scraped.value("exposure_record_full") == 1);
  }

  TEST_CASE("who holds treatment is told by what he confirmed, and until when the lease ends it") {
    Scraped scraped;
    scraped.clients = {3, 2, 11, 1, std::chrono::milliseconds(1'800'000'045'500)};
    scraped.evaluations.denied = 6;
    scraped.evaluations.over_limit = 7;
    CHECK(scraped.value("clients", ",standing=\"holding\"") == 3);
    CHECK(scraped.value("clients", ",standing=\"unconfirmed\"") == 2);
    CHECK(scraped.value("clients", ",standing=\"confirmed\"") == 11);
    CHECK(scraped.value("clients", ",standing=\"lapsed\"") == 1);
    CHECK(scraped.value("clients_held_until_timestamp_seconds") == 1'800'000'045.5);
    const Samples page = scraped.page();
    CHECK(page.at("readback_event_streams") == 4);
    CHECK(page.at("readback_event_streams_refused_total") == 2);
    CHECK(page.at("readback_events_total") == 9);
    CHECK(page.at("readback_evaluations_safe_total{reason=\"token\"}") == 6);
    CHECK(page.at("readback_evaluations_safe_total{reason=\"over_limit\"}") == 7);
  }

  TEST_CASE("buckets of the latency are cumulative") {
    Scraped scraped;
    for (const Duration latency : {Duration(5ms), Duration(20ms), Duration(25ms), Duration(2h)})
      scraped.counts.latency["record"].add(latency);
    const Samples samples = scraped.page();
    const auto bucket = [&](const std::string& bound) {
      return samples.at("readback_read_latency_seconds_bucket{path=\"record\",le=\"" + bound +
                        "\"}");
    };
    CHECK(bucket("0.01") == 1);
    CHECK(bucket("0.03") == 3);
    CHECK(bucket("3600") == 3);
    CHECK(bucket("+Inf") == 4);
    CHECK(samples.at("readback_read_latency_seconds_count{path=\"record\"}") == 4);
    CHECK(samples.at("readback_read_latency_seconds_sum{path=\"record\"}") ==
          doctest::Approx(7'200.05));
  }

  TEST_CASE("kinds of loss are bounded and none goes uncounted") {
    Scraped scraped;
    for (std::size_t field = 0; field < 30; ++field)
      for (std::size_t kind = 0; kind < probes::kLossClasses; ++kind)
        scraped.counts.add_loss({"notes-editor-v2", "field-" + std::to_string(field), "any",
                                 static_cast<LossClass>(kind), Arm::treatment});
    const Samples samples = scraped.page();
    CHECK(count_of(samples, "losses_total") == ProbeCounts::kMostLosses);
    CHECK(scraped.value("losses_unlisted_total", ",arm=\"treatment\"") ==
          30 * probes::kLossClasses - ProbeCounts::kMostLosses);
    CHECK(samples.size() < 2'000);
    // One that is listed goes on being counted there.
    scraped.counts.add_loss(
        {"notes-editor-v2", "field-0", "any", LossClass::write_rejected, Arm::treatment});
    CHECK(scraped.value("losses_total",
                        ",field=\"field-0\",payload_class=\"any\","
                        "loss_class=\"write_rejected\",arm=\"treatment\"") == 2);
  }

  TEST_CASE(
      "a text that could break the format is escaped, and a family without samples left out") {
    MetricPage page;
    page.gauge("readback_empty", "Nothing.")
        .gauge("readback_odd", "Something.")
        .sample({{"flag", "a\"b\\c\nd"}}, 1);
    const std::string text = page.text();
    CHECK(text.find("readback_empty") == std::string::npos);
    CHECK(text.find("readback_odd{flag=\"a\\\"b\\\\c\\nd\"} 1\n") != std::string::npos);
  }
}

}  // namespace readback::guard::server
