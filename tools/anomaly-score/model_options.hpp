// The files that --model and --train name, for main alone.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "cli/trusted_file.hpp"
#include "models.hpp"
#include "record/counted.hpp"
#include "settings.hpp"
#include "state/atomic_file.hpp"
#include "trainer.hpp"

namespace weir::anomaly_score {

/// Reads the models that --model names: a file, or all files that fit a pattern such as `models/{device}`.
inline void read_models(Settings& settings) {
  if (!settings.train.empty() || settings.model.empty()) return;
  const std::string& pattern = settings.model;
  std::vector<std::string> paths{pattern};
  if (const auto open = pattern.find('{'); open != std::string::npos) {
    const auto slash = pattern.rfind('/', open);
    const std::string folder = slash == std::string::npos ? "." : pattern.substr(0, slash + 1);
    const std::string before =
        pattern.substr(slash == std::string::npos ? 0 : slash + 1, open - (slash == std::string::npos ? 0 : slash + 1));
    const std::string after = pattern.substr(pattern.rfind('}') + 1);
    if (after.find('/') != std::string::npos)
      throw cli::UsageError("--model: {…} must be in the last part of the path");
    paths.clear();
    std::error_code problem;
    for (const auto& each : std::filesystem::directory_iterator(folder, problem)) {
      const std::string name = each.path().filename().string();
      if (name.size() >= before.size() + after.size() && name.starts_with(before) && name.ends_with(after) &&
          each.is_regular_file())
        paths.push_back(each.path().string());
    }
    if (problem)
      throw cli::UsageError(
          fmt::format("--model {}: cannot read the folder {}: {}", pattern, folder, problem.message()));
    if (paths.empty())
      throw cli::UsageError(
          fmt::format("--model {}: no file of the folder {} fits: train models with --train", pattern, folder));
    std::sort(paths.begin(), paths.end());
  }
  settings.model_files.clear();
  for (const std::string& path : paths) settings.model_files.push_back({path, cli::read_option_file("--model", path)});
}

/// Trains on the records of --train, and writes the models. Nothing without --train.
inline std::optional<cli::Exit> train(const Settings& settings, cli::Context& context) {
  if (settings.train.empty()) return std::nullopt;
  std::ifstream file(settings.train, std::ios::binary);
  const int error = errno;
  if (!file || std::filesystem::is_directory(settings.train))
    throw cli::UsageError(
        fmt::format("--train: cannot read {}: {}", settings.train, std::strerror(file ? EISDIR : error)));
  Trainer trainer(settings);
  RecordParser parser(trainer.fields());
  std::string line;
  std::uint64_t number = 0;
  std::uint64_t rejected = 0;
  while (std::getline(file, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Record* record = parser.parse_copy(line, number);
    const Verdict verdict = record == nullptr ? Verdict::reject(parser.reason()) : trainer.add(*record);
    if (verdict.rejected() && ++rejected <= 5) context.log.at_line(settings.train, number, verdict.reason());
  }
  struct File {
    std::string text;
    std::set<std::string> keys;
  };
  std::map<std::string, File> files;
  std::size_t count = 0;
  std::size_t without = 0;
  for (const Trainer::Model& model : trainer.train()) {
    if (!model.problem.empty()) {
      if (++without <= 5) context.log.warn(fmt::format("no model for the key {}: {}", model.key, model.problem));
      continue;
    }
    ++count;
    File& made = files[model_file(settings.model, settings.by, model.values)];
    made.text += model.line;
    made.keys.insert(model.key);
  }
  if (count == 0)
    throw std::runtime_error(fmt::format("--train {}: {}, so no model is written", settings.train,
                                         number == 0    ? "there is no record in it"
                                         : without == 0 ? "no record could be used"
                                                        : "no key has records enough"));
  // A file for each key may have models of other keys with the same text. They stay.
  const bool is_for_each_key = settings.model.find('{') != std::string::npos;
  for (auto& [path, made] : files) {
    try {
      if (const auto before = is_for_each_key ? state::read_file(path) : std::nullopt)
        made.text += trainer.others_of(*before, made.keys);
    } catch (const std::invalid_argument& problem) {
      throw std::runtime_error(fmt::format("--model: {}: {}", path, problem.what()));
    }
    state::write_file(path, made.text, 0644);
  }
  context.log.info(counted(count, "model") + " trained");
  if (rejected > 0) context.log.warn(counted(rejected, "record") + " left out");
  if (without > 0) context.log.warn(counted(without, "key") + " without a model");
  return rejected + without > 0 ? cli::Exit::left_out : cli::Exit::done;
}

}  // namespace weir::anomaly_score
