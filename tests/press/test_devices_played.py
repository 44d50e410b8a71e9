"""Each device is played to its end by mouse, by touch and by keyboard: what is done, and the numbers and names that are then seen."""

import re

import browsing
import node
import numpy as np
import playing
import pytest
from browsing import addressed, eventually, says
from playing import Reader, middle, state_of
from test_devices_computed import table_of

from hpt_lab.surrogates import GaussianProcess


@pytest.fixture(scope="module")
def site():
    folder = node.scripts().parent
    playing.write_pages(folder)
    with browsing.served(folder) as address:
        yield address


@pytest.fixture
def opened(browser, site):
    """Opens a page of the site; closed at the end of the test."""
    with browsing.opening(browser, site) as opened:
        yield opened


@pytest.fixture(params=playing.WAYS)
def reader(opened, request):
    return Reader(opened, request.param)


@pytest.fixture
def still(opened):
    """Opens a page where nothing moves."""
    return lambda path: Reader(opened, "mouse").opens(path, reduced_motion="reduce", scheme="light")


# ---- Devices of sliders, ticks and buttons


def test_the_ball_is_rolled(reader):
    reader.opens("valley.html").tells(10, 10, 0.122, 0.9, "not arrived")
    reader.point(1, 0.5, *["ArrowLeft"] * 5).tells(5, 10, 0.349, ..., "not arrived yet").shows(1, 5, 0.349)
    reader.slide("learning rate η", "End").tells(..., -1.4, "higher")
    reader.slide("steepness of the valley", "End").tells(5, 10, "more than", 10_000)
    reader.slide("learning rate η", "Home", "ArrowRight", "ArrowRight", "ArrowRight")
    reader.press("Play").tells(10, 10, "less than", 0.0001, 0.36, "arrived", 4).has("Play")
    remembered(reader, 2, "device-halving-dot", 2)  # what stays within the frame, of the settings that were visited
    reader.addressed("#valley:rate=0.04&steepness=8").counts({".device-best": 1}).ends()


def test_the_tree_is_deepened(reader):
    reader.opens("tree.html").tells(2, 4, 0, 48.8, 54.1)
    reader.point(1, (4 - 0.6) / 11.8, "ArrowRight", "ArrowUp").tells(4, ..., 45.7, 50.7).shows(1, 4, 45.7, 50.7)
    reader.press("Play").tells(12, ..., "lowest", 4).has("Play")
    reader.slide("split of the patients", "End").tells(12, ..., "mean", 20, 2)
    reader.addressed("#tree:depth=12&split=20").counts({".device-curve": 19}).ends()


def test_the_split_and_the_kernels_are_moved(reader):
    reader.opens("goodbad.html").tells(-0.98, 7, 24)
    reader.point(0, 0.5, *["ArrowUp"] * 7).shows(0, 11)
    reader.slide("good trials", "End").tells(-0.04, 1.57).counts({".device-best": 12})
    reader.slide("good trials", "Home").press("Play").shows(0, 12).has("Play")
    reader.slide("width of the kernels", "Home").tells(0.08, 45)
    reader.addressed("#goodbad:good=12&bandwidth=0.01").ends()


def test_the_model_is_broken(reader):
    reader.opens("breakit.html").tells(1.81, 0.01, "model", 1.8, 0.24, "wins")
    reader.press("Play").shows(0, 25).has("Play")
    reader.slide("lengthscale", "Home").tells(1.81, 5.74, "Random search", 3.94, 0.93, "loses")
    reader.slide("idle dimensions", "End").tells(..., "model", 0, 0, "draw")
    reader.slide("noise (s.d.)", "ArrowRight").shows(1, 10.6, 10.6)
    remembered(reader, 2, "device-good", 0).counts(
        {"rect.device-depth": 3, "rect.device-good": 1}
    )  # each visited setting fills a cell
    reader.keys(2, "ArrowRight").shows(2, 5, 42).addressed(
        "#breakit:lengthscale=0.02&noise=20&idle=18&trials=25"
    ).ends()


def test_the_population_evolves(reader):
    reader.opens("population.html").tells(20, ..., 3, "valleys")
    reader.press("Next generation").tells(40, 0.88, 1.38).counts({".device-member": 20, ".device-trail": 2})
    reader.point(1, 1, *["Shift+ArrowRight"] * 16).tells(200, ..., 20, 0.000709, 0.309, 20)
    remembered(reader, 2, "device-member", 1)
    reader.press("Another start").tells(20)
    reader.slide("longest mutation", "Home").slide("population", "Home")
    browsing.stop_clock(reader.page)
    reader.press("Play")
    if reader.way == "keyboard":  # where motion is reduced, all steps are made at once
        reader.tells(200, ..., 20, 7.73, 0.309, 20)
    else:
        reader.has("Stop").passes(500).press("Stop").has("Play").passes(500).tells(24)
    reader.page.clock.resume()
    reader.addressed("#population:size=5&step=0&seed=2&n=…").ends()


def test_the_runs_are_stopped_or_trained_on(reader):
    reader.opens("trainon.html#trainon:game=18").tells(2, 3, 27, 0.1355, 0.091, 78)
    reader.press("Train on").tells(2, 4, 27, ..., 77)
    reader.tick("show the forecast").tells(2, 4, 27, ..., "Forecast", ..., 90, "band").counts({".device-band": 1})
    reader.press("To the end").tells(2, 27, 27, 0.086, 0.086, 54, "new best")
    reader.press("Train on").tells("to its end")
    reader.press("Next run").tells(3, 3, 27, ..., 51)
    reader.press("Stop").tells(4, 3, 27).press("Stop").tells(5, 3, 27)
    reader.counts({"button:text-is('Next round'):visible": 0, "table:visible": 0})
    reader.press("To the end").press("Next run").tells(6, 3, 27, ..., 18)
    reader.press("Stop").press("To the end").tells(18, "over", 0.0785, 7, 1, 15)
    eventually(reader.rows, lambda rows: rows[3] == ["median rule", "0.0725", "11", "1", "3"])
    reader.counts({".device-truth": 1, ".device-rest": 3})
    reader.addressed("#trainon:game=18&stops=27-3-3-27-3&at=18&band=1")
    reader.press("Stop").tells("all your epochs").tick("show the forecast")
    reader.press("Start again").tells(2, 3, 27).press("Undo").tells(18, "over")
    reader.press("Next round").tells(2, 3, 27).addressed("#trainon:game=19").ends()


