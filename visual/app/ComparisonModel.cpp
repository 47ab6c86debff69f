#include "visual/app/ComparisonModel.h"

#include "engine/os/ReadText.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>

namespace drydock::app {

ComparisonModel load_comparison_model(std::filesystem::path const& file)
{
    auto const path = file.empty() ? Installation::find().scenarios.parent_path() / "models/comparison.toml" : file;
    auto const text = os::read_text(path);
    if (text.empty())
        return { nullptr, { fmt::format("{} cannot be read or is empty", path.string()) } };
    auto loaded = machine::load_model(text);
    ComparisonModel result;
    for (auto const& problem : loaded.problems)
        result.problems.push_back(problem.to_string(path.string()));
    if (loaded.model)
        result.model = std::make_shared<machine::Model const>(std::move(*loaded.model));
    return result;
}

}
