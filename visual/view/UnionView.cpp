#include "visual/view/Views.h"

namespace drydock::view {

using namespace canvas;

void draw_union(Canvas const& canvas, Rect const& rect, Context& context)
{
    stage_ground(canvas, rect);
    static_cast<void>(context);
}

}