def test_the_curse_is_drawn_again_and_again(reader):
    reader.opens("curse.html#curse:rows=200").tells("One", 10, "promises")
    reader.press("Draw again").tells(2, 10).press("20 more draws", 11).tells(200, "enough")
    page, number = reader.page, reader.page.get_by_role("slider", name="candidates n")
    many = lambda n: eventually(lambda: number.get_attribute("aria-valuetext"), str(n))  # noqa: E731
    if reader.way == "mouse":
        frame = browsing.frame_of(reader.plots.last)
        page.mouse.move(frame["x"] + 60, frame["y"] + frame["height"] / 2)
        page.mouse.down()
        many(1)
        page.mouse.move(frame["x"] + frame["width"] - 13, frame["y"] + frame["height"] / 2)
        page.mouse.up()
    elif reader.way == "touch":
        reader.point(1, 1)
    else:
        reader.keys(1, "Shift+ArrowRight", "ArrowRight")
        many(120)
        reader.keys(1, "Shift+ArrowRight")
    many(1000)
    reader.tells(..., "Mean", 200, ..., 9.2, "points", 9.2, ..., 0, "real")
    reader.slide("validation rows", "End").tells(..., "gap", 1.6)
    reader.slide("spread of the true errors", "End").tells(..., "gap", 0.4, ..., 94, "real")
    reader.tick("show the long-run means").counts({".device-truth": 3})  # and the true errors of the last draw
    ended = "#curse:n=1000&rows=6400&spread=2&draws=200&limit=1"
    reader.addressed(ended).ends().press("Start again").tells("One", 1000).addressed("…seed=…")
    reader.press("Undo").addressed(ended).tells(200)  # two hundred draws are not lost by one click
    reader.press("Start again").slide("candidates n", "ArrowLeft").has("Start again")
    assert not page.complaints


def test_the_explosion_is_turned_until_it_fits_into_a_year(reader):
    reader.opens("explosion.html").tells(5, 6, 15_625, 109, "days", 1, 2_604)
    reader.counts({"path.device-division": 6 if reader.way == "mouse" else 4})  # a phone shows no finer lines
    picture, ring = reader.plots.first, reader.page.locator(".device-ring")
    height = lambda: float(ring.get_attribute("cy"))  # noqa: E731
    before, top = height(), browsing.frame_of(picture)["y"]
    if reader.way == "keyboard":
        reader.keys(0, "ArrowUp", "ArrowDown", "ArrowRight")
    else:
        old, new = (middle(picture.locator(".device-tick").nth(d - 1))[0] for d in (6, 7))
        goal = new, top + float(picture.locator(".device-grid-dot").nth(6).get_attribute("cy")) + 8
        reader.drag((old, top + before), goal) if reader.way == "mouse" else reader.at(*goal)
    reader.tells(5, 7, 78_125, 1.5, "years", 1, 13_021).counts({".device-one-machine": 0})
    eventually(lambda: height() < before)
    reader.slide("machines", "End").tells(5, 7, 78_125, 13, "hours", 1_000, 13_021).counts({".device-one-machine": 1})
    reader.slide("hyperparameters d", *["ArrowRight"] * 4).tells(5, 11, 49, "million", 339, "days", 1_000, 8.1)
    assert [row[1:] for row in reader.rows()[1:]] == [
        ["49 million", "339 days", "$8.1 million"],
        ["363 million", "6.9 years", "$60 million"],
        ["244 million", "4.6 years", "$41 million"],
        ["49 million", "34 days", "$8.1 million"],
        ["49 million", "34 days", "$813,802"],
    ]  # now, and with one more value, one more hyperparameter, 10 times the machines, runs 10 times as fast
    reader.more().slide("one run takes", "Home").slide("one hour costs", "End")
    reader.addressed("#explosion:d=11&minutes=0.5&price=50&machines=1000").counts(
        {".device-landmark-line": 1}
    )  # a year
    reader.slide("hyperparameters d", "End").slide("machines", "Home")
    eventually(picture.get_by_text("↑ 232 years").count, 1)  # it has left the frame
    eventually(height, 24)
    reader.tick("log scale").counts({".device-landmark-line": 5})
    eventually(lambda: height() > 24)
    reader.ends()


def test_any_method_is_made_the_winner(reader):
    reader.opens("anywin.html").tells("None", 6, "Climb", 2.7)
    dot, bold = reader.page.locator("svg circle"), reader.page.locator(".device-table b")
    eventually(bold.all_inner_texts, ["66", "53", "0", "2", "-19", "49", "57", "25.4"])
    start = float(dot.get_attribute("cx"))
    reader.tick("an old rival").tells(1, 6, "TPE", 1.8)
    eventually(lambda: float(dot.get_attribute("cx")) > start)
    reader.tick("an old rival").tick("best of five").tells(1, 6, "TPE", 55.7)
    ours = table_of("TPE", ["five"])[3]
    eventually(bold.all_inner_texts, [*(str(int(np.floor(score + 0.5))) for score in ours), f"{ours.mean():.1f}"])
    for name in ("more trials", "the right problems", "a lucky seed", "seen, not true"):
        reader.tick(name)
    reader.tells(5, 6, "TPE", 677.8)
    rows = reader.rows()
    assert rows[0] == ["problem", "Climb", "TPE (ours)"]
    assert [row[1] for row in rows].count("–") == 4
    assert rows[-4][1].startswith("seed ")
    assert [row[1:] for row in rows[-3:]] == [["30", "40"], ["today's", "today's"], ["true", "as the search saw it"]]
    reader.choose("the table is by", "Climb").tells(5, 6, "Climb", 745.1).shows(0, ..., -745.1)
    reader.addressed("#anywin:own=Climb&five=1&trials=1&problems=1&seed=1&seen=1").ends()


def test_the_lead_forms_and_vanishes(reader):
    reader.opens("leads.html").tells(12, 120, "network", 3, 21)
    reader.press("One more seed").tells(13, 120, "network", 1, 22, 13)
    if reader.way == "keyboard":
        reader.keys(0, "ArrowLeft").tells(12, 120).keys(0, "Shift+ArrowRight").tells(22, 120)
    else:  # the frame has room for these, and grows with their number
        reader.point(0, 1).tells(15, 120).point(0, -0.01).tells(1, 120, ..., "no band")
    reader.choose("Training runs seen:", "stopped after 27 epochs").press("Play").tells(12, 12).has("Play")
    reader.tells(..., "so far", 3, 0.0051, 0.0047, 0.0055, "above", -0.0038, -0.0141, 0.0064, "inside", "random search")
    reader.press("One more seed").tells("all", 12).choose("Training runs seen:", "all thirty")
    reader.keys(0, "Shift+ArrowRight").tells(22, 120).keys(0, *["Shift+ArrowRight"] * 10)
    reader.tells(120, ..., 0.0052, 0.0044, 0.0061, "above", 0.0022, -0.001, 0.0054, "inside", 42)
    reader.tick("count each search as an experiment").tells(120, ..., 0.0052, 0.0045, 0.006)
    reader.addressed("#leads:n=120&single=1").ends()


# ---- Devices of one question, most of which remember: a dot for each visited setting


def remembered(reader, number, kind, count):
    """A strip holds so many dots of a kind."""
    eventually(reader.plots.nth(number).locator(f"circle.{kind}").count, count)
    return reader


