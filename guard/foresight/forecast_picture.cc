#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "guard/foresight/drawing.h"
#include "guard/foresight/forecast.h"
#include "guard/foresight/forecast_words.h"

// Three panels under one another: who is exposed, and what would be at risk, as a healthy rollout
// goes on; how long each loss would go on, and what it puts at risk; what nobody would see.

namespace readback::guard::foresight {
namespace {

constexpr double kWidth = 1'180, kLeft = 350, kRight = 880, kMargin = 28;
constexpr const char* kExposed = "#c2410c";
constexpr const char* kPause = "#f59e0b";
constexpr const char* kTail = "#fde3b0";
constexpr const char* kRevert = "#1d4ed8";
constexpr const char* kQuiet = "#64748b";

constexpr Drawing::Style kHeading{.fill = "#0f172a", .size = 16, .is_bold = true};
constexpr Drawing::Style kSmall{.fill = kQuiet, .size = 12};
constexpr Drawing::Style kSmallMiddle{.fill = kQuiet, .size = 12, .anchor = "middle"};
constexpr Drawing::Style kSmallEnd{.fill = kQuiet, .size = 12, .anchor = "end"};

// From a second to the longest time, each factor as wide as any other.
class LogAxis {
 public:
  explicit LogAxis(double longest) : log_longest_(std::log(std::max(longest, 10.0))) {}
  double x(double seconds) const {
    const double place = std::log(std::max(seconds, 1.0)) / log_longest_;
    return kLeft + std::min(place, 1.0) * (kRight - kLeft);
  }
  void draw(Drawing& drawing, double top, double bottom) const {
    constexpr std::array<std::pair<double, const char*>, 9> kTicks{{{1, "1 s"},
                                                                    {10, "10 s"},
                                                                    {60, "1 min"},
                                                                    {600, "10 min"},
                                                                    {3'600, "1 h"},
                                                                    {6 * 3'600, "6 h"},
                                                                    {86'400, "1 d"},
                                                                    {7 * 86'400, "7 d"},
                                                                    {30 * 86'400, "30 d"}}};
    for (const auto& [seconds, name] : kTicks) {
      if (std::log(seconds) > log_longest_ + 1e-9) break;
      drawing.line(x(seconds), top, x(seconds), bottom, "#e2e8f0");
      drawing.text(x(seconds), bottom + 16, name, kSmallMiddle);
    }
  }

 private:
  double log_longest_;
};

class Picture {
 public:
  explicit Picture(const Forecast& forecast) : forecast_(forecast), axis_(longest_of(forecast)) {}

  std::string draw() {
    drawing_.text(kMargin, y_ += 14, "What a rollout of " + forecast_.flag + " would do",
                  {.size = 20, .is_bold = true});
    drawing_.text(kMargin, y_ += 22, assumption_words(forecast_) + " " + playing_words(forecast_),
                  kSmall);
    draw_healthy();
    draw_losses();
    draw_unseen();
    return drawing_.done(kWidth, y_ + 20);
  }

 private:
  // What the axis has to hold, and some room.
  static double longest_of(const Forecast& forecast) {
    const double played = std::chrono::duration<double>(forecast.assumed.longest).count();
    double longest = std::chrono::duration<double>(forecast.bounds.hard).count();
    for (const LossForecast& loss : forecast.losses)
      longest = std::max(longest, loss.revert.p99.value_or(played));
    return std::min(played, 1.5 * longest);
  }

  double share(std::size_t step) const {
    return static_cast<double>(forecast_.rollout[step].share.ppm) / flags::kEverybody.ppm;
  }

  // Writes that everything lost from now on would put at risk, at this share.
  double at_risk(double share) const {
    double hours = 0;
    for (const LossForecast& loss : forecast_.losses)
      if (loss.scenario.name == "total" && loss.share > 0)
        hours = std::max(hours, loss.writes_at_risk.p99.value_or(0) / loss.share);
    return hours * share;
  }

  void draw_healthy() {
    drawing_.text(kMargin, y_ += 44, "If all is well: who is exposed, and what is at risk",
                  kHeading);
    drawing_.text(kMargin, y_ += 20,
                  "Each bar is a step, up to its share of practitioners; at risk: writes until "
                  "everybody is safe, if from then on every write were lost (99 of 100 rollouts).",
                  kSmall);
    const double top = y_ + 26, bottom = top + 150;
    std::vector<double> begins;
    for (const Spread& step : forecast_.well.steps)
      if (step.median) begins.push_back(*step.median);
    if (begins.empty()) {
      drawing_.text(kLeft, y_ = top + 20, "Nobody is ever exposed: the evidence never suffices.");
      return;
    }
    const double longest = std::max(1.25 * begins.back(), 60.0);
    const double left = kMargin + 110, right = kWidth - kMargin;
    const auto x = [&](double seconds) { return left + seconds / longest * (right - left); };
    drawing_.text(left - 8, top + 5, "100 %", kSmallEnd);
    drawing_.text(left - 8, bottom, "nobody", kSmallEnd);
    drawing_.line(left, top, right, top, "#e2e8f0");
    for (std::size_t i = 0; i < begins.size(); ++i)
      draw_step(i, x(begins[i]), i + 1 < begins.size() ? x(begins[i + 1]) : right, top, bottom);
    drawing_.line(left, bottom, right, bottom, "#0f172a");
    for (int i = 0; i <= 4; ++i)
      drawing_.text(x(longest * i / 4), bottom + 18, i == 0 ? "start" : time_words(longest * i / 4),
                    i == 4 ? kSmallEnd : kSmallMiddle);
    y_ = drawing_.paragraph(kMargin, bottom + 44, harmless_words(forecast_), 165, kSmall);
  }

  void draw_step(std::size_t step, double from, double to, double top, double bottom) {
    const double height = std::max(2.0, share(step) * (bottom - top));
    drawing_.box(from, bottom - height, to - from - 1, height, kExposed);
    const bool is_high = height > 60;
    const double y = is_high ? bottom - height + 18 : bottom - height - 24;
    if (to - from < 90) return;
    const Drawing::Style on{.fill = is_high ? "white" : kExposed, .size = 13, .is_bold = true};
    const Drawing::Style below{.fill = is_high ? "white" : kQuiet, .size = 12};
    drawing_.text(
        from + 6, y,
        percent_words(share(step)) + " = " +
            count_words(share(step) * static_cast<double>(forecast_.assumed.practitioners)) +
            " people",
        on);
    drawing_.text(from + 6, y + 16, "at risk: " + count_words(at_risk(share(step))) + " writes",
                  below);
  }

  void draw_losses() {
    drawing_.text(kMargin, y_ += 30, "If something is lost: how long it goes on", kHeading);
    y_ += 22;
    draw_key();
    const double top = y_ + 34;
    constexpr double kRow = 25;
    const double rows = static_cast<double>(forecast_.losses.size() + forecast_.deaths.size());
    const double bottom = top + rows * kRow + 6;
    axis_.draw(drawing_, top, bottom);
    drawing_.text(kRight + 20, top - 8, "writes at risk,  99 %", kSmall);
    drawing_.text(kRight + 160, top - 8, "exposed for,  99 %", kSmall);
    drawing_.text(kLeft - 12, top - 8, "after; exposed", kSmallEnd);
    draw_bound(forecast_.bounds.pause, "E_pause", kSmallEnd, top, bottom);
    draw_bound(forecast_.bounds.hard, "E_hard", kSmall, top, bottom);
    double y = top + 16;
    for (const LossForecast& loss : forecast_.losses) {
      draw_row(y, loss.scenario.words, loss.onset, loss.share, loss.pause, loss.writes_at_risk);
      draw_reverts(y, loss.revert);
      y += kRow;
    }
    for (const GuardDeathForecast& death : forecast_.deaths) {
      draw_row(y, "every write, and the guard is dead", death.onset, death.share, death.held,
               death.writes_at_risk);
      y += kRow;
    }
    y_ = bottom + 40;
    for (const LossForecast& loss : forecast_.losses)
      if (loss.onset == Onset::early && !loss.scenario.detail.empty())
        y_ = drawing_.paragraph(kMargin, y_, loss.scenario.words + ": " + loss.scenario.detail, 165,
                                kSmall);
  }

  void draw_key() {
    const double y = y_;
    drawing_.box(kMargin, y - 11, 26, 12, kPause);
    drawing_.text(kMargin + 32, y, "exposed in half of the rollouts and more", kSmall);
    drawing_.box(kMargin + 318, y - 11, 26, 12, kTail);
    drawing_.text(kMargin + 350, y, "in 1 of 100 and more", kSmall);
    drawing_.diamond(kMargin + 512, y - 5, kRevert);
    drawing_.text(kMargin + 522, y, "reverted for good: half, and 99 of 100", kSmall);
    drawing_.line(kMargin + 800, y - 5, kMargin + 826, y - 5, kQuiet, true);
    drawing_.text(kMargin + 832, y, "the bounds that guard validate states", kSmall);
  }

  void draw_bound(std::chrono::milliseconds bound, const char* name, const Drawing::Style& style,
                  double top, double bottom) {
    const double x = axis_.x(std::chrono::duration<double>(bound).count());
    drawing_.line(x, top - 4, x, bottom, kQuiet, true);
    drawing_.text(x + (style.anchor == kSmall.anchor ? 3 : -3), top - 8, name, style);
  }

  void draw_row(double y, const std::string& words, Onset onset, double share, const Spread& ends,
                const Spread& writes) {
    // The words stand once, at the earlier of two rows.
    if (onset == Onset::early) drawing_.text(kMargin, y, words, {.size = 12});
    drawing_.text(kLeft - 12, y,
                  onset_words(onset, forecast_.assumed) + "; " + percent_words(share), kSmallEnd);
    const double median = ends.median ? axis_.x(*ends.median) : kRight;
    const double last = ends.p99 ? axis_.x(*ends.p99) : kRight;
    drawing_.box(median, y - 12, last - median, 14, kTail);
    drawing_.box(kLeft, y - 12, median - kLeft, 14, kPause);
    drawing_.text(
        kRight + 20, y,
        count_words(writes.median.value_or(0)) + ",  " + count_words(writes.p99.value_or(0)));
    const std::string half = ends.median ? time_words(*ends.median) : "not in the time played";
    drawing_.text(kRight + 160, y, half + (ends.p99 ? ",  " + time_words(*ends.p99) : ",  longer"),
                  kSmall);
  }

  void draw_reverts(double y, const Spread& reverts) {
    if (!reverts.median) return;
    const double from = axis_.x(*reverts.median), to = reverts.p99 ? axis_.x(*reverts.p99) : kRight;
    drawing_.line(from, y - 5, to, y - 5, kRevert);
    drawing_.diamond(from, y - 5, kRevert);
    if (reverts.p99) drawing_.diamond(to, y - 5, kRevert);
  }

  void draw_unseen() {
    drawing_.text(kMargin, y_ += 22, "What this plan cannot see", kHeading);
    y_ += 22;
    for (const Unseen& unseen : forecast_.unseen)
      y_ = drawing_.paragraph(kMargin, y_, "- " + unseen.loss + ": " + unseen.why, 165,
                              {.size = 12});
    drawing_.text(kMargin, y_ += 8,
                  "Requests to the application, a second: " + count_words(forecast_.load.steady) +
                      "; from a loss to the revert " + count_words(forecast_.load.repeating) + ".",
                  kSmall);
  }

  const Forecast& forecast_;
  LogAxis axis_;
  Drawing drawing_;
  double y_ = kMargin;
};

}  // namespace

std::string to_picture(const Forecast& forecast) {
  return Picture(forecast).draw();
}

}  // namespace readback::guard::foresight
