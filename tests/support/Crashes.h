#pragma once

// A crash at every call of a storage: work is done on one that crashes after 0, 1, 2, … calls, until it comes to its
// end, and each time somebody looks at what the next process finds.

#include "engine/content/Storage.h"
#include "tests/support/Catch.h"

#include <functional>
#include <memory>

namespace drydock::tests {

// `work` returns whether it came to its end; it may take the storage, and gives it back. Returns the number of calls.
inline std::uint64_t crash_at_every_call(content::Crash crash,
    std::function<bool(std::unique_ptr<content::Storage>&)> const& work,
    std::function<void(std::unique_ptr<content::Storage>, bool finished)> const& look)
{
    bool finished = false;
    std::uint64_t calls = 0;
    for (; !finished; ++calls) {
        CAPTURE(calls);
        REQUIRE(calls < 500);
        auto storage = content::make_memory_storage({ .capacity = {}, .crash_after_calls = calls });
        finished = work(storage);
        look(content::restart_memory_storage(std::move(storage), crash), finished);
    }
    return calls;
}

}
