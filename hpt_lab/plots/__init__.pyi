from hpt_lab.plots.beliefs import acquisition as acquisition, densities as densities, surrogate as surrogate
from hpt_lab.plots.curves import convergence as convergence
from hpt_lab.plots.labels import label_lines as label_lines
from hpt_lab.plots.maps import coverage as coverage, heatmap as heatmap, partial_dependence as partial_dependence
from hpt_lab.plots.studies import (
    importance as importance,
    incumbent_path as incumbent_path,
    parallel_coordinates as parallel_coordinates,
    plot_front as plot_front,
)
from hpt_lab.plots.style import (
    BLACK as BLACK,
    BLUE as BLUE,
    COLORS as COLORS,
    DASHES as DASHES,
    GOLD as GOLD,
    GREEN as GREEN,
    GREY as GREY,
    PURPLE as PURPLE,
    SKY as SKY,
    STYLE as STYLE,
    VERMILION as VERMILION,
    color as color,
    use_style as use_style,
)
