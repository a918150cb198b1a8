#include "guard/evidence/gather.h"

#include <algorithm>
#include <set>
#include <utility>

namespace readback::guard {
using probes::Arm;
using probes::Cell;
using probes::Outcome;
using probes::ReadPoint;
using std::chrono::milliseconds;

namespace {

// One read of one field, of the terms.
struct Point {
  const std::string& field;
  const ReadPoint& read;
};

// One block as it is at `now`.
class Look {
 public:
  Look(const Terms& terms, Block& block, flags::Moment now, Harm& harm)
      : terms_(terms), block_(block), now_(now), harm_(harm) {}

  void take() {
    std::set<milliseconds> delays;
    for (const Stream& stream : terms_.streams)
      if (stream.journey == journey())
        for (const ReadPoint& read : stream.reads) delays.insert(read.delay);
    bool is_any_new = false;
    for (const milliseconds delay : delays) {
      if (is_closed(Arm::treatment, delay) && is_closed(Arm::control, delay)) continue;
      const std::vector<Point> points = points_at(delay);
      is_any_new |= close(Arm::treatment, delay, points);
      is_any_new |= close(Arm::control, delay, points);
      await(delay, points);
    }
    if (!is_any_new) return;
    bet_on_loss(delays);
    bet_on_not_ok(delays);
  }

  // Whether this write passed, or failed, what had failed in its cell.
  void pass(const std::string& field) {
    const Cell cell{journey(), field, block_.opened().payload_class};
    pass(Arm::treatment, cell);
    pass(Arm::control, cell);
  }

 private:
  const std::string& journey() const { return block_.opened().journey; }
  unsigned members() const { return block_.opened().members; }
  bool is_treatment(unsigned member) const { return member == block_.opened().treatment; }
  bool is_of(Arm arm, unsigned member) const {
    return is_treatment(member) == (arm == Arm::treatment);
  }

  std::vector<Point> points_at(milliseconds delay) const {
    std::vector<Point> points;
    for (const Stream& stream : terms_.streams)
      if (stream.journey == journey())
        for (const ReadPoint& read : stream.reads)
          if (read.delay == delay) points.push_back({stream.field, read});
    return points;
  }

  flags::Moment deadline(milliseconds delay) const {
    const milliseconds patience =
        terms_.round_deadline + (delay > terms_.lease_within ? delay : milliseconds(0));
    const flags::Moment began = block_.opened().began;
    return {began.boot + patience, began.wall + patience};
  }
  bool is_overdue(milliseconds delay) const { return now_.boot >= deadline(delay).boot; }
  bool is_closed(Arm arm, milliseconds delay) const {
    return block_.use.closed.contains({arm, delay});
  }

  std::optional<Outcome> outcome(unsigned member, const Point& point) const {
    return block_.outcome(member, point.field, point.read);
  }

  bool is_settled(Arm arm, const std::vector<Point>& points) const {
    for (unsigned member = 0; member < members(); ++member) {
      if (!is_of(arm, member)) continue;
      for (const Point& point : points)
        if (!outcome(member, point)) return false;
    }
    return true;
  }

  // Tells the reads of one arm at one delay, once; whether it did.
  bool close(Arm arm, milliseconds delay, const std::vector<Point>& points) {
    if (is_closed(arm, delay)) return false;
    if (!is_overdue(delay) && !is_settled(arm, points)) return false;
    block_.use.closed.insert({arm, delay});
    std::vector<SettledRead> batch;
    std::set<unsigned> failed;
    for (unsigned member = 0; member < members(); ++member) {
      if (!is_of(arm, member) || block_.is_void(member)) continue;
      if (block_.use.failed.contains(member)) continue;
      for (const Point& point : points) {
        const auto found = outcome(member, point);
        if (!found || *found == Outcome::info) continue;
        const bool has_failed = *found == Outcome::fail;
        batch.push_back(
            {{journey(), point.field, block_.opened().payload_class}, point.read, has_failed});
        if (has_failed) failed.insert(member);
      }
    }
    block_.use.failed.insert(failed.begin(), failed.end());
    harm_.add(arm, batch);
    return true;
  }

  // While treatment failed, what its controls have to say is waited for.
  void await(milliseconds delay, const std::vector<Point>& points) {
    const unsigned treatment = block_.opened().treatment;
    const bool has_failed = std::any_of(points.begin(), points.end(), [&](const Point& point) {
      return outcome(treatment, point) == Outcome::fail;
    });
    if (!has_failed) return;
    if (is_closed(Arm::control, delay))
      harm_.controls_spoke(block_.opened().block);
    else
      harm_.await_controls(block_.opened().block, deadline(delay));
  }

  // What is bet on: of how many members, and who of them.
  struct Count {
    unsigned members = 0;
    unsigned failed = 0;
    bool has_treatment_failed = false;
  };
  template <class HasFailed>
  Count count(HasFailed has_failed) const {
    Count count;
    for (unsigned member = 0; member < members(); ++member) {
      if (block_.is_void(member)) continue;
      ++count.members;
      if (!has_failed(member)) continue;
      ++count.failed;
      count.has_treatment_failed |= is_treatment(member);
    }
    return count;
  }

  bool can_bet() const { return !block_.is_void(block_.opened().treatment); }

  void bet_on_loss(const std::set<milliseconds>& delays) {
    if (block_.use.has_bet_on_loss || !can_bet()) return;
    for (const milliseconds delay : delays) {
      if (!is_closed(Arm::treatment, delay) || !is_closed(Arm::control, delay)) return;
      const std::vector<Point> points = points_at(delay);
      const Count found = count([&](unsigned member) {
        return std::any_of(points.begin(), points.end(), [&](const Point& point) {
          return outcome(member, point) == Outcome::fail;
        });
      });
      const bool tells = found.failed > 0 && found.failed < found.members;
      if (!tells && delay != *delays.rbegin()) continue;
      block_.use.has_bet_on_loss = true;
      if (found.members > 1)
        harm_.bet(Harm::Bet::loss, found.members, found.failed, found.has_treatment_failed);
      return;
    }
  }

