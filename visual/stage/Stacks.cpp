#include "visual/stage/Stacks.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/stage/Regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace drydock::stage {

namespace {

using trace::Depth;

// Most levels that are drawn one by one; the lowest ones of a deeper stack become one slab.
constexpr std::size_t most_levels = 6;

Node layer_node(world::World const& world, oci::Digest const& diff_id, Depth depth)
{
    Node node { .id = layer_id(diff_id, world), .kind = NodeKind::Layer, .rect = {} };
    node.phase = Phase::Done;
    auto const& layers = world::shown_host(world).layers;
    auto const found = layers.find(diff_id);
    if (found != layers.end()) {
        node.title = what_made(found->second.created_by);
        node.note = human_size(found->second.size);
        if (found->second.blob)
            node.enters_from = blob_id(*found->second.blob);
    }
    if (depth != Depth::Role)
        node.subtitle = diff_id.short_form();
    return node;
}

Node expected_layer(world::World const& world, trace::LayerOfManifest const& listed)
{
    auto const& here = world::shown_host(world);
    for (auto const& [diff_id, layer] : here.layers) {
        if (layer.blob != listed.digest)
            continue;
        auto node = layer_node(world, diff_id, Depth::Object);
        auto const known = here.blobs.find(listed.digest);
        if (known != here.blobs.end() && known->second.skipped)
            node.note = words::tr("already here");
        return node;
    }
    Node node { .id = layer_id_of_blob(listed.digest), .kind = NodeKind::Layer, .rect = {} };
    node.title = words::tr("layer");
    node.subtitle = listed.digest.short_form();
    node.note = human_size(listed.size);
    node.phase = Phase::Expected;
    auto const blob = here.blobs.find(listed.digest);
    if (blob != here.blobs.end())
        node.phase = blob->second.verified ? Phase::Verified : Phase::Arriving;
    return node;
}

std::string joined(std::vector<std::string> const& words)
{
    std::string text;
    for (auto const& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

Stack stack_of(world::World const& world, world::Image const& image, Depth depth)
{
    Stack stack { .id = image_id(image.id), .image = image.id, .layers = {}, .containers = {}, .lid = {} };
    for (auto const& diff_id : image.layers)
        stack.layers.push_back(layer_node(world, diff_id, depth));
    for (auto const& [id, container] : world.containers) {
        if (container.host == world.shown && container.image == image.id)
            stack.containers.push_back(id);
    }
    stack.lid = { .id = stack.id, .kind = NodeKind::Image, .rect = {} };
    stack.lid.title = image.tags.empty() ? words::say("image") : joined(image.tags);
    stack.lid.subtitle = image.id.short_form();
    stack.lid.phase = Phase::Done;
    return stack;
}

std::optional<Stack> pulled_stack(world::World const& world)
{
    auto const& pull = world.pull;
    auto const& here = world::shown_host(world);
    if (!pull || pull->host != here.id || !pull->config || here.images.contains(*pull->config))
        return {};
    Stack stack { .id = image_id(*pull->config), .image = *pull->config, .layers = {}, .containers = {}, .lid = {} };
    for (auto const& listed : pull->layers)
        stack.layers.push_back(expected_layer(world, listed));
    stack.lid = { .id = stack.id, .kind = NodeKind::Image, .rect = {} };
    stack.lid.title = pull->reference;
    stack.lid.subtitle = pull->config->short_form();
    stack.lid.phase = Phase::Expected;
    auto const config = here.blobs.find(*pull->config);
    if (config != here.blobs.end() && config->second.state == world::BlobState::Stored)
        stack.lid.note = words::tr("config is here");
    return stack;
}

// A container outlives its image's name, and in a trace that begins in the middle nobody told of the image.
void add_orphans(world::World const& world, std::vector<Stack>& stacks)
{
    std::map<std::string, Stack> orphans;
    auto const& images = world::shown_host(world).images;
    for (auto const& [id, container] : world.containers) {
        if (container.host != world.shown || (container.image && images.contains(*container.image)))
            continue;
        if (container.name.empty() && container.state == world::ContainerState::Created)
            continue; // not announced yet
        auto const stack_id = container.image ? image_id(*container.image) : "image:" + container.reference;
        auto const known = std::find_if(stacks.begin(), stacks.end(), [&](auto const& s) { return s.id == stack_id; });
        if (known != stacks.end()) {
            known->containers.push_back(id);
            continue;
        }
        auto& stack = orphans
                          .try_emplace(stack_id,
                              Stack { .id = stack_id,
                                  .image = oci::Digest::of(stack_id),
                                  .layers = {},
                                  .containers = {},
                                  .lid = {} })
                          .first->second;
        stack.containers.push_back(id);
        stack.lid = { .id = stack_id, .kind = NodeKind::Image, .rect = {} };
        stack.lid.title = container.reference.empty() ? words::say("image") : container.reference;
        stack.lid.subtitle = words::tr("not in the store");
    }
    for (auto& [id, stack] : orphans)
        stacks.push_back(std::move(stack));
}

void shorten(Stack& stack)
{
    if (stack.layers.size() <= most_levels)
        return;
    auto const merged = stack.layers.size() - most_levels + 1;
    Node rest = stack.layers[merged - 1];
    rest.title = words::say("{} layers", merged);
    rest.subtitle.clear();
    rest.note.clear();
    stack.layers.erase(stack.layers.begin(), stack.layers.begin() + static_cast<std::ptrdiff_t>(merged));
    stack.layers.insert(stack.layers.begin(), rest);
}

bool by_layers(Stack const& a, Stack const& b)
{
    auto const before = [](Node const& x, Node const& y) { return x.id < y.id; };
    if (std::lexicographical_compare(a.layers.begin(), a.layers.end(), b.layers.begin(), b.layers.end(), before))
        return true;
    if (std::lexicographical_compare(b.layers.begin(), b.layers.end(), a.layers.begin(), a.layers.end(), before))
        return false;
    return a.id < b.id;
}

}

// Docker's older builders put the whole shell line into the history, with "#(nop)" where nothing ran, and the values of
// build arguments in front; where files came from, their digest.
std::string what_made(std::string const& created_by)
{
    if (created_by.empty())
        return words::say("layer");
    auto const all = words::with_short_ids(created_by);
    auto text = std::string_view(all).substr(0, all.find(" # buildkit"));
    constexpr std::string_view shell = "/bin/sh -c ", run = "RUN ", nop = "#(nop) ";
    auto const command = text.find(shell);
    bool const is_shells = command == 0 || text.starts_with("|") || (text.starts_with(run) && command == run.size());
    if (command == std::string_view::npos || !is_shells)
        return std::string(text);
    text.remove_prefix(command + shell.size());
    if (!text.starts_with(nop))
        return "RUN " + std::string(text);
    text.remove_prefix(nop.size());
    while (text.starts_with(' '))
        text.remove_prefix(1);
    return std::string(text);
}

std::vector<world::Image const*> finished_images(world::World const& world, HostId const& host)
{
    std::set<oci::Digest> in_use;
    for (auto const& [id, container] : world.containers) {
        if (container.host == host && container.image && container.state != world::ContainerState::Removed)
            in_use.insert(*container.image);
    }
    std::vector<world::Image const*> sorted;
    for (auto const& [id, image] : world::host_of(world, host).images)
        sorted.push_back(&image);
    // Where the layers are equal, what a build ended with stands last: it has a name, or the longer history.
    std::sort(sorted.begin(), sorted.end(), [](auto const* a, auto const* b) {
        if (a->layers != b->layers)
            return a->layers < b->layers;
        auto const rank = [](auto const* image) { return std::pair(!image->tags.empty(), image->history.size()); };
        return std::pair(rank(a), a->id) < std::pair(rank(b), b->id);
    });
    std::vector<world::Image const*> finished;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        auto const& image = *sorted[i];
        auto const* const next = i + 1 < sorted.size() ? sorted[i + 1] : nullptr; // goes on from it, if any does
        bool const goes_on = next != nullptr && next->layers.size() >= image.layers.size()
            && std::equal(image.layers.begin(), image.layers.end(), next->layers.begin());
        if (!goes_on || !image.tags.empty() || in_use.contains(image.id))
            finished.push_back(&image);
    }
    return finished;
}

std::vector<Stack> stacks_of(world::World const& world, Depth depth)
{
    std::vector<Stack> stacks;
    for (auto const* image : finished_images(world, world.shown))
        stacks.push_back(stack_of(world, *image, depth));
    std::sort(stacks.begin(), stacks.end(), by_layers);
    if (auto pulled = pulled_stack(world))
        stacks.push_back(std::move(*pulled));
    add_orphans(world, stacks);
    for (auto& stack : stacks)
        shorten(stack);
    return stacks;
}

namespace {

// Columns of the stacks, each as wide as what stands on it asks for.
std::vector<Rect> columns_of(std::vector<Stack> const& stacks, Rect const& room)
{
    // A crowd does not push the other images aside.
    static constexpr std::size_t heaviest = 4;
    auto const weight
        = [](Stack const& stack) { return std::clamp<std::size_t>(stack.containers.size(), 1, heaviest); };
    std::size_t total = 0;
    for (auto const& stack : stacks)
        total += weight(stack);
    auto const gap = theme::space::normal;
    auto const unit = std::min((room.width - gap * static_cast<float>(stacks.size() - 1)) / static_cast<float>(total),
        total == 1 ? std::max(room.width * 0.72f, std::min(room.width, size::stack_alone)) : room.width);
    std::vector<Rect> columns;
    float x = room.x;
    for (auto const& stack : stacks) {
        auto const width = unit * static_cast<float>(weight(stack));
        columns.push_back({ x, room.y, width, room.height });
        x += width + gap;
    }
    return columns;
}

}

namespace {

// More images than there is room for: those that something stands on, that are being pulled or that have names stay
// in this order; the others become one.
void gather(std::vector<Stack>& stacks, Rect const& room)
{
    auto const most = static_cast<std::size_t>(
        std::max(2.0f, (room.width + theme::space::normal) / (size::stack_narrowest + theme::space::normal)));
    if (stacks.size() <= most)
        return;
    auto const rank = [](Stack const& stack) {
        return stack.lid.phase == Phase::Expected   ? 3
            : !stack.containers.empty()             ? 2
            : stack.lid.title == words::tr("image") ? 0
                                                    : 1;
    };
    std::vector<std::size_t> order(stacks.size());
    std::iota(order.begin(), order.end(), std::size_t { 0 });
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return rank(stacks[a]) > rank(stacks[b]); });
    std::set<std::size_t> const kept(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most - 1));
    Stack rest {
        .id = "images:more", .image = oci::Digest::of("images:more"), .layers = {}, .containers = {}, .lid = {}
    };
    std::vector<Stack> shown;
    std::size_t left_out = 0;
    for (std::size_t i = 0; i < stacks.size(); ++i) {
        if (kept.contains(i)) {
            shown.push_back(std::move(stacks[i]));
            continue;
        }
        ++left_out;
        rest.containers.insert(rest.containers.end(), stacks[i].containers.begin(), stacks[i].containers.end());
    }
    rest.lid = { .id = rest.id, .kind = NodeKind::Image, .rect = {} };
    rest.lid.title = words::say("{} more images", left_out);
    rest.lid.phase = Phase::Done;
    shown.push_back(std::move(rest));
    stacks = std::move(shown);
}

}

