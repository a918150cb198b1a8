#include "guard/server/metric_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cassert>

namespace readback::guard::server {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
  assert(!help.empty() && help.find('\n') == std::string::npos);
  MetricFamily made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.type = type;
  return made;
}

ClientMetric labelled(const MetricPage::Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

}  // namespace

MetricPage::MetricPage() = default;
MetricPage::~MetricPage() = default;

MetricPage& MetricPage::counter(std::string name, std::string help) {
  families_.push_back(family(std::move(name), std::move(help), MetricType::Counter));
  return *this;
}

MetricPage& MetricPage::gauge(std::string name, std::string help) {
  families_.push_back(family(std::move(name), std::move(help), MetricType::Gauge));
  return *this;
}

MetricPage& MetricPage::histogram(std::string name, std::string help) {
  families_.push_back(family(std::move(name), std::move(help), MetricType::Histogram));
  return *this;
}

MetricPage& MetricPage::summary(std::string name, std::string help) {
  families_.push_back(family(std::move(name), std::move(help), MetricType::Summary));
  return *this;
}

MetricPage& MetricPage::sample(const Labels& labels, double value) {
  MetricFamily& current = families_.back();
  assert(current.type == MetricType::Counter || current.type == MetricType::Gauge);
  ClientMetric metric = labelled(labels);
  metric.counter.value = value;
  metric.gauge.value = value;
  current.metric.push_back(std::move(metric));
  return *this;
}

MetricPage& MetricPage::sample(const Labels& labels, const Distribution& found) {
  MetricFamily& current = families_.back();
  assert(current.type == MetricType::Histogram || current.type == MetricType::Summary);
  ClientMetric metric = labelled(labels);
  metric.histogram.sample_count = found.count;
  metric.histogram.sample_sum = found.sum;
  for (const auto& [bound, count] : found.buckets)
    metric.histogram.bucket.push_back({count, bound});
  metric.summary.sample_count = found.count;
  metric.summary.sample_sum = found.sum;
  current.metric.push_back(std::move(metric));
  return *this;
}

std::string MetricPage::text() const {
  std::vector<MetricFamily> filled;
  for (const MetricFamily& each : families_)
    if (!each.metric.empty()) filled.push_back(each);
  return prometheus::TextSerializer().Serialize(filled);
}

}  // namespace readback::guard::server
