#include "sim/oci/Reference.h"
#include "sim/scenario/LoadParts.h"
#include "sim/scenario/Scenario.h"
#include "sim/scenario/Table.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

namespace drydock::scenario {

namespace {

constexpr std::size_t caption_words = 25;
constexpr std::int64_t most_phases = 50;

constexpr std::array<std::pair<std::string_view, Kind>, 4> kinds { {
    { "free", Kind::Free },
    { "lesson", Kind::Lesson },
    { "demonstration", Kind::Demonstration },
    { "task", Kind::Task },
} };

constexpr std::array<std::string_view, 11> views { "stage", "union", "isolation", "wire", "build", "compare",
    "compare:call", "compare:density", "compare:ship", "compare:isolation", "compare:morph" };
constexpr std::array<std::string_view, 6> shapes { "box", "sheet", "disc", "line", "arrow", "label" };
constexpr std::size_t most_parts = 9, most_shapes = 60, fewest_to_sort = 3, most_to_sort = 16;
constexpr int picture_width = 160, picture_height = 90;

constexpr std::array<std::pair<std::string_view, HintTier>, 3> tiers { {
    { "nudge", HintTier::Nudge },
    { "pointer", HintTier::Pointer },
    { "command", HintTier::Command },
} };

constexpr std::array<std::pair<std::string_view, Stop>, 2> stops { { { "end", Stop::End }, { "none", Stop::None } } };

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
    CastHost host { .name = table.text("name", Need::Required),
        .tcp = table.maybe_flag("tcp").value_or(false),
        .disk = table.text("disk") };
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

void check_caption(Table const& table, std::string_view key, std::string const& text)
{
    if (count_words(text) > caption_words)
        table.problem(key, fmt::format("a caption has at most {} words, this one {}", caption_words, count_words(text)),
            "say less, or split the phase");
}

std::string read_view(Table& table, std::string_view otherwise)
{
    auto view = table.text("view");
    if (view.empty())
        return std::string(otherwise);
    if (std::find(views.begin(), views.end(), view) == views.end())
        table.problem("view", "no view is called \"" + view + "\"", fmt::format("one of {}", fmt::join(views, ", ")));
    return view;
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
    phase.view = read_view(table, "");
    phase.stop = table.choice("stop", stops, Stop::End);
    check_commands(table, "run", phase.run, cast);
    check_commands(table, "show", phase.show, cast);
    check_caption(table, "say", phase.say);
    table.finish();
    return phase;
}

Prediction read_prediction(Table table, Cast const& cast)
{
    Prediction prediction;
    prediction.id = table.text("id", Need::Required);
    prediction.phase = table.text("phase", Need::Required);
    prediction.question = table.text("question", Need::Required);
    prediction.choices = table.texts("choices");
    read_measure(table, cast, prediction);
    prediction.why = table.text("why", Need::Required);
    table.finish();
    return prediction;
}

// Each item is a question of its own, and all of a sort have the same choices: the text twin, a handout and a class can
// ask them one by one, and the window lays them out in bins.
std::vector<Prediction> read_sort(Table table, Cast const& cast)
{
    std::vector<Prediction> items;
    auto const id = table.text("id", Need::Required);
    auto const phase = table.text("phase", Need::Required);
    auto const container = table.text("of", Need::Required);
    auto const on = table.text("on");
    check_host(table, "on", on, cast);
    if (!container.empty() && !container.starts_with("container:"))
        table.problem("of", fmt::format("\"{}\" is no container", container), "container:NAME");
    for (auto& item : table.tables("items", Need::Required)) {
        Prediction prediction { .id = fmt::format("{}.{}", id, items.size() + 1),
            .phase = phase,
            .question = item.text("item", Need::Required),
            .choices = { holders.begin(), holders.end() },
            .measure = Measure::Holder,
            .field = { .object = container, .path = read_thing(item), .on = on },
            .why = item.text("why", Need::Required),
            .sort = id };
        item.finish();
        items.push_back(std::move(prediction));
    }
    if (items.size() < fewest_to_sort || items.size() > most_to_sort)
        table.problem("items", fmt::format("{} things to sort", items.size()),
            fmt::format("{} to {}", fewest_to_sort, most_to_sort));
    table.finish();
    return items;
}

// A sort is one question, however many items it has.
std::size_t count_questions(std::vector<Prediction> const& predictions)
{
    std::set<std::string> sorts;
    std::size_t alone = 0;
    for (auto const& prediction : predictions) {
        if (prediction.sort.empty())
            ++alone;
        else
            sorts.insert(prediction.sort);
    }
    return alone + sorts.size();
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

Part read_part(Table table)
{
    Part part { .name = table.text("name", Need::Required), .says = table.text("says", Need::Required) };
    check_caption(table, "says", part.says);
    table.finish();
    return part;
}

// What stands behind its place: "layer" of "box 10 20 60 8 layer".
std::string text_of_shape(std::string_view shape)
{
    std::istringstream words { std::string(shape) };
    std::string skipped, text;
    for (int i = 0; i < 5; ++i)
        words >> skipped;
    std::getline(words >> std::ws, text);
    return text;
}

// "box 10 20 60 8 layer": whether it is a shape of the field, with its text where it has one.
bool is_shape(std::string_view shape)
{
    std::istringstream words { std::string(shape) };
    std::string kind;
    std::array<int, 4> place {};
    words >> kind >> place[0] >> place[1] >> place[2] >> place[3];
    bool const inside = place[0] >= 0 && place[1] >= 0 && place[2] >= 0 && place[3] >= 0 && place[0] <= picture_width
        && place[2] <= picture_width && place[1] <= picture_height && place[3] <= picture_height;
    return !words.fail() && inside && std::find(shapes.begin(), shapes.end(), kind) != shapes.end();
}

Analogy read_analogy(Table table)
{
    Analogy analogy { .text = table.text("text", Need::Required), .picture = table.texts("picture") };
    check_caption(table, "text", analogy.text);
    if (analogy.picture.size() > most_shapes)
        table.problem("picture", fmt::format("{} shapes", analogy.picture.size()),
            fmt::format("at most {}: a picture that is seen in a second", most_shapes));
    for (auto const& shape : analogy.picture) {
        if (!is_shape(shape))
            table.problem("picture", fmt::format("\"{}\" is no shape", shape),
                fmt::format(
                    "one of {}, then x, y, width and height (of a line or arrow: where it ends) on a field of {} x "
                    "{}, then a text",
                    fmt::join(shapes, ", "), picture_width, picture_height));
    }
    table.finish();
    return analogy;
}

Variation read_variation(Table table, Cast const& cast)
{
    Variation variation { .name = table.text("name", Need::Required),
        .say = table.text("say", Need::Required),
        .run = table.texts("run"),
        .shows = table.text("shows", Need::Required),
        .all = {} };
    check_caption(table, "say", variation.say);
    check_caption(table, "shows", variation.shows);
    check_commands(table, "run", variation.run, cast);
    for (auto& item : table.tables("all", Need::Required)) {
        if (auto predicate = read_predicate(std::move(item), cast))
            variation.all.push_back(std::move(*predicate));
    }
    table.finish();
    return variation;
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

bool has_hint(Scenario const& scenario, HintTier tier)
{
    return std::any_of(
        scenario.hints.begin(), scenario.hints.end(), [&](Hint const& hint) { return hint.tier == tier; });
}

// What makes a lesson complete; the other kinds have only what they need.
void check_kind(Table const& table, Scenario const& scenario)
{
    if (scenario.kind == Kind::Demonstration && !scenario.predictions.empty())
        table.problem("predict", "a demonstration asks nothing", "make it a lesson, or delete the [[predict]]");
    if (scenario.kind != Kind::Lesson)
        return;
    auto const lacks = [&](bool missing, std::string_view key, std::string_view remedy) {
        if (missing)
            table.problem("kind", fmt::format("a lesson without {} is not complete", key), std::string(remedy));
    };
    lacks(scenario.parts.empty(), "[[part]]", "name the things that appear in it, each with one sentence");
    lacks(!scenario.analogy, "[analogy]", "say in one sentence, with a small drawing, what it is like");
    auto const questions = count_questions(scenario.predictions);
    lacks(questions < 2 || questions > 4, "two to four [[predict]] or [[sort]]", "ask before what surprises");
    for (auto const& [name, tier] : tiers)
        lacks(!has_hint(scenario, tier), fmt::format("a hint of the tier \"{}\"", name), "add a [[hint]]");
    lacks(!scenario.variation, "[variation]", "break something, and say what it shows");
    lacks(scenario.next.empty(), "next", "say what to try now");
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
    if (scenario.goals.empty() && scenario.kind != Kind::Demonstration)
        table.problem("goal", "a scenario has at least one [[goal]]",
            "say what must hold when it is done, so that it can be checked");
    check_kind(table, scenario);
    if (static_cast<std::int64_t>(scenario.phases.size()) > most_phases)
        table.problem("phase", fmt::format("more than {} phases", most_phases), "split the scenario");
}

Scenario read_scenario(Table table)
{
    Scenario scenario;
    check_schema(table);
    scenario.id = table.text("id", Need::Required);
    scenario.title = table.text("title", Need::Required);
    scenario.summary = table.text("summary");
    scenario.minutes = table.maybe_number("minutes", 1, 240).value_or(0);
    scenario.topics = table.texts("topics");
    scenario.misconceptions = table.texts("misconceptions");
    scenario.depth = table.maybe_number("depth", 1, 3).value_or(1);
    scenario.kind = table.choice("kind", kinds, Kind::Free);
    scenario.view = read_view(table, "stage");
    for (auto& part : table.tables("part"))
        scenario.parts.push_back(read_part(std::move(part)));
    if (scenario.parts.size() > most_parts)
        table.problem("part", fmt::format("{} parts", scenario.parts.size()),
            fmt::format("at most {}: a card that is read in a minute", most_parts));
    if (auto analogy = table.maybe_table("analogy"))
        scenario.analogy = read_analogy(std::move(*analogy));
    scenario.cast = read_cast(table);
    for (auto& phase : table.tables("phase"))
        scenario.phases.push_back(read_phase(std::move(phase), scenario.cast));
    for (auto& prediction : table.tables("predict"))
        scenario.predictions.push_back(read_prediction(std::move(prediction), scenario.cast));
    for (auto& sort : table.tables("sort")) {
        auto items = read_sort(std::move(sort), scenario.cast);
        std::move(items.begin(), items.end(), std::back_inserter(scenario.predictions));
    }
    for (auto& goal : table.tables("goal"))
        scenario.goals.push_back(read_goal(std::move(goal), scenario.cast));
    for (auto& hint : table.tables("hint"))
        scenario.hints.push_back(read_hint(std::move(hint)));
    if (auto variation = table.maybe_table("variation"))
        scenario.variation = read_variation(std::move(*variation), scenario.cast);
    scenario.next = table.texts("next");
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
    loaded.scenario = read_document(text, loaded.problems, "docs/authoring.md", read_scenario);
    return loaded;
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
    for (auto const& part : parts)
        list.insert(list.end(), { part.name, part.says });
    if (analogy) {
        list.push_back(analogy->text);
        for (auto const& shape : analogy->picture)
            list.push_back(text_of_shape(shape));
    }
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
    if (variation)
        list.insert(list.end(), { variation->name, variation->say, variation->shows });
    list.insert(list.end(), next.begin(), next.end());
    std::erase_if(list, [](std::string const& text) {
        return std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
    });
    return list;
}

}
