#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "configs/demo/notes_service/fault.h"
#include "flags/lease.h"
#include "probes/transport.h"
#include "tests/simulation/world.h"

// The application under test: visits whose notes are saved down one of two paths, as the guard's
// flag says. What may be wrong with a path are the demo's faults (configs/demo/notes_service). It
// keeps what really became of each note, which nobody in the world knows.

namespace readback::simulation {

using demo::notes::Faults;

// "erase-after:5", "both-arms:trim", "none", ... Asserts that there is such a fault.
Faults fault_named(std::string_view name);

// When a request set out, in the world's time and as its sender's clocks showed it.
struct Sent {
  TimePoint at{};
  flags::Moment shown;
};

// One save, and what readers were shown of it.
struct Note {
  enum Path { record, list };
  static constexpr std::array kFields{"interview", "conclusion"};
  static constexpr std::size_t kPaths = 2;

  struct Shown {
    std::optional<TimePoint> whole;  // the last time, by true time
    std::optional<TimePoint> wrong;
  };

  std::string visit;
  std::string patient;
  std::string practitioner;
  bool has_shared_document = false;
  bool is_new_path = false;
  Sent sent;
  nlohmann::json written;
  bool is_altered = false;     // what was stored isn't what was written, or nothing was
  bool is_gone = false;        // its visit was removed
  bool is_superseded = false;  // by a later save of the visit
  Shown shown[kPaths][kFields.size()];

  std::string journey() const { return has_shared_document ? "note-with-document" : "note-alone"; }
};

class Application final {
 public:
  // The variant for a practitioner; empty, and so the old path, if no answer came in time.
  using AskFlag = std::function<boost::asio::awaitable<std::string>(std::string practitioner)>;

  Application(World& world, AskFlag ask_flag) : world_(world), ask_flag_(std::move(ask_flag)) {}

  void break_with(Faults faults) { faults_ = std::move(faults); }
  // Answers 503 to this share of requests, and does nothing.
  void refuse(double share) { refused_ = share; }
  // What it was doing is gone; what is stored stays. While it is down connections are refused.
  void stop();
  void start() { is_up_ = true; }
  // Who may be written to: practitioners and patients.
  void expect(std::set<std::string> ids) { expected_ = std::move(ids); }

  // timed_out: it never answers.
  boost::asio::awaitable<probes::Reply> answer(probes::Request request, Sent sent);
  void note_sent(const probes::Request& request, const Sent& sent);

  // When each save set out.
  const std::set<TimePoint>& write_starts() const { return write_starts_; }
  // Every save that it took, in order.
  const std::deque<Note>& notes() const { return notes_; }
  // The first request that was about somebody who wasn't expected; empty if there was none.
  const std::string& stranger() const { return stranger_; }
  std::size_t visits() const { return visits_.size(); }
  std::uint64_t requests() const { return requests_; }

 private:
  struct Visit {
    std::string patient;
    std::string practitioner;
    nlohmann::json notes = nlohmann::json::object();
    nlohmann::json notes_before = nlohmann::json::object();
    bool has_shared_document = false;
    TimePoint fresh_from{};                  // reads before this see the notes before
    TimePoint gone_from = TimePoint::max();  // reads after this see none
    std::optional<std::size_t> last_note;    // in notes_
  };
  using Visits = std::map<std::string, Visit>;

  boost::asio::awaitable<probes::Response> serve(probes::Request request, Sent sent);
  boost::asio::awaitable<probes::Response> save(std::string id, nlohmann::json notes, Sent sent);
  probes::Response create(const std::string& patient, const nlohmann::json& body);
  probes::Response list(const std::string& patient);
  nlohmann::json show(const Visits::value_type& visit, Note::Path path);
  void store(Visit& visit, const demo::notes::Fault& fault, nlohmann::json notes);
  std::optional<nlohmann::json> altered(const Visit& visit, const demo::notes::Fault& fault,
                                        const nlohmann::json& notes);
  void meet(const std::string& id);

  World& world_;
  AskFlag ask_flag_;
  Faults faults_;
  double refused_ = 0;
  bool is_up_ = true;
  std::uint64_t life_ = 0;
  std::set<std::string> expected_;
  Visits visits_;
  std::uint64_t made_ = 0;
  std::uint64_t requests_ = 0;
  std::set<TimePoint> write_starts_;
  std::deque<Note> notes_;
  nlohmann::json last_saved_;  // for another patient's text
  std::string stranger_;
};

}  // namespace readback::simulation
