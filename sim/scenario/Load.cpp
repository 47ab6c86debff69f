#include "sim/oci/Reference.h"
#include "sim/scenario/Scenario.h"
#include "sim/scenario/Table.h"
#include "sim/trace/Event.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace drydock::scenario {

namespace {

constexpr std::size_t file_limit = 256 * 1024;
constexpr std::size_t caption_words = 25;
constexpr std::int64_t most_phases = 50;

constexpr std::array<std::pair<std::string_view, Measure>, 9> measures { {
    { "bytes_copied_up", Measure::BytesCopiedUp },
    { "files_copied_up", Measure::FilesCopiedUp },
    { "whiteouts", Measure::Whiteouts },
    { "layers_transferred", Measure::LayersTransferred },
    { "layers_skipped", Measure::LayersSkipped },
    { "bytes_transferred", Measure::BytesTransferred },
    { "exit_code", Measure::ExitCode },
    { "containers_left", Measure::ContainersLeft },
    { "namespaces_created", Measure::NamespacesCreated },
} };

constexpr std::array<std::pair<std::string_view, HintTier>, 3> tiers { {
    { "nudge", HintTier::Nudge },
    { "pointer", HintTier::Pointer },
    { "command", HintTier::Command },
} };

constexpr std::array<std::pair<std::string_view, Stop>, 2> stops { { { "end", Stop::End }, { "none", Stop::None } } };

bool is_event_name(std::string_view name)
{
    return [&]<class... E>(trace::TypeList<E...>) { return ((E::name_of_type == name) || ...); }(trace::EventTypes {});
}

std::size_t count_words(std::string_view text)
{
    std::size_t words = 0;
    bool inside = false;
    for (char const c : text) {
        bool const letter = c != ' ' && c != '\n' && c != '\t';
        words += letter && !inside ? 1 : 0;
        inside = letter;
    }
    return words;
}

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

void check_commands(Table const& table, std::string_view key, std::vector<std::string> const& lines, Cast const& cast)
{
    for (auto const& line : lines) {
        auto const typed = parse_typed_line(line);
        if (!typed.command.starts_with("docker "))
            table.problem(key, fmt::format("\"{}\" is no docker command", line),
                "each line begins with `docker `, or with a host's prompt, as in `test$ docker ps`");
        else if (!typed.host.empty() && !has_host(cast, typed.host))
            table.problem(key, fmt::format("no host is called \"{}\"", typed.host), "one of " + names_of(cast));
    }
}

void check_host(Table const& table, std::string_view key, std::string const& name, Cast const& cast)
{
    if (!name.empty() && !has_host(cast, name))
        table.problem(key, fmt::format("no host is called \"{}\"", name), "one of " + names_of(cast));
}

// Also a host of the simulated network and the beginning of an interface's name.
bool is_host_name(std::string_view name)
{
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !name.empty() && name.size() <= 15 && name.front() >= 'a' && name.front() <= 'z'
        && std::all_of(name.begin(), name.end(), fits);
}

bool is_registry_name(std::string_view name)
{
    auto const reference = oci::Reference::parse(std::string(name) + "/x");
    return name.size() <= 60 && reference && reference->registry == name;
}

CastHost read_host(Table table)
{
    CastHost host { .name = table.text("name", Need::Required), .tcp = table.maybe_flag("tcp").value_or(false) };
    if (host.name == "hub")
        table.problem("name", "\"hub\" is the public hub's own host", "choose another name");
    else if (!is_host_name(host.name))
        table.problem("name", fmt::format("\"{}\" is no name for a host", host.name),
            "at most 15 small letters, digits and dashes, as in \"laptop\"");
    table.finish();
    return host;
}

CastRegistry read_registry(Table table, Cast const& cast)
{
    CastRegistry registry { .name = table.text("name", Need::Required),
        .user = table.text("user"),
        .password = table.text("password"),
        .reachable_from = table.texts("reachable_from") };
    if (!is_registry_name(registry.name))
        table.problem("name", fmt::format("\"{}\" is no name for a registry", registry.name),
            "a name with a dot or a port, as in \"reg.corp\"");
    if (registry.user.empty() != registry.password.empty())
        table.problem("name", "`user` and `password` belong together", "give both, or none where everybody may enter");
    if (registry.name == public_hub && !registry.user.empty())
        table.problem("user", "the hub lets everybody in", "name a registry of your own");
    for (auto const& name : registry.reachable_from)
        check_host(table, "reachable_from", name, cast);
    table.finish();
    return registry;
}

template <class T> void check_unique(Table const& table, std::string_view key, std::vector<T> const& all)
{
    std::set<std::string> seen;
    for (auto const& each : all) {
        if (!seen.insert(each.name).second)
            table.problem(key, fmt::format("\"{}\" is there twice", each.name), "give each a name of its own");
    }
}

Cast read_cast(Table& table)
{
    Cast cast;
    if (table.has("host"))
        cast.hosts.clear();
    for (auto& host : table.tables("host"))
        cast.hosts.push_back(read_host(std::move(host)));
    for (auto& registry : table.tables("registry"))
        cast.registries.push_back(read_registry(std::move(registry), cast));
    check_unique(table, "host", cast.hosts);
    check_unique(table, "registry", cast.registries);
    if (cast.hosts.size() > most_hosts)
        table.problem("host", fmt::format("{} hosts", cast.hosts.size()), fmt::format("at most {}", most_hosts));
    if (cast.registries.size() > most_registries)
        table.problem("registry", fmt::format("{} registries", cast.registries.size()),
            fmt::format("at most {}", most_registries));
    return cast;
}

Phase read_phase(Table table, Cast const& cast)
{
    Phase phase;
    phase.name = table.text("name", Need::Required);
    phase.say = table.text("say", Need::Required);
    phase.notes = table.text("notes");
    phase.run = table.texts("run");
    phase.show = table.texts("show");
    phase.focus = table.texts("focus");
    phase.stop = table.choice("stop", stops, Stop::End);
    check_commands(table, "run", phase.run, cast);
    check_commands(table, "show", phase.show, cast);
    if (count_words(phase.say) > caption_words)
        table.problem("say",
            fmt::format("a caption has at most {} words, this one {}", caption_words, count_words(phase.say)),
            "say less, or split the phase");
    table.finish();
    return phase;
}

Prediction read_prediction(Table table)
{
    Prediction prediction;
    prediction.id = table.text("id", Need::Required);
    prediction.phase = table.text("phase", Need::Required);
    prediction.question = table.text("question", Need::Required);
    prediction.choices = table.texts("choices");
    prediction.measure = table.choice("measure", measures, Measure::ExitCode, Need::Required);
    prediction.why = table.text("why", Need::Required);
    table.finish();
    return prediction;
}

std::optional<Predicate> read_predicate(Table table, Cast const& cast)
{
    std::optional<Predicate> predicate;
    auto const read_on = [&](std::string_view key) {
        auto name = table.text(key);
        check_host(table, key, name, cast);
        return name;
    };
    if (table.has("container")) {
        ContainerIs is { .name = table.text("container"),
            .exists = table.maybe_flag("exists"),
            .state = table.maybe_text("state"),
            .exit_code = table.maybe_number("exit", -1, 255),
            .image = table.maybe_text("image"),
            .on = read_on("on") };
        static std::set<std::string> const states { "created", "running", "paused", "exited" };
        if (is.state && !states.contains(*is.state))
            table.problem("state", "no such state: \"" + *is.state + "\"", "created, running, paused or exited");
        predicate = is;
    } else if (table.has("printed")) {
        predicate = ContainerPrinted { .text = table.text("printed") };
    } else if (table.has("image")) {
        predicate = ImageIs { .reference = table.text("image"),
            .exists = table.maybe_flag("exists"),
            .layers = table.maybe_number("layers", 0, 1000),
            .digest_unchanged = table.maybe_flag("digest_unchanged").value_or(false),
            .on = read_on("on"),
            .same_on = read_on("same_on") };
    } else if (table.has("sheet")) {
        SheetHas has { .container = table.text("sheet"),
            .path = table.text("path", Need::Required),
            .mark = table.text("mark", Need::Required),
            .on = read_on("on") };
        static std::set<std::string> const marks { "created", "copied-up", "whiteout", "opaque", "absent" };
        if (!marks.contains(has.mark))
            table.problem(
                "mark", "no such mark: \"" + has.mark + "\"", "created, copied-up, whiteout, opaque or absent");
        predicate = has;
    } else if (table.has("file")) {
        FileIs is { .container = table.text("file"),
            .path = table.text("path", Need::Required),
            .contains = table.maybe_text("contains"),
            .absent = table.maybe_flag("absent"),
            .on = read_on("on") };
        if (!is.contains && !is.absent)
            table.problem("file", "this predicate says nothing", "add `contains = \"…\"` or `absent = true`");
        predicate = is;
    } else if (table.has("pushed")) {
        predicate = RegistryHas { .reference = table.text("pushed") };
    } else if (table.has("event")) {
        EventSeen seen { .event = table.text("event"),
            .at_least = table.maybe_number("at_least", 1, 1'000'000).value_or(1) };
        if (!is_event_name(seen.event))
            table.problem("event", "no event is called \"" + seen.event + "\"", "docs/events.md lists them");
        predicate = seen;
    } else {
        table.problem(
            "", "this is no predicate", "begin with one of container, printed, image, sheet, file, pushed, event");
        return std::nullopt;
    }
    table.finish();
    return predicate;
}

Goal read_goal(Table table, Cast const& cast)
{
    Goal goal;
    goal.text = table.text("text", Need::Required);
    for (auto& item : table.tables("all", Need::Required)) {
        if (auto predicate = read_predicate(std::move(item), cast))
            goal.all.push_back(std::move(*predicate));
    }
    table.finish();
    return goal;
}

Hint read_hint(Table table)
{
    Hint hint;
    hint.tier = table.choice("tier", tiers, HintTier::Nudge, Need::Required);
    hint.after_failures = table.maybe_number("after_failures", 0, 100).value_or(1);
    hint.flash = table.text("flash");
    hint.text = table.text("text", Need::Required);
    table.finish();
    return hint;
}

Check read_check(Table table, Cast const& cast)
{
    Check check;
    check.solution = table.texts("solution");
    check.alternatives = table.text_lists("alternatives");
    check.tolerates = table.texts("tolerates");
    check_commands(table, "solution", check.solution, cast);
    check_commands(table, "tolerates", check.tolerates, cast);
    for (auto const& alternative : check.alternatives)
        check_commands(table, "alternatives", alternative, cast);
    table.finish();
    return check;
}

void check_references(Table const& table, Scenario const& scenario)
{
    for (auto const& prediction : scenario.predictions) {
        auto const named = [&](Phase const& phase) { return phase.name == prediction.phase; };
        if (std::none_of(scenario.phases.begin(), scenario.phases.end(), named))
            table.problem("predict",
                fmt::format(
                    "prediction \"{}\" names a phase \"{}\" that is not there", prediction.id, prediction.phase),
                "use the `name` of a [[phase]]");
    }
    if (scenario.phases.empty())
        table.problem("phase", "a scenario has at least one [[phase]]", "add one with `name` and `say`");
    if (scenario.goals.empty())
        table.problem("goal", "a scenario has at least one [[goal]]",
            "say what must hold when it is done, so that it can be checked");
    if (static_cast<std::int64_t>(scenario.phases.size()) > most_phases)
        table.problem("phase", fmt::format("more than {} phases", most_phases), "split the scenario");
}

Scenario read_scenario(Table table)
{
    Scenario scenario;
    if (auto const schema = table.maybe_number("schema", 0, 1'000'000, Need::Required); schema && *schema != 1)
        table.problem(
            "schema", fmt::format("schema {} is not known", *schema), "this version of Drydock reads `schema = 1`");
    scenario.id = table.text("id", Need::Required);
    scenario.title = table.text("title", Need::Required);
    scenario.summary = table.text("summary");
    scenario.minutes = table.maybe_number("minutes", 1, 240).value_or(0);
    scenario.topics = table.texts("topics");
    scenario.misconceptions = table.texts("misconceptions");
    scenario.depth = table.maybe_number("depth", 1, 3).value_or(1);
    scenario.cast = read_cast(table);
    for (auto& phase : table.tables("phase"))
        scenario.phases.push_back(read_phase(std::move(phase), scenario.cast));
    for (auto& prediction : table.tables("predict"))
        scenario.predictions.push_back(read_prediction(std::move(prediction)));
    for (auto& goal : table.tables("goal"))
        scenario.goals.push_back(read_goal(std::move(goal), scenario.cast));
    for (auto& hint : table.tables("hint"))
        scenario.hints.push_back(read_hint(std::move(hint)));
    if (auto check = table.maybe_table("check"))
        scenario.check = read_check(std::move(*check), scenario.cast);
    check_references(table, scenario);
    table.finish();
    return scenario;
}

}

