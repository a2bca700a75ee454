// lint ROOT BUILD_DIR: checks every source file of the tree against the rules; exits 1 when one is broken.
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <tuple>

#include "tests/lint/bans.hpp"
#include "tests/lint/layers.hpp"
#include "tests/lint/rules.hpp"

namespace {

namespace fs = std::filesystem;
using lint::Finding;
using lint::Source;

std::string content_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    throw std::runtime_error{path.string() + " cannot be read"};
  }
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<fs::path> files_below(const fs::path& root) {
  std::vector<fs::path> files;
  constexpr std::array folders{"common", "daemon", "cli", "tests", "migrations", "systemd", "man"};
  for (const auto* folder : folders) {
    if (!fs::exists(root / folder)) {
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator{root / folder}) {
      const bool foreign = entry.path().string().contains("/node_modules/");  // A benchmark's packages.
      if (entry.is_regular_file() && !foreign) {
        files.push_back(entry.path());
      }
    }
  }
  for (const auto& entry : fs::directory_iterator{root}) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

bool is_text_file(const fs::path& path) {
  static const std::set<std::string> kinds{".cpp", ".hpp", ".txt", ".cmake", ".md", ".sql", ".sh", ".toml"};
  return kinds.contains(path.extension().string());
}

void check_file(const Source& source, const std::set<std::string>& paths, std::vector<Finding>& findings) {
  lint::check_shape(source, findings);
  lint::check_comments(source, findings);
  const auto own = source.path.substr(0, source.path.size() - 4) + ".hpp";
  lint::check_headers(source, !source.is_header() && paths.contains(own), findings);
  if (source.path.starts_with("daemon/store/")) {
    lint::check_sql(source, findings);
  }
}

std::vector<Finding> check_tree(const fs::path& root, const fs::path& build) {
  std::vector<Finding> findings;
  std::vector<Source> sources;
  std::set<std::string> paths;
  for (const auto& file : files_below(root)) {
    const auto path = fs::relative(file, root).generic_string();
    if (!is_text_file(file)) {
      continue;
    }
    auto content = content_of(file);
    lint::check_text(path, content, findings);
    if (path.ends_with(".cpp") || path.ends_with(".hpp")) {
      paths.insert(path);
      sources.push_back(lint::read_source(path, std::move(content)));
    }
  }
  const auto layers = lint::parse_layers(content_of(root / "tests/lint/layers.txt"));
  const auto bans = lint::parse_bans(content_of(root / "tests/lint/bans.txt"));
  lint::check_layers(layers, sources, findings);
  lint::check_confined(layers, sources, findings);
  lint::check_cycles(sources, findings);
  lint::check_targets(
      sources, root.string(), content_of(build / "compile_commands.json"), layers.unbuilt, findings
  );
  lint::check_invariants(sources, content_of(root / "tests/INVARIANTS.md"), findings);
  for (const auto& source : sources) {
    check_file(source, paths, findings);
    lint::check_bans(bans, source, findings);
    lint::drop_allowed(source, findings);
  }
  return findings;
}

int report(std::vector<Finding> findings) {
  std::ranges::sort(findings, {}, [](const Finding& finding) {
    return std::tie(finding.path, finding.line, finding.rule);
  });
  for (const auto& finding : findings) {
    std::printf(
        "%s:%d: %s [%s]\n", finding.path.c_str(), finding.line, finding.text.c_str(), finding.rule.c_str()
    );
  }
  return findings.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: lint ROOT BUILD_DIR\n");
    return 2;
  }
  try {
    return report(check_tree(fs::canonical(argv[1]), fs::canonical(argv[2])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lint: %s\n", error.what());
    return 2;
  }
}
