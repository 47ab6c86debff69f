// make-images BUSYBOX DIRECTORY: writes the images of the embedded hub as an OCI image layout.

#include "tools/make-images/Layout.h"
#include "tools/make-images/Recipes.h"

#include <cstdio>

namespace {

drydock::Result<void> make_images(char const* busybox, char const* directory)
{
    auto const recipes = TRY(drydock::tools::all_recipes(busybox));
    return drydock::tools::write_layout(directory, recipes);
}

}

int main(int argc, char* argv[])
{
    if (argc != 3) {
        std::fputs("usage: make-images BUSYBOX DIRECTORY\n", stderr);
        return 2;
    }
    if (auto const made = make_images(argv[1], argv[2]); !made) {
        std::fprintf(stderr, "make-images: %s\n", made.error().message().c_str());
        return 1;
    }
    return 0;
}
