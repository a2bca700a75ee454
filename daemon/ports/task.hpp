// Task<T>: every asynchronous sequence of the daemon. The one place that names the coroutine type.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace hubsync {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace hubsync
