# The faces that the program and the pages it exports embed: DRYDOCK_FONT_REGULAR, … `package` is what to install where
# one is missing.
function(drydock_find_font symbol package file)
    find_file(DRYDOCK_FONT_${symbol} ${file} PATHS /usr/share/fonts /usr/share/fonts/opentype /usr/share/fonts/truetype
        PATH_SUFFIXES inter jetbrains-mono font-awesome NO_DEFAULT_PATH)
    if(NOT DRYDOCK_FONT_${symbol})
        message(FATAL_ERROR "${file} not found: install the package ${package}, or pass -DDRYDOCK_FONT_${symbol}=/path/to/${file}")
    endif()
endfunction()

drydock_find_font(REGULAR fonts-inter Inter-Regular.otf)
drydock_find_font(MEDIUM fonts-inter Inter-Medium.otf)
drydock_find_font(SEMIBOLD fonts-inter Inter-SemiBold.otf)
drydock_find_font(DISPLAY_BOLD fonts-inter InterDisplay-Bold.otf)
drydock_find_font(DISPLAY_SEMIBOLD fonts-inter InterDisplay-SemiBold.otf)
drydock_find_font(MONO fonts-jetbrains-mono JetBrainsMono-Regular.ttf)
drydock_find_font(ICONS fonts-font-awesome fontawesome-webfont.ttf)
