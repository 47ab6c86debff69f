#include "engine/client/TemplateFunctions.h"

#include <fmt/format.h>
#include <fmt/printf.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

using Values = std::vector<json>;

tl::unexpected<Error> call_error(std::string const& why)
{
    return fail(ErrorKind::InvalidInput, "template parsing error: template: :1: " + why);
}

std::string text_of(Values const& values, std::size_t at)
{
    return at < values.size() ? template_text(values[at]) : std::string();
}

std::int64_t number_of(Values const& values, std::size_t at)
{
    return at < values.size() && values[at].is_number() ? values[at].get<std::int64_t>() : 0;
}

// Numbers by value, the rest by its text; nothing where the two cannot be compared.
int order_of(json const& a, json const& b)
{
    if (a.is_number() && b.is_number())
        return a.get<double>() < b.get<double>() ? -1 : a.get<double>() > b.get<double>() ? 1 : 0;
    return template_text(a).compare(template_text(b));
}

Result<json> index(Values const& values)
{
    json here = values.empty() ? json() : values.front();
    for (std::size_t i = 1; i < values.size(); ++i) {
        auto const& key = values[i];
        if (here.is_object()) {
            auto const found = here.find(template_text(key));
            here = found == here.end() ? json("") : json(*found);
        } else if (here.is_array() && key.is_number()) {
            auto const at = key.get<std::int64_t>();
            if (at < 0 || at >= static_cast<std::int64_t>(here.size()))
                return call_error(fmt::format("error calling index: index out of range: {}", at));
            here = json(here.at(static_cast<std::size_t>(at)));
        } else {
            return call_error("error calling index: can't index item of type " + std::string(here.type_name()));
        }
    }
    return here;
}

Result<json> slice(Values const& values)
{
    if (values.empty() || !(values[0].is_string() || values[0].is_array()))
        return call_error("error calling slice: can't slice it");
    auto const size = static_cast<std::int64_t>(
        values[0].is_string() ? values[0].get_ref<std::string const&>().size() : values[0].size());
    auto const from = number_of(values, 1);
    auto const to = values.size() > 2 ? number_of(values, 2) : size;
    if (from < 0 || to > size || from > to)
        return call_error(fmt::format("error calling slice: index out of range: {}", to));
    if (values[0].is_string())
        return json(text_of(values, 0).substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
    return json(json::array_t(values[0].begin() + from, values[0].begin() + to));
}

// fmt(3) with Go's verbs: %v is whatever it is, %q in quotes.
std::string print_formatted(Values const& values)
{
    auto const format = text_of(values, 0);
    std::string text;
    std::size_t next = 1;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            text += format[i];
            continue;
        }
        auto const verb = std::min(format.find_first_not_of("-+ #0123456789.", i + 1), format.size() - 1);
        auto const flags = format.substr(i, verb - i);
        auto const& value = next < values.size() ? values[next] : json();
        i = verb;
        if (format[verb] == '%') {
            text += '%';
            continue;
        }
        ++next;
        if (std::string_view("dxXo").find(format[verb]) != std::string_view::npos && value.is_number())
            text += fmt::sprintf(flags + "l" + format[verb], value.get<std::int64_t>());
        else if (std::string_view("feg").find(format[verb]) != std::string_view::npos && value.is_number())
            text += fmt::sprintf(flags + format[verb], value.get<double>());
        else
            text += fmt::sprintf(
                flags + "s", format[verb] == 'q' ? json(template_text(value)).dump() : template_text(value));
    }
    return text;
}

std::string changed(std::string text, int (*change)(int))
{
    std::transform(
        text.begin(), text.end(), text.begin(), [change](unsigned char c) { return static_cast<char>(change(c)); });
    return text;
}

std::string titled(std::string text)
{
    bool begins = true;
    for (char& c : text) {
        if (begins)
            c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        begins = std::isspace(static_cast<unsigned char>(c)) != 0;
    }
    return text;
}

json split(std::string const& text, std::string const& separator)
{
    json parts = json::array();
    std::size_t at = 0;
    for (auto end = separator.empty() ? std::string::npos : text.find(separator); end != std::string::npos;
         end = text.find(separator, at)) {
        parts.push_back(text.substr(at, end - at));
        at = end + separator.size();
    }
    parts.push_back(text.substr(at));
    return parts;
}

std::string join(json const& list, std::string const& separator)
{
    std::string text;
    for (std::size_t i = 0; i < list.size(); ++i)
        text += (i == 0 ? "" : separator) + template_text(list[i]);
    return text;
}

std::string spaced(Values const& values)
{
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i)
        text += (i > 0 ? " " : "") + template_text(values[i]);
    return text;
}