  void bet_on_not_ok(const std::set<milliseconds>& delays) {
    if (block_.use.has_bet_on_not_ok || !can_bet()) return;
    std::vector<Point> points;
    for (const milliseconds delay : delays) {
      if (delay > terms_.lease_within) break;
      if (!is_closed(Arm::treatment, delay) || !is_closed(Arm::control, delay)) return;
      for (const Point& point : points_at(delay)) points.push_back(point);
    }
    block_.use.has_bet_on_not_ok = true;
    const Count found = count([&](unsigned member) {
      return std::any_of(points.begin(), points.end(),
                         [&](const Point& point) { return outcome(member, point) != Outcome::ok; });
    });
    if (found.members > 1)
      harm_.bet(Harm::Bet::not_ok, found.members, found.failed, found.has_treatment_failed);
  }

  void pass(Arm arm, const Cell& cell) {
    const Suspicion* suspicion = harm_.suspicions().find(arm, cell);
    if (suspicion == nullptr) return;
    const std::string once = cell.field + (arm == Arm::treatment ? "" : " of control");
    if (block_.use.passed.contains(once)) return;
    for (const auto& [read, loss_class] : suspicion->failed_reads) {
      const auto controls = block_.controls(cell.field, read);
      if (block_.opened().members == 1) return;
      if (arm == Arm::treatment && block_.treatment(cell.field, read) != Block::Together::all_ok)
        return;
      // Of treatment, control has to say that it did not fail there; of control, that it is ok.
      if (controls == Block::Together::waiting || controls == Block::Together::some_fail) return;
      if (arm == Arm::control && controls != Block::Together::all_ok) return;
    }
    block_.use.passed.insert(once);
    harm_.pass(arm, cell, arm == Arm::treatment ? 1 : members() - 1);
  }

  const Terms& terms_;
  Block& block_;
  flags::Moment now_;
  Harm& harm_;
};

// What one read is by itself, whatever the others of its block say.
void count(const probes::Observation& observation, flags::Moment write_began, bool is_of_step,
           Harm& harm) {
  if (observation.is_void) return;
  if (observation.outcome == Outcome::fail)
    harm.fail({observation.arm, observation.cell, observation.read, observation.loss_class,
               observation.block, observation.member, write_began});
  if (observation.arm == Arm::treatment && is_of_step)
    harm.count(observation.cell, observation.read, observation.outcome == Outcome::ok);
}

}  // namespace

void gather(const Terms& terms, const probes::Observation& observation, Block* block,
            flags::Moment write_began, bool is_of_step, flags::Moment now, Harm& harm) {
  gather_together(terms, {{observation, write_began, is_of_step}}, block, now, harm);
}

void gather_together(const Terms& terms, const std::vector<GatheredRead>& reads, Block* block,
                     flags::Moment now, Harm& harm) {
  std::set<std::string> fields;
  for (const auto& [observation, write_began, is_of_step] : reads) {
    count(observation, write_began, is_of_step, harm);
    fields.insert(observation.cell.field);
    if (block == nullptr && !observation.is_void && observation.outcome != Outcome::info)
      harm.add(observation.arm,
               {{observation.cell, observation.read, observation.outcome == Outcome::fail}});
  }
  if (block == nullptr || reads.empty()) return;
  Look look(terms, *block, now, harm);
  look.take();
  for (const std::string& field : fields) look.pass(field);
}

void gather_overdue(const Terms& terms, Block& block, flags::Moment now, Harm& harm) {
  Look(terms, block, now, harm).take();
}

void gather_resumed(const Terms& terms, Block& block, const std::vector<Unread>& unread,
                    const Harm& harm) {
  const std::set<Unread> open(unread.begin(), unread.end());
  const BlockOpened& opened = block.opened();
  std::set<BlockUse::Group> closed, incomplete;
  for (const Stream& stream : terms.streams) {
    if (stream.journey != opened.journey) continue;
    for (const ReadPoint& read : stream.reads) {
      for (unsigned member = 0; member < opened.members; ++member) {
        const bool is_treatment = member == opened.treatment;
        const BlockUse::Group group{is_treatment ? Arm::treatment : Arm::control, read.delay};
        const Unread one{member, stream.field, read};
        if (open.contains(one)) {
          incomplete.insert(group);
          continue;
        }
        closed.insert(group);
        block.recall(member, stream.field, read,
                     harm.has_failed(opened.block, one) ? Outcome::fail : Outcome::info);
      }
    }
  }
  for (const BlockUse::Group& group : incomplete) closed.erase(group);
  // What was complete was told, and bet on, by the process that saw it.
  block.use.closed = closed;
  block.use.has_bet_on_not_ok = true;
  for (const Stream& stream : terms.streams) {
    if (stream.journey != opened.journey) continue;
    for (const ReadPoint& read : stream.reads) {
      for (unsigned member = 0; member < opened.members; ++member) {
        const bool is_treatment = member == opened.treatment;
        if (!closed.contains({is_treatment ? Arm::treatment : Arm::control, read.delay})) continue;
        if (block.outcome(member, stream.field, read) != Outcome::fail) continue;
        block.use.failed.insert(member);
        const bool is_whole = closed.contains({Arm::treatment, read.delay}) &&
                              closed.contains({Arm::control, read.delay});
        block.use.has_bet_on_loss |= is_whole;
      }
    }
  }
}

}  // namespace readback::guard