std::vector<Node> place(std::vector<Stack>& stacks, Rect const& room)
{
    std::vector<Node> nodes;
    if (stacks.empty())
        return nodes;
    gather(stacks, room);
    std::size_t levels = 1;
    for (auto const& stack : stacks)
        levels = std::max(levels, stack.layers.size());
    auto const slab = std::clamp((room.height - size::container_least - size::lid) / static_cast<float>(levels),
        size::slab_least, size::slab_most);
    auto const columns = columns_of(stacks, room);
    for (std::size_t i = 0; i < stacks.size(); ++i) {
        auto& stack = stacks[i];
        float top = room.bottom();
        bool common = i > 0; // with the stack to the left, as far up as we have come
        for (std::size_t level = 0; level < stack.layers.size(); ++level) {
            top -= slab;
            auto& layer = stack.layers[level];
            common = common && level < stacks[i - 1].layers.size() && stacks[i - 1].layers[level].id == layer.id;
            auto const shared = common
                ? std::find_if(nodes.begin(), nodes.end(), [&](Node const& n) { return n.id == layer.id; })
                : nodes.end();
            if (shared != nodes.end()) {
                shared->rect.width = columns[i].right() - shared->rect.x;
                shared->note = layer.note; // the pull in progress comes last, and knows what it need not fetch
                continue;
            }
            layer.rect = Rect { columns[i].x, top, columns[i].width, slab - 3 };
            nodes.push_back(layer);
        }
        top -= size::lid;
        stack.lid.rect = { columns[i].x, top, columns[i].width, size::lid - 3 };
        stack.standing_room = { columns[i].x, room.y, columns[i].width, std::max(0.0f, top - room.y - 4) };
    }
    for (auto const& stack : stacks)
        nodes.push_back(stack.lid);
    return nodes;
}

}
