// A Dockerfile, its words with variables in them, and the patterns of a .dockerignore.

#include "engine/build/Dockerfile.h"

#include "Fuzz.h"

#include "engine/build/Words.h"
#include "sim/core/PathPattern.h"

using namespace drydock;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = fuzz::text_of(data, size);
    // Every variable holds all there is, so that a word can grow by being said twice.
    auto const variables = [&](std::string const& name) -> std::optional<std::string> {
        return name == "none" ? std::nullopt : std::optional(std::string(text.substr(0, 1000)));
    };
    if (auto const file = build::parse_dockerfile(text)) {
        int last_line = 0;
        for (auto const& instruction : file->instructions) {
            VERIFY(instruction.line > last_line && instruction.last_line >= instruction.line);
            last_line = instruction.line;
            for (auto const& word : instruction.words) {
                auto const expanded = build::expand(word, file->escape, variables);
                VERIFY(!expanded || expanded->size() <= build::expansion_limit);
            }
        }
    }
    if (auto const ignore = IgnoreList::parse(text)) {
        static_cast<void>(ignore->ignores("src/a.o"));
        static_cast<void>(ignore->ignores(text.substr(0, 200)));
    }
    return 0;
}