def test_the_grids_of_wells_are_dug(reader):
    reader.opens("wells.html").tells(9, 9, 23.6)
    reader.slide("values of each", "ArrowRight", "ArrowRight").tells(25, 25, 15.6, 7.5).shows(1, 25, 15.6)
    reader.slide("values of each", "ArrowRight", "ArrowRight").tells(49, 49, 19.5)
    remembered(reader, 1, "device-grid-dot", 5).slide("values of each", "Home")
    browsing.stop_clock(reader.page)
    reader.press("Play")
    if reader.way != "keyboard":
        reader.has("Stop").passes(300).tells(1, 4).passes(2000)
    reader.tells(4, 4, 27).has("Play")
    reader.page.clock.resume()
    reader.addressed("#wells:k=2").ends()


def test_both_loops_are_turned(reader):
    reader.opens("loops.html").tells(0.003, 0, 20, 1, ..., 0, "numbers")
    browsing.stop_clock(reader.page)
    for rate, loss in ((0.003, 0.396), (0.01, 0.223), (0.02, 0.0977)):
        reader.press("Play")
        if reader.way != "keyboard":
            reader.passes(1500)
        reader.tells(rate, 20, 20, loss).slide("learning rate η", "ArrowRight")
    reader.page.clock.resume()
    remembered(reader, 1, "device-dot", 3).tells(..., 3, "numbers", 60).addressed(
        "#loops:rate=0.03&tried=0.003-0.01-0.02&at=20"
    )
    reader.press("Start again").tells(..., 0, "numbers").press("Undo").tells(..., 3, "numbers").ends()


def test_the_runs_are_cut(reader):
    reader.opens("cut.html").tells(567, 729, 0.0745)
    reader.point(0, 0.5, *["ArrowLeft"] * 4).tells(459 + 36 if reader.way == "keyboard" else ..., 729)
    reader.slide("stop after epoch", "Home").tells(261, 729, 0.0745).slide("runs that go on", "ArrowLeft")
    reader.tells(105, 729, ..., 0.075, 0.0745).shows(1, 105, 0.075).counts({".device-rest": 1})
    reader.addressed("#cut:at=1&keep=3").ends()


def test_the_errors_cancel_or_not(reader):
    reader.opens("cancel.html").tells("0%").counts({".device-best-line": 0})
    reader.slide("correlation of the errors", *["ArrowLeft"] * 8).tells(14, ..., 0.98).shows(1, 0.5, 0.98)
    remembered(reader, 1, "device-halving-dot", 9).slide("error of the second model", "Home").tells(50, ..., 0.87)
    remembered(reader, 1, "device-dot", 1).addressed("#cancel:rho=0.5&worse=1").ends()


def test_the_surface_is_tilted(reader):
    reader.opens("tilt.html").tells(80, 20, ..., 0).slide("twist", "End").slide("slope along x", *["ArrowLeft"] * 10)
    reader.slide("slope along y", *["ArrowLeft"] * 5).tells(0, 0, ..., 100).shows(1, 0, 0, 100)
    reader.slide("twist", *["ArrowLeft"] * 20).tells("level").addressed("#tilt:a=0&b=0").ends()


def test_the_front_grows(reader):
    reader.opens("goals.html").tells("No well", 0, 0, 0)
    reader.point(0, 0.4, *["ArrowLeft"] * 5, "Enter").tells(4, "front", 1, 1).counts({".device-best-line": 1})
    reader.press("Dig at random", 3).tells(..., "Wells", 4).press("Start again").tells("No well").press("Undo").tells(
        ..., "Wells", 4
    )
    browsing.follow(reader.page, "goals:tried=53-146-153-0-200")
    reader.tells(10, "dominated", ..., 5, 3).addressed("#goals:tried=53-146-153-0-200").ends()


def test_the_limit_is_lowered_to_another_island(reader):
    reader.opens("island.html").tells(1, 0.89)
    reader.slide("limit (ms)", *["ArrowLeft"] * 26).tells(2, "islands", 0.765, ..., 32).slide("limit (ms)", "ArrowLeft")
    reader.tells(1, 0.47, ..., 31.5, ..., 5.97).shows(2, 31.5, 0.47)
    remembered(reader, 2, "device-dot", 28)
    frame = browsing.frame_of(reader.plots.first)
    if reader.way == "keyboard":
        reader.keys(0, "Shift+ArrowDown").tells(2, ..., 21.5)
    else:  # from the limit's grip to 20 ms
        at = lambda ms: (frame["x"] + frame["width"] - 12, frame["y"] + 24 + (1 - ms / 60) * (frame["height"] - 70))  # noqa: E731
        reader.drag(at(31.5), at(27), at(20)).tells(2, "islands")
    reader.addressed("#island:limit=2…").ends()


def test_one_report_is_lifted(reader):
    reader.opens("lift.html").tells(6.9, 0, ..., 7.69, ..., 0)
    if reader.way == "keyboard":
        reader.keys(0, *["ArrowDown"] * 6).tells(6.9, 3, ..., 7.77, ..., 0.08, ..., 17.8, ..., 0.4)
        reader.keys(0, "ArrowRight").tells(7.7, 0).keys(0, *["ArrowDown"] * 6).tells(7.7, 3, ..., -0.01, ..., 2.1)
        remembered(reader, 1, "device-dot", 2).addressed("#lift:at=7.7&by=3")
    else:
        frame = browsing.frame_of(reader.plots.first)
        left, top, wide, tall = frame["x"] + 50, frame["y"] + 24, frame["width"] - 62, frame["height"] - 70

        def at(km, m):
            return left + (km - 5) / 5 * wide, top + (m - 10) / 26 * tall

        reader.drag(at(6.9, 22.9), at(6.9, 24), at(6.9, 27)).tells(6.9, 3, ..., 7.77)
        remembered(reader, 1, "device-dot", 1).addressed("#lift:by=3")
    reader.ends()


def test_an_old_map_is_weighed(reader):
    reader.opens("maps.html").tells(..., 1, ..., 0.66)
    reader.slide("wells today", "ArrowRight").tells(..., 3, ..., 0.87).choose("map:", "another village's").tells(
        ..., 3, ..., 0.28
    )
    reader.slide("wells today", "End").tells(..., 36, ..., 0).shows(1, 9, 0)
    remembered(reader, 1, "device-candidate", 2).addressed("#maps:study=other&n=9").ends()


def test_the_width_slides(reader):
    reader.opens("widths.html").tells(32, ..., 0.0316, ..., 32, ..., 1)
    reader.slide("units in each layer", *["ArrowRight"] * 4).tells(512, ..., 0.00178, 0.11, ..., 32, ..., 0.48, 4.3)
    remembered(reader, 1, "device-best", 5).tick("maximal updates (μP)").tells(512, ..., 0.0316, ..., 1)
    remembered(reader, 1, "device-promise", 1).counts({".device-curve": 1}).addressed("#widths:width=512&mup=1").ends()


def test_a_model_pays_or_not(reader):
    reader.opens("pays.html").tells(6.7, 10, "Random search").shows(1, 10, -3.33)
    reader.slide("seconds of a training run", "ArrowRight", "ArrowRight", "ArrowRight").tells(20, 20, "same time")
    reader.slide("seconds of a training run", "End").tells(40, 35, "The model").shows(1, 60, 5)
    reader.slide("trials that the model needs", "End").tells(40, 42, "Random search")
    remembered(reader, 1, "device-dot", 5).slide("trials that the model needs", "Home").tells(40, 23.3, "The model")
    reader.addressed("#pays:run=60&needs=20").counts({".device-good": 20, ".device-depth": 60}).ends()


