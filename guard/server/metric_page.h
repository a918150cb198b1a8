#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

// One page of metrics in Prometheus' text format 0.0.4, made anew at each scrape from what is
// known then: nothing is registered, and nobody increments a global.
//
// Names, label names and help texts are ours and literal. Help texts have no line breaks: the
// serialiser would not escape them, and one would break the whole scrape.

namespace readback::guard::server {

class MetricPage {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  struct Distribution {
    std::vector<std::pair<double, std::uint64_t>> buckets;  // upper bound, how many up to it
    std::uint64_t count = 0;
    double sum = 0;
  };

  MetricPage();
  ~MetricPage();
  MetricPage(const MetricPage&) = delete;
  MetricPage& operator=(const MetricPage&) = delete;

  // Each begins a family, which takes the samples that follow. One without samples is left out.
  MetricPage& counter(std::string name, std::string help);
  MetricPage& gauge(std::string name, std::string help);
  MetricPage& histogram(std::string name, std::string help);
  MetricPage& summary(std::string name, std::string help);

  MetricPage& sample(const Labels& labels, double value);               // counter, gauge
  MetricPage& sample(const Labels& labels, const Distribution& found);  // histogram, summary

  std::string text() const;

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace readback::guard::server
