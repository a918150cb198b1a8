#include "configs/demo/load/tally.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace demo::load {
using nlohmann::json;

json Tally::to_json() const {
  json by_path{{"old", 0}, {"new", 0}};
  for (const auto& [path, saves] : saves_by_path) by_path[path] = saves;
  json by_error = json::object();
  for (const auto& [error, times] : errors) by_error[error] = times;
  return {{"visits", visits},
          {"visits_with_shared_document", visits_with_shared_document},
          {"acknowledged_saves", acknowledged_saves},
          {"saves_by_path", by_path},
          {"practitioners_on_new_path", practitioners_on_new_path.size()},
          {"late_visits", late_visits},
          {"skipped_visits", skipped_visits},
          {"errors", by_error}};
}

void write_status(const std::string& file, const json& status) {
  const std::string next = file + ".next";
  std::ofstream stream(next, std::ios::trunc);
  stream << status.dump() << '\n';
  stream.close();
  if (!stream) throw std::runtime_error(next + ": cannot be written");
  std::filesystem::rename(next, file);
}

}  // namespace demo::load
