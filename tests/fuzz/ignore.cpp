// A .dockerignore and the paths that are asked about: the text before the first NUL, and the rest.

#include "Fuzz.h"

#include "sim/core/PathPattern.h"

using namespace drydock;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = fuzz::text_of(data, size);
    auto const cut = text.find('\0');
    auto const path = cut == std::string_view::npos ? std::string_view("src/a.o") : text.substr(cut + 1);
    auto const list = IgnoreList::parse(text.substr(0, cut));
    // Without an exception, what lies below something ignored is ignored.
    if (list && !list->has_exceptions() && list->ignores(path) && !path.empty() && !path.ends_with('/'))
        VERIFY(list->ignores(std::string(path) + "/below"));
    for (auto const stars : { PathPattern::Stars::WithinNames, PathPattern::Stars::AcrossDirectories }) {
        if (auto const pattern = PathPattern::parse(text.substr(0, cut), stars))
            static_cast<void>(pattern->matches(path));
    }
    return 0;
}
