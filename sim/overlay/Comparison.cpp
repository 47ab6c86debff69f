#include "sim/overlay/Comparison.h"

#include <algorithm>
#include <unordered_map>

namespace drydock::overlay {

namespace {

using RowsByPath = std::unordered_map<std::string_view, Row const*>;

RowsByPath visible_rows(Merged const& tree)
{
    RowsByPath rows;
    for (auto const& row : tree.rows) {
        if (row.answer() != nullptr)
            rows.emplace(row.path, &row);
    }
    return rows;
}

std::uint64_t visible_bytes(Merged const& tree, std::size_t row)
{
    std::uint64_t bytes = 0;
    for (auto i = row; i < tree.rows[row].end; ++i) {
        if (auto const* const copy = tree.rows[i].answer())
            bytes += copy->object.size;
    }
    return bytes;
}

bool is_same(Copy const& a, std::string const& branch_a, Copy const& b, std::string const& branch_b)
{
    if (a.object.kind != b.object.kind)
        return false;
    // A directory is its mode; what lies in it is compared by itself. A sheet does not tell the mode.
    if (a.object.kind == Kind::Directory)
        return !a.object.mode || !b.object.mode || a.object.mode == b.object.mode;
    return branch_a == branch_b && a.object.size == b.object.size && a.object.mode == b.object.mode;
}

// What `tree` shows and `others` do not.
void add_missing(Merged const& tree, RowsByPath const& others, Sign sign, std::vector<Difference>& differences)
{
    for (std::size_t i = 0; i < tree.rows.size(); ++i) {
        auto const& row = tree.rows[i];
        auto const* const copy = row.answer();
        if (copy == nullptr || others.contains(row.path))
            continue;
        auto const bytes = visible_bytes(tree, i);
        differences.push_back({ .sign = sign,
            .path = row.path,
            .kind = copy->object.kind,
            .before = sign == Sign::Removed ? bytes : 0,
            .after = sign == Sign::Added ? bytes : 0 });
        i = row.end - 1;
    }
}

}

std::vector<Difference> compare(
    Side const& before, Side const& after, std::function<bool(std::string const&)> const& was_written)
{
    std::vector<Difference> differences;
    auto const earlier = visible_rows(*before.tree);
    auto const later = visible_rows(*after.tree);
    add_missing(*before.tree, later, Sign::Removed, differences);
    add_missing(*after.tree, earlier, Sign::Added, differences);
    for (auto const& row : after.tree->rows) {
        auto const found = earlier.find(row.path);
        auto const* const now = row.answer();
        if (now == nullptr || found == earlier.end())
            continue;
        auto const* const then = found->second->answer();
        auto const& branch_then = before.branches[then->branch];
        auto const& branch_now = after.branches[now->branch];
        bool const written = branch_then == branch_now && was_written(row.path);
        if (written || !is_same(*then, branch_then, *now, branch_now))
            differences.push_back({ Sign::Changed, row.path, now->object.kind, then->object.size, now->object.size });
    }
    std::sort(differences.begin(), differences.end(),
        [](Difference const& a, Difference const& b) { return a.path < b.path; });
    return differences;
}

}
