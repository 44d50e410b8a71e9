"""JupyterLab for this book, as `make lab` opens it. It asks nothing, and to open a notebook does not change it.

JupyterLab writes the name of the kernel and the version of Python into each notebook that it opens, and marks it as changed.
The notebooks of the book hold neither, since they are to be the same on every machine. So what the kernel will say is put
in when a notebook is read, and taken out when it is saved.
"""

import sys
from pathlib import Path

from ipykernel.ipkernel import IPythonKernel
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))
from book.press.notebooks.pairing import KERNELSPEC, LANGUAGE_INFO


def said_by_the_kernel():
    """Return the metadata that JupyterLab writes once the kernel runs; nothing if there is no such kernel."""
    name = KERNELSPEC["name"]
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        return {}
    kernelspec = {"display_name": spec.display_name, "language": spec.language, "name": name}
    return {"kernelspec": kernelspec, "language_info": dict(IPythonKernel.language_info)}


class Contents(build_async_jupytext_contents_manager_class(AsyncLargeFileManager)):
    async def get(self, *arguments, **options):
        model = await super().get(*arguments, **options)
        if is_ours(model):
            model["content"]["metadata"].update(said_by_the_kernel())
        return model

    async def save(self, model, path=""):
        if is_ours(model):
            model["content"]["metadata"].update(kernelspec=KERNELSPEC, language_info=LANGUAGE_INFO)
        return await super().save(model, path)


def is_ours(model):
    """Return True if this is a whole notebook for the kernel of the book."""
    if model["type"] != "notebook" or model.get("content") is None:
        return False
    return model["content"]["metadata"].get("kernelspec", {}).get("name") == KERNELSPEC["name"]


if "get_config" in globals():
    c = get_config()  # noqa: F821 - Jupyter gives it to a file of settings
    c.ServerApp.contents_manager_class = Contents