def test_the_end_of_the_road_is_moved(reader):
    reader.opens("edge.html").tells(7, 21.6, "It is near the end", ..., 3.6)
    reader.slide("the road ends at km", *["ArrowRight"] * 5).tells(7.5, 15.5, "near the end", ..., "no nearer")
    reader.slide("the road ends at km", *["ArrowRight"] * 8).tells(7.6, 15.2, "not near", ..., "no nearer")
    remembered(reader, 1, "device-next", 13).shows(1, 8.3, -9.26)
    if reader.way == "keyboard":
        reader.keys(0, "ArrowLeft").tells(7.6, 15.2, "It is near").addressed("#edge:end=8.2")
    else:
        frame = browsing.frame_of(reader.plots.first)
        left, top = frame["x"] + 50, frame["y"] + 24 + 10 / 26 * (frame["height"] - 70)
        spots = [(left + (km - 6) / 4 * (frame["width"] - 62), top) for km in (8.3, 8, 7.8)]
        reader.drag(*spots).tells(7.6, 15.2, "It is near").addressed("#edge:end=7.8")
    reader.ends()


def test_lines_copy_each_other(reader):
    reader.opens("copies.html").tells(27, 27, 0.0488, 0.17)
    reader.choose("the worst copy the best:", "every 3 epochs").tells(
        27, 27, 0.00981, ..., 0.412, ..., 4, "times", ..., 0.0258
    )
    browsing.stop_clock(reader.page)
    reader.press("Play")
    if reader.way != "keyboard":
        reader.has("Stop").passes(1300).press("Stop").tells(6, 27)
        reader.press("Play").passes(9000)
    reader.tells(27, 27, 0.00981).has("Play")
    reader.page.clock.resume()
    reader.addressed("#copies:every=3").counts({".device-best-line": 2}).ends()


# ---- Halving


def test_halving_is_played_to_its_end_by_one_worker_and_by_eight(reader):
    moves = reader.way != "keyboard"  # who wants no movement, sees the end at once
    reader.opens("halving.html#halving:workers=8").tells(10, 54, 27, 729)
    browsing.stop_clock(reader.page)
    reader.counts({"rect": 27 + 9 + 3})  # there is something to see from the start
    reader.press("Rewind").tells(0, 0, 27, 729, 0).counts({"rect": 8})
    reader.press("Step").tells(1, 8).counts({"rect": 16}).press("Back", 2).tells(0)
    reader.press("Play")
    if moves:
        reader.has("Stop").passes(800).press("Stop").addressed("#halving:workers=8&hour=3").tells(3)
        stopped = reader.say.inner_text()
        assert reader.passes(2000).say.inner_text() == stopped
        reader.press("Play").has("Stop").passes(10_000)
    reader.tells(46, 108, 27, 729, 71).counts({"rect": 40})
    ended = reader.say.inner_text()
    rows = node.run("async () => (await import('./rungs.js')).drawn('epochs', 1).slice(0, 27).map(row => row[3])")
    in_hand = float(re.search(r"model: (\S+)%", ended)[1])
    assert browsing.telling(..., "rank", 1 + sum(row < in_hand for row in rows))(ended)
    reader.choose("Workers:", "one").tells(46).press("Play")  # one worker, at the same hour
    if moves:
        reader.has("Stop")
    reader.passes(20_000)
    eventually(lambda: [row[1:4] for row in reader.rows()[1:]], [["46", "108", "71%"], ["108", "108", "0%"]])
    reader.choose("Method:", "ASHA").tells(108).choose("Workers:", "eight")
    eventually(lambda: reader.rows()[-1][1:4], lambda last: last[::2] == ["46", "0%"] and int(last[1]) > 250)
    reader.more().tick("show how stopped runs would have continued")
    lines = lambda: int(reader.plots.first.get_attribute("aria-label").split()[1])  # noqa: E731
    eventually(lambda: reader.page.locator(".device-rest").count() == lines() > 0)
    reader.page.clock.resume()
    reader.ends()
    before = len(reader.rows())
    reader.press("New draw", 2)  # what was seen before the reload is gone, and no more
    eventually(lambda: len(reader.rows()), before + (2 if before else 4))
    reader.tells(46)
    assert not reader.page.complaints


# ---- Grid, random, Sobol


def aimed(reader, squares):
    """The best point to the right, in the third square; then the grids' own first value, in the first one."""
    best = lambda: [float(state_of(reader.page, "projections").get(key, 2)) for key in ("bx", "by")]  # noqa: E731
    for number, (u, v) in ((2, (0.9, 0.4)), (0, (0.02, 0.02))):
        ground = browsing.frame_of(squares.locator(".device-frame").nth(number))
        reader.at(ground["x"] + u * ground["width"], ground["y"] + (1 - v) * ground["height"])
        eventually(best, pytest.approx([u, v], abs=0.02))
    assert squares.bounding_box()["width"] / ground["width"] < (4 if reader.way == "touch" else 8)


def test_the_projections_fill_as_the_trials_run(reader):
    reader.opens("projections.html#projections:done=50&cells=1&draw=-2&n=60&wx=0.93&by=7").tells(32, 64, 1, 0.03)
    squares, rows = reader.plots.first, lambda: reader.rows()[1:]
    known = [["grid (ends)", "4, 8", "32"], ["grid (centered)", "4, 8", "32"], ["random", "32, 32"], ["Sobol", "32, 32", "32"]]  # fmt: skip
    eventually(rows, lambda found: [row[: len(seen)] for row, seen in zip(found, known, strict=True)] == known)
    reader.counts({".device-empty": 96 + int(rows()[2][2]), "circle.device-Sobol": 3 * 32 + 1})
    reader.more().slide("run so far", "End").slide("weight of y", "End").tells(64, 64, 1, 1, "centered", 2.61)
    reader.slide("weight of x", "Home").tick("shade the empty cells").counts({".device-empty": 0})
    eventually(lambda: [row[1] for row in rows()], ["8, 8", "8, 8", "64, 64", "64, 64"])
    first = squares.locator(".device-random").first
    before = first.get_attribute("cx")
    if reader.way == "keyboard":
        reader.keys(0, "Shift+ArrowLeft", "ArrowDown").addressed("…bx=0.09&by=0.98…").keys(0, "Enter")
    else:
        aimed(reader, squares)
        eventually(lambda: float(rows()[0][-2]) < 0.5)  # a grid that ends in the corner is lucky there
        reader.press("Draw again")
    eventually(lambda: first.get_attribute("cx") != before)
    ended, shown = reader.say.inner_text(), rows()
    least, name = re.search(r"best point at .*, the lowest error is (.+): (.+)\.$", ended).groups()
    here = {row[0]: row[-2] for row in shown}
    assert here[name] == least == min(here.values(), key=float)
    place = [float(number) for number in re.search(r"at \((\S+), (\S+)\)", ended).groups()]
    assert place == ([0.09, 0.98] if reader.way == "keyboard" else pytest.approx([0.02, 0.02], abs=0.03))
    reader.ends(barriers=True)
    eventually(rows, shown)


