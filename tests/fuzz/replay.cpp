// Runs a fuzz target over files without libFuzzer: how the tests replay the corpus and past findings.
// usage: fuzz_TARGET FILE...
#include <cstdio>
#include <memory>
#include <string>

#include "tests/fuzz/check.hpp"

namespace {

bool read_file(const char* name, std::string& content) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(name, "rb"), &std::fclose};
  if (!file) {
    return false;
  }
  char block[4096];
  std::size_t got = 0;
  while ((got = std::fread(block, 1, sizeof block, file.get())) > 0) {
    content.append(block, got);
  }
  return std::ferror(file.get()) == 0;
}

}  // namespace

int main(int count, char** names) {
  for (int i = 1; i < count; ++i) {
    std::string content;
    if (!read_file(names[i], content)) {
      std::fprintf(stderr, "cannot read %s\n", names[i]);
      return 1;
    }
    // Tells which file it was when the target aborts.
    std::fprintf(stderr, "%s\n", names[i]);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  }
  std::printf("%d inputs\n", count - 1);
  return count > 1 ? 0 : 1;
}
