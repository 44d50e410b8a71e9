"""Workers by script: threads whose trials end when the search waits for them, in an order that a test decides."""

from concurrent.futures import Future, ThreadPoolExecutor

from hpt_lab.tools.workers import workers


class Scripted(ThreadPoolExecutor):
    """Threads that train when the search waits for them: of n that wait, number `pick(n)`."""

    def __init__(self, pick):
        self.waiting, self.ended, self.pick, self.began, self.open = [], [], pick, [], True

    def submit(self, function, *arguments):
        future = Future()
        self.waiting.append((future, function, arguments))
        self.began.append(len(self.waiting))
        return future

    def put(self, message):
        self.ended.append(message)

    def get(self, timeout=None):
        while not self.ended:
            future, function, arguments = self.waiting.pop(self.pick(len(self.waiting)))
            if future.set_running_or_notify_cancel():
                self.end(future, function, arguments)
        return self.ended.pop(0)

    def end(self, future, function, arguments):
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)

    def shutdown(self, wait=True):
        self.open = False


def wait_at(monkeypatch, executor):
    """Have searches wait at this executor for what ends, and return it."""
    monkeypatch.setattr(workers.queue, "SimpleQueue", lambda: executor)
    return executor