# ---- You choose the next trial


def spend(reader, nights):
    """Train on so many nights."""
    frame = browsing.frame_of(reader.plots.first)
    for k in range(nights):
        if reader.way != "keyboard":
            x, y = 0.17 + 0.75 * k / nights, 0.3 + 0.2 * (k % 3)
            reader.at(frame["x"] + frame["width"] * x, frame["y"] + frame["height"] * y)
        else:
            reader.keys(0, "Enter" if k % 2 else " ")
            if k < nights - 1:
                reader.keys(0, "ArrowRight" if k % 3 else "ArrowUp")
        reader.counts({".choose-spent": k + 2})


STRATEGIES = ["random search", "TPE", "Bayesian optimization"]


@pytest.mark.parametrize(
    ("reader", "nights", "address"),
    [
        ("mouse", 7, "d=1&belief=1"),
        ("touch", 10, "d=2&belief=1"),
        ("keyboard", 10, "d=2&ei=1"),
        ("keyboard", 7, "d=1&round=3&ei=1"),
    ],
    indirect=["reader"],
)
def test_you_choose_is_played_to_its_end_and_its_address_tells_it_again(reader, nights, address):
    reader.opens(f"choose.html#choose:{address}").tells(1, nights)
    page, plot, left = reader.page, reader.plots.first, reader.page.locator(".choose-nights")
    browsing.tells(left, nights - 1)
    begun = eventually(reader.rows, lambda rows: "…" not in str(rows))  # the strategies have searched
    assert begun[0] == ["", "best so far"]
    spend(reader, nights - 1)
    browsing.tells(left, "no nights")
    eventually(reader.say.inner_text, re.compile("You |All three ").match)
    rows = reader.rows()
    assert [row[0] for row in rows[1:]] == ["you", *STRATEGIES]
    assert rows[0][-1] == "against you, 1 round: won / tied / lost"
    found = lambda row: float(row[1].split()[0].rstrip("%"))  # noqa: E731
    mine, *theirs = ends = [found(row) for row in rows[1:]]
    assert all(end <= found(before) for end, before in zip(ends, begun[1:], strict=True))
    for row, other in zip(rows[2:], theirs, strict=True):  # a rival's row counts what the rival has won
        assert row[-1] == ("0/1/0" if mine == other else "1/0/0" if other < mine else "0/0/1")
    reader.counts({".choose-rival": 3})
    for name in ("you", *STRATEGIES):
        eventually(plot.locator(".device-word").get_by_text(name, exact=True).count, 1)
    assert len(state_of(page, "choose")["tried"].split("-")) == nights - 1
    reader.ends(barriers=True)
    eventually(lambda: reader.rows()[0], ["", "best found"])  # seen, not played
    reader.press("Next round").tells(1, nights)
    assert addressed(page, "…round=…").count("round=") == 1
    assert "round=0" not in page.evaluate("location.hash")  # a link leads to this round, not to any new one
    assert not page.complaints


VERDICT = """async number => {
    const { hidden, rivals } = await import("/_static/rounds.js"), p = hidden(1, number), ends = rivals(p, 7);
    const order = p.values.map((_, i) => i).sort((a, b) => p.values[a] - p.values[b]);  // the best place first
    return { order, values: p.values, first: p.first, ends: ends.map(({ name, found }) => [name, found]) };
}"""


def verdict(mine, ends):
    """What is said at the end: who has beaten whom, and by how much."""
    gap = lambda end: f"{float(f'{abs(end[1] - mine):.3g}'):g} points"  # noqa: E731
    best, beaten, level = ends[0], [end for end in ends if end[1] > mine], [end for end in ends if end[1] == mine]
    if len(beaten) == 3:
        return f"You beat {best[0]} by {gap(best)}, and the other two by at least as much."
    if not beaten and not level:
        return f"All three beat you, the best of them by {gap(best)}."
    first = f"You beat {beaten[0][0]} by {gap(beaten[0])}" if beaten else f"You drew level with {level[0][0]}"
    if best not in level:
        return f"{first}, and {best[0]} beat you by {gap(best)}."
    return f"You drew level with {best[0]}" + (f" and beat {beaten[0][0]} by {gap(beaten[0])}." if beaten else ".")


def test_the_sentence_at_the_end_says_who_has_beaten_whom_and_by_how_much(still):
    reader, seen = still("choose.html"), set()
    for number in (5, 7, 8):
        p = node.run(VERDICT, number)
        ends = sorted(p["ends"], key=lambda end: end[1])
        better = [len([v for v in p["values"] if v < end[1]]) for end in ends]
        for best in (0, *(count + shift for count in better for shift in (0, 1)), 90):
            bad = [i for i in p["order"][::-1] if i != p["first"]][:5]
            tried = "-".join(map(str, [p["order"][best], *bad]))
            browsing.follow(reader.page, f"choose:round={number}&tried={tried}")
            said = verdict(min(p["values"][i] for i in (p["first"], p["order"][best])), ends)
            says(reader.say, f"{said} Your best…")
            seen.add(" ".join(said.split()[:3]))
    assert len(seen) >= 4


def test_the_truth_draws_itself_in_once_and_not_where_motion_is_reduced(opened):
    for reduced in ("no-preference", "reduce"):
        moves = reduced == "no-preference"
        reader = Reader(opened, "keyboard").opens("choose.html#choose:tried=1-2-3-4-90", reduced_motion=reduced)
        page, truth = reader.page, reader.plots.first.locator(".device-truth")
        eases = lambda: "0.6s" in truth.evaluate("line => getComputedStyle(line).animation")  # noqa: B023, E731
        page.evaluate("window.begun = []; addEventListener('animationstart', event => begun.push(event.animationName))")
        reader.keys(0, "Enter")
        eventually(eases, moves)
        browsing.settle(page)
        eventually(lambda: page.evaluate("begun.includes('choose-draws')"), moves)  # noqa: B023
        reader.tick("show the model's belief")
        eventually(eases, False)  # it is there now
        assert not page.complaints


def test_a_round_can_be_copied_and_its_address_opens_it_unplayed(still):
    reader = still("choose.html#choose:round=12&d=2&tried=1-2")
    page = reader.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.press("Copy this round").has("Copied").tells("same round")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.endswith("choose.html#choose:d=2&round=12")
    reader.has("Copy this round").addressed("#choose:round=12&d=2&tried=1-2")  # nothing is lost
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    reader.press("Copy this round")
    says(reader.say, f"…{address}")
    assert not page.complaints


