#include "sim/words/Language.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace drydock::words {

namespace {

std::atomic<Catalogue const*> catalogue_in_use { nullptr };

// Texts that were handed out stay valid, so a catalogue that was ever on is kept.
void keep(std::shared_ptr<Catalogue const> catalogue)
{
    static std::mutex mutex;
    static std::vector<std::shared_ptr<Catalogue const>> kept;
    std::lock_guard const lock(mutex);
    kept.push_back(std::move(catalogue));
}

}

void use(std::shared_ptr<Catalogue const> catalogue)
{
    catalogue_in_use = catalogue.get();
    if (catalogue)
        keep(std::move(catalogue));
}

std::string_view language()
{
    auto const* catalogue = catalogue_in_use.load();
    return catalogue == nullptr ? std::string_view("en") : catalogue->code();
}

std::string_view tr(std::string_view english)
{
    auto const* catalogue = catalogue_in_use.load();
    return catalogue == nullptr ? english : catalogue->find(english).value_or(english);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", count, tr(count == 1 ? one : many));
}

}
