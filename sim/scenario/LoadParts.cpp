#include "sim/scenario/LoadParts.h"

#include "sim/core/Programs.h"
#include "sim/trace/Event.h"

namespace drydock::scenario {

namespace {

constexpr std::array<std::pair<std::string_view, Measure>, 16> measures { {
    { "bytes_copied_up", Measure::BytesCopiedUp },
    { "files_copied_up", Measure::FilesCopiedUp },
    { "whiteouts", Measure::Whiteouts },
    { "layers_transferred", Measure::LayersTransferred },
    { "layers_skipped", Measure::LayersSkipped },
    { "bytes_transferred", Measure::BytesTransferred },
    { "exit_code", Measure::ExitCode },
    { "containers_left", Measure::ContainersLeft },
    { "namespaces_created", Measure::NamespacesCreated },
    { "events", Measure::Events },
    { "printed", Measure::Printed },
    { "status", Measure::Status },
    { "failed_on", Measure::FailedOn },
    { "inspect", Measure::Inspect },
    { "change", Measure::Change },
    { "kernels", Measure::Kernels },
} };

constexpr std::int64_t most_events = 1'000'000, most_machines = 1000, most_bytes = 1'000'000'000'000;

bool has_host(Cast const& cast, std::string_view name)
{
    return std::any_of(cast.hosts.begin(), cast.hosts.end(), [&](auto const& host) { return host.name == name; });
}

std::string names_of(Cast const& cast)
{
    std::string names;
    for (auto const& host : cast.hosts)
        names += (names.empty() ? "" : ", ") + host.name;
    return names;
}

// The fields that an event of that name has; nothing where there is no such event.
std::optional<std::vector<std::string>> fields_of(std::string_view name)
{
    std::optional<std::vector<std::string>> fields;
    auto const look = [&]<class E>(E const* /*type*/) {
        if (E::name_of_type != name)
            return;
        fields.emplace();
        E::each_field([&](std::string_view field, auto /*member*/) { fields->emplace_back(field); });
    };
    [&]<class... E>(trace::TypeList<E...>) { (look(static_cast<E const*>(nullptr)), ...); }(trace::EventTypes {});
    return fields;
}

std::string read_on(Table& table, Cast const& cast, std::string_view key = "on")
{
    auto name = table.text(key);
    check_host(table, key, name, cast);
    return name;
}

EventLike read_event(Table& table)
{
    EventLike like { .event = table.text("event", Need::Required), .where = table.text_map("where") };
    auto const fields = fields_of(like.event);
    if (!fields) {
        table.problem("event", "no event is called \"" + like.event + "\"", "docs/events.md lists them");
        return like;
    }
    for (auto const& [field, text] : like.where) {
        if (std::find(fields->begin(), fields->end(), field) == fields->end())
            table.problem("where", fmt::format("{} has no field \"{}\"", like.event, field),
                fmt::format("one of {}", fmt::join(*fields, ", ")));
    }
    return like;
}

Field read_field(Table& table, Cast const& cast, std::string_view object_key)
{
    Field field { .object = table.text(object_key, Need::Required),
        .path = table.text("field", Need::Required),
        .on = read_on(table, cast) };
    static constexpr std::array<std::string_view, 4> objects { "container:", "image:", "volume:", "network:" };
    auto const fits
        = [&](std::string_view kind) { return field.object.starts_with(kind) && field.object.size() > kind.size(); };
    if (!field.object.empty() && std::none_of(objects.begin(), objects.end(), fits))
        table.problem(object_key, fmt::format("\"{}\" cannot be inspected", field.object),
            "container:NAME, image:REFERENCE, volume:NAME or network:NAME");
    return field;
}

ContainerIs read_container(Table& table, Cast const& cast)
{
    ContainerIs is { .name = table.text("container"),
        .exists = table.maybe_flag("exists"),
        .state = table.maybe_text("state"),
        .exit_code = table.maybe_number("exit", -1, 255),
        .image = table.maybe_text("image"),
        .on = read_on(table, cast) };
    static std::set<std::string> const states { "created", "running", "paused", "exited" };
    if (is.state && !states.contains(*is.state))
        table.problem("state", "no such state: \"" + *is.state + "\"", "created, running, paused or exited");
    return is;
}

SheetHas read_sheet(Table& table, Cast const& cast)
{
    SheetHas has { .container = table.text("sheet"),
        .path = table.text("path", Need::Required),
        .mark = table.text("mark", Need::Required),
        .on = read_on(table, cast) };
    static std::set<std::string> const marks { "created", "copied-up", "whiteout", "opaque", "absent" };
    if (!marks.contains(has.mark))
        table.problem("mark", "no such mark: \"" + has.mark + "\"", "created, copied-up, whiteout, opaque or absent");
    return has;
}

FileIs read_file(Table& table, Cast const& cast)
{
    FileIs is { .container = table.text("file"),
        .path = table.text("path", Need::Required),
        .contains = table.maybe_text("contains"),
        .absent = table.maybe_flag("absent"),
        .on = read_on(table, cast) };
    if (!is.contains && !is.absent)
        table.problem("file", "this predicate says nothing", "add `contains = \"…\"` or `absent = true`");
    return is;
}

FieldIs read_field_is(Table& table, Cast const& cast)
{
    FieldIs is { .field = read_field(table, cast, "inspect"),
        .equals = table.maybe_text("equals"),
        .contains = table.maybe_text("contains"),
        .lacks = table.maybe_text("lacks"),
        .at_least = table.maybe_number("at_least", 0, most_bytes),
        .at_most = table.maybe_number("at_most", 0, most_bytes) };
    if (!is.equals && !is.contains && !is.lacks && !is.at_least && !is.at_most)
        table.problem("inspect", "this predicate says nothing",
            "add `equals = \"…\"`, `contains`, `lacks`, `at_least` or `at_most`");
    return is;
}

std::optional<Predicate> read_one(Table& table, Cast const& cast)
{
    if (table.has("container"))
        return read_container(table, cast);
    if (table.has("printed"))
        return ContainerPrinted { .text = table.text("printed") };
    if (table.has("image"))
        return ImageIs { .reference = table.text("image"),
            .exists = table.maybe_flag("exists"),
            .layers = table.maybe_number("layers", 0, 1000),
            .digest_unchanged = table.maybe_flag("digest_unchanged").value_or(false),
            .on = read_on(table, cast),
            .same_on = read_on(table, cast, "same_on") };
    if (table.has("sheet"))
        return read_sheet(table, cast);
    if (table.has("file"))
        return read_file(table, cast);
    if (table.has("pushed"))
        return RegistryHas { .reference = table.text("pushed") };
    if (table.has("event"))
        return EventSeen { .like = read_event(table),
            .at_least = table.maybe_number("at_least", 0, most_events).value_or(1),
            .at_most = table.maybe_number("at_most", 0, most_events) };
    if (table.has("inspect"))
        return read_field_is(table, cast);
    if (table.has("hidden"))
        return LayersHide {
            .reference = table.text("hidden"), .path = table.text("path", Need::Required), .on = read_on(table, cast)
        };
    if (table.has("typed"))
        return CommandPrinted { .text = table.text("typed"), .on = read_on(table, cast) };
    if (table.has("machines"))
        return MachinesRun { .at_least = table.maybe_number("machines", 0, most_machines).value_or(0),
            .at_most = table.maybe_number("at_most", 0, most_machines) };
    return std::nullopt;
}

}

void check_commands(Table const& table, std::string_view key, std::vector<std::string> const& lines, Cast const& cast)
{
    for (auto const& line : lines) {
        auto const typed = parse_typed_line(line);
        if (!is_program(typed.command.substr(0, typed.command.find(' '))))
            table.problem(key, fmt::format("\"{}\" begins with no program that is there", line),
                "each line begins with `docker `, `drydock `, `curl ` or a small program such as `cat`; a host's "
                "prompt "
                "may stand before it, as in `test$ docker ps`");
        else if (!typed.host.empty() && !has_host(cast, typed.host))
            table.problem(key, fmt::format("no host is called \"{}\"", typed.host), "one of " + names_of(cast));
    }
}

void check_host(Table const& table, std::string_view key, std::string const& name, Cast const& cast)
{
    if (!name.empty() && !has_host(cast, name))
        table.problem(key, fmt::format("no host is called \"{}\"", name), "one of " + names_of(cast));
}

std::optional<Predicate> read_predicate(Table table, Cast const& cast)
{
    auto predicate = read_one(table, cast);
    if (!predicate) {
        table.problem("", "this is no predicate",
            "begin with one of container, printed, image, sheet, file, pushed, event, inspect, hidden, typed, "
            "machines");
        return std::nullopt;
    }
    table.finish();
    return predicate;
}

void read_measure(Table& table, Cast const& cast, Prediction& prediction)
{
    prediction.measure = table.choice("measure", measures, Measure::ExitCode, Need::Required);
    if (prediction.measure == Measure::Events)
        prediction.event = read_event(table);
    if (prediction.measure == Measure::Inspect || prediction.measure == Measure::Change)
        prediction.field = read_field(table, cast, "of");
}

std::string read_thing(Table& table)
{
    auto thing = table.text("thing", Need::Required);
    static constexpr std::array<std::string_view, 3> kinds { "file:/", "field:", "process:" };
    auto const is = [&](std::string_view kind) { return thing.starts_with(kind) && thing.size() > kind.size(); };
    if (!thing.empty() && thing != "kernel" && thing != "daemon" && std::none_of(kinds.begin(), kinds.end(), is))
        table.problem("thing", fmt::format("nobody knows where \"{}\" would be", thing),
            "file:/PATH, field:FIELD (of docker inspect), process:NAME, kernel or daemon");
    return thing;
}

}
