#include "engine/client/Rows.h"

#include "engine/client/Format.h"
#include "engine/client/Template.h"

#include <cctype>
#include <map>
#include <sstream>

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

std::string time_parameter(Invocation const& in, std::string const& text)
{
    if (auto const date = parse_rfc3339(text))
        return std::to_string(date->nanoseconds / nanoseconds_per_second);
    if (auto const before = parse_go_duration(text))
        return std::to_string((in.scheduler.now() + -*before).nanoseconds / nanoseconds_per_second);
    return text;
}

namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;

// "CreatedAt" is "CREATED AT" at the head of a column, unless the table has another title for it.
std::string title_of(std::string const& field, Columns const& columns)
{
    for (auto const& [title, known] : columns) {
        if (known == field)
            return title;
    }
    std::string title;
    for (std::size_t i = 0; i < field.size(); ++i) {
        auto const is_upper = [&](std::size_t at) { return std::isupper(static_cast<unsigned char>(field[at])) != 0; };
        if (i > 0 && is_upper(i) && !is_upper(i - 1))
            title += ' ';
        title += static_cast<char>(std::toupper(static_cast<unsigned char>(field[i])));
    }
    return title;
}

// What a template's fields are called, for the head of the table that it makes.
json titles_for(std::string const& format, Columns const& columns)
{
    json titles = json::object();
    for (auto at = format.find('.'); at != std::string::npos; at = format.find('.', at + 1)) {
        auto end = at + 1;
        while (end < format.size() && std::isalnum(static_cast<unsigned char>(format[end])) != 0)
            ++end;
        auto const field = format.substr(at + 1, end - at - 1);
        titles[field] = title_of(field, columns);
    }
    return titles;
}

std::vector<std::string> cells_of(std::string const& line)
{
    std::vector<std::string> cells(1);
    for (char const c : line) {
        if (c == '\t')
            cells.emplace_back();
        else
            cells.back() += c;
    }
    return cells;
}

// On a command line a tab is hard to type, so docker takes "\\t" for one.
std::string with_escapes(std::string text)
{
    for (auto const& [escape, character] : { std::pair("\\t", "\t"), std::pair("\\n", "\n") }) {
        for (auto at = text.find(escape); at != std::string::npos; at = text.find(escape, at + 1))
            text.replace(at, 2, character);
    }
    return text;
}

// For `{{.Label "name"}}`.
json with_label_field(json row)
{
    json labels = json::object();
    std::istringstream text(row.value("Labels", ""));
    for (std::string label; std::getline(text, label, ',');) {
        auto const equals = label.find('=');
        labels[label.substr(0, equals)] = equals == std::string::npos ? "" : label.substr(equals + 1);
    }
    row["Label"] = std::move(labels);
    return row;
}

Result<std::string> table_by_template(std::string const& format, std::vector<json> const& rows, Columns const& columns)
{
    auto const line = TRY(Template::parse(format));
    Table table(cells_of(TRY(line.apply(titles_for(format, columns)))));
    for (auto const& row : rows)
        table.add(cells_of(TRY(line.apply(row))));
    return table.to_text();
}

}

std::string date_text(Timestamp time)
{
    auto text = rfc3339(time);
    text.replace(text.find('T'), 1, " ");
    return text.substr(0, text.find_first_of(".Z")) + " +0000 UTC";
}

std::string bracketed(std::string const& address)
{
    return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string labels_text(json const& labels)
{
    std::string text;
    std::map<std::string, std::string> sorted;
    if (labels.is_object()) {
        for (auto const& [name, value] : labels.items())
            sorted[name] = value.is_string() ? value.get<std::string>() : "";
    }
    for (auto const& [name, value] : sorted)
        text += (text.empty() ? "" : ",") + name + "=" + value;
    return text;
}

Result<std::string> formatted(Invocation const& in, std::vector<json> const& rows, Columns const& columns)
{
    auto const format = with_escapes(in.arguments.text("format"));
    bool const is_table = format.empty() || format == "table" || format.starts_with("table ");
    bool const asks_for_label = format.find(".Label ") != std::string::npos;
    auto all = rows;
    for (auto& row : all) {
        if (asks_for_label)
            row = with_label_field(std::move(row));
    }
    if (format.starts_with("table ") && format.find("{{") != std::string::npos)
        return table_by_template(format.substr(format.find_first_not_of(' ', 5)), all, columns);
    std::string text;
    if (!is_table) {
        auto const line = TRY(Template::parse(format == "json" ? "{{json .}}" : format));
        for (auto const& row : all)
            text += TRY(line.apply(row)) + "\n";
        return text;
    }
    std::vector<std::string> titles;
    for (auto const& [title, field] : columns)
        titles.push_back(title);
    Table table(titles);
    for (auto const& row : all) {
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
