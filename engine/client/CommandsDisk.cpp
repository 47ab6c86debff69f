// system df: what lies on the daemon's disk, in sums and, with -v, thing by thing.

#include "engine/client/Format.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>

#include <cmath>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// One kind of thing: how many there are, how many are in use, and the bytes of all and of the idle ones.
struct Sum {
    std::size_t count { 0 };
    std::size_t active { 0 };
    double size { 0 };
    double idle { 0 };

    void add(double its_size, bool is_used)
    {
        ++count;
        active += is_used ? 1 : 0;
        size += its_size;
        idle += is_used ? 0 : its_size;
    }
};

json sum_row(std::string_view type, Sum const& sum)
{
    auto const share = sum.size > 0 ? fmt::format(" ({:.0f}%)", std::floor(sum.idle / sum.size * 100)) : "";
    return { { "Type", type }, { "TotalCount", std::to_string(sum.count) }, { "Active", std::to_string(sum.active) },
        { "Size", docker_size(sum.size) }, { "Reclaimable", docker_size(sum.idle) + share } };
}

Sum sum_of_images(json const& df)
{
    Sum sum;
    for (auto const& image : df.value("Images", json::array()))
        sum.add(image.value("Size", 0.0), image.value("Containers", 0) > 0);
    sum.size = df.value("LayersSize", 0.0); // what several share lies there once
    sum.idle = std::min(sum.size, sum.idle);
    return sum;
}

Sum sum_of_containers(json const& df)
{
    Sum sum;
    for (auto const& container : df.value("Containers", json::array())) {
        auto const state = container.value("State", "");
        sum.add(container.value("SizeRw", 0.0), state == "running" || state == "paused" || state == "restarting");
    }
    return sum;
}

Sum sum_of_volumes(json const& df)
{
    Sum sum;
    for (auto const& volume : df.value("Volumes", json::array())) {
        auto const usage = volume.value("UsageData", json::object());
        sum.add(usage.value("Size", 0.0), usage.value("RefCount", 0) > 0);
    }
    return sum;
}

Result<std::string> sums_text(Invocation const& in, json const& df)
{
    return formatted(in,
        { sum_row("Images", sum_of_images(df)), sum_row("Containers", sum_of_containers(df)),
            sum_row("Local Volumes", sum_of_volumes(df)), sum_row("Build Cache", {}) },
        { { "TYPE", "Type" }, { "TOTAL", "TotalCount" }, { "ACTIVE", "Active" }, { "SIZE", "Size" },
            { "RECLAIMABLE", "Reclaimable" } });
}

json image_rows(Invocation const& in, json const& df)
{
    json rows = json::array();
    for (auto const& image : df.value("Images", json::array()))
        rows.push_back(image_row(in, image, names_of(image).front()));
    return rows;
}

json container_rows(Invocation const& in, json const& df)
{
    json rows = json::array();
    for (auto const& container : df.value("Containers", json::array())) {
        rows.push_back(container_row(in, container));
        rows.back()["Size"] = docker_size(container.value("SizeRw", 0.0));
    }
    return rows;
}

json volume_rows(json const& df)
{
    json rows = json::array();
    for (auto const& volume : df.value("Volumes", json::array())) {
        auto const usage = volume.value("UsageData", json::object());
        rows.push_back({ { "Name", volume.value("Name", "") }, { "Driver", volume.value("Driver", "") },
            { "Mountpoint", volume.value("Mountpoint", "") }, { "Scope", volume.value("Scope", "") },
            { "Labels", labels_text(volume.value("Labels", json())) },
            { "Links", std::to_string(usage.value("RefCount", 0)) },
            { "Size", docker_size(usage.value("Size", 0.0)) } });
    }
    return rows;
}

std::string table_of(json const& rows, std::vector<std::pair<std::string, std::string>> const& columns)
{
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

Result<std::string> details_text(Invocation const& in, json const& df)
{
    json const all { { "Images", image_rows(in, df) }, { "Containers", container_rows(in, df) },
        { "Volumes", volume_rows(df) }, { "BuildCache", json::array() } };
    if (auto const format = in.arguments.text("format"); !format.empty())
        return TRY(apply_template(format == "json" ? "{{json .}}" : format, all)) + "\n";
    return "Images space usage:\n\n"
        + table_of(all["Images"],
            { { "REPOSITORY", "Repository" }, { "TAG", "Tag" }, { "IMAGE ID", "ID" }, { "CREATED", "CreatedSince" },
                { "SIZE", "Size" }, { "SHARED SIZE", "SharedSize" }, { "UNIQUE SIZE", "UniqueSize" },
                { "CONTAINERS", "Containers" } })
        + "\nContainers space usage:\n\n"
        + table_of(all["Containers"],
            { { "CONTAINER ID", "ID" }, { "IMAGE", "Image" }, { "COMMAND", "Command" },
                { "LOCAL VOLUMES", "LocalVolumes" }, { "SIZE", "Size" }, { "CREATED", "RunningFor" },
                { "STATUS", "Status" }, { "NAMES", "Names" } })
        + "\nLocal Volumes space usage:\n\n"
        + table_of(all["Volumes"], { { "VOLUME NAME", "Name" }, { "LINKS", "Links" }, { "SIZE", "Size" } })
        + "\nBuild cache usage: 0B\n\n"
        + table_of(all["BuildCache"],
            { { "CACHE ID", "" }, { "CACHE TYPE", "" }, { "SIZE", "" }, { "CREATED", "" }, { "LAST USED", "" },
                { "USAGE", "" }, { "SHARED", "" } });
}

int system_df(Invocation const& in)
{
    auto const df = in.get("/system/df");
    if (!df)
        return in.failed(df.error());
    auto const text = in.arguments.is_set("verbose") ? details_text(in, *df) : sums_text(in, *df);
    if (!text)
        return in.failed(text.error());
    in.out(*text);
    return 0;
}

}

std::vector<Command> disk_commands()
{
    return {
        { "system df", "[OPTIONS]", "Show docker disk usage",
            { { "format", 0, FlagKind::Text, "\"json\", or a template such as '{{.Type}} {{.Size}}'" },
                { "verbose", 'v', FlagKind::Switch, "Show detailed information on space usage" } },
            0, 0, system_df },
    };
}

}
