#include "daemon/store/store_thread.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <iterator>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "daemon/ports/store_error.hpp"
#include "daemon/store/inline_store.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::store;
using namespace hubsync::test;

namespace {

std::int64_t total(Repository& repository) {
  return repository.list_records({.type = "companies"}).total;
}

Task<void> create_many(Store& store, int count, int& done) {
  for (int i = 0; i < count; ++i) {
    const auto record = co_await store.run([](Repository& repository) {
      return repository.create_record(
          {.type = "companies", .fields = {{"name", "Acme"}}}, instant_from_ms(1)
      );
    });
    done += record.has_value() ? 1 : 0;
  }
}

Task<void> fail_once(Store& store, std::string& message) {
  try {
    co_await store.run([](Repository& repository) {
      (void)repository.create_record({.type = "companies", .fields = {{"name", "Gone"}}}, instant_from_ms(1));
      throw std::runtime_error("the job failed");
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
}

/// Three jobs one after the other, of which the first meets damage.
Task<void> meet_damage(Store& store, int& ran, int& refused) {
  for (int i = 0; i < 3; ++i) {
    try {
      co_await store.run([&ran](Repository& repository) {
        ++ran;
        (void
        )repository.create_record({.type = "companies", .fields = {{"name", "Acme"}}}, instant_from_ms(1));
        throw StoreCorrupt("the database: a stored view is not readable");
      });
    } catch (const StoreCorrupt&) {
      ++refused;
    }
  }
}

/// A disk that is full from here on: a larger file cannot be written (with SIGXFSZ ignored, as the daemon
/// does).
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = SIG_DFL;
};

std::vector<Job> create_companies(const std::vector<std::size_t>& name_lengths) {
  std::vector<Job> jobs;
  for (const std::size_t length : name_lengths) {
    jobs.push_back(
        {[length](Repository& repository) {
           (void)repository.create_record(
               {.type = "companies", .fields = {{"name", std::string(length, 'x')}}}, instant_from_ms(1)
           );
         },
         {}}
    );
  }
  return jobs;
}

void rethrow(std::exception_ptr error) {
  if (error) {
    std::rethrow_exception(error);
  }
}

template <class AnyStore>
void check_store() {
  const StoreDir dir;
  {
    TestStore store{dir.path()};
    boost::asio::io_context loop;
    int done = 0;
    std::string message;
    {
      AnyStore thread{*store.repository, loop.get_executor()};
      for (int i = 0; i < 8; ++i) {
        boost::asio::co_spawn(loop, create_many(thread, 10, done), rethrow);
      }
      boost::asio::co_spawn(loop, fail_once(thread, message), rethrow);
      loop.run();
    }
    CHECK(done == 80);
    CHECK(message == "the job failed");
  }
  TestStore again{dir.path()};
  CHECK(total(*again.repository) == 80);
}

}  // namespace

TEST_CASE("jobs from many tasks are all committed, and a failing one is rolled back alone") {
  check_store<StoreThread>();
}

TEST_CASE("the store without a thread gives the same results") {
  check_store<InlineStore>();
}

TEST_CASE("a job that throws in the middle of a group changes nothing and lets go of its claims") {
  TestStore store;
  const Record record = store.create("contacts", {{"email", "a@b.c"}});
  std::vector<Job> jobs;
  jobs.push_back(
      {[](Repository& repository) {
         (void
         )repository.create_record({.type = "companies", .fields = {{"name", "Acme"}}}, instant_from_ms(1));
       },
       {}}
  );
  jobs.push_back(
      {[&](Repository& repository) {
         (void)repository.update_record(
             {.type = "contacts", .id = record.id, .fields = {{"phone", "1"}}}, instant_from_ms(1)
         );
         (void)repository.claim_record("contacts", record.id, instant_from_ms(1));
         throw std::runtime_error("no");
       },
       {}}
  );
  const auto errors = run_group(*store.repository, jobs);
  CHECK_FALSE(errors[0]);
  CHECK(errors[1]);
  CHECK(total(*store.repository) == 1);
  CHECK(store.get(record) == record);
  CHECK(store.repository->claim_record("contacts", record.id, store.now));
}

TEST_CASE("the first job of a group that throws is undone alone") {
  TestStore store;
  const Record record = store.create("contacts", {{"email", "a@b.c"}});
  std::vector<Job> jobs;
  jobs.push_back(
      {[&](Repository& repository) {
         (void)repository.claim_record("contacts", record.id, instant_from_ms(1));
         (void)repository.delete_record({.type = "contacts", .id = record.id}, instant_from_ms(1));
         throw std::runtime_error("no");
       },
       {}}
  );
  std::ranges::move(create_companies({10, 10}), std::back_inserter(jobs));
  const auto errors = run_group(*store.repository, jobs);
  CHECK(errors[0]);
  CHECK_FALSE(errors[1]);
  CHECK_FALSE(errors[2]);
  CHECK(total(*store.repository) == 2);
  CHECK(store.get(record) == record);
  CHECK(store.repository->claim_record("contacts", record.id, store.now));
}

TEST_CASE("a job that does not fit on the disk fails with those before it in its group, the others go on") {
  const StoreDir dir;
  TestStore store{dir.path()};
  store.db.execute("PRAGMA max_page_count = 1");
  std::vector<Job> jobs = create_companies({10, 200'000, 10});
  const auto errors = run_group(*store.repository, jobs);
  REQUIRE(errors[0]);
  CHECK_THROWS_AS(std::rethrow_exception(errors[0]), StoreUnavailable);
  REQUIRE(errors[1]);
  CHECK_THROWS_AS(std::rethrow_exception(errors[1]), StoreUnavailable);
  CHECK_FALSE(errors[2]);
  CHECK(total(*store.repository) == 1);
}

TEST_CASE("when the commit cannot be written every job of the group fails, and later ones succeed") {
  const StoreDir dir;
  TestStore store{dir.path()};
  const Record record = store.create("contacts", {{"email", "a@b.c"}});
  std::vector<Job> jobs = create_companies({10, 10});
  jobs.push_back(
      {[&](Repository& repository) { (void)repository.claim_record("contacts", record.id, store.now); }, {}}
  );
  {
    const FileSizeLimit limit{std::filesystem::file_size(dir.path() + "-wal") + 100};
    for (const std::exception_ptr& error : run_group(*store.repository, jobs)) {
      REQUIRE(error);
      CHECK_THROWS_AS(std::rethrow_exception(error), StoreUnavailable);
    }
  }
  CHECK_FALSE(store.db.in_transaction());
  CHECK(total(*store.repository) == 0);
  CHECK(store.get(record) == record);
  CHECK(store.repository->claim_record("contacts", record.id, store.now));
  store.create("companies", {{"name", "Acme"}});
  CHECK(total(*store.repository) == 1);
}

TEST_CASE("a group without writes does not touch the disk") {
  const StoreDir dir;
  TestStore store{dir.path()};
  store.create("companies", {{"name", "Acme"}});
  const auto size = [&] { return std::filesystem::file_size(dir.path() + "-wal"); };
  const auto before = size();
  std::vector<Job> jobs;
  jobs.push_back({[](Repository& repository) { (void)repository.status(); }, {}});
  CHECK_FALSE(run_group(*store.repository, jobs).front());
  CHECK(size() == before);
}

TEST_CASE("once a job met damage none is run any more, and the loop is told once") {
  TestStore store;
  boost::asio::io_context loop;
  int told = 0;
  int ran = 0;
  int refused = 0;
  {
    StoreThread thread{*store.repository, loop.get_executor()};
    thread.on_damage([&told] { ++told; });
    boost::asio::co_spawn(loop, meet_damage(thread, ran, refused), rethrow);
    loop.run();
  }
  CHECK(told == 1);
  CHECK(ran == 1);
  CHECK(refused == 3);
  CHECK(total(*store.repository) == 0);
}

TEST_CASE("a value that is not JSON in the file is corruption") {
  TestStore store;
  const Record record = store.create("companies", {{"name", "Acme"}});
  store.db.execute("UPDATE records SET local = 'oops'");
  CHECK_THROWS_AS((void)store.repository->find_record("companies", record.id), StoreCorrupt);
}
