#include "sim/overlay/Lookup.h"

namespace drydock::overlay {

Part Search::consider(std::size_t branch, Object const& object)
{
    if (object.kind == Kind::Whiteout) {
        m_whited_out = branch;
        m_ended_by = branch;
        m_over = true;
        return Part::Whiteout;
    }
    bool const is_directory = object.kind == Kind::Directory;
    m_over = !is_directory || object.opaque;
    if (m_answered && !is_directory) {
        m_ended_by = *m_answered; // a file below a directory is hidden by it, and hides what is below
        return Part::Hidden;
    }
    m_ended_by = branch;
    if (m_answered)
        return Part::Merges;
    m_answered = branch;
    return Part::Answers;
}

Ray look_up(std::span<Branch const* const> top_to_bottom, std::string_view path)
{
    struct Place {
        std::size_t branch;
        Branch::Node const* node;
    };
    std::vector<Place> directories;
    for (std::size_t i = 0; i < top_to_bottom.size(); ++i) {
        directories.push_back({ i, &top_to_bottom[i]->root() });
        if (top_to_bottom[i]->root().object.opaque)
            break;
    }
    Ray ray { .path = "/" };
    if (directories.empty())
        return ray;
    ray.answered = 0;
    ray.object = directories.front().node->object;
    ray.path.clear();
    for (auto name = next_component(path); !name.empty(); name = next_component(path)) {
        ray = { .path = ray.path + "/" + std::string(name) };
        Search search;
        std::vector<Place> found;
        for (auto const& [branch, directory] : directories) {
            if (search.is_over())
                break;
            ray.visited.push_back(branch);
            auto const* const node = top_to_bottom[branch]->child(*directory, name);
            if (node == nullptr)
                continue;
            auto const part = search.consider(branch, node->object);
            if (part == Part::Answers)
                ray.object = node->object;
            if (part == Part::Answers || part == Part::Merges)
                found.push_back({ branch, node });
        }
        ray.answered = search.answered();
        ray.whited_out = search.whited_out();
        directories = std::move(found);
        if (!ray.answered)
            return ray;
        if (ray.object.kind != Kind::Directory)
            directories.clear(); // a longer path ends here: nobody is asked
    }
    if (ray.path.empty())
        ray.path = "/";
    return ray;
}

}
