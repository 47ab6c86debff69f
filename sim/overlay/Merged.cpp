#include "sim/overlay/Merged.h"

#include <algorithm>

namespace drydock::overlay {

namespace {

// A branch's node of the directory at hand, and whether its names show through.
struct Member {
    std::size_t branch;
    Branch::Node const* node;
    bool merges;
    std::size_t hidden_by;
};

class Merger {
public:
    Merger(std::span<Branch const* const> branches, Merged& merged)
        : m_branches(branches)
        , m_merged(merged)
    {
    }

    void merge(std::string const& directory, std::size_t depth, std::vector<Member> const& members)
    {
        std::vector<std::string_view> names;
        for (auto const& member : members) {
            for (auto const& [name, node] : member.node->children)
                names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        for (auto const name : names)
            add(directory + "/" + std::string(name), name, depth, members);
    }

private:
    void add(std::string path, std::string_view name, std::size_t depth, std::vector<Member> const& members)
    {
        Search search;
        std::vector<Member> below;
        Row row { .path = std::move(path), .depth = depth };
        for (auto const& member : members) {
            auto const* const node = m_branches[member.branch]->child(*member.node, name);
            if (node == nullptr)
                continue;
            Copy copy { .branch = member.branch, .object = node->object };
            if (member.merges && !search.is_over())
                copy.part = search.consider(member.branch, node->object);
            if (copy.part == Part::Hidden)
                copy.hidden_by = member.merges ? search.ended_by() : member.hidden_by;
            bool const merges = copy.part == Part::Answers || copy.part == Part::Merges;
            row.copies.push_back(copy);
            if (!node->children.empty())
                below.push_back({ member.branch, node, merges, copy.hidden_by });
        }
        auto const at = m_merged.rows.size();
        auto const directory = row.path;
        m_merged.rows.push_back(std::move(row));
        merge(directory, depth + 1, below);
        m_merged.rows[at].end = m_merged.rows.size();
    }

    std::span<Branch const* const> m_branches;
    Merged& m_merged;
};

}

Copy const* Row::answer() const
{
    auto const found
        = std::find_if(copies.begin(), copies.end(), [](Copy const& copy) { return copy.part == Part::Answers; });
    return found == copies.end() ? nullptr : &*found;
}

Copy const* Row::in_branch(std::size_t branch) const
{
    auto const found
        = std::find_if(copies.begin(), copies.end(), [&](Copy const& copy) { return copy.branch == branch; });
    return found == copies.end() ? nullptr : &*found;
}

bool Row::is_directory() const
{
    if (auto const* const seen = answer())
        return seen->object.kind == Kind::Directory;
    return std::any_of(
        copies.begin(), copies.end(), [](Copy const& copy) { return copy.object.kind == Kind::Directory; });
}

Row const* Merged::find(std::string_view path) const
{
    // Level by level: the rows of one level are reached by jumping over what lies below each.
    std::size_t at = 0, end = rows.size();
    while (at < end) {
        auto const& row = rows[at];
        if (row.path == path)
            return &row;
        bool const is_above
            = path.size() > row.path.size() && path.starts_with(row.path) && path[row.path.size()] == '/';
        if (is_above) {
            end = row.end;
            ++at;
        } else {
            at = row.end;
        }
    }
    return nullptr;
}

Merged merge(std::span<Branch const* const> top_to_bottom)
{
    Merged merged;
    std::vector<Member> roots;
    bool merges = true;
    std::size_t last = 0;
    for (std::size_t i = 0; i < top_to_bottom.size(); ++i) {
        auto const& root = top_to_bottom[i]->root();
        roots.push_back({ i, &root, merges, last });
        if (merges && root.object.opaque) {
            merges = false;
            last = i;
        }
    }
    Merger(top_to_bottom, merged).merge("", 0, roots);
    return merged;
}

std::vector<Weight> weights(Merged const& merged, std::size_t branches)
{
    std::vector<Weight> list(branches);
    // Per branch: the hidden directory or file that the rows up to `end` lie below, as the last of its `hidden`.
    std::vector<std::size_t> end_of_hidden(branches, 0);
    for (std::size_t i = 0; i < merged.rows.size(); ++i) {
        auto const& row = merged.rows[i];
        for (auto const& copy : row.copies) {
            auto& weight = list[copy.branch];
            if (copy.part != Part::Hidden) {
                weight.visible += copy.object.size;
                continue;
            }
            bool const deleted = row.answer() == nullptr;
            (deleted ? weight.deleted : weight.overwritten) += copy.object.size;
            if (i >= end_of_hidden[copy.branch]) {
                end_of_hidden[copy.branch] = row.end;
                weight.hidden.push_back({ row.path, 0, copy.hidden_by, deleted });
            }
            weight.hidden.back().bytes += copy.object.size;
        }
    }
    for (auto& weight : list) {
        std::erase_if(weight.hidden, [](HiddenPath const& path) { return path.bytes == 0; });
        std::stable_sort(weight.hidden.begin(), weight.hidden.end(),
            [](HiddenPath const& a, HiddenPath const& b) { return a.bytes > b.bytes; });
    }
    return list;
}

}
