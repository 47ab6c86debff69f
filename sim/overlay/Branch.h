#pragma once

// One branch of a union mount as the events tell it: a layer from LayerListed, a read-write layer from what the World
// knows of a container's sheet. It has types, sizes, whiteouts and opaque marks under each path, and no content: that
// is never in an event.

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::overlay {

enum class Kind : std::uint8_t { Absent, File, Directory, Symlink, Other, Whiteout };

// What one branch has under one path.
struct Object {
    Kind kind { Kind::Absent };
    std::uint64_t size { 0 };            // bytes of a file's content
    std::optional<std::int64_t> mode {}; // permission bits, where the events tell them
    bool opaque { false };               // a directory that hides what lies below
    bool operator==(Object const&) const = default;

    bool is_present() const { return kind != Kind::Absent && kind != Kind::Whiteout; }
};

class Branch {
public:
    struct Node {
        Object object {};
        std::map<std::string, std::uint32_t, std::less<>> children {}; // name → number of the node
    };

    Branch();
    static Branch of_layer(trace::LayerListed const&);
    // What was copied up is what the layers below have there, topmost first.
    static Branch of_sheet(
        std::map<std::string, world::SheetEntry> const& sheet, std::span<Branch const* const> layers);

    void add(std::string_view path, Object); // "/etc/motd"; its directories are made where they are missing

    Node const& root() const { return m_nodes.front(); }
    Node const& operator[](std::uint32_t node) const { return m_nodes[node]; }
    // Null where it has nothing.
    Node const* child(Node const& directory, std::string_view name) const;
    Node const* find(std::string_view path) const;

private:
    std::uint32_t directory(std::string_view path);
    std::uint32_t make(std::uint32_t parent, std::string_view name);
    void become(Node&, Object const&);

    std::vector<Node> m_nodes;
};

// "/etc/motd" → "etc", then "motd", then nothing.
std::string_view next_component(std::string_view& path);

}
