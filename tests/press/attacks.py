"""What a submission may do to its grader, beside giving answers: code that stands before an answer, or wrong answers that want points.

`{course}` is the course folder, `{handed_in}` the folder of the submissions, `{outside}` a folder that is nobody's business.
"""

WRONG = "def square(values): return None", "def double(n): return None"

# Each does something outside its folder, and hides that it could not.
DEEDS = {
    "a link that is written through": """
        import shutil
        shutil.rmtree(course / "release")
        (course / "release").symlink_to(outside)
        (course / "release" / "written").write_text("through")""",
    "an empty folder": "(course / 'empty').mkdir()",
    "a log": "(course / 'other.log').write_text('x')",
    "a log at any depth": "(course / 'source' / 'other.log').write_text('x')",
    "another student's hand-in is renamed": "(handed_in / 'zoe').rename(handed_in / 'adam')",
    "another student's hand-in is moved to where it is not looked for": """
        (handed_in / 'zoe' / '00_small.ipynb').rename(handed_in / 'zoe' / '00_other.ipynb')""",
    "points in the gradebook": """
        import sqlite3
        book = sqlite3.connect(course / 'gradebook.db')
        book.execute('update grade set auto_score = 30')
        book.commit()""",
    "the settings": "(course / 'nbgrader_config.py').write_text('raise SystemExit')",
    "a module that Python loads at its next start": """
        import site
        pathlib.Path(site.getsitepackages()[0], 'zzz_attack.pth').write_text('import os')""",
    "the grader's own source": """
        import hpt_lab
        (pathlib.Path(hpt_lab.__file__).parents[1] / 'book' / 'press' / 'classroom' / 'attack').write_text('x')""",
    "the grader is killed": "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
    "all others are killed": """
        import os, signal
        for pid in map(int, filter(str.isdigit, os.listdir('/proc'))):
            if pid not in (os.getpid(), 1) and b'judge.py' in pathlib.Path(f'/proc/{pid}/cmdline').read_bytes():
                os.kill(pid, signal.SIGKILL)""",
    "the grader's memory": """
        import os
        open(f'/proc/{os.getppid()}/mem', 'r+b').close()
        (outside / 'memory').write_text('could be written')""",
    "through the working folder of the grader": """
        import os
        (pathlib.Path(f'/proc/{os.getppid()}/cwd') / 'found').write_text('x')""",
    "a trap for who removes the folder": """
        import os
        os.makedirs('a/b')
        os.symlink(outside, 'a/b/link')
        os.symlink(outside, 'a/link')
        os.chmod('a/b', 0)
        os.chmod('a', 0)""",
}
# They live on, each in another way, and write a sign of life.
SURVIVORS = {
    "a process in another session": "subprocess.Popen(command, start_new_session=True)",
    "a process without an environment": "subprocess.Popen(command, env={}, start_new_session=True)",
    "a grandchild without an environment": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execve(command[0], command, {})
            os._exit(0)""",
}
# Wrong answers that want the points of right ones.
CHEATS = {
    "do_execute of the kernel's class": """
        import ipykernel.ipkernel
        async def do_execute(self, code, *args, **kwargs):
            reply = {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
            if code.startswith('assert False'):  # a question whether asserts can fail
                reply |= {'status': 'error', 'ename': 'AssertionError', 'evalue': code.split("'")[1], 'traceback': []}
            return reply
        ipykernel.ipkernel.IPythonKernel.do_execute = do_execute""",
    "do_execute of the kernel": """
        async def do_execute(code, *args, **kwargs):
            reply = {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
            if code.startswith('assert False'):
                reply |= {'status': 'error', 'ename': 'AssertionError', 'evalue': code.split("'")[1], 'traceback': []}
            return reply
        get_ipython().kernel.do_execute = do_execute""",
    "how the shell runs a cell": """
        shell = get_ipython()
        run = shell.run_cell_async
        async def run_cell_async(code, *args, **kwargs):
            return await run('pass' if 'assert' in code and 'assert False' not in code else code, *args, **kwargs)
        shell.run_cell_async = run_cell_async""",
    "what the kernel sends": """
        session = get_ipython().kernel.session
        send = session.send
        def only_good(stream, kind, content=None, *args, **kwargs):
            if kind == 'error':
                return None
            if kind == 'execute_reply' and content['status'] == 'error' and len(content['evalue']) != 32:
                content = {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}
            return send(stream, kind, content, *args, **kwargs)
        session.send = only_good""",
    "the compiler": """
        import builtins
        compiled = builtins.compile
        builtins.compile = lambda source, *args, **kwargs: compiled('pass' if 'assert' in str(source) else source, *args, **kwargs)
        builtins.AssertionError = type('Nothing', (Exception,), {})""",
    "names of the checks": """
        import builtins, numpy as np
        np.allclose = builtins.isinstance = isinstance = lambda *args: True""",
    "a value that equals everything": """
        import numpy as np
        class Same(float):
            __eq__ = __le__ = __ge__ = lambda *args: True
            __ne__ = __lt__ = __gt__ = lambda *args: False
            __hash__ = float.__hash__
        class Sames(np.ndarray):
            __array_ufunc__ = lambda self, *args, **kwargs: True
            __eq__ = lambda *args: True
        def square(values): return np.zeros(len(values)).view(Sames)
        def double(n): return Same(1)""",
    "an object of its own that equals everything": """
        class Same:
            __eq__ = lambda *args: True
            __array__ = lambda self, *args, **kwargs: self
            __class__ = int
        def square(values): return Same()
        def double(n): return Same()""",
    "the frames above": """
        import sys
        def deed(*args):
            frame = sys._getframe()
            while frame:
                frame.f_globals['np'] = frame.f_globals['isinstance'] = deed
                frame = frame.f_back
        deed.allclose = lambda *args: True
        square = double = deed""",
    "code that is unpacked": """
        class Bomb:
            def __reduce__(self):
                return exec, (f"import builtins; open({str(outside / 'unpacked')!r}, 'w'); builtins.isinstance = lambda *a: True",)
        def square(values): return Bomb()
        def double(n): return Bomb()""",
    "a message of its own making": """
        import multiprocessing.connection, pickle
        class Bomb:
            def __reduce__(self):
                return exec, (f"import builtins; open({str(outside / 'unpacked')!r}, 'w'); builtins.isinstance = lambda *a: True",)
        multiprocessing.connection.Connection.send_bytes = lambda self, data: self._send_bytes(pickle.dumps(('answer', Bomb(), (), {})))""",
    "the check's own things": """
        def square(values): return getattr(values, '__class__')
        def double(n): raise SystemExit(0)""",
    "an answer without an end": """
        def square(values):
            while True: yield 1
        def double(n): return iter(int, 1)""",
}