// The last value where all are true (`and`), or the first that is (`or`).
json logical(Values const& values, bool stops_at)
{
    for (auto const& value : values) {
        if (template_truth(value) == stops_at)
            return value;
    }
    return values.empty() ? json() : values.back();
}

using Function = std::function<Result<json>(Values const&)>;

std::map<std::string, Function> const& functions()
{
    static std::map<std::string, Function> const table {
        { "json",
            [](Values const& v) -> Result<json> {
                return json((v.empty() ? json() : v[0]).dump(-1, ' ', false, json::error_handler_t::replace));
            } },
        { "index", index },
        { "slice", slice },
        { "len",
            [](Values const& v) -> Result<json> {
                return json(!v.empty() && v[0].is_string() ? text_of(v, 0).size() : v.empty() ? 0 : v[0].size());
            } },
        { "print",
            [](Values const& v) -> Result<json> {
                std::string text;
                for (auto const& value : v)
                    text += template_text(value);
                return json(text);
            } },
        { "println", [](Values const& v) -> Result<json> { return json(spaced(v) + "\n"); } },
        { "printf", [](Values const& v) -> Result<json> { return json(print_formatted(v)); } },
        { "and", [](Values const& v) -> Result<json> { return logical(v, false); } },
        { "or", [](Values const& v) -> Result<json> { return logical(v, true); } },
        { "not", [](Values const& v) -> Result<json> { return json(v.empty() || !template_truth(v[0])); } },
        { "eq",
            [](Values const& v) -> Result<json> {
                return json(v.size() > 1 && std::any_of(v.begin() + 1, v.end(), [&](auto const& other) {
                    return order_of(v[0], other) == 0;
                }));
            } },
        { "ne", [](Values const& v) -> Result<json> { return json(v.size() > 1 && order_of(v[0], v[1]) != 0); } },
        { "lt", [](Values const& v) -> Result<json> { return json(v.size() > 1 && order_of(v[0], v[1]) < 0); } },
        { "le", [](Values const& v) -> Result<json> { return json(v.size() > 1 && order_of(v[0], v[1]) <= 0); } },
        { "gt", [](Values const& v) -> Result<json> { return json(v.size() > 1 && order_of(v[0], v[1]) > 0); } },
        { "ge", [](Values const& v) -> Result<json> { return json(v.size() > 1 && order_of(v[0], v[1]) >= 0); } },
        { "split", [](Values const& v) -> Result<json> { return split(text_of(v, 0), text_of(v, 1)); } },
        { "join",
            [](Values const& v) -> Result<json> { return json(join(v.empty() ? json() : v[0], text_of(v, 1))); } },
        { "title", [](Values const& v) -> Result<json> { return json(titled(text_of(v, 0))); } },
        { "lower", [](Values const& v) -> Result<json> { return json(changed(text_of(v, 0), std::tolower)); } },
        { "upper", [](Values const& v) -> Result<json> { return json(changed(text_of(v, 0), std::toupper)); } },
        { "pad",
            [](Values const& v) -> Result<json> {
                auto const text = text_of(v, 0);
                auto const spaces = [&](std::size_t at) {
                    return std::string(
                        text.empty() ? 0 : static_cast<std::size_t>(std::max<std::int64_t>(number_of(v, at), 0)), ' ');
                };
                return json(spaces(1) + text + spaces(2));
            } },
        { "truncate",
            [](Values const& v) -> Result<json> {
                return json(
                    text_of(v, 0).substr(0, static_cast<std::size_t>(std::max<std::int64_t>(number_of(v, 1), 0))));
            } },
    };
    return table;
}

}

Result<json> call_template_function(std::string const& name, Values const& arguments)
{
    auto const function = functions().find(name);
    if (function == functions().end())
        return call_error("function \"" + name + "\" not defined");
    return function->second(arguments);
}

std::string template_text(json const& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null())
        return "<no value>";
    if (value.is_array()) {
        return "[" + join(value, " ") + "]";
    }
    if (!value.is_object())
        return value.dump();
    std::map<std::string, json> sorted;
    for (auto const& [key, element] : value.items())
        sorted[key] = element;
    std::string text;
    for (auto const& [key, element] : sorted)
        text += (text.empty() ? "" : " ") + key + ":" + template_text(element);
    return "map[" + text + "]";
}

bool template_truth(json const& value)
{
    if (value.is_string())
        return !value.get_ref<std::string const&>().empty();
    if (value.is_boolean())
        return value.get<bool>();
    if (value.is_number())
        return value.get<double>() != 0;
    return !value.empty();
}

}