def test_no_place_is_trained_twice_and_no_night_is_left_after_the_last(still):
    reader = still("choose.html#choose:tried=50-1-1-x-999-2-60&d=7").tells(5, 7)
    page, plot = reader.page, reader.plots.first
    reader.keys(0, "Enter", "Enter").tells("already tried").keys(0, "ArrowRight").tells("learning rate")
    reader.keys(0, "Enter").tells("Your best")
    ended = page.locator("#choose").inner_text()
    reader.keys(0, "ArrowRight", "Shift+ArrowLeft", "Enter", " ")
    plot.click(position={"x": 90, "y": 90})
    reader.tells("Your best", ..., "all your nights")
    reader.tick("show the model's belief").addressed("…belief=1…")
    says(page.locator("#choose"), ended)  # a stray click has deleted nothing
    ends = []
    for places in ("9-25-41-57-97", "1-2-3-4-5"):  # well, then badly
        browsing.follow(page, f"choose:tried={places}")
        reader.tells(6).keys(0, "Shift+ArrowRight", "Enter")
        browsing.tells(page.locator(".choose-nights"), "no nights")
        ends.append(reader.rows())
    assert ends[0][1][1] != ends[1][1][1]
    assert [row[-1] for row in ends[0][2:]] == [row[-1] for row in ends[1][2:]]  # the first time counts
    reader.press("Replay this round").tells(1, 7).keys(0, *["Shift+ArrowLeft"] * 9)
    cursor = lambda: plot.locator(".device-cursor").evaluate("line => new DOMMatrix(line.style.transform).e")  # noqa: E731
    begin = cursor()
    reader.keys(0, "ArrowRight")
    one = eventually(cursor, lambda now: now > begin) - begin
    reader.keys(0, "Shift+ArrowRight")
    eventually(lambda: cursor() - begin, pytest.approx(11 * one, abs=0.6))
    reader.choose("Hyperparameters:", "two").tells(1, 10)


def test_a_new_round_keeps_its_number_through_its_end_a_reload_and_a_replay(still):
    reader = still("figure.html")  # it begins with one of many rounds

    def play():
        reader.keys(0, *["ArrowLeft"] * 40)  # a round may begin anywhere
        for night in range(2, 8):
            before = reader.say.inner_text()
            reader.keys(0, "Shift+ArrowRight" if night == 7 else "ArrowRight")
            if "already tried" in eventually(reader.say.inner_text, lambda text: text != before):  # noqa: B023
                reader.keys(0, "ArrowRight")  # the first night may have been anywhere, too
            reader.keys(0, "Enter")
            reader.tells(night, 7) if night < 7 else reader.tells("made-up function")  # no table yet
        return reader.say.inner_text(), reader.page.evaluate("location.hash")

    ended, address = play()
    reader.keys(0, "Enter").tells("made-up function", "all your nights").addressed(address)
    reader.page.reload()
    says(reader.say, ended)
    reader.press("Replay this round")
    assert re.fullmatch(r"#choose:round=[1-9]\d*", addressed(reader.page, re.sub("&tried=.*", "", address)))
    reader.page.reload()
    reader.tells(1, 7)
    assert play() == (ended, address)
    assert not reader.page.complaints


# ---- Hold one value, and the others follow


def believed(state):
    """What "Hold one value" must say of its state, by the lab's Gaussian process: how far B follows, and its belief with A and without."""
    s = {"xa": 4, "a": 6, "xb": 5.2, "second": 0, "xc": 5, "c": 0, "kernel": "rbf", "lengthscale": 1} | state
    place = {key: float(s[f"x{key}"]) for key in "abc"}

    def at_b(**held):
        gp = GaussianProcess(s["kernel"], float(s["lengthscale"]), 25.0, 1e-6, optimize=False)
        gp.fit(np.array([[place[key]] for key in held]).reshape(-1, 1), np.array(list(held.values())))
        return [part[0] for part in gp.predict(np.array([[place["b"]]]))]

    others, a = {"c": float(s["c"])} if int(s["second"]) else {}, float(s["a"])
    mean, std = at_b(a=a, **others)
    before, spread = at_b(**others) if others else (0, 5)
    return [100 * (at_b(a=a + 1, **others)[0] - mean), 24 - mean, std, 24 - before, spread]


def held(reader):
    """A up and aside, B near to it; then C as well, and A along the ellipse. Return what of the state this has moved."""
    square, road = reader.plots.nth(0), reader.plots.nth(1)
    if reader.way == "keyboard":
        reader.keys(0, "Shift+ArrowLeft").tick("also fix a hole C")
        reader.keys(1, "ArrowUp", "ArrowRight", "Enter", "Shift+ArrowRight", "Space", "ArrowDown", "ArrowLeft", "Enter", "ArrowUp")  # fmt: skip
        reader.slide("lengthscale", "ArrowRight").choose("kernel", "Matérn 3/2")
        return {"xa", "a", "xb", "second", "kernel", "lengthscale"}
    grips = road.locator(".device-grip")
    assert reader.plots.evaluate_all("plots => plots.map(svg => svg.style.touchAction)") == ["pan-y", "pan-y"]
    for number, (right, up) in [(0, (-30, 30)), (1, (-20, 60))]:
        x, y = middle(grips.nth(number))
        reader.drag((x + 6, y - 4), (x + 4, y - up / 2), (x + 6 + right, y - up))  # upwards first, as one scrolls
        moved = (x + 6 + right, y - up)[: 2 - number]  # the value of B follows, and is not dragged
        eventually(lambda: middle(grips.nth(number))[: 2 - number], pytest.approx(moved, abs=5))  # noqa: B023
    reader.tick("also fix a hole C")
    x, y = middle(grips.nth(2))
    reader.drag((x, y), (x + 20, y + 30))
    x, y = middle(square.locator(".device-grip"))
    reader.drag((x, y), (x - 20, y + 5), (x - 60, y + 9))
    browsing.settle(reader.page)
    before = reader.page.evaluate("location.hash")
    for plot, (left, top) in ((square, (x + 90 - square.bounding_box()["x"], 40)), (road, (60, 60))):
        frame = plot.bounding_box()  # far from the line and from all holes: nothing is selected
        reader.drag((frame["x"] + left, frame["y"] + top), (frame["x"] + left + 5, frame["y"] + top + 1))
    browsing.settle(reader.page)
    assert reader.page.evaluate("location.hash") == before
    return {"xa", "a", "xb", "second", "xc", "c"}


def test_the_others_follow_the_value_that_is_held(reader):
    page, moved = reader.opens("condition.html").page, held(reader)
    state = eventually(lambda: state_of(page, "condition"), lambda state: moved <= state.keys())
    browsing.settle(page)
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", reader.say.inner_text().replace("−", "-"))]
    assert numbers[0] == pytest.approx(24 - float(state["a"]))
    assert numbers[1] == pytest.approx(abs(float(state["xb"]) - float(state["xa"])))
    np.testing.assert_allclose(numbers[2:], believed(state), atol=0.51)
    np.testing.assert_allclose(numbers[3:], believed(state)[1:], atol=0.051)
    seen_to_follow(reader, *numbers[1:3], numbers[-1])
    reader.ends(barriers=True)


