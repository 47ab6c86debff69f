#include "engine/unionfs/Changes.h"

#include "engine/unionfs/WritableBranch.h"

#include <algorithm>

namespace drydock::unionfs {

namespace {

class Comparison {
public:
    // The layers alone, as a tree without a writable branch that tells nobody what it looks up.
    explicit Comparison(Stack const& stack)
        : m_upper(*stack.writable)
        , m_below({ nullptr, stack.layers, {} }, {}, {})
    {
    }

    Result<std::vector<Change>> run()
    {
        TRY(compare_directory(""));
        std::sort(m_changes.begin(), m_changes.end(), [](auto& a, auto& b) { return a.path < b.path; });
        return std::move(m_changes);
    }

private:
    Result<void> compare_directory(std::string const& path)
    {
        auto const entries = TRY(m_upper.list(path));
        for (auto const& [name, found] : entries)
            TRY(compare(path.empty() ? name : path + "/" + name, found));
        if (TRY(m_upper.look_up(path)).opaque)
            add_hidden(path, entries);
        return {};
    }

    Result<void> compare(std::string const& path, Found const& upper)
    {
        bool const below = m_below.stat("/" + path).has_value();
        if (upper.lookup == Lookup::WhitedOut) {
            if (below)
                m_changes.push_back({ Change::Kind::Deleted, "/" + path });
            return {};
        }
        m_changes.push_back({ below ? Change::Kind::Modified : Change::Kind::Added, "/" + path });
        return upper.attributes.type == FileType::Directory ? compare_directory(path) : Result<void> {};
    }

    // What an opaque directory hides without a whiteout for each name.
    void add_hidden(std::string const& path, std::vector<std::pair<std::string, Found>> const& entries)
    {
        for (auto const& hidden : m_below.list("/" + path).value_or(std::vector<DirectoryEntry> {})) {
            auto const stays = std::any_of(
                entries.begin(), entries.end(), [&](auto const& entry) { return entry.first == hidden.name; });
            if (!stays)
                m_changes.push_back({ Change::Kind::Deleted, "/" + path + "/" + hidden.name });
        }
    }

    WritableBranch const& m_upper;
    UnionMount m_below;
    std::vector<Change> m_changes;
};

}

Result<std::vector<Change>> changes_of(Stack const& stack)
{
    if (!stack.writable)
        return std::vector<Change> {};
    return Comparison(stack).run();
}

}
