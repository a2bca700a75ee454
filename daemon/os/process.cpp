#include "daemon/os/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace hubsync {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::int64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::int64_t all_pages = 0;
  std::int64_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return file ? resident_pages * ::sysconf(_SC_PAGESIZE) : 0;
}

std::int64_t open_files() {
  std::error_code error;
  std::int64_t count = 0;
  for (auto entry = std::filesystem::directory_iterator{"/proc/self/fd", error};
       !error && entry != std::filesystem::directory_iterator{};
       entry.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

ProcessUse process_use() {
  rusage usage{};
  ProcessUse use{.resident_bytes = resident_bytes(), .cpu_seconds = 0, .open_files = open_files()};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    use.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return use;
}

}  // namespace hubsync
