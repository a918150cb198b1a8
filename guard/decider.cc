#include "guard/decider.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <set>
#include <utility>

#include "guard/run_on.h"
#include "guard/schema.h"

namespace readback::guard {
namespace asio = boost::asio;

namespace {

// Far more than there are writes in a disk's longest stall; over it a flag is not widened.
constexpr std::size_t kJobs = 10'000;

Acknowledgement not_durable(const Write& write, const std::string& trouble) {
  Acknowledgement acknowledgement = *write.answer;
  acknowledgement.is_accepted = false;
  acknowledgement.is_durable = false;
  acknowledgement.words =
      write.latch && write.latch->is_latched
          ? "the safe variant is served, but the latch is not on disk: " + trouble
          : "not done, since it could not be written: " + trouble;
  return acknowledgement;
}

}  // namespace

Decider::Decider(asio::any_io_executor executor, asio::any_io_executor disk, Clock& clock,
                 Publisher& publisher, Store& store, LatchFile& latches, Options options)
    : executor_(std::move(executor)),
      disk_(std::move(disk)),
      clock_(clock),
      publisher_(publisher),
      store_(store),
      latches_(latches),
      options_(std::move(options)),
      jobs_(executor_, kJobs) {}

void Decider::begin(Terms terms, const Latch& latch, const History& history, bool is_store_well) {
  const std::string flag = terms.flag;
  State state = options_.core.restore(std::move(terms), latch, history, clock_.moment());
  state.is_store_well = is_store_well;
  if (!is_store_well) {
    store_trouble_ = "it could not be opened";
    // Nobody knows whether an earlier process served treatment.
    const flags::Rollout& rollout = state.terms.rollout;
    const auto latest = flags::round_stamp(clock_.wall() + rollout.max_evidence_age);
    state.held_until = std::max(state.held_until, latest);
  }
  const auto begun = states_.insert_or_assign(flag, std::move(state)).first;
  // A revert that a command wrote while no guard was there: the ledger hears of it now.
  const std::uint64_t known =
      history.last().is_object() ? history.last().value("generation", std::uint64_t{0}) : 0;
  if (is_store_well && latch.is_latched && latch.is_readable && latch.generation > known)
    note_revert(begun->second);
  publisher_.set_exposure(flag, judge(begun->second, clock_.moment()).exposure);
}

void Decider::note_revert(const State& state) {
  Entry entry;
  entry.at = state.latch.when;
  entry.flag = state.terms.flag;
  entry.kind = "reverted";
  entry.by = state.latch.who;
  entry.reason = state.latch.reason;
  entry.state = durable(state);
  Job job{state.terms.flag, {}};
  job.write.entries.push_back(std::move(entry));
  if (jobs_.send(std::move(job))) ++jobs_sent_;
}

asio::awaitable<Latch> Decider::read_latch(std::string flag) {
  auto work = [this, flag = std::move(flag)] { return latches_.read(flag); };
  return run_on<Latch>(disk_, std::move(work));
}

asio::awaitable<void> Decider::configure(std::vector<Terms> terms) {
  std::set<std::string> named;
  // Before anything is waited for: what is named again must not end meanwhile.
  for (const Terms& each : terms) {
    named.insert(each.flag);
    gone_.erase(each.flag);
  }
  std::map<std::string, Latch> latches;
  for (const Terms& each : terms) {
    if (states_.contains(each.flag)) continue;
    Latch latch = co_await read_latch(each.flag);
    latches.emplace(each.flag, std::move(latch));
  }
  for (Terms& each : terms) {
    const std::string flag = each.flag;
    const auto latch = latches.find(flag);
    if (latch == latches.end())
      tell(flag, Configured{std::move(each)});
    else
      begin(std::move(each), latch->second, History(), store_trouble_.empty());
  }
  for (const auto& [flag, state] : states_)
    if (!named.contains(flag)) gone_.insert(flag);
  for (const std::string& flag : gone_) publisher_.set_exposure(flag, {});
  end_those_gone();
}

void Decider::end_those_gone() {
  std::erase_if(gone_, [this](const std::string& flag) {
    const auto found = states_.find(flag);
    const bool is_over = !found->second.is_latch_under_way && found->second.is_latch_durable;
    if (!is_over) return false;
    states_.erase(found);
    proven_.erase(flag);
    return true;
  });
}

void Decider::tell(const std::string& flag, Happening happening) {
  if (const auto* failed = std::get_if<StoreFailed>(&happening)) store_trouble_ = failed->what;
  const auto found = states_.find(flag);
  if (found == states_.end()) return;
  State& state = found->second;
  Proven& proven = proven_[flag];
  if (const auto* observed = std::get_if<Observed>(&happening))
    proven.note(state.terms, observed->observation, observed->write_began.wall);
  decide(state, std::move(happening));
  if (state.harm.finding() == Harm::Finding::none) proven.clear_losses();
}

std::optional<WallTime> Decider::proven_until(const std::string& flag) const {
  const auto state = states_.find(flag);
  const auto proven = proven_.find(flag);
  if (state == states_.end() || proven == proven_.end()) return std::nullopt;
  return proven->second.until(state->second.terms);
}

void Decider::decide(State& state, Happening happening) {
  const std::string& flag = state.terms.flag;
  const flags::Moment now = clock_.moment();
  Decision decision = options_.core.step(state, {now, std::move(happening)});
  publisher_.set_exposure(flag, decision.serve);
  if (!probes_treatment(state)) publisher_.unpin_all(flag);
  if (decision.answer) acknowledge(*decision.answer);
  if (!decision.write) return;
  if (decision.write->latch && decision.write->latch->is_latched && decision.reverted)
    reverts_.push_back({flag, state.latch.cause, decision.reverted->after_first_failure});
  Job job{flag, std::move(*decision.write)};
  if (jobs_.is_full()) {
    settle(std::move(job), {false, false, "too many writes are waiting"});
  } else {
    [[maybe_unused]] const bool is_sent = jobs_.send(std::move(job));
    ++jobs_sent_;
  }
}

void Decider::acknowledge(const Acknowledgement& acknowledgement) {
  const auto found = asking_.find(acknowledgement.ticket);
  if (found == asking_.end()) return;
  Answer<Acknowledgement> answer = std::move(found->second);
  asking_.erase(found);
  answer.give(acknowledgement);
}

asio::awaitable<Acknowledgement> Decider::ask(std::string flag, Command command) {
  Acknowledgement unknown;
  unknown.words = "there is no guarded flag \"" + flag + "\"";
  const std::vector<std::string> known = flags();
  const std::string nearest = nearest_key(flag, {known.begin(), known.end()});
  if (!nearest.empty()) unknown.words += "; did you mean \"" + nearest + "\"?";
  if (!states_.contains(flag)) co_return unknown;
  command.ticket = next_ticket_++;
  Question<Acknowledgement> question(executor_);
  asking_.emplace(command.ticket, question.answer());
  Commanded commanded{std::move(command)};
  tell(flag, std::move(commanded));
  const std::optional<Acknowledgement> answer = co_await question.wait();
  unknown.words = "the guard is ending";
  co_return answer.value_or(unknown);
}

asio::awaitable<void> Decider::run() {
  Tasks tasks(executor_);
  tasks.start(tick());
  tasks.start(write());
  co_await tasks.join();
}

asio::awaitable<void> Decider::tick() {
  for (;;) {
    const flags::Moment before = clock_.moment();
    co_await clock_.sleep_for(options_.tick);
    const flags::Moment now = clock_.moment();
    const Duration drift = (now.wall - before.wall) - (now.boot - before.boot);
    const bool has_jumped = drift > options_.jump || drift < -options_.jump;
    if (has_jumped) {
      clock_jumps_.push_back({now.wall, std::chrono::round<std::chrono::milliseconds>(drift)});
      if (clock_jumps_.size() > kClockJumps) clock_jumps_.pop_front();
    }
    for (auto& [flag, state] : states_) {
      if (has_jumped) decide(state, ClockJumped{});
      decide(state, Ticked{});
    }
  }
}

asio::awaitable<void> Decider::write() {
  // A write that has begun is carried to its end; only the wait for the next one is broken off.
  co_await asio::this_coro::throw_if_cancelled(false);
  try {
    for (;;) co_await write_next();
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
  }
  // What was decided before the end is still written: a revert above all.
  co_await asio::this_coro::reset_cancellation_state();
  while (jobs_.size() > 0) co_await write_next();
}

asio::awaitable<void> Decider::write_next() {
  Job job = co_await jobs_.receive();
  const Outcome outcome = co_await write_one(job);
  settle(std::move(job), outcome);
  end_those_gone();
  ++jobs_settled_;
  // Whoever waited gets no answer but the end of the question.
  waiting_.erase(waiting_.begin(), waiting_.upper_bound(jobs_settled_));
}

asio::awaitable<Decider::Outcome> Decider::write_one(const Job& job) {
  // A latch goes before its entry and stands without it; a latch is cleared only after its entry.
  const bool is_latching = job.write.latch && job.write.latch->is_latched;
  Outcome outcome;
  if (is_latching) {
    const Result<void> written = co_await write_latch(job.flag, *job.write.latch);
    outcome.is_latch_durable = written.has_value();
    if (written.has_error()) outcome.trouble = written.error().what;
    // A revert is durable with its latch; a ledger that hangs does not keep on-call waiting.
    if (written.has_value() && job.write.answer) acknowledge(*job.write.answer);
  }
  if (!job.write.entries.empty()) {
    const Result<void> appended = co_await store_.append(job.write.entries);
    outcome.is_ledger_durable = appended.has_value();
    if (appended.has_error()) outcome.trouble = appended.error().what;
    store_trouble_ = appended.has_error() ? appended.error().what : "";
  }
  if (job.write.latch && !is_latching && outcome.trouble.empty()) {
    const Result<void> written = co_await write_latch(job.flag, *job.write.latch);
    if (written.has_error()) outcome.trouble = written.error().what;
  }
  co_return outcome;
}

asio::awaitable<Result<void>> Decider::write_latch(const std::string& flag, const Latch& latch) {
  auto work = [this, flag, latch] { return latches_.write(flag, latch); };
  return run_on<Result<void>>(disk_, std::move(work));
}

void Decider::settle(Job job, const Outcome& outcome) {
  const auto found = states_.find(job.flag);
  const bool is_durable = outcome.trouble.empty();
  if (job.write.answer) {
    // A revert is durable with its latch; the ledger is only its history.
    const bool is_done =
        is_durable || (job.write.latch && job.write.latch->is_latched && outcome.is_latch_durable);
    acknowledge(is_done ? *job.write.answer : not_durable(job.write, outcome.trouble));
  }
  if (found == states_.end()) return;
  if (is_durable)
    decide(found->second, Written{std::move(job.write)});
  else
    decide(found->second, WriteFailed{std::move(job.write), outcome.trouble,
                                      outcome.is_latch_durable, outcome.is_ledger_durable});
}

asio::awaitable<void> Decider::written() {
  if (jobs_settled_ == jobs_sent_) co_return;
  Question<bool> question(executor_);
  waiting_.emplace(jobs_sent_, question.answer());
  co_await question.wait();
}

const State* Decider::state(const std::string& flag) const {
  const auto found = states_.find(flag);
  return found == states_.end() ? nullptr : &found->second;
}

std::vector<std::string> Decider::flags() const {
  std::vector<std::string> names;
  for (const auto& [flag, state] : states_)
    if (!gone_.contains(flag)) names.push_back(flag);
  return names;
}

}  // namespace readback::guard