Loaded load(std::string_view text)
{
    Loaded loaded;
    if (text.size() > file_limit) {
        loaded.problems.push_back(
            { 1, 1, fmt::format("the file has {} bytes", text.size()), "a scenario has at most 256 KiB" });
        return loaded;
    }
    try {
        auto const root = toml::parse(text);
        auto scenario = read_scenario(Table(root, loaded.problems));
        if (loaded.problems.empty())
            loaded.scenario = std::move(scenario);
    } catch (toml::parse_error const& error) {
        auto const& place = error.source().begin;
        loaded.problems.push_back(
            { place.line, place.column, std::string(error.description()), "this is not TOML; see https://toml.io" });
    }
    sort_by_place(loaded.problems);
    return loaded;
}

TypedLine parse_typed_line(std::string_view line)
{
    auto const prompt = line.find("$ ");
    if (prompt == std::string_view::npos || line.substr(0, prompt).find(' ') != std::string_view::npos)
        return { .host = {}, .command = line };
    return { .host = line.substr(0, prompt), .command = line.substr(prompt + 2) };
}

std::string Problem::to_string(std::string_view file) const
{
    auto words = fmt::format("{}:{}:{}: {}", file, line, column, message);
    return remedy.empty() ? words : words + ": " + remedy;
}

std::vector<std::string> Scenario::setup() const
{
    if (!check || check->solution.empty())
        return {};
    std::vector<std::string> lines;
    for (auto const& phase : phases)
        lines.insert(lines.end(), phase.run.begin(), phase.run.end());
    return lines;
}

std::vector<std::string> Scenario::solution() const
{
    if (check && !check->solution.empty())
        return check->solution;
    std::vector<std::string> lines;
    for (auto const& phase : phases)
        lines.insert(lines.end(), phase.run.begin(), phase.run.end());
    return lines;
}

std::vector<std::string> Scenario::texts() const
{
    std::vector<std::string> list { title, summary };
    for (auto const& phase : phases)
        list.insert(list.end(), { phase.name, phase.say, phase.notes });
    for (auto const& prediction : predictions) {
        list.insert(list.end(), { prediction.question, prediction.why });
        list.insert(list.end(), prediction.choices.begin(), prediction.choices.end());
    }
    for (auto const& goal : goals)
        list.push_back(goal.text);
    for (auto const& hint : hints)
        list.push_back(hint.tier == HintTier::Command ? std::string() : hint.text);
    std::erase_if(list, [](std::string const& text) {
        return std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
    });
    return list;
}

}
