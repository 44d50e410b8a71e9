from concurrent.futures import Future, ThreadPoolExecutor

import pytest


class Scripted(ThreadPoolExecutor):
    """Threads that train when the search waits for them: of n that wait, number `pick(n)`."""

    def __init__(self, pick):
        self.waiting, self.ended, self.pick = [], [], pick

    def submit(self, function, *arguments):
        future = Future()
        self.waiting.append((future, function, arguments))
        return future

    def put(self, message):
        self.ended.append(message)

    def get(self, timeout=None):
        while not self.ended:
            future, function, arguments = self.waiting.pop(self.pick(len(self.waiting)))
            future.set_result(function(*arguments))
        return self.ended.pop(0)

    def shutdown(self, wait=True):
        pass


@pytest.fixture
def scripted():
    """Makes an executor, which is also the queue that the search waits at."""
    return Scripted
