"""The moments at which a tracer may stand in for Ctrl-C."""

import dis
import linecache

LEAVING = {"LOAD_CONST", "PUSH_EXC_INFO"}  # the three times None that `__exit__` is given, or what was raised


def leaves_a_block(frame):
    """Return True if the line traced is that of a `with` whose block has just ended, or that of a `try`.

    Python hands out no signal between the last instruction of the block and the call of `__exit__`, nor at the instruction
    that stands for the line of a `try`, which in 3.11 no block around it covers: what is raised there by a tracer leaves a lock
    held, as no Ctrl-C can.
    """
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip()
    step = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return (line.startswith("with ") and step in LEAVING) or (line.startswith("try:") and step == "NOP")
