#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "guard/server/ofrep.h"
#include "guard/server/stamps.h"

// Whatever a stranger sends to the OFREP routes is answered: 200, 304, 400 or 404, with a body that
// is JSON, and nobody is exposed where no store is. The input is the key's segment, a line feed,
// and the body.

namespace {
using namespace readback;

class NoTime final : public guard::Clock {
 public:
  guard::TimePoint now() const override { return {}; }
  guard::WallTime wall() const override { return {}; }
  boost::asio::awaitable<void> sleep_until(guard::TimePoint) override { co_return; }
};

struct Served {
  Served() : exposures(clock, nullptr, {}) {
    flags::Flag flag;
    flag.key = "a";
    flag.variants = {{"old", 1.0}, {"new", "b"}};
    flag.safe = "old";
    flag.treatment = "new";
    flag.rollout = flags::Rollout{};
    flag.rollout->max_evidence_age = std::chrono::seconds(45);
    auto definitions = std::make_shared<flags::Definitions>();
    definitions->flags.emplace("a", flag);
    definitions->synthetic["a"] = {"s"};
    publisher.set_definitions(std::move(definitions));
    flags::Exposure exposure;
    exposure.mode = flags::Exposure::Mode::finished;
    exposure.share = flags::kEverybody;
    publisher.set_exposure("a", exposure);
    publisher.pin("a", "s", {"new", std::chrono::seconds(7)});
  }

  NoTime clock;
  guard::Publisher publisher;
  guard::Exposures exposures;
  guard::Witness witness;
  guard::server::EvaluationCounts counts;
  guard::server::Stamps stamps{[](const std::string&) { return guard::server::Stamps::Known(); }};
  std::vector<guard::server::Route> routes =
      guard::server::ofrep(publisher, clock, exposures, witness, counts, stamps);
};

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size_bytes) {
  static Served served;
  const std::string text(reinterpret_cast<const char*>(input), size_bytes);
  const std::size_t line = std::min(text.find('\n'), text.size());
  for (const guard::server::Route& route : served.routes) {
    guard::server::Request request;
    request.method = "POST";
    request.path = route.path;
    if (request.path.ends_with('*'))
      request.path.replace(request.path.size() - 1, 1, text, 0, line);
    if (line < text.size()) request.body = text.substr(line + 1);
    boost::asio::io_context context;
    guard::server::Response response;
    boost::asio::co_spawn(context, route.handler(std::move(request)),
                          [&](std::exception_ptr thrown, guard::server::Response answer) {
                            must(!thrown);
                            response = std::move(answer);
                          });
    context.run();
    must(response.status == 200 || response.status == 400 || response.status == 404);
    must(nlohmann::json::accept(response.body));
    if (response.when_sent) response.when_sent(true);
  }
  must(served.exposures.count("a") == 0);
  return 0;
}
