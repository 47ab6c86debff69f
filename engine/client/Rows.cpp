#include "engine/client/Rows.h"

#include "engine/client/Format.h"

namespace drydock::client {

using json = nlohmann::ordered_json;

Result<std::string> filters_json(std::vector<std::string> const& given)
{
    json filters = json::object();
    for (auto const& text : given) {
        auto const equals = text.find('=');
        if (equals == std::string::npos)
            return fail(ErrorKind::InvalidInput, "invalid filter '" + text + "'");
        filters[text.substr(0, equals)][text.substr(equals + 1)] = true;
    }
    return filters.dump();
}

Result<std::string> formatted(Invocation const& in, std::vector<json> const& rows,
    std::vector<std::pair<std::string, std::string>> const& columns)
{
    std::string const format = in.arguments.text("format");
    std::string text;
    if (!format.empty() && format != "table") {
        for (auto const& row : rows)
            text += (format == "json" ? row.dump() : TRY(apply_template(format, row))) + "\n";
        return text;
    }
    std::vector<std::string> titles;
    for (auto const& [title, field] : columns)
        titles.push_back(title);
    Table table(titles);
    for (auto const& row : rows) {
        std::vector<std::string> cells;
        for (auto const& [title, field] : columns)
            cells.push_back(row.value(field, ""));
        table.add(std::move(cells));
    }
    return table.to_text();
}

bool confirmed(Invocation const& in, std::string const& warning)
{
    if (in.arguments.is_set("force"))
        return true;
    in.out("WARNING! " + warning + "\nAre you sure you want to continue? [y/N] ");
    auto const answer = in.terminal.read ? in.terminal.read() : std::string();
    return answer.starts_with('y') || answer.starts_with('Y');
}

}
