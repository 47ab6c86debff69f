#pragma once

// The panes of the union view. Each is given the model of the moment and its rectangle.

#include "visual/view/UnionModel.h"
#include "visual/view/Views.h"

namespace drydock::view {

// What happens in the beat that is on: how far it has moved, and the files it touches.
struct UnionMoment {
    std::vector<UnionAction> actions;
    std::string path;   // that the beat is about
    std::string recent; // that the story was about last
    float k { 1 };      // 0 to 1
};

// The path whose ray and life are shown, until the story goes on to another one.
void choose_union_path(std::string path, Context&);

void draw_union_xray(canvas::Canvas const&, canvas::Rect const&, UnionModel const&, UnionMoment const&, Context&);
void draw_union_biography(
    canvas::Canvas const&, canvas::Rect const&, UnionModel const&, std::string const& path, Context&);
void draw_union_sizes(canvas::Canvas const&, canvas::Rect const&, UnionModel const&, Context&);
void draw_union_compare(canvas::Canvas const&, canvas::Rect const&, std::shared_ptr<UnionModel const> const&, Context&);

}
