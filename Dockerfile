# The whole project in one image, in the versions of constraints.txt:
#
#     docker build --tag hpt_lab .
#     docker run --rm --publish 8888:8888 hpt_lab      # JupyterLab: open the address that it prints
#     docker run --rm hpt_lab make test
FROM python:3.13-slim-trixie

RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium git make \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home reader
USER reader
WORKDIR /home/reader/hpt_lab
ENV VENV=/home/reader/.venv
ENV PATH="$VENV/bin:$PATH"

# First what `make setup` reads: a change of anything else installs nothing anew.
COPY --chown=reader Makefile pyproject.toml constraints.txt hatch_build.py README.md LICENSE LICENSE-TEXT ./
COPY --chown=reader hpt_lab/__init__.py hpt_lab/
RUN make setup

COPY --chown=reader . .
ENV JUPYTER_CONFIG_PATH=/home/reader/hpt_lab/book/press/notebooks/jupyter
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "--LabApp.default_url=/lab/tree/chapters"]