def seen_to_follow(reader, _, follows, without):
    """The ellipse has the width and the slant that the words say, and every curve runs through A and through C."""
    points = """(svg, kind) => [...svg.querySelectorAll(kind)].map(line =>
        line.getAttribute("d")?.slice(1).split("L").map(pair => pair.split(",").map(Number)) ?? [line.cx, line.cy].map(c => c.baseVal.value))"""
    square, road = reader.plots.all()
    inner, outer = (np.array(line) for line in square.evaluate(points, ".device-line"))
    x, y = inner[:-1].T
    height = float(square.get_attribute("height")) - 70
    assert np.ptp(outer[:, 1]) == pytest.approx(2 * np.ptp(y), abs=1)
    assert np.ptp(y) == pytest.approx(2 * without / 30 * height, rel=0.04)
    scales = (float(square.get_attribute("width")) - 62) / height  # pixels of a metre along x, in those along y
    assert -np.polyfit(x, y, 1)[0] * scales == pytest.approx(follows / 100, abs=0.02)
    depths = """svg => [...svg.querySelectorAll(".device-tick[text-anchor=end]")].map(tick => [tick.y.baseVal[0].value, Number(tick.textContent)])"""
    for plot in (square, road):
        metres = np.array(sorted(plot.evaluate(depths)))[:, 1]
        assert len(metres) > 2
        assert (np.diff(metres) > 0).all()  # deeper is lower, as in the figures of the lesson
    fixed, curves = road.evaluate(points, ".device-dot"), road.evaluate(points, ".device-curve")
    assert (len(fixed), len(curves)) == (2, 3)
    for curve in curves:
        for place in fixed:
            assert min(np.hypot(*(np.array(curve) - place).T)) < 1


def test_what_is_far_away_stays_within_the_frame_and_is_said_as_it_is(still):
    state = {"lengthscale": 4, "second": 1, "xc": 4.1, "c": 12, "a": -12}
    assert believed(state)[1] < -200
    reader = still("condition.html#condition:lengthscale=4&second=1&xc=4.1&c=12&a=-99&kernel=toString")
    reader.tells(..., round(believed(state)[1]))
    tops = """svgs => svgs.map(svg => Math.min(...[...svg.querySelectorAll("path")].flatMap(path => path.getAttribute("d").match(/,-?[0-9.]+/g)
        .map(pair => Number(pair.slice(1))))))"""
    assert min(reader.plots.evaluate_all(tops)) >= 24
    assert not reader.page.complaints


# ---- Watch it think

LIT = """() => {
    const lines = [...document.querySelectorAll(".device-lines li")], lit = lines.filter(line => line.ariaCurrent);
    return lit.length === 1 && lit[0].ariaCurrent === "step" ? lines.indexOf(lit[0]) + 1 : -lit.length;
}"""


def lit(page):
    """The number of the lit line, 0 if there is none, and of trials."""
    return page.evaluate(LIT), len(tried(page))


def tried(page):
    return state_of(page, "think").get("tried", "198-90-111").split("-")


def spots(reader, *parts):
    """How many elements of each kind there are in a plot of each number."""
    return [reader.plots.nth(number).locator(kind).count() for number, kind in parts]


FIRST_ROUND = [  # what the lines of the program say: from 3 trials a lengthscale; the mean, the band; EI; the choice; what it brought
    (3, 0.63),
    (4.35, ..., 0),
    (4.1,),
    (4.1, 3, 22.9),
    (4, 4.1, 21.9, "inside", 22.9),
]
BELIEF = (0, ".device-dot"), (0, ".device-band"), (1, ".device-acquisition"), (2, ".device-grip")
DENSITIES = (0, ".device-best"), (3, ".device-best-line"), (3, ".device-others"), (4, ".device-curve"), (4, ".device-gain-line")  # fmt: skip


def by_hand(reader):
    """Steps forward and back, a trial added and removed, the handle moved."""
    page, (belief, evidence) = reader.page, (reader.plots.nth(number) for number in (0, 2))
    forward = [(1, 3, 3, 0, 0, 1), (2, 3, 3, 1, 0, 1), (3, 3, 3, 1, 1, 1), (4, 3, 3, 1, 1, 1), (5, 4, 4, 1, 1, 1), (1, 4, 4, 0, 0, 1)]  # fmt: skip
    states = [*forward, *forward[4::-1], (5, 3, 3, 1, 1, 1), (4, 2, 2, 1, 1, 1)]
    for k, (name, state) in enumerate(zip(("Step",) * 6 + ("Back",) * 7, states, strict=True)):
        reader.press(name)
        eventually(lambda: (*lit(page), *spots(reader, *BELIEF)), state)
        if k < 5:
            reader.tells(*FIRST_ROUND[k])
    reader.press("Start again")
    for length in (3, 4, 5):
        reader.press("Next choice")
        eventually(lambda: lit(page), (4, length))
    x, y = middle(belief)
    reader.at(x, y - 40).tells("deep")
    x, y = middle(belief.locator(".device-dot").last)
    for left, word in ((6, "again"), (5, "removed")):  # one stray click removes nothing
        reader.at(x + 6, y + 8).tells(word)
        eventually(lambda: len(tried(page)), left)
    x, y = middle(evidence.locator(".device-grip"))
    reader.drag((x, y), (x + 10, y + 5), (x + 40, y + 5))
    eventually(lambda: state_of(page, "think").get("learn"), "0")
    browsing.settle(page)
    moved = state_of(page, "think")
    reader.drag((x - 60, y), (x - 80, y), (x - 90, y))  # far from the handle
    browsing.settle(page)
    assert state_of(page, "think") == moved
    reader.more().choose("show", "Gaussian process and TPE").tells("TPE picks").choose("next trial chosen by", "TPE")
    reader.tick("let the worst trial fail").tick("show the truth")
    for counts in ([2, 3, 4, 24, 1], [2, 2, 4, 0, 0], [2, 3, 5, 0, 0], [2, 3, 5, 24, 0], [2, 3, 5, 24, 1]):
        reader.press("Step")
        eventually(lambda: spots(reader, *DENSITIES), counts)
    browsing.tells(page.locator(".device-lines"), "l, g = ")
    eventually(belief.get_by_text("240 m").count, 1)
    eventually(belief.locator(".device-truth").count, 1)


def by_keys(reader):
    page = reader.page
    reader.keys(0, "ArrowRight").tells(5.05).keys(0, "Shift+ArrowDown", "Enter")
    eventually(lambda: tried(page)[-1], "91")
    reader.keys(0, " ", "ArrowLeft", "Enter", "Shift+ArrowRight")  # a trial of the beginning
    eventually(lambda: tried(page), ["198", "111"])
    reader.more().choose("show", "belief and evidence").keys(2, "ArrowRight", "Shift+ArrowRight", "ArrowDown")
    eventually(lambda: float(state_of(page, "think").get("lengthscale", 0)), pytest.approx(2, abs=1))
    eventually(page.get_by_role("button", name="Step").is_hidden)
    reader.keys(0, "Enter").choose("show", "belief and acquisition").choose("acquisition", "LCB")
    reader.slide("κ", "ArrowRight").press("Next choice", 23).tells(25, "enough")
    eventually(lambda: len(tried(page)), 25)
    reader.slide("noise", "ArrowRight")


