#include "tools/make-images/Recipes.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>

namespace drydock::tools {

namespace fs = std::filesystem;

namespace {

Result<std::string> read_program(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string bytes { std::istreambuf_iterator<char>(file), {} };
    if (!file
        || !bytes.starts_with("\x7f"
                              "ELF"))
        return fail(ErrorKind::InvalidInput, path.string() + " is no program");
    // A dynamically linked one would need a loader and libraries that no layer has.
    if (bytes.find("/lib64/ld-linux") != std::string::npos || bytes.find("/lib/ld-linux") != std::string::npos)
        return fail(
            ErrorKind::InvalidInput, path.string() + " is dynamically linked: install the package busybox-static");
    return bytes;
}

// `busybox --list`: one name a line.
Result<std::vector<std::string>> applets_of(fs::path const& busybox)
{
    auto const command = "'" + busybox.string() + "' --list";
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const output(::popen(command.c_str(), "r"), ::pclose);
    if (!output)
        return fail(Error::from_errno("popen(3)", errno).with_context(command));
    std::vector<std::string> names;
    char line[256];
    while (std::fgets(line, sizeof line, output.get()) != nullptr) {
        std::string name = line;
        while (!name.empty() && name.back() == '\n')
            name.pop_back();
        if (!name.empty() && name != "busybox" && name.find('/') == std::string::npos)
            names.push_back(std::move(name));
    }
    if (names.empty())
        return fail(ErrorKind::InvalidInput, command + " names no applets");
    return names;
}

constexpr char const* passwd = "root:x:0:0:root:/root:/bin/sh\n"
                               "daemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
                               "sailor:x:1000:1000:a friendly sailor:/home/sailor:/bin/sh\n"
                               "nobody:x:65534:65534:nobody:/home:/bin/false\n";
constexpr char const* group = "root:x:0:\n"
                              "daemon:x:1:\n"
                              "sailor:x:1000:\n"
                              "nogroup:x:65534:\n";
constexpr char const* motd = "Welcome aboard! This file lies in the lowest layer of the image.\n"
                             "Change it: the change is yours, the layer stays as it is.\n";
constexpr char const* tinybase_release = "NAME=\"tinybase\"\n"
                                         "ID=tinybase\n"
                                         "PRETTY_NAME=\"tinybase, a foundation to build on\"\n";
constexpr char const* busybox_release = "NAME=\"BusyBox\"\n"
                                        "ID=busybox\n"
                                        "PRETTY_NAME=\"BusyBox, as Drydock packs it\"\n"
                                        "HOME_URL=\"https://busybox.net/\"\n";

// What every root has: the program under its many names, users, and the places that the engine mounts into.
LayerFiles smallest_root(std::string program, std::span<std::string const> applets, char const* os_release)
{
    LayerFiles root;
    for (auto const* path : { "bin", "dev", "etc", "home", "proc", "run", "sys", "usr", "usr/bin", "var" })
        root.directory(path);
    root.directory(""); // the root itself
    root.directory("root", 0700);
    root.directory("tmp", 01777);
    root.file("bin/busybox", std::move(program), 0755);
    for (auto const& applet : applets)
        root.symlink("bin/" + applet, "busybox");
    root.symlink("usr/bin/env", "../../bin/busybox"); // where scripts look for it
    root.file("etc/passwd", passwd);
    root.file("etc/group", group);
    // The engine mounts its own over these; where an image lacks them they would have to be made in the container's
    // read-write layer, and a fresh one would not be empty.
    for (auto const* mount_point : { "etc/hostname", "etc/hosts", "etc/resolv.conf" })
        root.file(mount_point, "");
    root.file("etc/os-release", os_release);
    return root;
}

LayerFiles busybox_root(std::string program, std::span<std::string const> applets)
{
    auto root = smallest_root(std::move(program), applets, busybox_release);
    for (auto const* path : { "usr/share", "var/log", "var/www" })
        root.directory(path);
    root.directory("var/tmp", 01777);
    root.file("etc/motd", motd);
    return root;
}

// The commands of the simulated kernel, so that a Dockerfile built on tinybase does the same in both worlds.
constexpr std::array tinybase_applets = std::to_array<std::string_view>({ "[", "ash", "basename", "cat", "chmod",
    "chown", "cp", "cut", "date", "dirname", "du", "echo", "env", "false", "find", "grep", "head", "hostname", "httpd",
    "id", "ip", "kill", "ln", "ls", "mkdir", "mount", "mv", "nc", "nslookup", "ping", "printenv", "printf", "ps", "pwd",
    "readlink", "rm", "rmdir", "seq", "sh", "sha256sum", "sleep", "sort", "stat", "tail", "tee", "test", "touch", "tr",
    "true", "uname", "uniq", "wc", "wget", "which", "whoami", "yes" });

LayerFiles texts()
{
    LayerFiles files;
    files.directory("usr");
    files.directory("usr/share");
    files.directory("usr/share/greeter");
    files.file("usr/share/greeter/ahoy.txt", "Ahoy! That is how sailors say hello.\n");
    files.file("usr/share/greeter/moin.txt", "Moin! In Hamburg's harbour it is right at any hour.\n");
    files.file("usr/share/greeter/hola.txt", "Hola! Over the water it sounds even warmer.\n");
    // A leftover, for the next layer to delete. It hides it and does not make the image smaller.
    std::string log;
    for (int i = 1; i <= 200; ++i)
        log += "polishing greeting " + std::to_string(i) + " of 200 ... shiny\n";
    files.file("usr/share/greeter/build.log", log);
    return files;
}

LayerFiles cleaning()
{
    LayerFiles files;
    files.directory("usr");
    files.directory("usr/share");
    files.directory("usr/share/greeter");
    files.remove("usr/share/greeter/build.log");
    return files;
}

LayerFiles script()
{
    LayerFiles files;
    files.directory("app");
    files.file("app/greet.sh",
        "#!/bin/sh\n"
        "# Says the greeting of this image and which container it is said in.\n"
        "cat /etc/greeting\n"
        "echo \"My style is $GREETING_STYLE, and my name is\"\n"
        "hostname\n",
        0755);
    return files;
}

LayerFiles greeting(std::string const& text)
{
    LayerFiles files;
    files.directory("etc");
    files.file("etc/greeting", text);
    return files;
}

constexpr char const* path_variable = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// A base image to build on: what fits on one page of a directory listing.
Recipe tinybase_recipe(std::string program)
{
    std::vector<std::string> const applets(tinybase_applets.begin(), tinybase_applets.end());
    return { .name = "library/tinybase:latest",
        .steps = { { "ADD tinybase.tar.gz / # buildkit", smallest_root(std::move(program), applets, tinybase_release) },
            { "CMD [\"sh\"]", std::nullopt } },
        .env = { path_variable },
        .cmd = { "sh" },
        .working_dir = {} };
}

Recipe busybox_recipe(std::string program, std::span<std::string const> applets)
{
    return { .name = "library/busybox:latest",
        .steps = { { "ADD busybox-rootfs.tar.gz / # buildkit", busybox_root(std::move(program), applets) },
            { "CMD [\"sh\"]", std::nullopt } },
        .env = { path_variable },
        .cmd = { "sh" },
        .working_dir = {} };
}

Recipe greeter_recipe(Recipe const& busybox, std::string const& version, std::string const& text)
{
    auto recipe = busybox;
    recipe.name = "library/greeter:" + version;
    recipe.steps.push_back({ "RUN /bin/sh -c make-greetings /usr/share/greeter # buildkit", texts() });
    recipe.steps.push_back({ "RUN /bin/sh -c rm /usr/share/greeter/build.log # buildkit", cleaning() });
    recipe.steps.push_back({ "COPY greet.sh /app/greet.sh # buildkit", script() });
    recipe.steps.push_back({ "ENV GREETING_STYLE=friendly", std::nullopt });
    recipe.steps.push_back({ "COPY greeting /etc/greeting # buildkit", greeting(text) });
    recipe.steps.push_back({ "CMD [\"/app/greet.sh\"]", std::nullopt });
    recipe.env.emplace_back("GREETING_STYLE=friendly");
    recipe.cmd = { "/app/greet.sh" };
    return recipe;
}

}

Result<std::vector<Recipe>> all_recipes(fs::path const& busybox)
{
    auto const program = TRY(read_program(busybox));
    auto const applets = TRY(applets_of(busybox));
    std::vector<Recipe> recipes { busybox_recipe(program, applets) };
    recipes.push_back(greeter_recipe(recipes.front(), "1", "Ahoy from the dry dock!\n"));
    recipes.push_back(greeter_recipe(recipes.front(), "2", "Ahoy again! Only this layer changed.\n"));
    recipes.push_back(tinybase_recipe(program));
    return recipes;
}

}
