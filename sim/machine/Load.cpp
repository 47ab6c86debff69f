#include "sim/machine/Model.h"
#include "sim/scenario/Table.h"

namespace drydock::machine {

namespace {

using scenario::Need;
using scenario::Table;

constexpr std::size_t model_limit = 1 << 20;

constexpr std::array<std::pair<std::string_view, Hypervisor>, 3> hypervisors { {
    { "none", Hypervisor::None },
    { "type 1", Hypervisor::Type1 },
    { "type 2", Hypervisor::Type2 },
} };
constexpr std::array<std::pair<std::string_view, Kernel>, 3> kernels { {
    { "shared", Kernel::Shared },
    { "own", Kernel::Own },
    { "user space", Kernel::UserSpace },
} };
constexpr std::array<std::pair<std::string_view, PageCache>, 2> page_caches { {
    { "shared", PageCache::Shared },
    { "per instance", PageCache::PerInstance },
} };
constexpr std::array<std::pair<std::string_view, DiskLayout>, 3> disk_layouts { {
    { "full copy", DiskLayout::FullCopy },
    { "backing file", DiskLayout::BackingFile },
    { "layers", DiskLayout::Layers },
} };

// `{ value = 40, unit = "MiB", low = 18, high = 131, checked = true, source = "…" }`. The unit is the one that the
// formulas count in; a figure of a publication has its own.
Parameter read_parameter(Table table, std::string_view name, std::optional<std::string_view> unit)
{
    Parameter parameter;
    auto const value = table.maybe_real("value", Need::Required);
    parameter.value = value.value_or(0);
    parameter.low = table.maybe_real("low", Need::Required).value_or(0);
    parameter.high = table.maybe_real("high", Need::Required).value_or(0);
    parameter.unit = table.text("unit", Need::Required);
    parameter.source = table.text("source", Need::Required);
    parameter.checked = table.maybe_flag("checked").value_or(false);
    if (table.has("source") && parameter.source.empty())
        table.problem(
            "source", fmt::format("`{}` has no source", name), "say where the number comes from, or \"assumption\"");
    if (unit && table.has("unit") && parameter.unit != *unit)
        table.problem("unit", fmt::format("`{}` cannot be in \"{}\"", name, parameter.unit),
            fmt::format("the unit is \"{}\"", *unit));
    if (parameter.low > parameter.high)
        table.problem("low", fmt::format("the range of `{}` is empty", name), "`low` is at most `high`");
    else if (value && (parameter.value < parameter.low || parameter.value > parameter.high))
        table.problem("value", fmt::format("`{}` is {}", name, parameter.value),
            fmt::format("from {} to {}, or widen the range with a source for it", parameter.low, parameter.high));
    if (parameter.low < 0)
        table.problem("low", fmt::format("`{}` cannot be negative", name), "0 or more");
    table.finish();
    return parameter;
}

Parameter parameter(Table& table, std::string_view name, std::string_view unit, Need need = Need::Required)
{
    if (auto inner = table.maybe_table(name, need))
        return read_parameter(std::move(*inner), name, unit);
    return { .unit = std::string(unit) };
}

// One that is divided by.
Parameter positive(Table& table, std::string_view name, std::string_view unit)
{
    auto result = parameter(table, name, unit);
    if (table.has(name) && result.low <= 0)
        table.problem(name, fmt::format("the range of `{}` includes 0", name), "`low` is more than 0");
    return result;
}

HostMachine read_host(Table table)
{
    HostMachine host {
        .cores = positive(table, "cores", ""),
        .clock = positive(table, "clock", "GHz"),
        .memory = positive(table, "memory", "MiB"),
        .disk = positive(table, "disk", "MiB"),
        .read_rate = positive(table, "read_rate", "MiB/s"),
        .uplink = positive(table, "uplink", "Mbit/s"),
        .page_sharing = parameter(table, "page_sharing", ""),
        .exit_cost = parameter(table, "exit_cost", "cycles"),
    };
    if (host.page_sharing.value > 1)
        table.problem("page_sharing", "no more than all pages can be shared", "from 0 to 1");
    table.finish();
    return host;
}

Phase read_phase(Table table)
{
    Phase phase {
        .name = table.text("name", Need::Required),
        .latency = parameter(table, "latency", "s"),
        .processor = parameter(table, "processor", "s"),
        .read = parameter(table, "read", "MiB"),
    };
    table.finish();
    return phase;
}

Technology read_technology(Table table)
{
    constexpr auto optional = Need::Optional;
    Technology technology;
    technology.id = table.text("id", Need::Required);
    technology.title = table.text("title", Need::Required);
    technology.hypervisor = table.choice("hypervisor", hypervisors, Hypervisor::None, Need::Required);
    technology.kernel = table.choice("kernel", kernels, Kernel::Shared, Need::Required);
    technology.page_cache = table.choice("page_cache", page_caches, PageCache::Shared, Need::Required);
    technology.disk = table.choice("disk", disk_layouts, DiskLayout::Layers, Need::Required);
    technology.reserve = parameter(table, "reserve", "MiB");
    technology.engine = parameter(table, "engine", "MiB", optional);
    technology.monitor = parameter(table, "monitor", "MiB", optional);
    technology.guest_memory = parameter(table, "guest_memory", "MiB", optional);
    technology.shared_kernel = parameter(table, "shared_kernel", "MiB", optional);
    technology.instance = parameter(table, "instance", "MiB", optional);
    technology.image = parameter(table, "image", "MiB");
    technology.hot = parameter(table, "hot", "");
    technology.writes = parameter(table, "writes", "MiB", optional);
    technology.idle = parameter(table, "idle", "%", optional);
    technology.compute = positive(table, "compute", "");
    technology.random_io = parameter(table, "random_io", "", optional);
    technology.round_trip = parameter(table, "round_trip", "us", optional);
    for (auto& phase : table.tables("phase", Need::Required))
        technology.phases.push_back(read_phase(std::move(phase)));
    if (technology.shared_kernel.value > technology.guest_memory.value)
        table.problem("shared_kernel", "a guest shares more than it has", "at most `guest_memory`");
    table.finish();
    return technology;
}

ShippingCosts read_shipping(Table table)
{
    ShippingCosts costs {
        .hosts = positive(table, "hosts", ""),
        .unpack_rate = positive(table, "unpack_rate", "MiB/s"),
        .unpacked = positive(table, "unpacked", ""),
        .metadata = parameter(table, "metadata", "B"),
        .vm_image = positive(table, "vm_image", "MiB"),
        .vm_compressed = positive(table, "vm_compressed", "MiB"),
        .vm_difference = parameter(table, "vm_difference", ""),
        .layers = {},
    };
    for (auto& layer : table.tables("layer", Need::Required)) {
        costs.layers.push_back({ layer.text("what", Need::Required), parameter(layer, "size", "B") });
        layer.finish();
    }
    table.finish();
    return costs;
}

QuotedFigure read_quoted(Table table)
{
    QuotedFigure quoted {
        .what = table.text("what", Need::Required), .subject = table.text("subject", Need::Required), .figure = {}
    };
    if (auto inner = table.maybe_table("figure", Need::Required)) {
        auto const number = read_parameter(std::move(*inner), "figure", std::nullopt);
        quoted.figure = { number.value, number.unit, FigureKind::Quoted,
            number.source + (number.checked ? "" : " (unverified)") };
    }
    table.finish();
    return quoted;
}

// Two entries of one name would make the first one invisible.
void refuse_doubles(Table const& root, std::vector<Technology> const& technologies)
{
    std::set<std::string> seen;
    for (auto const& technology : technologies) {
        if (!seen.insert(technology.id).second)
            root.problem(
                "technology", fmt::format("there are two technologies `{}`", technology.id), "an id is unique");
    }
}

Model read_model(Table root)
{
    Model model;
    if (auto table = root.maybe_table("host", Need::Required))
        model.host = read_host(std::move(*table));
    if (auto table = root.maybe_table("app", Need::Required)) {
        model.app_memory = parameter(*table, "memory", "MiB");
        table->finish();
    }
    for (auto& table : root.tables("technology", Need::Required))
        model.technologies.push_back(read_technology(std::move(table)));
    refuse_doubles(root, model.technologies);
    if (auto table = root.maybe_table("shipping", Need::Required))
        model.shipping = read_shipping(std::move(*table));
    for (auto& table : root.tables("quoted"))
        model.quoted.push_back(read_quoted(std::move(table)));
    root.finish();
    return model;
}

}

Technology const* Model::find(std::string_view id) const
{
    auto const found
        = std::find_if(technologies.begin(), technologies.end(), [&](auto const& t) { return t.id == id; });
    return found == technologies.end() ? nullptr : &*found;
}

LoadedModel load_model(std::string_view text)
{
    LoadedModel loaded;
    if (text.size() > model_limit) {
        loaded.problems.push_back(
            { 1, 1, fmt::format("the file has {} bytes", text.size()), "a model has at most 1 MiB" });
        return loaded;
    }
    try {
        auto const root = toml::parse(text);
        auto model = read_model(Table(root, loaded.problems, "docs/comparison.md"));
        if (loaded.problems.empty())
            loaded.model = std::move(model);
    } catch (toml::parse_error const& error) {
        auto const& place = error.source().begin;
        loaded.problems.push_back(
            { place.line, place.column, std::string(error.description()), "this is not TOML; see https://toml.io" });
    }
    scenario::sort_by_place(loaded.problems);
    return loaded;
}

}
