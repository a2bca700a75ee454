// A disk in memory under the real SQLite, which can lose power: what was synced stays, of the rest any part
// may be there. A process that is killed loses nothing that it wrote. Registered as a VFS of SQLite while it
// lives. One thread; one connection.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/draw.hpp"

struct sqlite3_vfs;

namespace hubsync::sim {

/// Bytes of a file, and how they differ from what surely survives a power cut.
struct DiskFile {
  struct Change {
    std::int64_t offset = 0;
    std::string bytes = {};
    bool truncation = false;  ///< To `offset`.
  };

  std::string bytes = {};
  std::string durable = {};
  std::vector<Change> unsynced = {};
  bool keeps_durable = true;  ///< Else no power cut will ask, and only `bytes` is kept.

  void write(std::int64_t offset, const char* data, std::size_t size);
  void truncate(std::int64_t size);
  void sync();
};

class Disk {
 public:
  using Files = std::map<std::string, std::shared_ptr<DiskFile>>;

  /// Without power cuts it need not know what is durable, which costs half of its time.
  Disk(std::uint64_t seed, bool loses_power);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  /// The name under which SQLite finds it.
  [[nodiscard]] const std::string& vfs_name() const { return name_; }

  /// The process ends within its `operations`-th next change of a file: nothing works any more after it.
  void stop_after(std::size_t operations);
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// The next process finds everything that was written.
  void reboot_after_kill();
  /// The next process finds what was synced, and of each later change, sector by sector, all or nothing.
  void reboot_after_power_cut();

  /// A new file of it.
  [[nodiscard]] std::shared_ptr<DiskFile> make() const;
  /// Puts a file there, durable.
  void put(const std::string& path, std::string bytes);
  [[nodiscard]] std::string get(const std::string& path) const;

  // For the VFS.
  [[nodiscard]] Files& files() { return files_; }
  [[nodiscard]] bool may_change();
  [[nodiscard]] Draw& draw() { return draw_; }

 private:
  Draw draw_;
  bool loses_power_;
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  Files files_;
  bool stopped_ = false;
  std::size_t operations_left_ = SIZE_MAX;
};

}  // namespace hubsync::sim
