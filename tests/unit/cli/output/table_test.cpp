#include "cli/output/table.hpp"

#include <doctest/doctest.h>

namespace hubsync::cli {

TEST_CASE("columns line up whatever the script") {
  Table table{{{"NAME"}, {"COUNT", true}, {"STATE"}}};
  table.add({"Ada", "7", "synced"});
  table.add({"山田太郎", "1,234", "error"});
  table.add({"😀", "12", ""});
  CHECK(
      table.take(false) ==
      "NAME      COUNT  STATE\n"
      "Ada           7  synced\n"
      "山田太郎  1,234  error\n"
      "😀           12\n"
  );
}

TEST_CASE("a cell's control characters are shown, and its width is that of what is shown") {
  Table table{{{"NAME"}, {"X"}}};
  table.add({"\x1b[31mred", "1"});
  table.add({"two\nlines", "2"});
  CHECK(
      table.take(false) ==
      "NAME            X\n"
      "\\u{1b}[31mred   1\n"
      "two\\u{0a}lines  2\n"
  );
}

TEST_CASE("colours do not move columns") {
  Table table{{{"A"}, {"B"}}};
  table.add({Cell{"ok", Colour::green}, "1"});
  CHECK(table.take(true) == "\x1b[1mA\x1b[0m   \x1b[1mB\x1b[0m\n\x1b[32mok\x1b[0m  1\n");
}

TEST_CASE("long text is cut only where the column says so") {
  Table table{{{"A", false, 5}, {"B"}}};
  table.add({"abcdefgh", "abcdefgh"});
  CHECK(table.take(false) == "A      B\nabcd…  abcdefgh\n");
}

TEST_CASE("a table that comes in parts has one header and keeps its columns") {
  Table table{{{"A"}, {"B"}}};
  table.add({"long", "1"});
  CHECK(table.take(false) == "A     B\nlong  1\n");
  table.add({"x", "2"});
  CHECK(table.take(false) == "x     2\n");
}

TEST_CASE("on a narrow terminal long text is cut further, and then what can be spared is left out") {
  const auto shown = [](std::size_t room) {
    Table table{{{"ID"}, {"NAME", false, 30}, {"NUMBER", true, 0, 2}, {"CHANGED", false, 0, 1}}};
    table.add({"0123456789", "a name of twenty-four ch", "7", "2m ago"});
    return table.take(false, room);
  };
  CHECK(
      shown(60) ==
      "ID          NAME                      NUMBER  CHANGED\n"
      "0123456789  a name of twenty-four ch       7  2m ago\n"
  );
  CHECK(
      shown(46) ==
      "ID          NAME               NUMBER  CHANGED\n"
      "0123456789  a name of twenty…       7  2m ago\n"
  );
  CHECK(
      shown(40) ==
      "ID          NAME                 CHANGED\n"
      "0123456789  a name of twenty-f…  2m ago\n"
  );
  CHECK(
      shown(30) ==
      "ID          NAME\n"
      "0123456789  a name of twenty-…\n"
  );
  CHECK(
      shown(10) ==
      "ID          NAME\n"
      "0123456789  a nam…\n"
  );
}

TEST_CASE("a value longer than its line goes on below itself") {
  Details details;
  details.add("id", "1");
  details.add("error", "HubSpot says no to this, and means it");
  CHECK(
      details.take(false, 24) ==
      "id     1\n"
      "error  HubSpot says no\n"
      "       to this, and\n"
      "       means it\n"
  );
}

TEST_CASE("details stand in two columns") {
  Details details;
  details.add("id", "1");
  details.add("HubSpot id", Cell{"\x07", Colour::red});
  details.add("phone", "");
  CHECK(details.take(false) == "id          1\nHubSpot id  \\u{07}\nphone\n");
}

TEST_CASE("large numbers are grouped") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(grouped(-1'234) == "-1,234");
  CHECK(grouped(-123) == "-123");
}

}  // namespace hubsync::cli
