// What a registry says in its headers: the challenges of WWW-Authenticate, the address of a Location.

#include "Fuzz.h"

#include "engine/registry/Challenge.h"
#include "engine/registry/Location.h"

using namespace drydock;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = fuzz::text_of(data, size);
    for (auto const& challenge : registry::parse_challenges(text)) {
        VERIFY(!challenge.scheme.empty());
        for (auto const& [name, value] : challenge.parameters)
            VERIFY(!name.empty() && value.size() <= size);
    }
    if (auto const location = registry::Location::parse(text))
        VERIFY(location->target.starts_with('/'));
    return 0;
}