def test_it_is_watched_thinking_forward_and_back(reader):
    page = reader.opens("loop.html").tells(3).page
    by_keys(reader) if reader.way == "keyboard" else by_hand(reader)
    reader.ends(barriers=True)
    known = tried(page)
    reader.press("Start again")
    eventually(lambda: {"tried", "line"}.isdisjoint(state_of(page, "think")))  # as the lesson has them
    reader.press("Undo")
    eventually(lambda: tried(page), known)
    assert not page.complaints


def test_the_loop_plays_and_stops(opened, still):
    reader = Reader(opened, "mouse").opens("loop.html")
    browsing.stop_clock(reader.page)
    reader.press("Play").passes(6100).press("Stop").has("Play")  # after ten lines
    eventually(lambda: lit(reader.page), (5, 5))
    assert lit(reader.passes(3000).page) == (5, 5)
    page = still("loop.html").press("Play").page  # without motion, to the end at once
    eventually(lambda: lit(page), (4, 25))
    assert not page.complaints


def test_a_thought_that_nobody_can_have_is_left_out(still):
    reader = still("think.html#think:view=no&kernel=toString&lengthscale=1e9&gamma=-1&line=99&tried=7-7-x-999&noise=0&who=9")  # fmt: skip
    page = reader.tells(..., "Best of", 5, 19.8).page  # one trial is no history
    eventually(page.get_by_role("slider", name="lengthscale").input_value, "10")
    reader.press("Start again")
    browsing.follow(page, "think:tried=40-80&line=5")  # before the fifth line there were fewer than two
    browsing.tells(page.locator(".device-lines li[aria-current]"), "x =")
    reader.tells(..., "Best of", 5, 19.8)
    for places in ("40-80", "40-100", "80-100"):
        browsing.follow(page, f"think:tried={places}&view=ei")
        reader.tells(..., "of", 2, "trials").keys(0, "Enter")
    reader.tells("at least two")


# ---- What moves, and what nobody can have set

MOVES = """async ([button, dot, line]) => {
    const where = kind => document.querySelector(kind), seen = kind => getComputedStyle(where(kind));
    const state = () => [seen(dot).cx, seen(line).d, where(dot).getAttribute("cx")], before = state(), kept = where(line);
    [...document.querySelectorAll("button")].find(one => one.textContent === button).click();
    const soon = state();
    while (document.getAnimations().length) await new Promise(requestAnimationFrame);
    return { moved: soon[0] !== before[0] || soon[1] !== before[1], told: soon[2] !== before[2], arrived: Math.abs(parseFloat(state()[0]) - state()[2]) < 0.01, ended: state()[1] !== before[1], kept: kept === where(line) };
}"""


@pytest.mark.parametrize(
    ("address", "button", "dot", "line"),
    [
        ("leads.html#leads:runs=stop18&n=3", "One more seed", ".device-promise", ".device-worth-line"),
        ("curse.html#curse:spread=1", "Draw again", ".device-promise", ".device-line"),
        ("think.html", "Next choice", "#think svg:nth-of-type(2) .device-next", ".device-acquisition"),
    ],
)
def test_what_moves_eases_and_stands_still_where_motion_is_reduced(opened, address, button, dot, line):
    for motion in ("no-preference", "reduce"):
        reader = Reader(opened, "mouse").opens(address, reduced_motion=motion)
        moves = reader.page.evaluate(MOVES, [button, dot, line])
        assert moves == {"moved": motion == "reduce", "told": True, "arrived": True, "ended": True, "kept": True}
        reader.addressed("#…:…")  # the state is there at once


@pytest.mark.parametrize(
    ("name", "state", "facts"),
    [
        ("anywin", "own=problems&five=2&seed=1", (1, 6, "TPE", 59.9)),
        ("breakit", "lengthscale=0.15&noise=1e9&idle=-2&trials=1e9", (17.99, 16.57)),
        ("curse", "n=-3&rows=1e9&spread=0.6&draws=-4&seed=1.5", ("only candidate",)),
        ("explosion", "k=99&d=-1&minutes=1e9&price=-1&machines=3.2", (10, 1, 10, 25, "hours", 2, 5)),
        ("goodbad", "good=1e9&bandwidth=-7", (-0.04, 1.57)),
        ("halving", "table=constructor&way=x&workers=3&hour=-7&draw=-2.5", (0, 0, "epochs")),
        ("halving", "hour=1e9&table=trees", (108, 324, "trees", 27, 2187)),
        ("leads", "n=1e9&runs=stop17&single=7", (120, 120)),
        ("leads", "n=-4.5&runs=constructor", (1, 120)),
        ("population", "size=33&step=-1&seed=1e6&n=1e9", (200,)),
        ("trainon", "game=1e9&stops=27-99-x-2-27&at=-7", (4, 3, 27)),
        ("trainon", "game=-1&stops=27-27-27-27&at=1e9", (1, "over")),
        ("tree", "depth=1e9&split=-4", (12, 134)),
        ("wells", "k=1e9&dug=-1", ("No well",)),
        ("loops", "rate=7&tried=x-0.05-3-0.05&at=1e9", (0.003, 20, 20, 0.396, ..., 2, "numbers", 40)),
        ("cut", "at=1e9&keep=7", (711, 729)),
        ("cancel", "rho=-9&worse=77", (33, ..., 0)),
        ("tilt", "a=1e9&b=-1e9&c=0.04", (50, 50, 0)),
        ("goals", "tried=x-999-0-200&at=-7", (10, ..., 2)),
        ("island", "limit=-5", (1, 0.005, ..., 11)),
        ("lift", "at=99&by=-99", (9.3, -3)),
        ("maps", "study=constructor&n=99", (..., 36)),
        ("widths", "width=7&mup=3", (32, 0.0316)),
        ("copies", "every=2&at=-3", (0, 27, 10.3)),
        ("pays", "run=1e9&needs=-4", (40, 23.3, "The model")),
        ("edge", "end=-7", (6.5, 26.4, "near", ..., 0.7)),
        ("valley", "rate=-3&steepness=5&steps=1e9&at=-2", (0, 40, 1)),
        ("valley", "rate=99&at=7.7", (8, 10)),
    ],
)
def test_a_state_that_is_none_becomes_the_nearest(still, name, state, facts):
    assert not still(f"{name}.html#{name}:{state}").tells(*facts).page.complaints


def test_what_a_state_has_become_is_shown_by_the_controls(still):
    page = still("curse.html#curse:n=-3&rows=1e9&spread=0.6&draws=-4&seed=1.5").page
    shown = lambda: [page.get_by_label(name).get_attribute("aria-valuetext") for name in ("candidates n", "validation rows", "spread of")]  # fmt: skip  # noqa: E731
    eventually(shown, ["1", "6400 (noise 0.5)", "0.5 points"])
    browsing.follow(page, "curse:spread=0.9")
    eventually(lambda: shown()[2], "1 point")
    page = still("halving.html#halving:workers=3").page
    eventually(page.get_by_role("combobox", name="Workers").input_value, "1")
    browsing.tells(still("anywin.html#anywin:own=problems").page.locator(".device-table th").nth(2), "TPE (ours)")
